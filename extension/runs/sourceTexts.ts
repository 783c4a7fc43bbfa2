import { readFile } from "node:fs/promises";
import path from "node:path";
import { realPathKey } from "../results/pathKey.ts";

/** The user's files as they are when a run reads them, by path key, so that later edits can be told from what ran. */
export class SourceTexts {
  readonly #texts = new Map<string, string>();
  readonly #reading: Promise<void>[] = [];

  /** Packages are not edited, so theirs are not kept. */
  add(file: string): void {
    if (!file.split(path.sep).includes("node_modules")) this.#reading.push(this.#read(file));
  }

  /** All texts, once they are read. A file that is gone by then is left out. */
  async finish(): Promise<ReadonlyMap<string, string>> {
    await Promise.all(this.#reading);
    return this.#texts;
  }

  async #read(file: string): Promise<void> {
    try {
      const text = await readFile(file, "utf8");
      this.#texts.set(realPathKey(file), withoutBom(text));
    } catch {
      // It was removed between the run's reading and ours.
    }
  }
}

/** A text as a document holds it, which leaves out the mark that some files begin with. */
export function withoutBom(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}
