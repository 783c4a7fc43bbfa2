import type { Graph, GraphEdge } from "../queries/graphTypes.ts";
import { type BoxPlan, boxSize, type Measure, planBoxes } from "./boxes.ts";
import { layeredLayout } from "./layered/layeredLayout.ts";
import type { LayoutInput, LayoutResult } from "./layered/types.ts";
import type { ScopeTree } from "./scopes.ts";
import { type Folds, type VisibleGraph, visibleGraph } from "./visibleGraph.ts";

/** A graph with every box and line in its place, ready to be painted on a canvas or written as SVG. */
export interface Drawing {
  readonly boxes: readonly DrawingBox[];
  readonly frames: readonly DrawingFrame[];
  readonly edges: readonly DrawingEdge[];
  /** The box that shows each node of the graph. */
  readonly boxOfNode: Int32Array;
  readonly width: number;
  readonly height: number;
}

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface DrawingBox extends Rect, Pick<BoxPlan, "kind" | "title" | "detail" | "stem"> {
  /** Index in `Drawing.boxes`. */
  readonly index: number;
  /** Index in `Graph.nodes`, or -1 for a folded scope. */
  readonly node: number;
  /** Index in `ScopeTree.scopes` of a folded scope, or -1. */
  readonly scope: number;
}

export interface DrawingFrame extends Rect {
  readonly scope: number;
  readonly depth: number;
}

export interface DrawingEdge {
  readonly from: number;
  readonly to: number;
  readonly edges: readonly number[];
  readonly gradient: GraphEdge["gradient"];
  readonly cutBy: string | null;
  /** x, y, x, y …: vertical where x stays, otherwise an S curve with vertical ends. */
  readonly points: Float64Array;
}

/** Everything known before the layout: what is visible, and the boxes' sizes. */
export interface DrawingPlan {
  readonly visible: VisibleGraph;
  readonly tree: ScopeTree;
  readonly boxes: readonly BoxPlan[];
  readonly input: LayoutInput;
}

/** Lays out and assembles a drawing in one go, for callers that need no worker. */
export function drawGraph(graph: Graph, tree: ScopeTree, folds: Folds, measure: Measure): Drawing {
  const plan = planDrawing(graph, tree, folds, measure);
  return assembleDrawing(plan, layeredLayout(plan.input));
}

/** What the layout needs to know of a graph whose frames are folded so. */
export function planDrawing(graph: Graph, tree: ScopeTree, folds: Folds, measure: Measure): DrawingPlan {
  const visible = visibleGraph(graph, tree, folds);
  const boxes = planBoxes(graph, tree, visible, measure);
  return { visible, tree, boxes, input: layoutInput(graph, tree, visible, boxes, measure) };
}

function layoutInput(
  graph: Graph,
  tree: ScopeTree,
  visible: VisibleGraph,
  boxes: readonly BoxPlan[],
  measure: Measure,
): LayoutInput {
  const isMinor = (node: number): boolean => {
    const role = graph.nodes[node]?.role;
    return role === "parameter" || role === "frozen";
  };
  return {
    left: Float64Array.from(boxes, (box) => box.width / 2),
    right: Float64Array.from(boxes, (box) => Math.max(box.width / 2, box.stemWidth)),
    height: Float64Array.from(boxes, (box) => box.height + (box.stem === null ? 0 : boxSize.stem)),
    minor: Uint8Array.from(visible.boxes, (box) => (isMinor(box.node) ? 1 : 0)),
    cluster: Int32Array.from(visible.boxes, (box) => box.frame),
    from: Int32Array.from(visible.edges, (edge) => edge.from),
    to: Int32Array.from(visible.edges, (edge) => edge.to),
    light: Uint8Array.from(visible.edges, (edge) => (edge.gradient === "flows" ? 0 : 1)),
    clusterParent: Int32Array.from(visible.frames, (frame) => frame.parent),
    clusterTitle: Float64Array.from(visible.frames, (frame) => {
      const { title, type } = tree.scopes[frame.scope];
      return measure(title, "name") + measure(type, "detail") + 48;
    }),
  };
}

/** Puts the planned boxes where the layout says. */
export function assembleDrawing(plan: DrawingPlan, result: LayoutResult): Drawing {
  const { visible, boxes } = plan;
  return {
    boxes: boxes.map(({ kind, title, detail, stem, width, height }, index) => {
      const { node, scope } = visible.boxes[index];
      const x = result.x[index] - width / 2;
      return { index, node, scope, kind, title, detail, stem, x, y: result.y[index], width, height };
    }),
    frames: visible.frames.map(({ scope }, f) => ({
      scope,
      depth: plan.tree.scopes[scope].depth,
      x: result.clusterX[f],
      y: result.clusterY[f],
      width: result.clusterWidth[f],
      height: result.clusterHeight[f],
    })),
    edges: placeEdges(plan, result),
    boxOfNode: visible.boxOfNode,
    width: result.width,
    height: result.height,
  };
}

function placeEdges({ visible, boxes }: DrawingPlan, result: LayoutResult): DrawingEdge[] {
  const parallel = new Map<string, number>();
  const pair = (from: number, to: number): string => `${from} ${to}`;
  for (const { from, to } of visible.edges) parallel.set(pair(from, to), (parallel.get(pair(from, to)) ?? 0) + 1);

  const placed = new Map<string, number>();
  return visible.edges.map((edge, e) => {
    const key = pair(edge.from, edge.to);
    const nth = placed.get(key) ?? 0;
    placed.set(key, nth + 1);
    const bow = (nth - ((parallel.get(key) ?? 1) - 1) / 2) * bowDistance;
    const routed = result.path.slice(2 * result.pathStart[e], 2 * result.pathStart[e + 1]);
    const points = boxes[edge.from].stem === null ? routed : startAtBox(routed);
    return { ...edge, points: bow === 0 ? points : bowed(points, bow) };
  });
}

/** How far apart two edges between the same two boxes run (`x · x`). */
const bowDistance = 24;

/** The layout keeps the stem's text clear of other lines; the line itself starts above it, at the box. */
function startAtBox(points: Float64Array): Float64Array {
  const [x = 0, y = 0, nextX = 0] = points;
  const isVertical = x === nextX;
  const rest = isVertical ? points.subarray(2) : points;
  return Float64Array.of(x, y - boxSize.stem, ...rest);
}

function bowed(points: Float64Array, by: number): Float64Array {
  if (points.length > 4) return points.map((at, i) => (i % 2 === 0 && i > 0 && i < points.length - 2 ? at + by : at));
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = points;
  return Float64Array.of(x0, y0, (x0 + x1) / 2 + by, (y0 + y1) / 2, x1, y1);
}
