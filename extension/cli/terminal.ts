import type { WriteStream } from "node:tty";
import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Text for people: colour only on a terminal and without NO_COLOR; one line of progress that is wiped again. */
export class Terminal {
  readonly #out: WriteStream;
  readonly #err: WriteStream;
  readonly #colour: boolean;
  #progressShown = false;

  constructor(out: WriteStream, err: WriteStream, environment: NodeJS.ProcessEnv) {
    this.#out = out;
    this.#err = err;
    const forced = environment["FORCE_COLOR"];
    this.#colour = forced !== undefined && forced !== "" && forced !== "0" ? true : out.isTTY === true && !environment["NO_COLOR"];
  }

  /** Columns to fill. */
  get width(): number {
    return this.#out.isTTY ? Math.max(40, this.#out.columns) : 120;
  }

  style(style: Style, text: string): string {
    return this.#colour ? styleText(style, text, { validateStream: false }) : text;
  }

  print(text: string): void {
    this.clearProgress();
    this.#out.write(`${text}\n`);
  }

  /** What the user's program printed, as it came. */
  passOn(stream: "stdout" | "stderr", text: string): void {
    this.clearProgress();
    (stream === "stdout" ? this.#out : this.#err).write(text);
  }

  complain(text: string): void {
    this.clearProgress();
    this.#err.write(`${text}\n`);
  }

  /** Shows one line that the next output replaces. Only on a terminal. */
  progress(text: string): void {
    if (!this.#err.isTTY) return;
    this.#err.write(`\r\x1b[2K${this.style("dim", text.slice(0, this.width - 1))}`);
    this.#progressShown = true;
  }

  clearProgress(): void {
    if (!this.#progressShown) return;
    this.#err.write("\r\x1b[2K");
    this.#progressShown = false;
  }
}

/** Control characters would let a name or message from a program steer the terminal: they are shown as symbols. */
export function harmless(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (c) =>
    c.charCodeAt(0) < 0x20 ? String.fromCharCode(0x2400 + c.charCodeAt(0)) : "\ufffd",
  );
}
