import { type FontRole, fontSize } from "../../engine/recording/layout/boxes.ts";

/** Text widths in the panel's own fonts, measured once for each text. */
export class TextMeasure {
  readonly #context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null;
  readonly #known = new Map<string, number>();
  readonly #fontFamily: string;

  constructor(fontFamily: string) {
    this.#fontFamily = fontFamily;
    this.#context = new OffscreenCanvas(1, 1).getContext("2d");
  }

  width(text: string, font: FontRole): number {
    const key = `${font} ${text}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (!this.#context) return text.length * fontSize[font] * 0.6;
    this.#context.font = this.cssFont(font);
    const width = Math.ceil(this.#context.measureText(text).width);
    this.#known.set(key, width);
    return width;
  }

  cssFont(font: FontRole, enlarged = 1): string {
    const weight = font === "name" ? "600 " : "";
    return `${weight}${fontSize[font] * enlarged}px ${this.#fontFamily}`;
  }
}
