import type { ComponentChild } from "preact";
import { useMemo } from "preact/hooks";
import { bytesText, timeText } from "../../engine/recording/layout/flame/timeTicks.ts";
import { displayName, shapeText } from "../../engine/recording/layout/text.ts";
import type { MemoryReply, TensorRow } from "../protocol/profiler.ts";
import { useAtom } from "../ui/atom.ts";
import { EmptyPanel } from "../ui/emptyPanel.tsx";
import { type TableColumn, VirtualTable } from "../ui/virtualTable.tsx";
import type { ProfilerPanel } from "./profilerPanel.ts";
import { isSelectedLine } from "./selection.ts";
import { percentText, placeText } from "./spanWords.ts";

/** What is kept for backward when it is most: by line, by tensor, and what checkpointing a module would save and cost. */
export function KeptForBackwardView({
  panel,
  memory,
}: {
  readonly panel: ProfilerPanel;
  readonly memory: MemoryReply;
}): ComponentChild {
  const { kept } = memory;
  const selection = useAtom(panel.selection);
  const lines = useMemo(() => lineColumns(kept), [kept]);
  const tensors = useMemo(() => tensorColumns(kept.tensors, "kept by"), [kept]);
  const checkpoints = useMemo(() => checkpointColumns(kept), [kept]);
  if (kept.count === 0) return <EmptyPanel icon="archive" reason="Nothing was kept for backward in this run." />;
  return (
    <div class="sections">
      <p class="summary">
        {bytesText(kept.bytes)} in {kept.count.toLocaleString("en")} tensors at {timeText(kept.time)}, when it was most.
      </p>
      <Part title="By line">
        <VirtualTable
          label="Kept for backward, by line"
          columns={lines}
          rows={[...kept.lines.keys()]}
          isSelected={(row) => isSelectedLine(selection, kept.lines[row]?.place ?? null)}
          onChoose={(row) => panel.choose({ place: kept.lines[row]?.place ?? null })}
        />
      </Part>
      <Part title="What checkpoint() around a module would save">
        {kept.checkpoints.length === 0 ? (
          <p class="quiet">No module or named scope keeps anything that could be computed again.</p>
        ) : (
          <VirtualTable
            label="Savings by checkpointing"
            columns={checkpoints}
            rows={[...kept.checkpoints.keys()]}
            isSelected={() => false}
            onChoose={(row) => panel.search(kept.checkpoints[row]?.name ?? "")}
          />
        )}
      </Part>
      <Part title="The largest tensors">
        <VirtualTable
          label="The largest tensors kept"
          columns={tensors}
          rows={[...kept.tensors.keys()]}
          isSelected={(row) => isSelectedLine(selection, kept.tensors[row]?.place ?? null)}
          onChoose={(row) => panel.choose({ place: kept.tensors[row]?.place ?? null })}
        />
      </Part>
    </div>
  );
}

/** A table with its heading. */
export function Part({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ComponentChild;
}): ComponentChild {
  return (
    <section class="part" aria-label={title}>
      <h2>{title}</h2>
      <div class="part-table">{children}</div>
    </section>
  );
}

/** The columns of a list of tensors. */
export function tensorColumns(tensors: readonly TensorRow[], owner: string): readonly TableColumn[] {
  const at = (row: number): TensorRow => tensors[row] ?? { label: "", shape: [], bytes: 0, owner: "", place: null };
  const most = tensors.reduce((bytes, tensor) => Math.max(bytes, tensor.bytes), 1);
  return [
    { name: "tensor", isNumber: false, text: (row) => displayName(at(row).label, 60), order: (row) => at(row).label },
    { name: "shape", isNumber: false, text: (row) => shapeText(at(row).shape) },
    {
      name: "size",
      isNumber: true,
      text: (row) => bytesText(at(row).bytes),
      order: (row) => at(row).bytes,
      share: (row) => at(row).bytes / most,
    },
    { name: owner, isNumber: false, text: (row) => displayName(at(row).owner, 40), order: (row) => at(row).owner },
    {
      name: "line",
      isNumber: false,
      text: (row) => {
        const { place } = at(row);
        return place ? placeText(place) : "";
      },
      order: (row) => at(row).place?.line ?? Number.NaN,
    },
  ];
}

function lineColumns({ lines, bytes }: MemoryReply["kept"]): readonly TableColumn[] {
  const size = (row: number): number => lines[row]?.bytes ?? 0;
  const whole = Math.max(1, bytes);
  return [
    {
      name: "line",
      isNumber: false,
      text: (row) => (lines[row] ? placeText(lines[row].place) : ""),
      order: (row) => lines[row]?.place.line ?? 0,
    },
    {
      name: "size",
      isNumber: true,
      text: (row) => bytesText(size(row)),
      order: size,
      share: (row) => size(row) / whole,
    },
    { name: "share", isNumber: true, text: (row) => percentText(size(row) / whole), order: size },
    {
      name: "tensors",
      isNumber: true,
      text: (row) => (lines[row]?.count ?? 0).toLocaleString("en"),
      order: (row) => lines[row]?.count ?? 0,
    },
  ];
}

function checkpointColumns({ checkpoints, bytes }: MemoryReply["kept"]): readonly TableColumn[] {
  const at = (row: number) => checkpoints[row] ?? { name: "", type: "", saves: 0, costs: 0, calls: 0 };
  return [
    { name: "module", isNumber: false, text: (row) => displayName(at(row).name, 60), order: (row) => at(row).name },
    {
      name: "class",
      isNumber: false,
      text: (row) => (at(row).type === "" ? "scope" : displayName(at(row).type, 40)),
      order: (row) => at(row).type,
    },
    {
      name: "saves",
      isNumber: true,
      text: (row) => bytesText(at(row).saves),
      order: (row) => at(row).saves,
      share: (row) => at(row).saves / Math.max(1, bytes),
    },
    { name: "costs", isNumber: true, text: (row) => `+${timeText(at(row).costs)}`, order: (row) => at(row).costs },
    { name: "calls", isNumber: true, text: (row) => at(row).calls.toLocaleString("en"), order: (row) => at(row).calls },
  ];
}
