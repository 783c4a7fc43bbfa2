import { type Adjacency, groupByKey } from "../../engine/recording/layout/layered/adjacency.ts";
import { buildScopes, type ScopeTree } from "../../engine/recording/layout/scopes.ts";
import { type HeatScale, heatScale } from "../../engine/recording/paint/heat.ts";
import type { Graph, GraphEdge, GraphNode } from "../../engine/recording/queries/graphTypes.ts";

/** A graph with everything the panel looks up in it; made once for each graph. */
export interface GraphModel {
  readonly graph: Graph;
  readonly tree: ScopeTree;
  readonly heat: HeatScale | null;
  /** Edges by their producer and by their consumer. */
  readonly outgoing: Adjacency;
  readonly incoming: Adjacency;
  /** Nodes by `file:line`. */
  readonly byLine: ReadonlyMap<string, readonly number[]>;
  readonly scopeOfKey: ReadonlyMap<string, number>;
}

export function buildModel(graph: Graph): GraphModel {
  const tree = buildScopes(graph);
  const from = Int32Array.from(graph.edges, (edge) => edge.from);
  const to = Int32Array.from(graph.edges, (edge) => edge.to);
  return {
    graph,
    tree,
    heat: heatScale(graph),
    outgoing: groupByKey(graph.nodes.length, from),
    incoming: groupByKey(graph.nodes.length, to),
    byLine: indexLines(graph),
    scopeOfKey: new Map(tree.scopes.map((scope) => [scope.key, scope.id])),
  };
}

/** The key of a line in `GraphModel.byLine`. */
export function lineKey(file: string, line: number): string {
  return `${file}:${line}`;
}

function indexLines(graph: Graph): Map<string, number[]> {
  const byLine = new Map<string, number[]>();
  for (const { id, site } of graph.nodes) {
    if (!site) continue;
    const key = lineKey(site.file, site.line);
    const known = byLine.get(key);
    if (known) known.push(id);
    else byLine.set(key, [id]);
  }
  return byLine;
}

export function nodeAt(model: GraphModel, id: number): GraphNode | undefined {
  return model.graph.nodes[id];
}

/** The nodes a node is computed from, in the order of its operands, and those computed from it. */
export function inputsOf(model: GraphModel, node: number): GraphNode[] {
  return edgesOf(model, model.incoming, node).flatMap(({ from }) => model.graph.nodes[from] ?? []);
}

export function outputsOf(model: GraphModel, node: number): GraphNode[] {
  return edgesOf(model, model.outgoing, node).flatMap(({ to }) => model.graph.nodes[to] ?? []);
}

function edgesOf(model: GraphModel, lists: Adjacency, node: number): GraphEdge[] {
  return edgeIdsOf(lists, node).flatMap((e) => model.graph.edges[e] ?? []);
}

/** The indices of a node's edges in one of the model's two adjacency lists. */
export function edgeIdsOf(lists: Adjacency, node: number): number[] {
  return Array.from(lists.item.subarray(lists.start[node] ?? 0, lists.start[node + 1] ?? 0));
}

/** `h › h.3 › attn`: the modules around a node, outermost first. */
export function modulePath(model: GraphModel, node: number): string[] {
  const titles: string[] = [];
  for (let at = model.tree.ofNode[node] ?? -1; at >= 0; ) {
    const scope = model.tree.scopes[at];
    if (!scope) break;
    if (scope.repeats === 1) titles.unshift(scope.title);
    at = scope.parent;
  }
  return titles;
}
