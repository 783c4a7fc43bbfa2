import type { ComponentChild } from "preact";
import { useMemo, useState } from "preact/hooks";
import { bytesText, timeText } from "../../engine/recording/layout/flame/timeTicks.ts";
import { displayName } from "../../engine/recording/layout/text.ts";
import type { ModuleNode } from "../../engine/recording/queries/profile/moduleTree.ts";
import { useAtom } from "../ui/atom.ts";
import { EmptyPanel } from "../ui/emptyPanel.tsx";
import { Icon } from "../ui/kit.ts";
import { type TableColumn, VirtualTable } from "../ui/virtualTable.tsx";
import type { ProfilerPanel } from "./profilerPanel.ts";
import { percentText } from "./spanWords.ts";

/** Forward and backward time of each module, as a tree that folds. */
export function ModuleTable({
  panel,
  nodes,
}: {
  readonly panel: ProfilerPanel;
  readonly nodes: readonly ModuleNode[];
}): ComponentChild {
  const [folded, setFolded] = useState<ReadonlySet<number>>(new Set());
  const query = useAtom(panel.query);
  const selection = useAtom(panel.selection);
  const model = useAtom(panel.timelineChart.model);
  const hasChildren = useMemo(() => new Set(nodes.map(({ parent }) => parent)), [nodes]);
  const rows = useMemo(() => shownRows(nodes, folded, query), [nodes, folded, query]);
  const columns = useMemo(() => columnsOf(nodes), [nodes]);
  const isSelected = useMemo(
    () => (row: number) => nodes[row]?.span === selection.span && selection.span >= 0,
    [nodes, selection],
  );
  if (nodes.length === 0)
    return <EmptyPanel icon="symbol-module" reason="The program calls no modules and names no scopes." />;

  const toggle = (id: number): void => {
    const next = new Set(folded);
    if (!next.delete(id)) next.add(id);
    setFolded(next);
  };
  const choose = (row: number): void => {
    const span = nodes[row]?.span ?? -1;
    const timeline = model?.timeline;
    const name = timeline?.names[timeline.name[span] ?? -1] ?? nodes[row]?.name ?? null;
    const place = timeline?.places[timeline.place[span] ?? -1] ?? null;
    panel.choose({ span, name, place });
  };
  const onRowKey = (row: number, key: string): boolean => {
    const isFoldable = hasChildren.has(row);
    if (isFoldable && ((key === "ArrowLeft" && !folded.has(row)) || (key === "ArrowRight" && folded.has(row))))
      toggle(row);
    return isFoldable && (key === "ArrowLeft" || key === "ArrowRight");
  };
  return (
    <VirtualTable
      label="Modules"
      columns={columns}
      rows={rows}
      isSelected={isSelected}
      onChoose={choose}
      onRowKey={onRowKey}
      prefix={(row) => (
        <>
          <span style={{ paddingLeft: `${depthOf(nodes, row) * 16}px` }} />
          {hasChildren.has(row) ? (
            <button
              type="button"
              class="twistie"
              tabIndex={-1}
              aria-label={folded.has(row) ? "Unfold" : "Fold"}
              aria-expanded={!folded.has(row)}
              onClick={(event) => {
                event.stopPropagation();
                toggle(row);
              }}
            >
              <Icon name={folded.has(row) ? "chevron-right" : "chevron-down"} />
            </button>
          ) : (
            <span class="twistie" />
          )}
        </>
      )}
    />
  );
}

function columnsOf(nodes: readonly ModuleNode[]): readonly TableColumn[] {
  const whole = nodes.reduce((sum, node) => (node.parent < 0 ? sum + node.forward + node.backward : sum), 0);
  const node = (row: number): ModuleNode | undefined => nodes[row];
  const time = (name: string, of: (node: ModuleNode) => number): TableColumn => ({
    name,
    isNumber: true,
    text: (row) => timeText(value(row, of)),
    share: (row) => value(row, of) / Math.max(1e-12, whole),
  });
  const value = (row: number, of: (node: ModuleNode) => number): number => {
    const found = node(row);
    return found ? of(found) : 0;
  };
  return [
    { name: "module", isNumber: false, text: (row) => displayName(node(row)?.name ?? "", 60) },
    {
      name: "class",
      isNumber: false,
      text: (row) => (node(row)?.type ? displayName(node(row)?.type ?? "", 40) : "scope"),
    },
    time("forward", (one) => one.forward),
    time("backward", (one) => one.backward),
    time("both", (one) => one.forward + one.backward),
    {
      name: "share",
      isNumber: true,
      text: (row) => percentText(value(row, (one) => one.forward + one.backward) / Math.max(1e-12, whole)),
    },
    time("forward self", (one) => one.forwardSelf),
    time("backward self", (one) => one.backwardSelf),
    { name: "calls", isNumber: true, text: (row) => value(row, (one) => one.calls).toLocaleString("en") },
    { name: "made", isNumber: true, text: (row) => bytesText(value(row, (one) => one.bytes)) },
  ];
}

/** Rows below no folded one; with a search, those it finds and what they are in. */
function shownRows(nodes: readonly ModuleNode[], folded: ReadonlySet<number>, query: string): number[] {
  const wanted = query.trim().toLowerCase();
  const isWanted = new Uint8Array(nodes.length);
  for (let id = nodes.length - 1; id >= 0; id--) {
    const { name, type, parent } = nodes[id] ?? { name: "", type: "", parent: -1 };
    if (`${name} ${type}`.toLowerCase().includes(wanted)) isWanted[id] = 1;
    if (isWanted[id] === 1 && parent >= 0) isWanted[parent] = 1;
  }
  const children = new Map<number, number[]>();
  for (const { id, parent } of nodes) children.set(parent, [...(children.get(parent) ?? []), id]);
  const rows: number[] = [];
  const stack = [...(children.get(-1) ?? [])].reverse();
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    if (isWanted[id] !== 1) continue;
    rows.push(id);
    if (!folded.has(id)) stack.push(...[...(children.get(id) ?? [])].reverse());
  }
  return rows;
}

function depthOf(nodes: readonly ModuleNode[], row: number): number {
  let depth = 0;
  for (let at = nodes[row]?.parent ?? -1; at >= 0 && depth < 40; at = nodes[at]?.parent ?? -1) depth++;
  return depth;
}
