import type { ComponentChild } from "preact";
import { useMemo } from "preact/hooks";
import { displayName, shapeText } from "../../engine/recording/layout/text.ts";
import { formatNumber } from "../../engine/recording/queries/numbers.ts";
import type { ParameterCurve } from "../../engine/recording/queries/profile/training.ts";
import { type TableColumn, VirtualTable } from "../ui/virtualTable.tsx";
import type { TrainingPanel } from "./trainingPanel.ts";

interface ParameterTableProps {
  readonly panel: TrainingPanel;
  readonly parameters: readonly ParameterCurve[];
  readonly selected: number;
}

/** Every parameter with its last gradient and update; a row leads to the line that names it. */
export function ParameterTable({ panel, parameters, selected }: ParameterTableProps): ComponentChild {
  const columns = useMemo(() => columnsOf(parameters), [parameters]);
  const rows = useMemo(() => [...parameters.keys()], [parameters]);
  if (parameters.length === 0) return null;
  return (
    <section class="parameters" aria-label="Parameters">
      <VirtualTable
        label="Parameters"
        columns={columns}
        rows={rows}
        isSelected={(row) => parameters[row]?.tensor === selected}
        onChoose={(row) => panel.choose(parameters[row]?.tensor ?? 0)}
      />
    </section>
  );
}

function columnsOf(parameters: readonly ParameterCurve[]): readonly TableColumn[] {
  const number = (name: string, of: (curve: ParameterCurve) => number): TableColumn => {
    const value = (row: number): number => {
      const curve = parameters[row];
      return curve ? of(curve) : Number.NaN;
    };
    return { name, isNumber: true, text: (row) => numberText(value(row)), order: value };
  };
  return [
    {
      name: "parameter",
      isNumber: false,
      text: (row) => displayName(parameters[row]?.name ?? "", 60),
      order: (row) => parameters[row]?.name ?? "",
    },
    { name: "shape", isNumber: false, text: (row) => shapeText(parameters[row]?.shape ?? []) },
    number("‖∇‖ first", ({ grad }) => grad.find((value) => !Number.isNaN(value)) ?? Number.NaN),
    number("‖∇‖ last", ({ grad }) => grad.findLast((value) => !Number.isNaN(value)) ?? Number.NaN),
    number("‖∇‖ largest", ({ grad }) =>
      grad.reduce((most, value) => (value > most || Number.isNaN(most) ? value : most), Number.NaN),
    ),
    number("update last", ({ updateRatio }) => updateRatio.findLast((value) => !Number.isNaN(value)) ?? Number.NaN),
  ];
}

function numberText(value: number): string {
  return Number.isNaN(value) ? "∅" : formatNumber(value);
}
