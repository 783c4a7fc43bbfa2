import { groupByKey, IntList } from "./adjacency.ts";
import { type FlatGraph, type ProperGraph, type Ranks, straightness, vertexKind } from "./flatTypes.ts";
import { spacing } from "./types.ts";

/** Edges longer than this many layers never pass between the boxes: they take a lane at the side. */
const longestTrunk = 48;

/**
 * Cuts edges that pass layers into segments between neighbouring layers. All edges of one tensor share one trunk, so a weight
 * used at a thousand places costs one line; very long edges are kept out and get a lane beside the drawing.
 */
export function cutIntoSegments(graph: FlatGraph, ranks: Ranks): ProperGraph {
  const mains = findMains(graph, ranks);
  const { inLane, trunkEnd } = chooseLanes(graph, ranks);
  const { trunkFirst, vertexCount } = placeTrunks(graph, ranks, trunkEnd);
  const segments = new SegmentList();
  addTrunkSegments(graph, ranks, { trunkFirst, trunkEnd, inLane, mains }, segments);
  addBranches(graph, ranks, { trunkFirst, inLane, mains }, segments);

  const { from, to, ...rest } = segments.toArrays();
  return {
    vertexCount,
    ...vertexArrays(graph, ranks, { trunkFirst, trunkEnd, vertexCount }),
    segmentFrom: from,
    segmentTo: to,
    ...rest,
    down: groupByKey(vertexCount, from),
    up: groupByKey(vertexCount, to),
    trunkFirst,
    inLane,
  };
}

/** 1 where the edge is the line of the computation for its producer (`ofSource`) or for its consumer (`ofTarget`). */
interface Mains {
  readonly ofSource: Uint8Array;
  readonly ofTarget: Uint8Array;
}

/** A light edge comes after every other, and what is computed from parameters alone after that. */
const light = 1e9;

/** Of several inputs the one computed by the longest way is the line of the computation; of equals, none is. */
function findMains(graph: FlatGraph, ranks: Ranks): Mains {
  const ofSource = new Uint8Array(graph.from.length);
  const ofTarget = new Uint8Array(graph.from.length);
  const howDeep = (e: number): number => {
    const v = graph.from[e];
    if (ranks.aside[v] === 1) return -2 * light;
    return (graph.kind[v] === vertexKind.entry ? 0.5 : ranks.depth[v]) - light * graph.light[e];
  };
  const howFar = (e: number): number => ranks.reach[graph.to[e]] - light * graph.light[e];
  for (let v = 0; v < graph.count; v++) {
    markLargest(ranks.incoming, v, howDeep, ranks.against, ofTarget);
    markLargest(ranks.outgoing, v, howFar, ranks.against, ofSource);
  }
  return { ofSource, ofTarget };
}

function markLargest(
  lists: Ranks["incoming"],
  v: number,
  size: (edge: number) => number,
  against: Uint8Array,
  marks: Uint8Array,
): void {
  let best = -1;
  let largest = Number.NEGATIVE_INFINITY;
  let unique = false;
  for (let k = lists.start[v]; k < lists.start[v + 1]; k++) {
    const e = lists.item[k];
    if (against[e] === 1) continue;
    const s = size(e);
    if (s > largest) {
      best = e;
      largest = s;
      unique = true;
    } else if (s === largest) {
      unique = false;
    }
  }
  if (unique) marks[best] = 1;
}

/** Decides which edges take a lane, so that passing points stay in proportion to the boxes; and how far each pin's trunk reaches. */
function chooseLanes(graph: FlatGraph, ranks: Ranks): { inLane: Uint8Array; trunkEnd: Int32Array } {
  const budget = 4 * graph.count + 2000;
  for (let longest = longestTrunk; ; longest = Math.floor(longest / 3)) {
    const { inLane, trunkEnd, points } = trunksUpTo(longest, graph, ranks);
    if (points <= budget || longest <= 2) return { inLane, trunkEnd };
  }
}

function trunksUpTo(longest: number, graph: FlatGraph, ranks: Ranks) {
  const inLane = new Uint8Array(graph.from.length);
  const trunkEnd = new Int32Array(graph.pinCount);
  const hasLane = pinsWithLanes(longest, graph, ranks);
  let points = 0;
  for (let e = 0; e < graph.from.length; e++) {
    const start = ranks.rank[graph.from[e]];
    const end = ranks.rank[graph.to[e]];
    const limit = hasLane[graph.pin[e]] === 1 ? Math.min(nearLane, longest) : longest;
    if (ranks.against[e] === 1 || end - start > limit) {
      inLane[e] = 1;
    } else {
      const before = Math.max(trunkEnd[graph.pin[e]], start + 1);
      trunkEnd[graph.pin[e]] = Math.max(before, end);
      points += Math.max(0, end - before);
    }
  }
  return { inLane, trunkEnd, points };
}

/** Where a tensor has a lane anyway, only edges up to this length still go their own way. */
const nearLane = 2;

function pinsWithLanes(longest: number, graph: FlatGraph, ranks: Ranks): Uint8Array {
  const hasLane = new Uint8Array(graph.pinCount);
  for (let e = 0; e < graph.from.length; e++) {
    if (ranks.rank[graph.to[e]] - ranks.rank[graph.from[e]] > longest) hasLane[graph.pin[e]] = 1;
  }
  return hasLane;
}

function placeTrunks(graph: FlatGraph, ranks: Ranks, trunkEnd: Int32Array) {
  const trunkFirst = new Int32Array(graph.pinCount).fill(-1);
  let vertexCount = graph.count;
  for (let e = 0; e < graph.from.length; e++) {
    const pin = graph.pin[e];
    if (trunkFirst[pin] >= 0) continue;
    trunkFirst[pin] = vertexCount;
    vertexCount += Math.max(0, trunkEnd[pin] - ranks.rank[graph.from[e]] - 1);
  }
  return { trunkFirst, vertexCount };
}

function vertexArrays(
  graph: FlatGraph,
  ranks: Ranks,
  { trunkFirst, trunkEnd, vertexCount }: { trunkFirst: Int32Array; trunkEnd: Int32Array; vertexCount: number },
): { rank: Int32Array; left: Float64Array; right: Float64Array } {
  const rank = new Int32Array(vertexCount);
  const left = new Float64Array(vertexCount);
  const right = new Float64Array(vertexCount);
  rank.set(ranks.rank);
  left.set(graph.left);
  right.set(graph.right);
  for (let e = 0; e < graph.from.length; e++) {
    const pin = graph.pin[e];
    const above = ranks.rank[graph.from[e]];
    for (let r = above + 1; r < trunkEnd[pin]; r++) rank[trunkFirst[pin] + r - above - 1] = r;
  }
  // A passing point keeps less distance than a box: half the difference is taken off on each side.
  const slim = (spacing.line - spacing.box) / 2;
  left.fill(slim, graph.count);
  right.fill(slim, graph.count);
  return { rank, left, right };
}

class SegmentList {
  #from = new IntList();
  #to = new IntList();
  #class = new IntList();
  #fromOffset: number[] = [];
  #toOffset: number[] = [];

  add(from: number, to: number, fromOffset: number, toOffset: number, wish: number): void {
    this.#from.push(from);
    this.#to.push(to);
    this.#fromOffset.push(fromOffset);
    this.#toOffset.push(toOffset);
    this.#class.push(wish);
  }

  toArrays() {
    return {
      from: this.#from.toArray(),
      to: this.#to.toArray(),
      segmentFromOffset: Float64Array.from(this.#fromOffset),
      segmentToOffset: Float64Array.from(this.#toOffset),
      segmentClass: Uint8Array.from(this.#class.toArray()),
    };
  }
}

function addTrunkSegments(
  graph: FlatGraph,
  ranks: Ranks,
  trunks: { trunkFirst: Int32Array; trunkEnd: Int32Array; inLane: Uint8Array; mains: Mains },
  segments: SegmentList,
): void {
  const { trunkFirst, trunkEnd, inLane, mains } = trunks;
  const wish = firstSegmentWishes(graph, ranks, inLane, mains);
  const done = new Uint8Array(graph.pinCount);
  for (let e = 0; e < graph.from.length; e++) {
    const pin = graph.pin[e];
    if (done[pin] === 1 || inLane[e] === 1) continue;
    done[pin] = 1;
    const points = trunkEnd[pin] - ranks.rank[graph.from[e]] - 1;
    if (points > 0) segments.add(graph.from[e], trunkFirst[pin], graph.fromOffset[e], 0, wish[pin]);
    for (let k = 1; k < points; k++) {
      segments.add(trunkFirst[pin] + k - 1, trunkFirst[pin] + k, 0, 0, straightness.trunk);
    }
  }
}

function firstSegmentWishes(graph: FlatGraph, ranks: Ranks, inLane: Uint8Array, mains: Mains): Uint8Array {
  const wish = new Uint8Array(graph.pinCount).fill(straightness.bent);
  for (let e = 0; e < graph.from.length; e++) {
    const isDirect = ranks.rank[graph.to[e]] - ranks.rank[graph.from[e]] === 1;
    if (isDirect || inLane[e] === 1 || mains.ofSource[e] === 0) continue;
    wish[graph.pin[e]] = mains.ofTarget[e] === 1 ? straightness.spine : straightness.end;
  }
  return wish;
}

function addBranches(
  graph: FlatGraph,
  ranks: Ranks,
  { trunkFirst, inLane, mains }: { trunkFirst: Int32Array; inLane: Uint8Array; mains: Mains },
  segments: SegmentList,
): void {
  for (let e = 0; e < graph.from.length; e++) {
    if (inLane[e] === 1) continue;
    const onSpine = mains.ofSource[e] === 1 && mains.ofTarget[e] === 1;
    const passed = ranks.rank[graph.to[e]] - ranks.rank[graph.from[e]] - 1;
    if (passed === 0) {
      const wish = onSpine ? straightness.spine : straightness.bent;
      segments.add(graph.from[e], graph.to[e], graph.fromOffset[e], graph.toOffset[e], wish);
    } else {
      const wish = onSpine ? straightness.spine : mains.ofTarget[e] === 1 ? straightness.end : straightness.bent;
      segments.add(trunkFirst[graph.pin[e]] + passed - 1, graph.to[e], 0, graph.toOffset[e], wish);
    }
  }
}
