import type { Graph, GraphNode } from "../queries/graphTypes.ts";
import type { ScopeTree } from "./scopes.ts";
import { displayName, shapeText } from "./text.ts";
import type { VisibleGraph } from "./visibleGraph.ts";

/** The three kinds of writing in a drawing. */
export type FontRole = "name" | "symbol" | "detail";

/** How wide a text is in drawing units. */
export type Measure = (text: string, font: FontRole) => number;

/** Font sizes in drawing units. */
export const fontSize: Readonly<Record<FontRole, number>> = { name: 13, symbol: 14, detail: 11 };

/** Sizes of what is drawn, in drawing units. */
export const boxSize = {
  tensorHeight: 42,
  /** A tensor without a name has one line. */
  unnamedHeight: 28,
  opHeight: 26,
  groupHeight: 46,
  /** Room under an op for the shape of what it makes. */
  stem: 18,
  /** The bar that marks a leaf; a parameter has two. */
  bar: 4,
  lock: 16,
  /** The bar that shows how large a gradient is. */
  meter: 4,
  padding: 11,
  /** How far behind each other the sheets of a repeated block stand. */
  sheet: 4,
} as const;

/** A box before it has a place: what is written in it, and how large that makes it. */
export interface BoxPlan {
  readonly kind: "tensor" | "op" | "group";
  readonly title: string;
  /** The second line; empty for an op. */
  readonly detail: string;
  /** The shape written beside the line that leaves the box, or null. */
  readonly stem: string | null;
  readonly width: number;
  readonly height: number;
  readonly stemWidth: number;
}

/** Decides text and size of every visible box. */
export function planBoxes(graph: Graph, tree: ScopeTree, visible: VisibleGraph, measure: Measure): BoxPlan[] {
  const stems = stemShapes(graph, visible);
  return visible.boxes.map(({ node, scope }, i) => {
    const stem = stems[i] ?? null;
    const stemWidth = stem === null ? 0 : measure(stem, "detail") + 8;
    const size = scope >= 0 ? planGroup(tree, scope, measure) : planNode(graph.nodes[node], measure);
    return { ...size, stem, stemWidth };
  });
}

type Size = Omit<BoxPlan, "stem" | "stemWidth">;

function planNode(node: GraphNode, measure: Measure): Size {
  if (node.kind === "op") {
    const title = displayName(node.label);
    const width = Math.max(34, measure(title, "symbol") + 22);
    return { kind: "op", title, detail: "", width, height: boxSize.opHeight };
  }
  const { name, detail } = tensorText(node);
  const text = Math.max(measure(name, "name"), measure(detail, "detail"));
  const lock = node.role === "frozen" ? boxSize.lock : 0;
  const width = Math.max(54, text + 2 * boxSize.padding + barsWidth(node.role) + meterWidth(node) + lock);
  const height = detail === "" ? boxSize.unnamedHeight : boxSize.tensorHeight;
  return { kind: "tensor", title: name, detail, width, height };
}

/** Name and shape; a single number says more than its shape, `[]`; a tensor without a name is its shape. */
function tensorText(node: GraphNode): { name: string; detail: string } {
  const isScalar = node.shape.length === 0 && node.valueText !== null;
  const value = isScalar ? displayName(node.valueText ?? "", 14) : shapeText(node.shape);
  if (node.label === "") return { name: value, detail: "" };
  return { name: displayName(node.label), detail: isScalar ? `= ${value}` : value };
}

/** The room that the bars at a leaf's left side take. */
export function barsWidth(role: GraphNode["role"]): number {
  if (role === "leaf" || role === "constant") return boxSize.bar + 2;
  if (role === "parameter" || role === "frozen") return 2 * boxSize.bar + 4;
  return 0;
}

/** The room that the bar of a gradient's size takes. */
export function meterWidth(node: GraphNode): number {
  return node.grad ? boxSize.meter + 4 : 0;
}

function planGroup(tree: ScopeTree, scope: number, measure: Measure): Size {
  const { title, type, repeats, nodes } = tree.scopes[scope];
  const what = type === "" || type === "·" ? "" : `${type} · `;
  const detail = repeats > 1 ? `${type} × ${repeats}` : `${what}${nodes} nodes`;
  const text = Math.max(measure(title, "name") + 18, measure(detail, "detail"));
  return {
    kind: "group",
    title,
    detail,
    width: Math.max(84, text + 2 * boxSize.padding + 6),
    height: boxSize.groupHeight,
  };
}

/** What an edge carries, in words: its shape, or its value when that is a single number. */
function madeText(graph: Graph, edge: number): string {
  const { from, shape } = graph.edges[edge];
  const value = graph.nodes[from]?.valueText ?? null;
  return shape.length === 0 && value !== null ? displayName(value, 14) : shapeText(shape);
}

/** The shape under each op and folded group; none where a named tensor right below shows it, or where shapes differ. */
function stemShapes(graph: Graph, visible: VisibleGraph): (string | null)[] {
  const stems: (string | null)[] = visible.boxes.map(() => null);
  const settled = new Uint8Array(visible.boxes.length);
  for (const { from, to, edges } of visible.edges) {
    const box = visible.boxes[from];
    if (box.node >= 0 && graph.nodes[box.node].kind === "tensor") continue;
    const target = visible.boxes[to];
    const makesTensor = target.node >= 0 && graph.nodes[target.node].kind === "tensor";
    const shape = madeText(graph, edges[0]);
    if (makesTensor || (settled[from] === 1 && stems[from] !== shape)) stems[from] = null;
    else if (settled[from] === 0) stems[from] = shape;
    settled[from] = 1;
  }
  return stems;
}
