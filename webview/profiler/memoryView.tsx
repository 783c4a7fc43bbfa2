import type { ComponentChild } from "preact";
import { useMemo } from "preact/hooks";
import { byteSteps, bytesText, byteTickText, timeText } from "../../engine/recording/layout/flame/timeTicks.ts";
import type { MemoryReply } from "../protocol/profiler.ts";
import { useAtom } from "../ui/atom.ts";
import { EmptyPanel } from "../ui/emptyPanel.tsx";
import { LineChart } from "../ui/lineChart.tsx";
import { type TableColumn, VirtualTable } from "../ui/virtualTable.tsx";
import { Part, tensorColumns } from "./keptForBackwardView.tsx";
import type { ProfilerPanel } from "./profilerPanel.ts";
import { isSelectedLine } from "./selection.ts";
import { percentText } from "./spanWords.ts";

/** What each owner of memory is called. */
export const ownerWords: Readonly<Record<string, string>> = {
  parameters: "parameters",
  gradients: "gradients",
  saved: "saved for backward",
  optimizer: "optimizer state",
  data: "data",
  temporaries: "temporaries",
};

/** Memory over time by owner, and who owns the peak. */
export function MemoryView({
  panel,
  memory,
}: {
  readonly panel: ProfilerPanel;
  readonly memory: MemoryReply;
}): ComponentChild {
  const { isTable } = useAtom(panel.arrangement);
  const selection = useAtom(panel.selection);
  const { peak } = memory;
  const series = useMemo(
    () => memory.owners.map(({ name, bytes }) => ({ name: ownerWords[name] ?? name, values: bytes })),
    [memory],
  );
  const owners = useMemo(() => ownerColumns(memory), [memory]);
  const tensors = useMemo(() => tensorColumns(peak.tensors.map(withWords), "owner"), [peak]);
  if (memory.time.length === 0)
    return <EmptyPanel icon="database" reason="The run made no tensors, so no memory was used." />;
  return (
    <div class="sections">
      <div class="chart-place">
        <LineChart
          title="Memory"
          theme={panel.theme}
          xName="time"
          x={memory.time}
          xText={timeText}
          yText={bytesText}
          yTick={byteTickText}
          ySteps={byteSteps}
          series={series}
          isStacked={true}
          isTable={isTable}
          onPick={(index) => panel.timelineChart.centerOn(memory.time[index] ?? 0)}
        />
      </div>
      <p class="summary">
        Peak {bytesText(peak.bytes)} at {timeText(peak.time)}
        {peak.others.count > 0
          ? `; besides those below ${peak.others.count.toLocaleString("en")} tensors with ${bytesText(peak.others.bytes)}`
          : ""}
        .
      </p>
      <div class="side-by-side">
        <Part title="Who owns the peak">
          <VirtualTable
            label="Who owns the peak"
            columns={owners}
            rows={[...memory.owners.keys()]}
            isSelected={() => false}
            onChoose={() => panel.timelineChart.centerOn(peak.time)}
            sort={bySize}
          />
        </Part>
        <Part title="The largest tensors at the peak">
          <VirtualTable
            label="The largest tensors at the peak"
            columns={tensors}
            rows={[...peak.tensors.keys()]}
            isSelected={(row) => isSelectedLine(selection, peak.tensors[row]?.place ?? null)}
            onChoose={(row) => panel.choose({ place: peak.tensors[row]?.place ?? null })}
          />
        </Part>
      </div>
    </div>
  );
}

const bySize = { column: 1, isDown: true };

function withWords<T extends { readonly owner: string }>(tensor: T): T {
  return { ...tensor, owner: ownerWords[tensor.owner] ?? tensor.owner };
}

function ownerColumns({ owners, peak }: MemoryReply): readonly TableColumn[] {
  const size = (row: number): number => peak.byOwner[row] ?? 0;
  const share = (row: number): number => size(row) / Math.max(1, peak.bytes);
  const name = (row: number): string => ownerWords[owners[row]?.name ?? ""] ?? owners[row]?.name ?? "";
  return [
    { name: "owner", isNumber: false, text: name, order: name },
    { name: "size", isNumber: true, text: (row) => bytesText(size(row)), order: size, share },
    { name: "share", isNumber: true, text: (row) => percentText(share(row)), order: size },
  ];
}
