import type { Graph, GraphEdge } from "../queries/graphTypes.ts";
import type { ScopeTree } from "./scopes.ts";

/** What is drawn of a graph when some of its frames are folded: boxes, the edges between them, and the open frames. */
export interface VisibleGraph {
  readonly boxes: readonly VisibleBox[];
  readonly edges: readonly VisibleEdge[];
  /** Open frames; a frame's parent stands before it. */
  readonly frames: readonly VisibleFrame[];
  /** The box that shows each node of the graph. */
  readonly boxOfNode: Int32Array;
}

/** A box is a node of the graph, or a folded scope. */
export interface VisibleBox {
  /** Index in `Graph.nodes`, or -1. */
  readonly node: number;
  /** Index in `ScopeTree.scopes` of the folded scope, or -1. */
  readonly scope: number;
  /** Index in `VisibleGraph.frames`, or -1 at top level. */
  readonly frame: number;
}

export interface VisibleEdge {
  /** Indices in `VisibleGraph.boxes`. */
  readonly from: number;
  readonly to: number;
  /** Indices in `Graph.edges` of all edges it stands for. */
  readonly edges: readonly number[];
  readonly gradient: GraphEdge["gradient"];
  readonly cutBy: string | null;
}

export interface VisibleFrame {
  /** Index in `ScopeTree.scopes`. */
  readonly scope: number;
  /** Index in `VisibleGraph.frames`, or -1. */
  readonly parent: number;
}

/** Keys of the scopes that are folded. */
export type Folds = ReadonlySet<string>;

/** Applies folds: everything inside a folded scope becomes one box, and edges between the same two boxes become one. */
export function visibleGraph(graph: Graph, tree: ScopeTree, folds: Folds): VisibleGraph {
  const foldedInto = outermostFold(tree, folds);
  const { frames, frameOfScope } = openFrames(tree, foldedInto);
  const { boxes, boxOfNode } = showBoxes(graph, tree, foldedInto, frameOfScope);
  return { boxes, boxOfNode, frames, edges: showEdges(graph, boxes, boxOfNode) };
}

/** How many boxes `visibleGraph` would show. */
export function countVisible(graph: Graph, tree: ScopeTree, folds: Folds): number {
  const foldedInto = outermostFold(tree, folds);
  let count = 0;
  for (let node = 0; node < graph.nodes.length; node++) {
    const scope = tree.ofNode[node];
    if (scope < 0 || foldedInto[scope] < 0) count++;
  }
  for (let scope = 0; scope < tree.scopes.length; scope++) {
    if (foldedInto[scope] === scope) count++;
  }
  return count;
}

/** For every scope the outermost folded scope around it or itself; -1 when it is in sight. */
function outermostFold(tree: ScopeTree, folds: Folds): Int32Array {
  const into = new Int32Array(tree.scopes.length).fill(-1);
  for (const { id, parent, key } of tree.scopes) {
    if (parent >= 0 && into[parent] >= 0) into[id] = into[parent];
    else if (folds.has(key)) into[id] = id;
  }
  return into;
}

function openFrames(tree: ScopeTree, foldedInto: Int32Array): { frames: VisibleFrame[]; frameOfScope: Int32Array } {
  const frames: VisibleFrame[] = [];
  const frameOfScope = new Int32Array(tree.scopes.length).fill(-1);
  for (const { id, parent } of tree.scopes) {
    if (foldedInto[id] >= 0) continue;
    frameOfScope[id] = frames.push({ scope: id, parent: parent < 0 ? -1 : frameOfScope[parent] }) - 1;
  }
  return { frames, frameOfScope };
}

function showBoxes(graph: Graph, tree: ScopeTree, foldedInto: Int32Array, frameOfScope: Int32Array) {
  const boxes: VisibleBox[] = [];
  const boxOfNode = new Int32Array(graph.nodes.length);
  const boxOfScope = new Map<number, number>();
  for (let node = 0; node < graph.nodes.length; node++) {
    const inner = tree.ofNode[node];
    const scope = inner < 0 ? -1 : foldedInto[inner];
    const known = boxOfScope.get(scope);
    if (scope >= 0 && known !== undefined) {
      boxOfNode[node] = known;
      continue;
    }
    const around = scope >= 0 ? tree.scopes[scope].parent : inner;
    boxOfNode[node] = boxes.length;
    if (scope >= 0) boxOfScope.set(scope, boxes.length);
    boxes.push({ node: scope >= 0 ? -1 : node, scope, frame: around < 0 ? -1 : frameOfScope[around] });
  }
  return { boxes, boxOfNode };
}

function showEdges(graph: Graph, boxes: readonly VisibleBox[], boxOfNode: Int32Array): VisibleEdge[] {
  const shown: { from: number; to: number; edges: number[]; gradient: GraphEdge["gradient"]; cutBy: string | null }[] =
    [];
  const bundles = new Map<number, number>();
  graph.edges.forEach((edge, e) => {
    const from = boxOfNode[edge.from];
    const to = boxOfNode[edge.to];
    if (from === undefined || to === undefined || from === to) return;
    // Between two nodes each edge is an operand and stays; at a folded box they are bundled.
    const isOperand = boxes[from].scope < 0 && boxes[to].scope < 0;
    const key = from * boxes.length + to;
    const bundle = isOperand ? undefined : bundles.get(key);
    if (bundle === undefined) {
      if (!isOperand) bundles.set(key, shown.length);
      shown.push({ from, to, edges: [e], gradient: edge.gradient, cutBy: edge.cutBy });
      return;
    }
    const into = shown[bundle];
    into.edges.push(e);
    if (strength[edge.gradient] > strength[into.gradient]) {
      into.gradient = edge.gradient;
      into.cutBy = edge.cutBy;
    }
  });
  return shown;
}

/** A bundle flows when any of its edges does, and is cut when none flows and one is cut. */
const strength = { none: 0, cut: 1, flows: 2 } as const;
