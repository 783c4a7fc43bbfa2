import type { WriteStream } from "node:tty";
import { styleText } from "node:util";
import { wrapText } from "./wrapText.ts";

type Style = Parameters<typeof styleText>[0];

/** Text for people: colour only on a terminal and without NO_COLOR; one line of progress that is wiped again. */
export class Terminal {
  readonly #out: WriteStream;
  readonly #err: WriteStream;
  readonly #colour: boolean;
  /** What whoever reads a pipe says about their screen. */
  readonly #pipeWidth: number | null;
  #progressShown = false;
  /** The user's program printed half a line. */
  #lineOpen = false;

  constructor(out: WriteStream, err: WriteStream, environment: NodeJS.ProcessEnv) {
    this.#out = out;
    this.#err = err;
    this.#pipeWidth = /^[1-9]\d*$/.test(environment["COLUMNS"] ?? "") ? Number(environment["COLUMNS"]) : null;
    this.#colour = wantsColour(out, environment);
    // Whoever read us may have seen enough, as `head` does.
    for (const stream of [out, err]) stream.on("error", endWhenUnread);
  }

  /** Columns to fill: the terminal's; in a pipe, which has no screen, those of COLUMNS where it is set, and else as many as it takes. */
  get width(): number {
    const columns = this.#out.isTTY ? this.#out.columns : this.#pipeWidth;
    return columns === null ? Number.POSITIVE_INFINITY : Math.max(40, columns);
  }

  style(style: Style, text: string): string {
    return this.#colour ? styleText(style, text, { validateStream: false }) : text;
  }

  print(text: string): void {
    this.#endLine();
    this.#out.write(`${text}\n`);
  }

  /** Sentences, broken between words where the screen is too narrow for them. */
  printWords(text: string): void {
    this.print(wrapText(text, this.width));
  }

  /** What the user's program printed, as it came. */
  passOn(stream: "stdout" | "stderr", text: string): void {
    if (text === "") return;
    this.clearProgress();
    (stream === "stdout" ? this.#out : this.#err).write(text);
    this.#lineOpen = !text.endsWith("\n");
  }

  /** A line for people that is no result: standard output stays clean for programs. */
  complain(text: string): void {
    this.#endLine();
    this.#err.write(`${text}\n`);
  }

  /** Shows one line that the next output replaces. Only on a terminal. */
  progress(text: string): void {
    if (!this.#err.isTTY || this.#lineOpen) return;
    this.#err.write(`\r\x1b[2K${this.style("dim", text.slice(0, Math.max(40, this.#err.columns) - 1))}`);
    this.#progressShown = true;
  }

  clearProgress(): void {
    if (!this.#progressShown) return;
    this.#err.write("\r\x1b[2K");
    this.#progressShown = false;
  }

  #endLine(): void {
    this.clearProgress();
    if (this.#lineOpen) this.#out.write("\n");
    this.#lineOpen = false;
  }
}

function wantsColour(out: WriteStream, environment: NodeJS.ProcessEnv): boolean {
  const forced = environment["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return out.isTTY === true && !environment["NO_COLOR"];
}

function endWhenUnread(error: Error): void {
  if ("code" in error && error.code === "EPIPE") process.exit();
  throw error;
}

/** Characters that draw nothing but can steer a terminal, turn text around or hide it. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** A text of the user's program as it may be shown: what is invisible in it is seen. Line ends and tabs stay. */
export function harmless(text: string): string {
  return text.replace(invisible, (c) => ("\n\t".includes(c) ? c : visible(c)));
}

/** The same on one line. */
export function harmlessLine(text: string): string {
  return text.replace(invisible, visible);
}

/** Unicode has a picture of each of ASCII's control characters. */
function visible(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\ufffd";
}
