import type { ComponentChild } from "preact";
import { formatNumber, formatShort } from "../../engine/recording/queries/numbers.ts";
import type { ShownGradcheck } from "../protocol/gradcheck.ts";
import { type Entry, indexOf, type PairModel } from "./model.ts";
import { entryPlace, excessAt } from "./words.ts";

interface EntryTableProps {
  readonly model: PairModel;
  readonly entry: Entry;
  readonly check: ShownGradcheck;
}

/** The numbers of one entry: backward's slope, and what finite differences make of it at three steps and to both sides. */
export function EntryTable({ model, entry, check }: EntryTableProps): ComponentChild {
  const k = indexOf(model.pair, entry);
  if (k === null) return null;
  const { matrices, wrong } = model;
  const analytical = matrices.analytical[k] ?? Number.NaN;
  const numerical = matrices.numerical[k] ?? Number.NaN;
  const allowed = check.atol + check.rtol * Math.abs(numerical);
  const isWrong = wrong.has(k);
  return (
    <section class="entry" aria-label="Selected entry">
      <h3>
        Entry [{entry.row}, {entry.col}] <span class="quiet entry-place">{entryPlace(model, entry)}</span>
      </h3>
      <p class={isWrong ? "entry-wrong" : "entry-right"}>
        <span class={`codicon codicon-${isWrong ? "error" : "pass"}`} aria-hidden="true" />
        {isWrong
          ? `Off by ${formatNumber(Math.abs(matrices.difference[k] ?? 0))}, ${formatNumber(excessAt(matrices, k, check))} beyond the tolerance of ${formatNumber(allowed)}`
          : `Within the tolerance of ${formatNumber(allowed)}`}
        <span class="quiet">
          {" "}
          (atol {formatShort(check.atol)} + rtol {formatShort(check.rtol)} · |numerical|)
        </span>
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">slope</th>
            <th scope="col" class="number">
              value
            </th>
            <th scope="col" class="number">
              off by
            </th>
          </tr>
        </thead>
        <tbody>
          <Slope name="analytical, from backward" value={analytical} from={analytical} />
          {slopesOf(model, k, numerical, check).map(({ name, value }) => (
            <Slope key={name} name={name} value={value} from={analytical} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function slopesOf({ pair }: PairModel, k: number, numerical: number, { eps }: ShownGradcheck) {
  const { slopes } = pair;
  if (slopes === null) return [{ name: `central, ε = ${formatNumber(eps)}`, value: numerical }];
  const central = slopes.steps.map((step, s) => ({
    name: `central, ε = ${formatNumber(step)}${step === eps ? " (the check's)" : ""}`,
    value: step === eps ? numerical : (slopes.central[s]?.[k] ?? Number.NaN),
  }));
  return [
    ...central,
    { name: "to the right: (f(x + ε) − f(x)) / ε", value: slopes.above[k] ?? Number.NaN },
    { name: "to the left: (f(x) − f(x − ε)) / ε", value: slopes.below[k] ?? Number.NaN },
  ];
}

interface SlopeProps {
  readonly name: string;
  readonly value: number;
  readonly from: number;
}

function Slope({ name, value, from }: SlopeProps): ComponentChild {
  const off = value - from;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td class="number">{Number.isNaN(value) ? "not measured" : formatNumber(value)}</td>
      <td class="number quiet">{Number.isNaN(off) || off === 0 ? "" : formatNumber(off)}</td>
    </tr>
  );
}
