import { displayName } from "../../../engine/recording/layout/text.ts";

/** Longer names are cut before anything is done with them: a foreign trace may have names of a megabyte. */
const longestName = 160;

/** What is written on spans: names cut to the room there is. Every text is made once, so that a frame makes none. */
export class SpanLabels {
  readonly #names: readonly string[];
  readonly #shown: string[] = [];
  readonly #widths: Float32Array;
  readonly #cut = new Map<number, string>();
  readonly #measure: (text: string) => number;

  constructor(names: readonly string[], measure: (text: string) => number) {
    this.#names = names;
    this.#widths = new Float32Array(names.length);
    this.#measure = measure;
  }

  /** The text for a name in so many pixels; empty when not even three letters fit. */
  fitting(name: number, room: number): string {
    this.#shown[name] ??= displayName(this.#names[name] ?? "", longestName);
    const text = this.#shown[name] ?? "";
    const width = this.#widthOf(name, text);
    if (width <= room) return text;
    const letters = Math.min(text.length, Math.floor((room / width) * text.length) - 1);
    if (letters < 3) return "";
    const key = name * (longestName + 1) + letters;
    const known = this.#cut.get(key);
    if (known !== undefined) return known;
    const cut = `${text.slice(0, letters)}…`;
    this.#cut.set(key, cut);
    return cut;
  }

  #widthOf(name: number, text: string): number {
    const known = this.#widths[name] ?? 0;
    if (known > 0) return known;
    const width = Math.max(1, this.#measure(text));
    this.#widths[name] = width;
    return width;
  }
}
