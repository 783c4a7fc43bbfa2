import type { ComponentChild } from "preact";
import { useMemo, useState } from "preact/hooks";
import { displayName, shapeText, shortNumber } from "../../engine/recording/layout/text.ts";
import { nodeHeat } from "../../engine/recording/paint/heat.ts";
import type { GraphNode } from "../../engine/recording/queries/graphTypes.ts";
import { useAtom } from "../ui/atom.ts";
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

const rowHeight = 24;

/** The same graph as a table: for screen readers, for sorting, and for copying numbers. Only the rows in sight are in the page. */
export function NodeTable({ panel }: { readonly panel: GraphPanel }): ComponentChild {
  const drawn = useAtom(panel.drawn);
  const view = useAtom(panel.view);
  const [sort, setSort] = useState({ column: -1, isDown: false });
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const model = drawn?.model;
  const rows = useMemo(() => (model ? sorted(model, sort) : []), [model, sort]);
  if (!model) return null;

  const first = Math.max(0, Math.floor(top / rowHeight) - 8);
  const shown = rows.slice(first, first + Math.ceil(height / rowHeight) + 16);
  const selected = view?.selected?.kind === "node" ? view.selected.node : -1;
  return (
    <div
      class="table-holder"
      ref={(holder) => {
        if (holder && holder.clientHeight !== height) setHeight(holder.clientHeight);
      }}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
    >
      <table aria-rowcount={rows.length + 1} aria-label="Nodes of the graph">
        <thead>
          <tr>
            {columns.map((column, c) => (
              <th key={column.name} class={column.isNumber ? "number" : ""} aria-sort={ariaSort(sort, c)}>
                <button
                  type="button"
                  onClick={() => setSort({ column: c, isDown: sort.column === c ? !sort.isDown : column.isNumber })}
                >
                  {column.name}
                  {sort.column === c ? (sort.isDown ? " ▾" : " ▴") : ""}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Gap rows={first} />
          {shown.map((node, i) => (
            <NodeRow
              key={node.id}
              panel={panel}
              model={model}
              node={node}
              index={first + i}
              isSelected={node.id === selected}
            />
          ))}
          <Gap rows={rows.length - first - shown.length} />
        </tbody>
      </table>
    </div>
  );
}

interface NodeRowProps {
  readonly panel: GraphPanel;
  readonly model: GraphModel;
  readonly node: GraphNode;
  readonly index: number;
  readonly isSelected: boolean;
}

function NodeRow({ panel, model, node, index, isSelected }: NodeRowProps): ComponentChild {
  const choose = (): void => {
    panel.goTo(node.id);
    panel.revealSource(node.id);
  };
  const heat = nodeHeat(model.heat, node);
  const share = Number.isNaN(heat) ? 0 : (heat + 1) / 2;
  return (
    <tr aria-rowindex={index + 2} class={isSelected ? "selected" : ""} aria-selected={isSelected} onClick={choose}>
      {columns.map((column, c) => (
        <td
          key={column.name}
          class={`${column.isNumber ? "number" : ""}${column.name === "‖∇‖" && share > 0 ? " share" : ""}`}
          style={{ "--share": `${share * 100}%` }}
        >
          {c === 0 ? (
            <button
              type="button"
              class="link-button"
              onClick={(event) => {
                event.stopPropagation();
                choose();
              }}
            >
              {column.text(node, model)}
            </button>
          ) : (
            column.text(node, model)
          )}
        </td>
      ))}
    </tr>
  );
}

/** The room of rows that are not in the page. */
function Gap({ rows }: { readonly rows: number }): ComponentChild {
  return rows > 0 ? <tr style={{ height: `${rows * rowHeight}px` }} /> : null;
}

interface Sort {
  readonly column: number;
  readonly isDown: boolean;
}

function sorted(model: GraphModel, { column, isDown }: Sort): readonly GraphNode[] {
  const by = columns[column];
  if (!by) return model.graph.nodes;
  const keyed = model.graph.nodes.map((node) => ({ node, key: by.order(node, model) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.node.id - b.node.id));
  const nodes = keyed.map(({ node }) => node);
  return isDown ? nodes.reverse() : nodes;
}

function ariaSort(sort: Sort, column: number): "ascending" | "descending" | "none" {
  if (sort.column !== column) return "none";
  return sort.isDown ? "descending" : "ascending";
}
