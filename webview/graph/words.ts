import type { DrawingBox } from "../../engine/recording/layout/drawing.ts";
import { displayName, shapeText, shortNumber } from "../../engine/recording/layout/text.ts";
import type { GraphNode, GraphRole, GraphSite } from "../../engine/recording/queries/graphTypes.ts";
import { type GraphModel, inputsOf, nodeAt, outputsOf } from "./graphModel.ts";

/** What each role is called on screen. */
export const roleWords: Readonly<Record<GraphRole, string>> = {
  leaf: "leaf",
  parameter: "parameter (leaf)",
  frozen: "frozen parameter",
  constant: "leaf, no gradient",
  "non-leaf": "non-leaf",
  op: "op",
};

/** Why a tensor has no gradient, in a sentence. */
const reasonSentences: Readonly<Record<string, string>> = {
  "not-required": "It does not require a gradient.",
  "not-reached": "Backward never reached it: no root depends on it.",
  detached: "The way to the root was cut by detach().",
  "no-grad-mode": "It was used under noGrad().",
  item: "Its value left the graph through item().",
  copy: "It was copied out of the graph as plain data.",
  "non-differentiable-op": "An op on the way has no derivative.",
  "integer-cast": "It became integers on the way, which carry no gradient.",
  "non-leaf": "It is not a leaf: call retainGrad() before backward() to keep its gradient.",
  reassigned: "The variable was reassigned to another tensor.",
  "zero-factor": "A factor on every way to the root is zero.",
  "not-in-optimizer": "No optimizer holds it.",
};

/** The state of a node's gradient in a few words, and why, when there is more to say. */
export function gradientWords(node: GraphNode): { state: string; why: string | null } {
  const why = node.gradReason === null ? null : (reasonSentences[node.gradReason] ?? displayName(node.gradReason, 80));
  if (node.gradStatus === "present") return { state: "present", why: null };
  if (node.gradStatus === "nonfinite") return { state: "not finite: it holds NaN or infinities", why };
  if (node.gradStatus === "zero") return { state: "all zeros", why };
  if (node.gradStatus === "not-retained")
    return { state: "∅ not kept", why: why ?? reasonSentences["non-leaf"] ?? null };
  return { state: "∅ none", why };
}

/** `model.ts:12`. */
export function siteText(site: GraphSite): string {
  const name = site.file.split(/[\\/]/).at(-1) ?? site.file;
  return `${displayName(name, 40)}:${site.line}`;
}

/** What a screen reader says about a box. */
export function describeBox(model: GraphModel, box: DrawingBox): string {
  const node = nodeAt(model, box.node);
  if (!node) return describeScope(model, box);
  const kind = node.kind === "op" ? "op" : roleWords[node.role];
  const cut = cutsAt(model, node.id);
  const parts = [
    `${displayName(node.label, 60)}, ${kind}`,
    node.isRoot ? "root of backward" : "",
    `shape ${shapeText(node.shape)}`,
    node.valueText === null ? "" : `value ${displayName(node.valueText, 40)}`,
    gradientSummary(node),
    cut,
    `${counted(inputsOf(model, node.id).length, "input")}, ${counted(outputsOf(model, node.id).length, "output")}`,
    node.site ? siteText(node.site) : "",
  ];
  return parts.filter((part) => part !== "").join("; ");
}

function counted(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}

function gradientSummary(node: GraphNode): string {
  if (node.gradText !== null && node.gradText.length < 20) return `gradient ${displayName(node.gradText, 20)}`;
  if (node.grad) return `gradient norm ${shortNumber(node.grad.norm)}`;
  return node.kind === "op" ? "" : `gradient ${gradientWords(node).state}`;
}

function cutsAt(model: GraphModel, id: number): string {
  const cut = model.graph.edges.find((edge) => edge.to === id && edge.gradient === "cut");
  return cut ? `gradient cut here by ${displayName(cut.cutBy ?? "detach", 20)}` : "";
}

function describeScope(model: GraphModel, box: DrawingBox): string {
  const scope = model.tree.scopes[box.scope];
  if (!scope) return box.title;
  const what = scope.repeats > 1 ? `${scope.repeats} times ${scope.type}` : scope.type;
  return `${scope.title}, folded module ${what}, ${scope.nodes} nodes; press Space to unfold`;
}
