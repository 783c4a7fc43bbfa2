// How long the graph's layout takes: an autograd-like graph of n nodes (a chain of modules, residual skips, parameters; two levels of frames).

import { layeredLayout } from "../../engine/recording/layout/layered/layeredLayout.ts";
import type { LayoutInput } from "../../engine/recording/layout/layered/types.ts";
import { type Benchmark, type Row, summary } from "./support/benchmark.ts";

const repeats = 9;

/** All frames open. */
export const benchmarks: readonly Benchmark[] = [100, 1000, 10_000, 50_000].map((nodes) => ({
  name: `layout-${nodes}`,
  measure: () => measure(nodes),
}));

/** The first of several runs counts apart, as it also compiles. */
function measure(nodes: number): Row {
  const input = moduleChain(nodes);
  const [cold_ms = Number.NaN, ...times] = Array.from({ length: repeats }, () => {
    const start = performance.now();
    layeredLayout(input);
    return performance.now() - start;
  });
  return { name: `layout-${nodes}`, ...summary(times), cold_ms };
}

/** The graph that every layout library was measured with: about 1.2 edges a node, ten ops a module, eight modules a block. */
export function moduleChain(nodes: number): LayoutInput {
  const random = linearCongruence(12_345);
  const module: number[] = [];
  const minor: number[] = [];
  const edges: [number, number][] = [];
  const chain: number[] = [];
  const at = (back: number): number => chain[chain.length - back] ?? 0;
  for (let step = 0; module.length < nodes; step++) {
    const id = module.push(Math.floor(step / 10)) - 1;
    minor.push(0);
    if (chain.length > 0) edges.push([at(1), id]);
    if (step % 10 === 9 && chain.length > 9) edges.push([at(9), id]);
    if (step % 10 === 4) edges.push([at(2), id]);
    if (step % 10 === 7) edges.push([at(3), id]);
    if (random() < 0.43 && module.length < nodes) {
      edges.push([module.push(Math.floor(step / 10)) - 1, id]);
      minor.push(1);
    }
    chain.push(id);
  }
  return withFrames(module, minor, edges);
}

function withFrames(module: number[], minor: number[], edges: [number, number][]): LayoutInput {
  const modules = (module.at(-1) ?? 0) + 1;
  const blocks = Math.ceil(modules / 8);
  const parents = [
    ...Array.from({ length: blocks }, () => -1),
    ...Array.from({ length: modules }, (_, m) => Math.floor(m / 8)),
  ];
  return {
    left: new Float64Array(module.length).fill(40),
    right: new Float64Array(module.length).fill(40),
    height: new Float64Array(module.length).fill(30),
    minor: Uint8Array.from(minor),
    cluster: Int32Array.from(module, (m) => blocks + m),
    from: Int32Array.from(edges, ([from]) => from),
    to: Int32Array.from(edges, ([, to]) => to),
    light: new Uint8Array(edges.length),
    clusterParent: Int32Array.from(parents),
    clusterTitle: new Float64Array(parents.length).fill(80),
  };
}

function linearCongruence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
}
