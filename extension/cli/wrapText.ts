import { stripVTControlCharacters } from "node:util";
import { columnsOf } from "./textTable.ts";

/** Breaks lines that are too long between words; what follows stands a little further in. */
export function wrapText(text: string, width: number): string {
  return text
    .split("\n")
    .flatMap((line) => wrapLine(line, width))
    .join("\n");
}

function wrapLine(line: string, width: number): string[] {
  if (columnsOf(line) <= width) return [line];
  const inset = `${/^ */.exec(stripVTControlCharacters(line))?.[0] ?? ""}  `;
  const lines: string[] = [];
  let current = "";
  for (const word of line.match(/\s*\S+/g) ?? []) {
    if (columnsOf(current) > 0 && columnsOf(current + word) > width) {
      lines.push(current);
      current = inset + word.trimStart();
    } else current += word;
  }
  return [...lines, current];
}
