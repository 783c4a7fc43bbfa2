import type { Adjacency } from "./adjacency.ts";

/** Where a vertex may stand: anywhere, on the top layer (an edge comes in from outside) or on the bottom layer (one goes out). */
export const vertexKind = { ordinary: 0, entry: 1, exit: 2 } as const;

/** One cluster's own boxes and edges, without nesting: child clusters are boxes here, edges from outside start at an entry. */
export interface FlatGraph {
  readonly count: number;
  readonly left: Float64Array;
  readonly right: Float64Array;
  readonly height: Float64Array;
  /** A value of `vertexKind`. */
  readonly kind: Uint8Array;
  readonly minor: Uint8Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Where the edge leaves and enters, relative to the anchors: a cluster's box has several such places. */
  readonly fromOffset: Float64Array;
  readonly toOffset: Float64Array;
  readonly light: Uint8Array;
  /** Edges with the same pin carry the same tensor from the same place, and share a trunk. */
  readonly pin: Int32Array;
  readonly pinCount: number;
}

/** A laid-out flat graph; everything lies in the rectangle from (0, 0) to (width, height). */
export interface FlatResult {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly pathStart: Int32Array;
  readonly path: Float64Array;
  readonly width: number;
  readonly height: number;
}

/** The layers of a flat graph, with what the later phases ask about them. */
export interface Ranks {
  readonly rank: Int32Array;
  readonly layers: number;
  /** 1 for an edge against the flow; only graphs with a cycle have any. */
  readonly against: Uint8Array;
  /** Length of the longest way from a source, and to a sink. */
  readonly depth: Int32Array;
  readonly reach: Int32Array;
  /** 1 for what is computed from minor boxes alone. */
  readonly aside: Uint8Array;
  readonly outgoing: Adjacency;
  readonly incoming: Adjacency;
}

/**
 * The graph with one vertex per layer that an edge passes: `count` vertices of the flat graph, then the passing points.
 * Segments join neighbouring layers only. Edges of one pin share the passing points: a trunk with branches.
 */
export interface ProperGraph {
  readonly vertexCount: number;
  readonly rank: Int32Array;
  readonly left: Float64Array;
  readonly right: Float64Array;
  readonly segmentFrom: Int32Array;
  readonly segmentTo: Int32Array;
  readonly segmentFromOffset: Float64Array;
  readonly segmentToOffset: Float64Array;
  /** Which segments are kept straight first: a value of `straightness`. */
  readonly segmentClass: Uint8Array;
  readonly down: Adjacency;
  readonly up: Adjacency;
  /** First passing point of each pin's trunk; the one at layer r is `trunkFirst + r - rank(source) - 1`. */
  readonly trunkFirst: Int32Array;
  /** 1 for an edge that runs in a lane beside the drawing and has no passing points. */
  readonly inLane: Uint8Array;
}

/** How much a segment wants to be straight; the lower number wins where two cannot both be. */
export const straightness = { spine: 0, trunk: 1, end: 2, bent: 3 } as const;

/** Which vertex stands where: layer `r` is `item[start[r]]` to `item[start[r + 1]]`, and `position` is the place inside its layer. */
export interface Order {
  readonly start: Int32Array;
  readonly item: Int32Array;
  readonly position: Int32Array;
}
