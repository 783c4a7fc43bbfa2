import { type FontRole, fontSize } from "../../engine/recording/layout/boxes.ts";
import type { Rect } from "../../engine/recording/layout/drawing.ts";
import type { Ink, Stroke, TextPlace } from "../../engine/recording/paint/ink.ts";
import type { TextMeasure } from "./textMeasure.ts";

const pathsAtOnce = 64;

/** What one call has drawn so far: edges of one tensor share their trunk, and drawn twice it would look thicker. */
interface Drawn {
  readonly verticals: Map<number, { readonly top: number; readonly bottom: number }>;
  readonly curves: Set<string>;
}

/** Draws on a canvas whose transform already maps drawing units to pixels. */
export class CanvasInk implements Ink {
  readonly #context: CanvasRenderingContext2D;
  readonly #measure: TextMeasure;
  readonly #scale: number;
  readonly #area: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };

  /** `area` is the part of the drawing that the canvas shows; lines outside are left out. */
  constructor(context: CanvasRenderingContext2D, measure: TextMeasure, scale: number, area: Rect | null = null) {
    this.#context = context;
    this.#area = area
      ? edgesOf(area, 8 / scale)
      : { left: -Infinity, right: Infinity, top: -Infinity, bottom: Infinity };
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
    // The time to stroke one path grows faster than its length: many short ones are drawn sooner.
    const drawn: Drawn = { verticals: new Map(), curves: new Set() };
    for (let i = 0; i < paths.length; i += pathsAtOnce) {
      context.beginPath();
      for (const points of paths.slice(i, i + pathsAtOnce)) this.#trace(points, drawn);
      this.#finish(null, stroke);
    }
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

  /**
   * Adds the stretches of an edge that lie in the area in sight. Far out, an S curve of a few pixels is drawn as a straight line.
   */
  #trace(points: Float64Array, drawn: Drawn): void {
    const context = this.#context;
    const { top, bottom, left, right } = this.#area;
    for (let i = 0; i + 3 < points.length; i += 2) {
      const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = [points[i], points[i + 1], points[i + 2], points[i + 3]];
      if (Math.max(y0, y1) < top || Math.min(y0, y1) > bottom || Math.max(x0, x1) < left || Math.min(x0, x1) > right)
        continue;
      if (x0 === x1) {
        this.#traceVertical(x0, Math.max(top, Math.min(y0, y1)), Math.min(bottom, Math.max(y0, y1)), drawn);
        continue;
      }
      const curve = `${x0} ${y0} ${x1} ${y1}`;
      if (drawn.curves.has(curve)) continue;
      drawn.curves.add(curve);
      context.moveTo(x0, y0);
      const middle = (y0 + y1) / 2;
      if (this.#scale < 0.12) context.lineTo(x1, y1);
      else context.bezierCurveTo(x0, middle, x1, middle, x1, y1);
    }
  }

  #traceVertical(x: number, top: number, bottom: number, drawn: Drawn): void {
    const known = drawn.verticals.get(x);
    if (known && known.top <= top && known.bottom >= bottom) return;
    const touches = known !== undefined && known.top <= bottom && known.bottom >= top;
    const whole = touches ? { top: Math.min(known.top, top), bottom: Math.max(known.bottom, bottom) } : { top, bottom };
    drawn.verticals.set(x, whole);
    this.#context.moveTo(x, whole.top);
    this.#context.lineTo(x, whole.bottom);
  }
}

function edgesOf({ x, y, width, height }: Rect, room: number) {
  return { left: x - room, right: x + width + room, top: y - room, bottom: y + height + room };
}
