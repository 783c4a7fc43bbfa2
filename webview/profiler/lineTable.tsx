import type { ComponentChild } from "preact";
import { useMemo } from "preact/hooks";
import { bytesText, timeText } from "../../engine/recording/layout/flame/timeTicks.ts";
import type { LineCosts } from "../../engine/recording/queries/profile/lines.ts";
import { useAtom } from "../ui/atom.ts";
import { type TableColumn, VirtualTable } from "../ui/virtualTable.tsx";
import type { ProfilerPanel } from "./profilerPanel.ts";
import { isSelectedLine } from "./selection.ts";
import { percentText, placeText } from "./spanWords.ts";

/** What each line of the program cost; below, what no line can be charged with, so that it sums up. */
export function LineTable({
  panel,
  costs,
}: {
  readonly panel: ProfilerPanel;
  readonly costs: LineCosts;
}): ComponentChild {
  const selection = useAtom(panel.selection);
  const query = useAtom(panel.query);
  const columns = useMemo(() => columnsOf(costs), [costs]);
  const rows = useMemo(() => {
    const wanted = query.trim().toLowerCase();
    return [...costs.lines.keys()].filter(
      (row) => costs.lines[row] && placeText(costs.lines[row]).toLowerCase().includes(wanted),
    );
  }, [costs, query]);
  const isSelected = useMemo(
    () => (row: number) => isSelectedLine(selection, costs.lines[row] ?? null),
    [selection, costs],
  );
  const choose = (row: number): void => {
    const line = costs.lines[row];
    if (line) panel.choose({ place: { file: line.file, line: line.line, column: 1 } });
  };
  return (
    <div class="table-view">
      <div class="table-place">
        <VirtualTable label="Lines" columns={columns} rows={rows} isSelected={isSelected} onChoose={choose} />
      </div>
      <div class="table-sum">
        <span>total {timeText(costs.total)}</span>
        <span>
          no line: {timeText(costs.unaccounted)} ({percentText(costs.unaccounted / Math.max(1e-12, costs.total))}): code
          between ops, garbage collection
          {costs.placeless > 0 ? `, and ${timeText(costs.placeless)} of ops whose line is not known` : ""}
        </span>
      </div>
    </div>
  );
}

function columnsOf({ lines, total }: LineCosts): readonly TableColumn[] {
  const at = (row: number) => lines[row] ?? { file: "", line: 0, forward: 0, backward: 0, saved: 0, calls: 0 };
  const both = (row: number): number => at(row).forward + at(row).backward;
  const whole = Math.max(1e-12, total);
  return [
    { name: "line", isNumber: false, text: (row) => placeText(at(row)), order: (row) => at(row).line },
    {
      name: "forward",
      isNumber: true,
      text: (row) => timeText(at(row).forward),
      order: (row) => at(row).forward,
      share: (row) => at(row).forward / whole,
    },
    {
      name: "backward",
      isNumber: true,
      text: (row) => timeText(at(row).backward),
      order: (row) => at(row).backward,
      share: (row) => at(row).backward / whole,
    },
    {
      name: "both",
      isNumber: true,
      text: (row) => timeText(both(row)),
      order: both,
      share: (row) => both(row) / whole,
    },
    { name: "share", isNumber: true, text: (row) => percentText(both(row) / whole), order: both },
    {
      name: "saved",
      isNumber: true,
      text: (row) => (at(row).saved === 0 ? "–" : bytesText(at(row).saved)),
      order: (row) => at(row).saved,
    },
    { name: "calls", isNumber: true, text: (row) => at(row).calls.toLocaleString("en"), order: (row) => at(row).calls },
  ];
}
