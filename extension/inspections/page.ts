import path from "node:path";
import type { Place } from "../../engine/recording/queries/rows.ts";

/** A stretch of a page that leads to a place of the program. */
export interface PageLink {
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly place: Place;
}

/** A text to read, with links to lines. */
export interface Page {
  readonly text: string;
  readonly links: readonly PageLink[];
}

/** Writes a page line by line. */
export class PageWriter {
  readonly #lines: string[] = [];
  readonly #links: PageLink[] = [];

  /** One line; with a place, `model.ts:12` stands at its end and leads there. */
  line(text = "", place: Place | null = null): this {
    const target = place === null ? "" : `${path.basename(place.file)}:${place.line}`;
    const start = text.length + 2;
    if (place !== null) this.#links.push({ line: this.#lines.length, start, end: start + target.length, place });
    this.#lines.push(place === null ? text : `${text}  ${target}`);
    return this;
  }

  page(): Page {
    return { text: `${this.#lines.join("\n")}\n`, links: this.#links };
  }
}
