import { allFolded, firstFolds, unfoldedAround } from "../../engine/recording/layout/folds.ts";
import type { Folds } from "../../engine/recording/layout/visibleGraph.ts";
import { arrayOf, isBoolean, isNumber, isOneOf, isString, nullable, shapeOf } from "../protocol/guards.ts";
import { type GraphModel, lineKey } from "./graphModel.ts";
import { findNodes, nextMatch } from "./search.ts";

/** What the user is looking at in a graph: everything that is not the graph itself. Never changed, only replaced. */
export interface GraphView {
  readonly folds: Folds;
  readonly selected: Selection | null;
  readonly direction: "forward" | "backward";
  readonly query: string;
  /** Nodes the query finds, and which of them is the current one; -1 before the first jump. */
  readonly matches: readonly number[];
  readonly match: number;
  /** How many steps of backward have been played. */
  readonly step: number;
  readonly isPlaying: boolean;
  readonly showsPlayback: boolean;
  /** Index of the alert whose path is drawn, or -1. */
  readonly alert: number;
  /** Event of the recording that a debugger stands at; null when there is none. */
  readonly frame: number | null;
  /** Nodes of the line the editor's cursor is in. */
  readonly atCursor: readonly number[];
  /** A graph edge pointed at in the chain rule, or -1. */
  readonly pointedEdge: number;
}

/** A node by its index, or a folded module by its key. */
export type Selection =
  | { readonly kind: "node"; readonly node: number }
  | { readonly kind: "scope"; readonly key: string };

/** How a graph looks when it is opened for the first time. */
export function firstViewOf(model: GraphModel): GraphView {
  return {
    folds: firstFolds(model.graph, model.tree),
    selected: null,
    direction: "forward",
    query: "",
    matches: [],
    match: -1,
    step: 0,
    isPlaying: false,
    showsPlayback: false,
    alert: model.graph.alerts.findIndex((alert) => alert.severity === "error"),
    frame: null,
    atCursor: [],
    pointedEdge: -1,
  };
}

/** The same way of looking at a newer graph of the same program: folds, direction and selection stay where they still fit. */
export function carriedOver(view: GraphView, model: GraphModel, before: GraphModel | null = null): GraphView {
  const known = [...view.folds].filter((key) => model.scopeOfKey.has(key));
  const knewScopes = known.length > 0 || view.folds.size === 0;
  const fresh = firstViewOf(model);
  const carried = { ...fresh, direction: view.direction, folds: knewScopes ? new Set(known) : fresh.folds };
  const found = { ...search(carried, model, view.query), selected: selectionIn(model, view.selected, before) };
  return view.frame === null ? found : followFrame(found, model, view.frame);
}

/** The selection if there is the same in another graph: a module by its key, a node with the same label from the same place. */
function selectionIn(model: GraphModel, selected: Selection | null, before: GraphModel | null): Selection | null {
  if (selected?.kind === "scope") return model.scopeOfKey.has(selected.key) ? selected : null;
  if (!selected) return null;
  const was = before?.graph.nodes[selected.node];
  const is = model.graph.nodes[selected.node];
  if (!was || !is || was.label !== is.label) return null;
  const isSamePlace = was.site?.file === is.site?.file && was.site?.line === is.site?.line;
  return isSamePlace ? selected : null;
}

export function toggleFold(view: GraphView, key: string): GraphView {
  const folds = new Set(view.folds);
  if (!folds.delete(key)) folds.add(key);
  return { ...view, folds };
}

export function foldAll(view: GraphView, model: GraphModel): GraphView {
  return { ...view, folds: allFolded(model.tree) };
}

export function unfoldAll(view: GraphView): GraphView {
  return { ...view, folds: new Set() };
}

export function selectNode(view: GraphView, node: number): GraphView {
  return { ...view, selected: { kind: "node", node } };
}

/** Selects a node and opens every module it is folded into. */
export function showNode(view: GraphView, model: GraphModel, node: number): GraphView {
  return { ...selectNode(view, node), folds: unfoldedAround(model.tree, view.folds, node) };
}

/** Selects the first node of a line and highlights them all. */
export function showLine(view: GraphView, model: GraphModel, file: string, line: number): GraphView {
  const highlighted = moveCursor(view, model, file, line);
  const [first] = highlighted.atCursor;
  return first === undefined ? highlighted : showNode(highlighted, model, first);
}

export function moveCursor(view: GraphView, model: GraphModel, file: string, line: number): GraphView {
  return { ...view, atCursor: model.byLine.get(lineKey(file, line)) ?? [] };
}

export function search(view: GraphView, model: GraphModel, query: string): GraphView {
  return { ...view, query, matches: findNodes(model, query), match: -1 };
}

/** Goes to the next or previous node the search found, and opens what it is folded into. */
export function stepMatch(view: GraphView, model: GraphModel, by: 1 | -1): GraphView {
  const match = nextMatch(view.matches.length, view.match, by);
  const node = view.matches[match];
  return node === undefined ? view : { ...showNode(view, model, node), match };
}

export function setDirection(view: GraphView, direction: GraphView["direction"]): GraphView {
  return { ...view, direction, ...(direction === "forward" ? { showsPlayback: false, isPlaying: false } : {}) };
}

/** Goes to a step of backward; playing ends at the last one. */
export function goToStep(view: GraphView, model: GraphModel, step: number): GraphView {
  const last = model.graph.backward.length;
  const clamped = Math.max(0, Math.min(last, step));
  return { ...view, step: clamped, isPlaying: view.isPlaying && clamped < last };
}

/** Stands where a debugger does: before backward at the op that ran last, in backward at the step that did. */
export function followFrame(view: GraphView, model: GraphModel, frame: number | null): GraphView {
  if (frame === null) return { ...closePlayback(view), frame };
  const step = model.graph.backward.filter(({ event }) => event <= frame).length;
  if (step > 0) {
    return { ...goToStep(view, model, step), frame, direction: "backward", showsPlayback: true, isPlaying: false };
  }
  return { ...setDirection(view, "forward"), frame, step: 0 };
}

/** The node that a debugger stands at, or -1. */
export function nodeOfFrame(model: GraphModel, { frame, step }: Pick<GraphView, "frame" | "step">): number {
  if (frame === null) return -1;
  if (step > 0) return model.graph.backward[step - 1]?.node ?? -1;
  return model.graph.nodes.findLast(({ kind, event }) => kind === "op" && event <= frame)?.id ?? -1;
}

/** What has not been computed yet where a debugger stands: in forward, ops and what they make; in backward, what no gradient has reached. */
export function nodesToCome(model: GraphModel, { frame, step }: Pick<GraphView, "frame" | "step">): number[] {
  if (frame === null) return [];
  const { nodes, backward } = model.graph;
  if (step === 0) return nodes.flatMap(({ id, event }) => (event > frame ? [id] : []));
  return backward.slice(step).map(({ node }) => node);
}

/** Starts to play, from the beginning when it had come to the end. */
export function play(view: GraphView, model: GraphModel): GraphView {
  const atEnd = view.step >= model.graph.backward.length;
  return { ...view, direction: "backward", showsPlayback: true, isPlaying: true, step: atEnd ? 0 : view.step };
}

export function pause(view: GraphView): GraphView {
  return { ...view, isPlaying: false };
}

export function closePlayback(view: GraphView): GraphView {
  return { ...view, showsPlayback: false, isPlaying: false, step: 0 };
}

/** Shows the path of the next alert; after the last one, none. */
export function nextAlert(view: GraphView, model: GraphModel): GraphView {
  const next = view.alert + 1;
  return { ...view, alert: next < model.graph.alerts.length ? next : -1 };
}

/** What is kept of a view while the panel is hidden. */
export interface KeptView {
  readonly folds: readonly string[];
  readonly direction: "forward" | "backward";
  readonly camera: { readonly x: number; readonly y: number; readonly scale: number } | null;
  readonly sideWidth: number;
  readonly isSideOpen: boolean;
  readonly isTable: boolean;
  readonly choice: number | null;
}

/** Reads a kept view; what an older version kept may lack fields and then counts as nothing. */
export const isKeptView = shapeOf<KeptView>({
  folds: arrayOf(isString),
  direction: isOneOf("forward", "backward"),
  camera: nullable(shapeOf<NonNullable<KeptView["camera"]>>({ x: isNumber, y: isNumber, scale: isNumber })),
  sideWidth: isNumber,
  isSideOpen: isBoolean,
  isTable: isBoolean,
  choice: nullable(isNumber),
});
