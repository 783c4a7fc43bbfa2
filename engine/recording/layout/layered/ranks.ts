import { groupByKey } from "./adjacency.ts";
import { type FlatGraph, type Ranks, vertexKind } from "./flatTypes.ts";

/**
 * Gives every vertex its layer: the longest way from a source, so that every edge goes down. What hangs on one consumer only
 * (a parameter, or a transposed parameter) is pulled down to stand right above it.
 */
export function assignRanks(graph: FlatGraph): Ranks {
  const outgoing = groupByKey(graph.count, graph.from);
  const incoming = groupByKey(graph.count, graph.to);
  const topological = topologicalOrder(graph, outgoing.start, outgoing.item);
  const against = edgesAgainst(graph, topological);
  const context = { graph, outgoing, incoming, topological, against };

  const { rank, layers } = longestPath(context);
  const pendant = findPendants(context);
  pullDown(context, pendant, rank);
  const added = splitTallLayers(graph, pendant, rank, layers);
  if (added > 0) pullDown(context, pendant, rank);
  return { rank, layers: layers + added, against, outgoing, incoming, ...distances(context) };
}

interface Context {
  readonly graph: FlatGraph;
  readonly outgoing: Ranks["outgoing"];
  readonly incoming: Ranks["incoming"];
  readonly topological: Int32Array;
  readonly against: Uint8Array;
}

/** Producers before consumers; where a cycle leaves no vertex free, the lowest index goes first. */
function topologicalOrder(graph: FlatGraph, start: Int32Array, item: Int32Array): Int32Array {
  const waitingFor = new Int32Array(graph.count);
  for (let e = 0; e < graph.to.length; e++) waitingFor[graph.to[e]]++;

  const order = new Int32Array(graph.count);
  const placed = new Uint8Array(graph.count);
  let length = 0;
  const place = (v: number): void => {
    placed[v] = 1;
    order[length++] = v;
  };
  for (let v = 0; v < graph.count; v++) {
    if (waitingFor[v] === 0) place(v);
  }

  let lowest = 0;
  for (let next = 0; next < graph.count; next++) {
    if (next === length) {
      while (placed[lowest] === 1) lowest++;
      place(lowest);
    }
    const v = order[next];
    for (let k = start[v]; k < start[v + 1]; k++) {
      const to = graph.to[item[k]];
      if (--waitingFor[to] === 0 && placed[to] === 0) place(to);
    }
  }
  return order;
}

function edgesAgainst(graph: FlatGraph, topological: Int32Array): Uint8Array {
  const place = new Int32Array(graph.count);
  for (let i = 0; i < topological.length; i++) place[topological[i]] = i;
  const against = new Uint8Array(graph.from.length);
  for (let e = 0; e < against.length; e++) {
    if (place[graph.from[e]] >= place[graph.to[e]]) against[e] = 1;
  }
  return against;
}

function longestPath({ graph, outgoing, topological, against }: Context): { rank: Int32Array; layers: number } {
  const rank = new Int32Array(graph.count);
  if (graph.kind.includes(vertexKind.entry)) {
    for (let v = 0; v < graph.count; v++) rank[v] = graph.kind[v] === vertexKind.entry ? 0 : 1;
  }
  let deepest = 0;
  for (const v of topological) {
    if (graph.kind[v] !== vertexKind.exit) deepest = Math.max(deepest, rank[v]);
    for (let k = outgoing.start[v]; k < outgoing.start[v + 1]; k++) {
      const e = outgoing.item[k];
      if (against[e] === 0) rank[graph.to[e]] = Math.max(rank[graph.to[e]], rank[v] + 1);
    }
  }

  const hasExits = graph.kind.includes(vertexKind.exit);
  for (let v = 0; v < graph.count; v++) {
    if (graph.kind[v] === vertexKind.exit) rank[v] = deepest + 1;
  }
  return { rank, layers: graph.count === 0 ? 0 : deepest + (hasExits ? 2 : 1) };
}

/** A box is tall when it is an open frame with a few layers of its own. */
const tall = 120;

/** Vertices that serve one consumer only, with everything they are computed from: they can move with it for free. */
function findPendants({ graph, outgoing, incoming, topological }: Context): Uint8Array {
  const pendant = new Uint8Array(graph.count);
  const hangsOnly = (v: number): boolean => {
    if (graph.kind[v] !== vertexKind.ordinary || graph.height[v] >= tall) return false;
    for (let k = incoming.start[v]; k < incoming.start[v + 1]; k++) {
      const producer = graph.from[incoming.item[k]];
      if (pendant[producer] === 0 || outgoing.start[producer + 1] - outgoing.start[producer] > 1) return false;
    }
    return true;
  };
  for (const v of topological) pendant[v] = hangsOnly(v) ? 1 : 0;
  return pendant;
}

function pullDown({ graph, outgoing, topological, against }: Context, pendant: Uint8Array, rank: Int32Array): void {
  for (let i = topological.length - 1; i >= 0; i--) {
    const v = topological[i];
    if (pendant[v] === 0) continue;
    let nearest = Number.POSITIVE_INFINITY;
    for (let k = outgoing.start[v]; k < outgoing.start[v + 1]; k++) {
      const e = outgoing.item[k];
      if (against[e] === 0) nearest = Math.min(nearest, rank[graph.to[e]]);
    }
    if (nearest !== Number.POSITIVE_INFINITY) rank[v] = nearest - 1;
  }
}

/** A parameter beside a tall frame would stand far from its consumer: it gets a layer below the frame. Gives the number of new layers. */
function splitTallLayers(graph: FlatGraph, pendant: Uint8Array, rank: Int32Array, layers: number): number {
  const hasTall = new Uint8Array(layers);
  const hasPendant = new Uint8Array(layers);
  for (let v = 0; v < graph.count; v++) {
    if (pendant[v] === 1) hasPendant[rank[v]] = 1;
    else if (graph.height[v] >= tall) hasTall[rank[v]] = 1;
  }
  const addedAbove = new Int32Array(layers + 1);
  for (let r = 0; r < layers; r++) addedAbove[r + 1] = addedAbove[r] + (hasTall[r] & hasPendant[r]);
  for (let v = 0; v < graph.count; v++) {
    const r = rank[v];
    rank[v] += pendant[v] === 1 ? addedAbove[r + 1] : addedAbove[r];
  }
  return addedAbove[layers];
}

function distances(context: Context): { depth: Int32Array; reach: Int32Array; aside: Uint8Array } {
  const { graph, topological, outgoing, incoming, against } = context;
  const depth = new Int32Array(graph.count);
  const reach = new Int32Array(graph.count);
  const aside = graph.minor.slice();
  for (const v of topological) {
    let allAside = incoming.start[v] < incoming.start[v + 1];
    for (let k = incoming.start[v]; k < incoming.start[v + 1]; k++) {
      const e = incoming.item[k];
      if (against[e] === 0) depth[v] = Math.max(depth[v], depth[graph.from[e]] + 1);
      allAside &&= aside[graph.from[e]] === 1;
    }
    if (allAside) aside[v] = 1;
  }
  for (let i = topological.length - 1; i >= 0; i--) {
    const v = topological[i];
    for (let k = outgoing.start[v]; k < outgoing.start[v + 1]; k++) {
      const e = outgoing.item[k];
      if (against[e] === 0) reach[v] = Math.max(reach[v], reach[graph.to[e]] + 1);
    }
  }
  return { depth, reach, aside };
}
