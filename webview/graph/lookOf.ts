import type { Measure } from "../../engine/recording/layout/boxes.ts";
import { placeChips } from "../../engine/recording/paint/chips.ts";
import { detailAt, type Look, plainLook } from "../../engine/recording/paint/look.ts";
import { lightPalette, type Palette } from "../../engine/recording/paint/palette.ts";
import { type ChainRule, chainAtStep, chainFor } from "./chainRule.ts";
import { boxOfSelection, type Drawn } from "./drawn.ts";
import { edgeIdsOf, type GraphModel } from "./graphModel.ts";
import { type GraphView, nodeOfFrame, nodesToCome } from "./model.ts";

/** More chips than this would cover the graph; the newest are shown. */
const mostChips = 120;

/** What of a drawing is emphasised for a view; depends on neither camera nor theme, so it is kept while those change. */
export type Emphasis = Omit<Look, "palette" | "detail" | "scale" | "hovered">;

export function emphasize(drawn: Drawn, view: GraphView, measure: Measure): Emphasis {
  const { model, drawing } = drawn;
  const boxOf = (node: number): number => drawing.boxOfNode[node] ?? -1;
  const isPlayed = view.showsPlayback && view.direction === "backward";
  return {
    ...plainLook(lightPalette, model.heat),
    direction: view.direction,
    selected: boxOfSelection(drawn, view.selected),
    atCursor: new Set(view.atCursor.map(boxOf)),
    found: new Set(view.matches.map(boxOf)),
    currentMatch: boxOf(view.matches[view.match] ?? -1),
    atWork: boxOf(atWork(model, view, isPlayed)),
    toCome: new Set(nodesToCome(model, view).map(boxOf)),
    chips: isPlayed ? chipsAt(drawn, view.step, measure) : [],
    chain: isPlayed ? chainEdges(drawn, shownChain(model, view)) : [],
    pointedEdge: drawn.edgeOf[view.pointedEdge] ?? -1,
    ...badPath(drawn, view.alert),
  };
}

function atWork(model: GraphModel, view: GraphView, isPlayed: boolean): number {
  return isPlayed && view.step > 0 ? (model.graph.backward[view.step - 1]?.node ?? -1) : nodeOfFrame(model, view);
}

/** Adds what depends on the screen. */
export function lookAt(emphasis: Emphasis, palette: Palette, scale: number, hovered: number, hasFrames: boolean): Look {
  return { ...emphasis, palette, scale, hovered, detail: detailAt(scale, hasFrames) };
}

/** The chain rule written below the graph: of the step at work, or of what is selected once backward has reached it. */
export function shownChain(model: GraphModel, view: GraphView): ChainRule | null {
  if (view.step === 0) return null;
  const isDone = view.step >= model.graph.backward.length;
  const ofSelected =
    view.selected?.kind === "node" && !view.isPlaying ? chainFor(model, view.selected.node, view.step) : null;
  return (isDone ? ofSelected : null) ?? chainAtStep(model, view.step) ?? ofSelected;
}

function chipsAt({ model, scene, edgeOf }: Drawn, step: number, measure: Measure) {
  const { backward } = model.graph;
  const texts = new Map<number, string>();
  const newest = new Set<number>();
  const write = (edge: number, text: string, isNew: boolean): void => {
    const line = edgeOf[edge] ?? -1;
    if (line < 0) return;
    texts.delete(line);
    texts.set(line, text);
    if (isNew) newest.add(line);
  };
  for (let s = Math.max(0, step - mostChips); s < step; s++) {
    const { node = -1, gradIn = "", crossed = [] } = backward[s] ?? {};
    for (const edge of nameEdges(model, node)) write(edge, gradIn, s === step - 1);
    for (const { edge, grad } of crossed) write(edge, grad, s === step - 1);
  }
  const latest = new Map([...texts].slice(-mostChips));
  return placeChips(scene, latest, newest, measure);
}

/** The edges from an op to the named tensor it made: they carry the op's own incoming gradient. */
function nameEdges(model: GraphModel, node: number): number[] {
  if (model.graph.nodes[node]?.kind !== "op") return [];
  return edgeIdsOf(model.outgoing, node).filter((edge) => {
    const { to = -1, gradient } = model.graph.edges[edge] ?? {};
    return gradient === "flows" && model.graph.nodes[to]?.kind === "tensor";
  });
}

function chainEdges({ edgeOf }: Drawn, chain: ChainRule | null): number[] {
  const edges = (chain?.terms ?? []).flat().map((factor) => edgeOf[factor.edge] ?? -1);
  return [...new Set(edges)].filter((edge) => edge >= 0);
}

/** What the flag at an alert's origin calls it; other kinds are called as they are. */
const faultWords: Readonly<Record<string, string>> = {
  nan: "NaN",
  "nan-loss": "NaN",
  inf: "Inf",
  "grad-none": "no gradient",
  "grad-zero": "zero gradient",
};

function badPath(
  { model, drawing }: Drawn,
  index: number,
): Pick<Look, "badBoxes" | "badEdges" | "badOrigin" | "badDirection"> {
  const alert = model.graph.alerts[index];
  if (!alert) return { badBoxes: [], badEdges: [], badOrigin: null, badDirection: "forward" };
  const onPath = new Set(alert.chain.map((node) => drawing.boxOfNode[node] ?? -1));
  const origin = drawing.boxOfNode[alert.origin];
  const badBoxes = [...new Set([...(origin === undefined ? [] : [origin]), ...onPath])].filter((box) => box >= 0);
  const badEdges = drawing.edges.flatMap(({ from, to }, e) => (onPath.has(from) && onPath.has(to) ? [e] : []));
  const badOrigin = alert.origin < 0 ? null : `${faultWords[alert.kind] ?? alert.kind} starts here`;
  return { badBoxes, badEdges, badOrigin, badDirection: alert.phase };
}
