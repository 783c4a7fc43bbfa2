import fc from "fast-check";
import type { LayoutInput } from "../../../engine/recording/layout/layered/types.ts";

/** Random layered inputs: a DAG in index order, nested clusters anywhere, boxes of all sizes. */
export const anyLayoutInput: fc.Arbitrary<LayoutInput> = fc
  .record({
    nodes: fc.integer({ min: 0, max: 60 }),
    clusters: fc.integer({ min: 0, max: 8 }),
    seed: fc.integer({ min: 1, max: 1 << 30 }),
    edgesPerNode: fc.double({ min: 0, max: 2.5, noNaN: true }),
  })
  .map(randomInput);

interface Shape {
  readonly nodes: number;
  readonly clusters: number;
  readonly seed: number;
  readonly edgesPerNode: number;
}

function randomInput({ nodes, clusters, seed, edgesPerNode }: Shape): LayoutInput {
  const random = mulberry(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const edges: [number, number][] = [];
  for (let e = 0; nodes > 1 && e < nodes * edgesPerNode; e++) {
    const to = 1 + below(nodes - 1);
    edges.push([below(to), to]);
  }
  const clusterOf = contiguousClusters(nodes, clusters, below);
  const left = Float64Array.from({ length: nodes }, () => 10 + below(60));
  return {
    left,
    right: left.map((width) => width + below(40)),
    height: Float64Array.from({ length: nodes }, () => 20 + below(40)),
    minor: Uint8Array.from({ length: nodes }, () => (random() < 0.2 ? 1 : 0)),
    cluster: clusterOf.cluster,
    from: Int32Array.from(edges, ([from]) => from),
    to: Int32Array.from(edges, ([, to]) => to),
    light: Uint8Array.from(edges, () => (random() < 0.2 ? 1 : 0)),
    clusterParent: clusterOf.parent,
    clusterTitle: Float64Array.from({ length: clusters }, () => 40 + below(200)),
  };
}

/** Clusters over stretches of the topological order, nested by inclusion: so that folding any of them leaves a DAG. */
function contiguousClusters(nodes: number, clusters: number, below: (limit: number) => number) {
  const parent = new Int32Array(clusters).fill(-1);
  const cluster = new Int32Array(nodes).fill(-1);
  const spans: { start: number; end: number }[] = [];
  for (let c = 0; c < clusters; c++) {
    const outer = c > 0 && below(2) === 0 ? below(c) : -1;
    const { start, end } = spans[outer] ?? { start: 0, end: nodes };
    const from = start + below(Math.max(1, end - start));
    const wanted = from + below(Math.max(1, end - from));
    parent[c] = outer;
    let to = from;
    while (to < wanted && cluster[to] === outer) cluster[to++] = c;
    spans.push({ start: from, end: to });
  }
  return { parent, cluster };
}

function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
