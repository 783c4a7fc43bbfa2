import type { ComponentChild } from "preact";
import { useMemo } from "preact/hooks";
import { bytesText, timeText } from "../../engine/recording/layout/flame/timeTicks.ts";
import { displayName } from "../../engine/recording/layout/text.ts";
import { SpanKind } from "../../engine/recording/queries/profile/timeline.ts";
import type { PackedOps } from "../protocol/profiler.ts";
import type { SourcePlace } from "../protocol/timeline.ts";
import { Atom, useAtom } from "../ui/atom.ts";
import { Checkbox, Dropdown } from "../ui/kit.ts";
import { type TableColumn, VirtualTable } from "../ui/virtualTable.tsx";
import type { ProfilerPanel } from "./profilerPanel.ts";
import { kindWords, percentText, placeText } from "./spanWords.ts";

/** Which kinds are shown. */
const filters = [
  { id: -1, label: "all kinds" },
  { id: SpanKind.forward, label: "forward" },
  { id: SpanKind.backward, label: "backward" },
  { id: SpanKind.optimizer, label: "optimizer" },
];

const shownKind = new Atom(-1);

/** What ops cost: sorted by any column, filtered by kind and by the search, apart by shape, line or module on demand. */
export function OpTable({ panel, ops }: { readonly panel: ProfilerPanel; readonly ops: PackedOps }): ComponentChild {
  const query = useAtom(panel.query);
  const kind = useAtom(shownKind);
  const selection = useAtom(panel.selection);
  const grouping = useAtom(panel.grouping);
  const columns = useMemo(() => columnsOf(ops), [ops]);
  const rows = useMemo(() => rowsOf(ops, query, kind), [ops, query, kind]);
  const isSelected = useMemo(() => {
    const { name, place } = selection;
    return (row: number) =>
      nameOf(ops, row) === name && (place === null || isSameLine(placeOf(ops, row) ?? place, place));
  }, [ops, selection]);
  const choose = (row: number): void => {
    const place = placeOf(ops, row);
    panel.choose({ name: nameOf(ops, row), place, span: ops.span[row] ?? -1 });
  };
  return (
    <div class="table-view">
      <div class="table-tools">
        <Dropdown label="Kind of op" options={filters} chosen={kind} onChoose={(id) => shownKind.set(id)} />
        <Checkbox label="by shape" checked={grouping.byShape} onChange={(byShape) => panel.group({ byShape })} />
        <Checkbox label="by line" checked={grouping.bySite} onChange={(bySite) => panel.group({ bySite })} />
        <Checkbox label="by module" checked={grouping.byModule} onChange={(byModule) => panel.group({ byModule })} />
        <span class="space" />
        <span class="quiet">{rows.length.toLocaleString("en")} rows</span>
      </div>
      <div class="table-place">
        <VirtualTable
          label="Ops"
          columns={columns}
          rows={rows}
          isSelected={isSelected}
          onChoose={choose}
          sort={bySelf}
        />
      </div>
    </div>
  );
}

/** The index of "self" among the columns. */
const bySelf = { column: 2, isDown: true };

function columnsOf(ops: PackedOps): readonly TableColumn[] {
  const at = (column: Float64Array) => (row: number) => column[row] ?? 0;
  const has = (column: Int32Array): boolean => column.some((text) => text >= 0);
  const speed = (row: number): number => (ops.flops[row] ?? 0) / ((ops.self[row] ?? 0) / 1000);
  const columns: TableColumn[] = [
    { name: "op", isNumber: false, text: (row) => displayName(nameOf(ops, row), 60), order: (row) => nameOf(ops, row) },
    {
      name: "kind",
      isNumber: false,
      text: (row) => kindWords[ops.kind[row] ?? 0] ?? "",
      order: (row) => ops.kind[row] ?? 0,
    },
    {
      name: "self",
      isNumber: true,
      text: (row) => timeText(ops.self[row] ?? 0),
      order: at(ops.self),
      share: at(ops.share),
    },
    { name: "share", isNumber: true, text: (row) => percentText(ops.share[row] ?? 0), order: at(ops.share) },
    { name: "total", isNumber: true, text: (row) => timeText(ops.total[row] ?? 0), order: at(ops.total) },
    { name: "calls", isNumber: true, text: (row) => (ops.calls[row] ?? 0).toLocaleString("en"), order: at(ops.calls) },
    { name: "each", isNumber: true, text: (row) => timeText(each(ops, row)), order: (row) => each(ops, row) },
    { name: "FLOP/s", isNumber: true, text: (row) => speedText(speed(row)), order: speed },
    { name: "made", isNumber: true, text: (row) => sizeText(ops.bytes[row] ?? 0), order: at(ops.bytes) },
    { name: "moved", isNumber: true, text: (row) => sizeText(ops.moved[row] ?? 0), order: at(ops.moved) },
  ];
  if (has(ops.shapes)) columns.push(textColumn("shapes", ops, ops.shapes));
  if (has(ops.module)) columns.push(textColumn("module", ops, ops.module));
  if (has(ops.place)) {
    columns.push({
      name: "line",
      isNumber: false,
      text: (row) => {
        const place = placeOf(ops, row);
        return place ? placeText(place) : "";
      },
      order: (row) => placeOf(ops, row)?.line ?? Number.NaN,
    });
  }
  return columns;
}

function textColumn(name: string, { texts }: PackedOps, column: Int32Array): TableColumn {
  const text = (row: number): string => texts[column[row] ?? -1] ?? "";
  return { name, isNumber: false, text: (row) => (text(row) === "" ? "" : displayName(text(row), 60)), order: text };
}

function rowsOf(ops: PackedOps, query: string, kind: number): number[] {
  const words = query.toLowerCase().split(/\s+/);
  const rows: number[] = [];
  for (let row = 0; row < ops.count; row++) {
    if (kind >= 0 && ops.kind[row] !== kind) continue;
    const text = `${nameOf(ops, row)} ${ops.texts[ops.module[row] ?? -1] ?? ""}`.slice(0, 2000).toLowerCase();
    if (words.every((word) => text.includes(word))) rows.push(row);
  }
  return rows;
}

function nameOf({ texts, name }: PackedOps, row: number): string {
  return texts[name[row] ?? -1] ?? "";
}

function placeOf({ places, place }: PackedOps, row: number): SourcePlace | null {
  return places[place[row] ?? -1] ?? null;
}

function isSameLine(a: SourcePlace, b: SourcePlace): boolean {
  return a.line === b.line && a.file === b.file;
}

function each({ self, calls }: PackedOps, row: number): number {
  return (self[row] ?? 0) / Math.max(1, calls[row] ?? 0);
}

/** `12.30 GFLOP/s`, without the unit that the header names. */
function speedText(perSecond: number): string {
  if (!(perSecond > 0) || !Number.isFinite(perSecond)) return "–";
  const power = Math.min(4, Math.max(0, Math.floor(Math.log10(perSecond) / 3)));
  return `${(perSecond / 1000 ** power).toPrecision(4)} ${["", "k", "M", "G", "T"][power]}`.trimEnd();
}

function sizeText(bytes: number): string {
  return bytes === 0 ? "–" : bytesText(bytes);
}
