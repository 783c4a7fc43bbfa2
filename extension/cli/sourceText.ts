import { readFileSync } from "node:fs";

/** A file's text, for comments that say what is meant; a file that is gone says nothing. */
export function sourceText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
