import type { ComponentChild } from "preact";
import { useMemo } from "preact/hooks";
import { timeText } from "../../engine/recording/layout/flame/timeTicks.ts";
import { displayName } from "../../engine/recording/layout/text.ts";
import type { PackedTimeline } from "../protocol/timeline.ts";
import { useAtom } from "../ui/atom.ts";
import { type TableColumn, VirtualTable } from "../ui/virtualTable.tsx";
import type { FlameChart } from "./flame/flameChart.ts";
import type { ProfilerPanel } from "./profilerPanel.ts";
import { kindWords, nameOf, placeOfSpan, placeText } from "./spanWords.ts";

/** More rows than this are not sorted: it would take seconds. */
const mostSorted = 200_000;

/** The spans of a chart as a table, for those who do not see it: those that are found, or all. */
export function SpanTable({
  panel,
  chart,
}: {
  readonly panel: ProfilerPanel;
  readonly chart: FlameChart;
}): ComponentChild {
  const model = useAtom(chart.model);
  const found = useAtom(chart.found);
  const selected = useAtom(chart.selected);
  const rows = useMemo(
    () => (model ? rowsOf(model.timeline.count, found?.isFound ?? null) : new Uint32Array()),
    [model, found],
  );
  const columns = useMemo(() => (model ? columnsOf(model.timeline, rows.length <= mostSorted) : []), [model, rows]);
  const isSelected = useMemo(() => (row: number) => row === selected, [selected]);
  if (!model) return null;
  return (
    <VirtualTable
      label="Spans of the timeline"
      columns={columns}
      rows={rows}
      isSelected={isSelected}
      onChoose={(row) => {
        chart.reveal(row);
        chart.choose(row);
        panel.spoken.set(displayName(nameOf(model.timeline, row), 80));
      }}
    />
  );
}

function rowsOf(count: number, isFound: Uint8Array | null): Uint32Array {
  const all = Uint32Array.from({ length: count }, (_, span) => span);
  return isFound ? all.filter((span) => isFound[span] === 1) : all;
}

function columnsOf(timeline: PackedTimeline, isSorted: boolean): readonly TableColumn[] {
  const { start, end, kind, lane, depth, lanes, calls } = timeline;
  const length = (span: number): number => (end[span] ?? 0) - (start[span] ?? 0);
  const columns: TableColumn[] = [
    {
      name: "name",
      isNumber: false,
      text: (span) => displayName(nameOf(timeline, span), 80),
      order: (span) => nameOf(timeline, span),
    },
    {
      name: "kind",
      isNumber: false,
      text: (span) => kindWords[kind[span] ?? 0] ?? "",
      order: (span) => kind[span] ?? 0,
    },
    {
      name: "lane",
      isNumber: false,
      text: (span) => displayName(lanes[lane[span] ?? 0]?.name ?? "", 40),
      order: (span) => lane[span] ?? 0,
    },
    { name: "depth", isNumber: true, text: (span) => String(depth[span] ?? 0), order: (span) => depth[span] ?? 0 },
    { name: "start", isNumber: true, text: (span) => timeText(start[span] ?? 0), order: (span) => start[span] ?? 0 },
    { name: "time", isNumber: true, text: (span) => timeText(length(span)), order: length },
  ];
  if (calls.length > 0) {
    columns.push({
      name: "calls",
      isNumber: true,
      text: (span) => (calls[span] ?? 0).toLocaleString("en"),
      order: (span) => calls[span] ?? 0,
    });
  }
  columns.push({
    name: "line",
    isNumber: false,
    text: (span) => {
      const place = placeOfSpan(timeline, span);
      return place ? placeText(place) : "";
    },
    order: (span) => placeOfSpan(timeline, span)?.line ?? Number.NaN,
  });
  return isSorted ? columns : columns.map(({ order: _, ...column }) => column);
}
