import type { ComponentChild } from "preact";
import { useCallback, useMemo } from "preact/hooks";
import { displayName, shapeText, shortNumber } from "../../engine/recording/layout/text.ts";
import { nodeHeat } from "../../engine/recording/paint/heat.ts";
import type { GraphNode } from "../../engine/recording/queries/graphTypes.ts";
import { useAtom } from "../ui/atom.ts";
import { type TableColumn, VirtualTable } from "../ui/virtualTable.tsx";
import { type GraphModel, modulePath } from "./graphModel.ts";
import type { GraphPanel } from "./graphPanel.ts";
import { gradientWords, roleWords, siteText } from "./words.ts";

interface Column {
  readonly name: string;
  readonly isNumber: boolean;
  /** What is written, and what is sorted by. */
  readonly text: (node: GraphNode, model: GraphModel) => string;
  readonly order: (node: GraphNode, model: GraphModel) => number | string;
}

const columns: readonly Column[] = [
  { name: "name", isNumber: false, text: (n) => displayName(n.label, 60), order: (n) => n.label.toLowerCase() },
  { name: "kind", isNumber: false, text: (n) => roleWords[n.role], order: (n) => n.role },
  { name: "shape", isNumber: false, text: (n) => shapeText(n.shape), order: (n) => sizeOf(n) },
  { name: "dtype", isNumber: false, text: (n) => displayName(n.dtype, 20), order: (n) => n.dtype },
  {
    name: "gradient",
    isNumber: false,
    text: (n) => (n.kind === "op" ? "" : gradientWords(n).state),
    order: (n) => n.gradStatus,
  },
  {
    name: "‖∇‖",
    isNumber: true,
    text: (n) => (n.grad ? shortNumber(n.grad.norm) : "∅"),
    order: (n) => n.grad?.norm ?? -1,
  },
  {
    name: "module",
    isNumber: false,
    text: (n, model) => modulePath(model, n.id).join("."),
    order: (n, model) => modulePath(model, n.id).join("."),
  },
  { name: "line", isNumber: true, text: (n) => (n.site ? siteText(n.site) : ""), order: (n) => n.site?.line ?? 0 },
];

function sizeOf(node: GraphNode): number {
  return node.shape.reduce((product, length) => product * length, 1);
}

/** The same graph as a table: for screen readers, for sorting, and for copying numbers. */
export function NodeTable({ panel }: { readonly panel: GraphPanel }): ComponentChild {
  const model = useAtom(panel.drawn)?.model;
  const view = useAtom(panel.view);
  const columns = useMemo(() => (model ? columnsOf(model) : []), [model]);
  const rows = useMemo(() => model?.graph.nodes.map(({ id }) => id) ?? [], [model]);
  const selected = view?.selected?.kind === "node" ? view.selected.node : -1;
  const isSelected = useCallback((node: number) => node === selected, [selected]);
  const choose = useCallback(
    (node: number): void => {
      panel.goTo(node);
      panel.revealSource(node);
    },
    [panel],
  );
  if (!model) return null;
  return (
    <VirtualTable label="Nodes of the graph" columns={columns} rows={rows} isSelected={isSelected} onChoose={choose} />
  );
}

/** The columns of a graph's table, whose rows are the ids of its nodes. */
function columnsOf(model: GraphModel): readonly TableColumn[] {
  const { nodes } = model.graph;
  return columns.map(({ name, isNumber, text, order }) => ({
    name,
    isNumber,
    text: (id) => (nodes[id] ? text(nodes[id], model) : ""),
    order: (id) => (nodes[id] ? order(nodes[id], model) : Number.NaN),
    share: (id) => (name === "‖∇‖" ? shareOf(nodeHeat(model.heat, nodes[id])) : 0),
  }));
}

/** How long the bar of a heat is; none where there is no heat. */
function shareOf(heat: number): number {
  return Number.isNaN(heat) ? 0 : (heat + 1) / 2;
}
