import type { FontRole } from "../layout/boxes.ts";
import type { Rect } from "../layout/drawing.ts";

/** A line's look; `dash` in drawing units. */
export interface Stroke {
  readonly color: string;
  readonly width: number;
  readonly dash?: readonly number[];
}

/** What can be drawn. A canvas implements it for the panel and a text writer for SVG, so that the file shows what the panel shows. */
export interface Ink {
  box(rect: Rect, radius: number, fill: string | null, stroke: Stroke | null): void;
  /** Edges: vertical lines and S curves through the points of each path. */
  edges(paths: readonly Float64Array[], stroke: Stroke): void;
  /** Straight lines through x, y, x, y …; closed and filled when `fill` is given. */
  polyline(points: readonly number[], fill: string | null, stroke: Stroke | null): void;
  /** One line of text. */
  text(text: string, place: TextPlace): void;
  /** How wide a text will be. */
  textWidth(text: string, font: FontRole): number;
  /** Everything until `endGroup` belongs to one thing, called `title`. */
  startGroup(title: string): void;
  endGroup(): void;
}

export interface TextPlace {
  readonly x: number;
  /** The vertical middle of the line. */
  readonly y: number;
  readonly font: FontRole;
  readonly color: string;
  readonly align?: "start" | "middle" | "end";
  /** Times the font's own size; 1 when left out. */
  readonly enlarged?: number;
}
