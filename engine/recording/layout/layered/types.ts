/**
 * What the layered layout is given: boxes around an anchor, edges between them, and nested clusters.
 * Only typed arrays, so that it can be handed to a worker and back without copying.
 */
export interface LayoutInput {
  /** How far each box reaches to the left of its anchor: the x where edges enter and leave. */
  readonly left: Float64Array;
  /** How far each box reaches to the right of its anchor. */
  readonly right: Float64Array;
  readonly height: Float64Array;
  /** 1 for a box that belongs beside its consumer and not in the line of the computation (a parameter). */
  readonly minor: Uint8Array;
  /** The innermost cluster of each box, or -1. */
  readonly cluster: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** 1 for an edge that yields to others when both want to be straight (no gradient flows along it). */
  readonly light: Uint8Array;
  /** A cluster's parent stands before it; -1 at top level. */
  readonly clusterParent: Int32Array;
  /** The width each cluster's title needs. */
  readonly clusterTitle: Float64Array;
}

/** Where everything goes: x and y of a box are its anchor and its top. */
export interface LayoutResult {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly clusterX: Float64Array;
  readonly clusterY: Float64Array;
  readonly clusterWidth: Float64Array;
  readonly clusterHeight: Float64Array;
  /** Edge `e` runs through the points `pathStart[e]` to `pathStart[e + 1]`, not included. */
  readonly pathStart: Int32Array;
  /** x, y, x, y … Between two points of one x the edge is a vertical line, otherwise an S curve with vertical ends. */
  readonly path: Float64Array;
  readonly width: number;
  readonly height: number;
}

/** Called between phases with the share of the work that is done; it may throw to give up. */
export type Checkpoint = (done: number) => void;

/** Thrown by a checkpoint when nobody waits for the layout any more. */
export class LayoutCancelled extends Error {
  override readonly name = "LayoutCancelled";

  constructor() {
    super("the layout was cancelled");
  }
}

/** Distances in drawing units; at zoom 1 a unit is a CSS pixel. */
export const spacing = {
  /** Between two boxes side by side. */
  box: 26,
  /** Between an edge that passes by and its neighbours. */
  line: 14,
  /** Between two layers when every edge between them is straight. */
  layer: 30,
  /** From a frame's border to what is inside. */
  framePad: 16,
  /** The band at a frame's top that holds its title. */
  frameTitle: 26,
  /** Between an entry of a frame and the first box below it. */
  frameEntry: 14,
  /** Between a lane beside the drawing and what it passes. */
  lane: 12,
  /** Between unconnected parts. */
  part: 56,
} as const;
