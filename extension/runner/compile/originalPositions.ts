import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { LineIndex, type Place } from "./lines.ts";

const identifier = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/uy;

/** Where one of these stands, the transpiler made up a name, as for `export default class {}`. */
const keywords = new Set(["class", "export", "default", "function", "async", "enum", "namespace", "import", "new"]);

/** Leads from an offset in transpiled JavaScript to the place and the words in the user's source. */
export class OriginalPositions {
  readonly #map: TraceMap;
  readonly #generated: LineIndex;
  readonly #sourceLines: readonly string[];

  constructor(source: string, generated: string, sourceMap: string) {
    this.#map = new TraceMap(sourceMap);
    this.#generated = new LineIndex(generated);
    this.#sourceLines = source.split(/\r\n|\n/);
  }

  /** Null for code that the transpiler added. */
  at(offset: number): Place | null {
    const { line, column } = this.#generated.placeOf(offset);
    const found = originalPositionFor(this.#map, { line, column: column - 1 });
    return found.line === null ? null : { line: found.line, column: found.column + 1 };
  }

  /** The identifier the user wrote at this place: the transpiler renames inner variables that hide outer ones. */
  identifierAt(offset: number): string | null {
    const place = this.at(offset);
    if (!place) return null;
    identifier.lastIndex = place.column - 1;
    const word = identifier.exec(this.#sourceLines[place.line - 1] ?? "")?.[0];
    return word === undefined || keywords.has(word) ? null : word;
  }
}
