import { formatNumber, formatShort } from "../../engine/recording/queries/numbers.ts";
import type { TensorInfo } from "../../engine/recording/queries/tensors.ts";
import { readOneIn, type Statistics } from "../../engine/recording/statistics.ts";

/** One line of figures: what, of the value, of the gradient; nothing where there is none. */
export interface Fact {
  readonly label: string;
  readonly value: string;
  readonly grad: string;
}

/** The figures of a tensor and of its gradient, for a table of three columns. */
export function tensorFacts({ value, grad }: TensorInfo): Fact[] {
  const rows: [label: string, of: (s: Statistics) => string][] = [
    ["elements", elements],
    ["min … max", (s) => (s.numel > 1 ? `${formatShort(s.min)} … ${formatShort(s.max)}` : "")],
    ["mean ± std", (s) => (s.numel > 1 ? `${formatNumber(s.mean)} ± ${formatNumber(s.std)}` : "")],
    ["norm", (s) => (s.numel > 1 ? formatNumber(s.norm) : "")],
    ["zeros", (s) => (s.zeros > 0 && s.numel > 1 ? share(s.zeros, s.numel) : "")],
    ["NaN", (s) => (s.nan > 0 ? share(s.nan, s.numel) : "")],
    ["Inf", (s) => (s.inf > 0 ? share(s.inf, s.numel) : "")],
    ["sampled", (s) => (readOneIn(s.numel) > 1 ? `1 element in ${readOneIn(s.numel)}` : "")],
  ];
  return rows.flatMap(([label, of]) => {
    const fact = { label, value: value === null ? "" : of(value), grad: grad === null ? "" : of(grad) };
    return fact.value === "" && fact.grad === "" ? [] : [fact];
  });
}

/** The first elements, as many as fit a line. */
function elements({ sample, numel }: Statistics): string {
  const shown = sample.map(formatShort);
  return `${shown.join(", ")}${numel > shown.length ? ", …" : ""}`;
}

/** `12 of 64 (19%)` */
function share(part: number, whole: number): string {
  const percent = Math.round((100 * part) / whole);
  return `${part} of ${whole} (${percent === 0 ? "<1" : percent}%)`;
}
