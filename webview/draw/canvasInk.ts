import { type FontRole, fontSize } from "../../engine/recording/layout/boxes.ts";
import type { Rect } from "../../engine/recording/layout/drawing.ts";
import type { Ink, Stroke, TextPlace } from "../../engine/recording/paint/ink.ts";
import type { TextMeasure } from "./textMeasure.ts";

/** Draws on a canvas whose transform already maps drawing units to pixels. */
export class CanvasInk implements Ink {
  readonly #context: CanvasRenderingContext2D;
  readonly #measure: TextMeasure;
  readonly #scale: number;

  constructor(context: CanvasRenderingContext2D, measure: TextMeasure, scale: number) {
    this.#context = context;
    this.#measure = measure;
    this.#scale = scale;
    context.textBaseline = "middle";
    // A name from the user's program may be in any script; it must not move what stands beside it.
    context.direction = "ltr";
    context.lineJoin = "round";
    context.lineCap = "butt";
  }

  box({ x, y, width, height }: Rect, radius: number, fill: string | null, stroke: Stroke | null): void {
    const context = this.#context;
    // A few pixels show no corners, and plain rectangles are drawn several times faster.
    const isPlain = radius <= 0 || (!stroke && Math.max(width, height) * this.#scale < 5);
    if (isPlain && !stroke) {
      if (fill === null) return;
      context.fillStyle = fill;
      context.fillRect(x, y, width, height);
      return;
    }
    context.beginPath();
    if (isPlain) context.rect(x, y, width, height);
    else context.roundRect(x, y, width, height, Math.min(radius, width / 2, height / 2));
    this.#finish(fill, stroke);
  }

  edges(paths: readonly Float64Array[], stroke: Stroke): void {
    const context = this.#context;
    context.beginPath();
    for (const points of paths) this.#trace(points);
    this.#finish(null, stroke);
  }

  polyline(points: readonly number[], fill: string | null, stroke: Stroke | null): void {
    const context = this.#context;
    context.beginPath();
    context.moveTo(points[0] ?? 0, points[1] ?? 0);
    for (let i = 2; i + 1 < points.length; i += 2) context.lineTo(points[i] ?? 0, points[i + 1] ?? 0);
    if (fill !== null) context.closePath();
    this.#finish(fill, stroke);
  }

  text(text: string, { x, y, font, color, align = "start", enlarged = 1 }: TextPlace): void {
    const context = this.#context;
    context.font = this.#measure.cssFont(font, enlarged);
    context.fillStyle = color;
    context.textAlign = align === "middle" ? "center" : align === "end" ? "right" : "left";
    context.fillText(text, x, y + fontSize[font] * enlarged * 0.04);
  }

  textWidth(text: string, font: FontRole): number {
    return this.#measure.width(text, font);
  }

  startGroup(): void {}

  endGroup(): void {}

  #finish(fill: string | null, stroke: Stroke | null): void {
    const context = this.#context;
    if (fill !== null) {
      context.fillStyle = fill;
      context.fill();
    }
    if (!stroke) return;
    context.strokeStyle = stroke.color;
    context.lineWidth = stroke.width;
    context.setLineDash(stroke.dash ? [...stroke.dash] : []);
    context.stroke();
  }

  /** Far out, an S curve of a few pixels is drawn as a straight line. */
  #trace(points: Float64Array): void {
    const context = this.#context;
    let x0 = points[0] ?? 0;
    let y0 = points[1] ?? 0;
    context.moveTo(x0, y0);
    for (let i = 2; i + 1 < points.length; i += 2) {
      const x1 = points[i] ?? 0;
      const y1 = points[i + 1] ?? 0;
      const middle = (y0 + y1) / 2;
      if (x0 === x1 || this.#scale < 0.12) context.lineTo(x1, y1);
      else context.bezierCurveTo(x0, middle, x1, middle, x1, y1);
      x0 = x1;
      y0 = y1;
    }
  }
}
