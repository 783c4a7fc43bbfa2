import { readFileSync } from "node:fs";
import type { Frame } from "../../debug/session/frames.ts";
import { relativePath } from "../execute.ts";
import { harmless, harmlessLine, type Terminal } from "../terminal.ts";
import type { Answer } from "./terminalDebugger.ts";

/** Prints what a command came to: for people, or as one line of JSON. */
export function printAnswer(answer: Answer, terminal: Terminal, asJson: boolean): void {
  if (asJson) terminal.print(JSON.stringify(plain(answer)));
  else if (answer.text !== "") terminal.print(answer.text);
}

/** Colours belong on a screen; everything that is no number stays readable. */
function plain(answer: Answer): object {
  return Object.fromEntries(
    Object.entries(answer).map(([key, value]) => [key, typeof value === "string" ? withoutStyle(value) : value]),
  );
}

function withoutStyle(text: string): string {
  return text.replace(new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, "g"), "");
}

/** `model.ts:8`, and the line itself; with more lines around it where asked for. */
export function describePlace(frame: Frame | null, terminal: Terminal, around = 0): string {
  if (frame === null || frame.file === null) return terminal.style("dim", "(no line of the program)");
  const { file, line } = frame;
  const lines = linesOf(file);
  const place = `${harmlessLine(relativePath(file))}:${line}`;
  if (lines === null) return place;
  const width = String(line + around).length;
  const shown = lines.slice(Math.max(0, line - 1 - around), line + around).map((text, i) => {
    const number = Math.max(1, line - around) + i;
    const mark = number === line ? "▸" : " ";
    return `${terminal.style("dim", `${mark} ${String(number).padStart(width)} │`)} ${harmless(text)}`;
  });
  return `${place}\n${shown.join("\n")}`;
}

function linesOf(file: string): string[] | null {
  try {
    return readFileSync(file, "utf8").split(/\r\n|\r|\n/);
  } catch {
    return null;
  }
}
