import { FloatList } from "./adjacency.ts";
import { layoutFlat } from "./flatLayout.ts";
import type { FlatGraph, FlatResult } from "./flatTypes.ts";
import { type Checkpoint, spacing } from "./types.ts";

/** Width over height that a drawing of many unconnected parts aims at. */
const aspect = 1.6;

/** Lays out every connected part on its own and puts them in rows, in the order of their first vertex, like words on a page. */
export function layoutParts(graph: FlatGraph, checkpoint: Checkpoint): FlatResult {
  const parts = connectedParts(graph);
  if (parts.length <= 1) return layoutFlat(graph, checkpoint);

  let done = 0;
  const results = parts.map((part) => {
    const share = part.vertices.length / graph.count;
    const result = layoutFlat(part.graph, (within) => checkpoint(done + within * share));
    done += share;
    return result;
  });
  return merge(graph, parts, results, packInRows(results));
}

interface Part {
  readonly vertices: readonly number[];
  readonly edges: readonly number[];
  readonly graph: FlatGraph;
}

function connectedParts(graph: FlatGraph): Part[] {
  const root = unionFind(graph);
  const partOf = new Int32Array(graph.count).fill(-1);
  const vertices: number[][] = [];
  const local = new Int32Array(graph.count);
  for (let v = 0; v < graph.count; v++) {
    const r = root(v);
    if (partOf[r] < 0) partOf[r] = vertices.push([]) - 1;
    partOf[v] = partOf[r];
    local[v] = vertices[partOf[v]].push(v) - 1;
  }
  if (vertices.length <= 1) return [{ vertices: vertices[0] ?? [], edges: [], graph }];

  const edges: number[][] = vertices.map(() => []);
  for (let e = 0; e < graph.from.length; e++) edges[partOf[graph.from[e]]].push(e);
  return vertices.map((members, p) => ({
    vertices: members,
    edges: edges[p],
    graph: extract(graph, members, edges[p], local),
  }));
}

function unionFind(graph: FlatGraph): (v: number) => number {
  const parent = Int32Array.from({ length: graph.count }, (_, v) => v);
  const find = (v: number): number => {
    let at = v;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  };
  for (let e = 0; e < graph.from.length; e++) {
    const a = find(graph.from[e]);
    const b = find(graph.to[e]);
    parent[Math.max(a, b)] = Math.min(a, b);
  }
  return find;
}

function extract(graph: FlatGraph, vertices: number[], edges: number[], local: Int32Array): FlatGraph {
  const pins = new Map<number, number>();
  const pin = Int32Array.from(edges, (e) => {
    const known = pins.get(graph.pin[e]) ?? pins.size;
    pins.set(graph.pin[e], known);
    return known;
  });
  return {
    count: vertices.length,
    left: Float64Array.from(vertices, (v) => graph.left[v]),
    right: Float64Array.from(vertices, (v) => graph.right[v]),
    height: Float64Array.from(vertices, (v) => graph.height[v]),
    kind: Uint8Array.from(vertices, (v) => graph.kind[v]),
    minor: Uint8Array.from(vertices, (v) => graph.minor[v]),
    from: Int32Array.from(edges, (e) => local[graph.from[e]]),
    to: Int32Array.from(edges, (e) => local[graph.to[e]]),
    fromOffset: Float64Array.from(edges, (e) => graph.fromOffset[e]),
    toOffset: Float64Array.from(edges, (e) => graph.toOffset[e]),
    light: Uint8Array.from(edges, (e) => graph.light[e]),
    pin,
    pinCount: pins.size,
  };
}

interface Corner {
  readonly x: number;
  readonly y: number;
}

function packInRows(results: readonly FlatResult[]): Corner[] {
  const area = results.reduce((sum, r) => sum + (r.width + spacing.part) * (r.height + spacing.part), 0);
  const widest = results.reduce((most, r) => Math.max(most, r.width), 0);
  const rowWidth = Math.max(widest, Math.sqrt(area * aspect));
  let x = 0;
  let y = 0;
  let rowHeight = 0;
  return results.map((result) => {
    if (x > 0 && x + result.width > rowWidth) {
      x = 0;
      y += rowHeight + spacing.part;
      rowHeight = 0;
    }
    const corner = { x, y };
    x += result.width + spacing.part;
    rowHeight = Math.max(rowHeight, result.height);
    return corner;
  });
}

function merge(
  graph: FlatGraph,
  parts: readonly Part[],
  results: readonly FlatResult[],
  corners: Corner[],
): FlatResult {
  const x = new Float64Array(graph.count);
  const y = new Float64Array(graph.count);
  const partOfEdge = new Int32Array(graph.from.length);
  const edgeInPart = new Int32Array(graph.from.length);
  let width = 0;
  let height = 0;
  for (let p = 0; p < parts.length; p++) {
    const corner = corners[p];
    parts[p].vertices.forEach((v, i) => {
      x[v] = results[p].x[i] + corner.x;
      y[v] = results[p].y[i] + corner.y;
    });
    parts[p].edges.forEach((e, i) => {
      partOfEdge[e] = p;
      edgeInPart[e] = i;
    });
    width = Math.max(width, corner.x + results[p].width);
    height = Math.max(height, corner.y + results[p].height);
  }

  const path = new FloatList();
  const pathStart = new Int32Array(graph.from.length + 1);
  for (let e = 0; e < graph.from.length; e++) {
    const result = results[partOfEdge[e]];
    const corner = corners[partOfEdge[e]];
    for (let i = result.pathStart[edgeInPart[e]]; i < result.pathStart[edgeInPart[e] + 1]; i++) {
      path.push(result.path[2 * i] + corner.x);
      path.push(result.path[2 * i + 1] + corner.y);
    }
    pathStart[e + 1] = path.length / 2;
  }
  return { x, y, pathStart, path: path.toArray(), width, height };
}
