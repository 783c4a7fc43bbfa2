import type { Rect } from "../../engine/recording/layout/drawing.ts";
import type { Point } from "./viewport.ts";

/** Finds rectangles by place: a grid whose cells hold about one rectangle each, for hit tests and for what is in sight. */
export class RectGrid {
  readonly #rects: readonly Rect[];
  readonly #cellSize: number;
  readonly #columns: number;
  readonly #rows: number;
  readonly #left: number;
  readonly #top: number;
  readonly #cells: number[][];
  /** Each query marks what it found, so that a rectangle in several cells is found once. */
  readonly #mark: Int32Array;
  #query = 0;

  constructor(rects: readonly Rect[]) {
    const bounds = boundsOf(rects);
    const cells = Math.max(1, Math.min(rects.length, 65_536));
    this.#rects = rects;
    this.#left = bounds.x;
    this.#top = bounds.y;
    this.#cellSize = Math.max(32, Math.sqrt((bounds.width * bounds.height) / cells));
    this.#columns = Math.max(1, Math.ceil(bounds.width / this.#cellSize));
    this.#rows = Math.max(1, Math.ceil(bounds.height / this.#cellSize));
    this.#cells = Array.from({ length: this.#columns * this.#rows }, () => []);
    this.#mark = new Int32Array(rects.length);
    rects.forEach((rect, i) => {
      this.#eachCell(rect, (cell) => cell.push(i));
    });
  }

  /** The rectangles that contain a point, in their own order. */
  at(point: Point): number[] {
    return this.within({ ...point, width: 0, height: 0 });
  }

  /** The rectangles that touch another, in their own order. */
  within(area: Rect): number[] {
    const found: number[] = [];
    this.#query++;
    this.#eachCell(area, (cell) => {
      for (const i of cell) {
        const rect = this.#rects[i];
        if (rect === undefined || this.#mark[i] === this.#query || !touch(rect, area)) continue;
        this.#mark[i] = this.#query;
        found.push(i);
      }
    });
    return found.sort((a, b) => a - b);
  }

  #eachCell(rect: Rect, visit: (cell: number[]) => void): void {
    const firstColumn = this.#column(rect.x);
    const lastColumn = this.#column(rect.x + rect.width);
    const lastRow = this.#row(rect.y + rect.height);
    for (let row = this.#row(rect.y); row <= lastRow; row++) {
      for (let column = firstColumn; column <= lastColumn; column++) {
        const cell = this.#cells[row * this.#columns + column];
        if (cell) visit(cell);
      }
    }
  }

  #column(x: number): number {
    return clampIndex((x - this.#left) / this.#cellSize, this.#columns);
  }

  #row(y: number): number {
    return clampIndex((y - this.#top) / this.#cellSize, this.#rows);
  }
}

/** Whether two rectangles share a point. */
export function touch(a: Rect, b: Rect): boolean {
  return a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height;
}

/** The smallest rectangle around all points of an edge. */
export function boundsOfPath(points: Float64Array): Rect {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i + 1 < points.length; i += 2) {
    const x = points[i] ?? 0;
    const y = points[i + 1] ?? 0;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

function boundsOf(rects: readonly Rect[]): Rect {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const rect of rects) {
    left = Math.min(left, rect.x);
    top = Math.min(top, rect.y);
    right = Math.max(right, rect.x + rect.width);
    bottom = Math.max(bottom, rect.y + rect.height);
  }
  return rects.length === 0
    ? { x: 0, y: 0, width: 0, height: 0 }
    : { x: left, y: top, width: right - left, height: bottom - top };
}

function clampIndex(index: number, length: number): number {
  return Math.max(0, Math.min(length - 1, Math.floor(index)));
}
