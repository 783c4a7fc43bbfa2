import type { PlacedChip } from "./chips.ts";
import type { HeatScale } from "./heat.ts";
import type { Palette } from "./palette.ts";

/** How much is drawn: each step drops what could no longer be read. */
export const detailLevel = { all: 0, noShapes: 1, noNames: 2, dots: 3, framesAlone: 4 } as const;

/** A value of `detailLevel`. */
export type DetailLevel = (typeof detailLevel)[keyof typeof detailLevel];

/** Everything but the drawing itself that decides what it looks like. Boxes and edges are indices in the drawing. */
export interface Look {
  readonly palette: Palette;
  readonly heat: HeatScale | null;
  readonly direction: "forward" | "backward";
  readonly detail: DetailLevel;
  /** Screen pixels per drawing unit: lines stay at least a pixel wide. */
  readonly scale: number;
  readonly selected: number;
  readonly hovered: number;
  /** Boxes of the line the editor's cursor is in. */
  readonly atCursor: ReadonlySet<number>;
  readonly found: ReadonlySet<number>;
  readonly currentMatch: number;
  /** The box at work in the backward animation; -1 when it is not shown. */
  readonly atWork: number;
  /** Boxes that a debugger has not come to yet. */
  readonly toCome: ReadonlySet<number>;
  /** Gradients written on edges. */
  readonly chips: readonly PlacedChip[];
  /** The edges of the chain rule that is written out, in its order. */
  readonly chain: readonly number[];
  /** An edge pointed at in the chain rule, or -1. */
  readonly pointedEdge: number;
  /** The path of the alert that is shown. */
  readonly badBoxes: readonly number[];
  readonly badEdges: readonly number[];
  /** What is written at the first of `badBoxes`. */
  readonly badOrigin: string | null;
  /** Which way the fault went along `badEdges`. */
  readonly badDirection: "forward" | "backward";
}

/** A drawing with nothing emphasised, as it is written to files. */
export function plainLook(palette: Palette, heat: HeatScale | null): Look {
  return {
    palette,
    heat,
    direction: "forward",
    detail: detailLevel.all,
    scale: 1,
    selected: -1,
    hovered: -1,
    atCursor: new Set(),
    found: new Set(),
    currentMatch: -1,
    atWork: -1,
    toCome: new Set(),
    chips: [],
    chain: [],
    pointedEdge: -1,
    badBoxes: [],
    badEdges: [],
    badOrigin: null,
    badDirection: "forward",
  };
}

/** The level at which everything drawn can still be read. */
export function detailAt(scale: number, hasFrames: boolean): DetailLevel {
  if (scale >= 0.64) return detailLevel.all;
  if (scale >= 0.48) return detailLevel.noShapes;
  if (scale >= 0.26) return detailLevel.noNames;
  if (scale >= 0.09 || !hasFrames) return detailLevel.dots;
  return detailLevel.framesAlone;
}
