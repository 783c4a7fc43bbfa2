import { displayName, shortNumber } from "../../engine/recording/layout/text.ts";
import type { BackwardStep } from "../../engine/recording/queries/graphTypes.ts";
import { edgeIdsOf, type GraphModel } from "./graphModel.ts";

/** The chain rule for one tensor, written out: `dy/dx = 1 · 22 · 1 · 2 = 44`, a sum when several ways lead to it. */
export interface ChainRule {
  /** `dy/dx`. */
  readonly name: string;
  readonly terms: readonly ChainTerm[];
  /** How many more ways there are than are written. */
  readonly left: number;
  /** `44`, or `‖∇‖ 0.314` for what is not a single number; null when not known. */
  readonly result: string | null;
}

/** One way from the root: its factors from the root down. */
export type ChainTerm = readonly ChainFactor[];

export interface ChainFactor {
  /** `22`, or `∂matmul` where the derivative is not a single number. */
  readonly text: string;
  /** Index in `Graph.edges` of the edge it was picked up on; -1 for the seed when the root has no edge of its own. */
  readonly edge: number;
}

/** More ways than these are counted, not written. */
const mostTerms = 4;

/** Nobody reads on after this many; their number doubles with every op that uses a tensor twice. */
const mostCounted = 1000;

/** The gradient that crossed each edge in the first steps of backward. */
export type Crossings = ReadonlyMap<number, BackwardStep["crossed"][number]>;

export function crossingsUpTo(steps: readonly BackwardStep[], count: number): Crossings {
  const crossings = new Map<number, BackwardStep["crossed"][number]>();
  for (const step of steps.slice(0, count)) {
    for (const crossing of step.crossed) crossings.set(crossing.edge, crossing);
  }
  return crossings;
}

/** The chain rule that step `count` of backward (from 1) completes: for what the step's first gradient was sent to. */
export function chainAtStep(model: GraphModel, count: number): ChainRule | null {
  const { backward, edges } = model.graph;
  const step = backward[count - 1];
  if (!step) return null;
  const sent = step.crossed[0];
  return chainFor(model, sent ? (edges[sent.edge]?.from ?? step.node) : step.node, count);
}

/** The chain rule for a node after the first `count` steps; null when no gradient has reached it. */
export function chainFor(model: GraphModel, node: number, count: number): ChainRule | null {
  const { graph } = model;
  const first = graph.backward[0];
  if (!first) return null;
  const crossings = crossingsUpTo(graph.backward, count);
  const { ways, left } = waysToRoot(model, node, crossings, first.node);
  if (ways.length === 0) return null;
  const root = rootOf(model, first.node);
  return {
    name: `d${tensorName(model, root.node)}/d${tensorName(model, node)}`,
    terms: ways.map((way) => [{ text: displayName(first.gradIn, 14), edge: root.edge }, ...way]),
    left,
    result: resultOf(model, node, ways, crossings),
  };
}

/** The named tensor the first backward node made, and the edge to it; the op itself when it has no name. */
function rootOf(model: GraphModel, op: number): { node: number; edge: number } {
  for (const edge of edgeIdsOf(model.outgoing, op)) {
    const to = model.graph.edges[edge]?.to ?? -1;
    if (model.graph.nodes[to]?.isRoot) return { node: to, edge };
  }
  return { node: op, edge: -1 };
}

/** Follows the gradient back to where it came from, every way of it. */
function waysToRoot(
  model: GraphModel,
  node: number,
  crossings: Crossings,
  rootOp: number,
): { ways: ChainFactor[][]; left: number } {
  const { graph, outgoing } = model;
  const ways: ChainFactor[][] = [];
  let left = 0;
  // A loop of its own instead of recursion: a chain may be long. Ways share their common beginning.
  const waiting: { at: number; way: Way | null }[] = [{ at: node, way: null }];
  for (let next = waiting.pop(); next && left < mostCounted; next = waiting.pop()) {
    const { at, way } = next;
    if (at === rootOp || graph.nodes[at]?.isRoot) {
      if (ways.length < mostTerms) ways.push(factorsOf(way));
      else left++;
      continue;
    }
    for (const edge of edgeIdsOf(outgoing, at).reverse()) {
      const to = graph.edges[edge]?.to ?? -1;
      const crossing = crossings.get(edge);
      // An op and the named tensor it made are one tensor: nothing is multiplied between them.
      const isName = graph.nodes[at]?.kind === "op" && graph.nodes[to]?.kind === "tensor";
      if (isName) waiting.push({ at: to, way });
      else if (crossing) waiting.push({ at: to, way: { factor: factorOf(model, edge, crossing.factor), before: way } });
    }
  }
  return { ways, left };
}

/** A way towards the root: its last factor, and the way before it. */
interface Way {
  readonly factor: ChainFactor;
  readonly before: Way | null;
}

/** The factors of a way, from the root down. */
function factorsOf(way: Way | null): ChainFactor[] {
  const factors: ChainFactor[] = [];
  for (let at = way; at; at = at.before) factors.push(at.factor);
  return factors;
}

function factorOf(model: GraphModel, edge: number, factor: number | null): ChainFactor {
  if (factor !== null) return { text: shortNumber(factor), edge };
  const op = model.graph.nodes[model.graph.edges[edge]?.to ?? -1];
  return { text: `∂${displayName(op?.label ?? "", 12)}`, edge };
}

function resultOf(
  model: GraphModel,
  node: number,
  ways: readonly ChainFactor[][],
  crossings: Crossings,
): string | null {
  const shown = model.graph.nodes[node];
  const edges = edgeIdsOf(model.outgoing, node);
  const arrived = edges.flatMap((edge) => crossings.get(edge) ?? []);
  // One way: what crossed its last edge. Several: only the sum will do, and the recording has it when all of them arrived.
  if (arrived.length === 1 && ways.length === 1) return displayName(arrived[0]?.grad ?? "", 20);
  const isComplete = arrived.length > 0 && edges.every((edge) => crossings.has(edge) || !flows(model, edge));
  if (!isComplete || !shown) return null;
  if (shown.gradText !== null && shown.gradText.length <= 20) return displayName(shown.gradText, 20);
  return shown.grad ? `‖∇‖ ${shortNumber(shown.grad.norm)}` : null;
}

function flows(model: GraphModel, edge: number): boolean {
  return model.graph.edges[edge]?.gradient === "flows";
}

/** A variable's name, or what made the tensor in brackets. */
function tensorName(model: GraphModel, id: number): string {
  const node = model.graph.nodes[id];
  if (!node) return "?";
  if (node.kind === "tensor") return displayName(node.label, 16);
  for (const edge of edgeIdsOf(model.outgoing, id)) {
    const to = model.graph.nodes[model.graph.edges[edge]?.to ?? -1];
    if (to?.kind === "tensor") return displayName(to.label, 16);
  }
  return `(${displayName(node.label, 12)})`;
}
