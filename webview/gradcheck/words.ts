import { formatNumber } from "../../engine/recording/queries/numbers.ts";
import type { ShownGradcheck } from "../protocol/gradcheck.ts";
import { type Entry, elementText, indexOf, type PairModel } from "./model.ts";

/** An entry in words, for those who hear the panel. */
export function entryWords({ pair, matrices, wrong }: PairModel, entry: Entry, check: ShownGradcheck): string {
  const k = indexOf(pair, entry);
  if (k === null) return "";
  const verdict = wrong.has(k) ? `beyond the tolerance by ${formatNumber(excessAt(matrices, k, check))}` : "agrees";
  return `Row ${entry.row}, column ${entry.col}: analytical ${formatNumber(matrices.analytical[k] ?? 0)}, numerical ${formatNumber(matrices.numerical[k] ?? 0)}, ${verdict}`;
}

/** By how much an entry is beyond the tolerance. */
export function excessAt(
  matrices: PairModel["matrices"],
  k: number,
  { atol, rtol }: Pick<ShownGradcheck, "atol" | "rtol">,
): number {
  return Math.abs(matrices.difference[k] ?? 0) - (atol + rtol * Math.abs(matrices.numerical[k] ?? 0));
}

/** Which element of the input and of the output an entry speaks of. */
export function entryPlace({ pair }: PairModel, { row, col }: Entry): string {
  const { input, output, inputShape, outputShape } = pair;
  return `d output ${output}${elementText(col, outputShape)} / d input ${input}${elementText(row, inputShape)}`;
}

/** `output 0 by input 1, 6 × 4` */
export function pairTitle({ pair, wrong }: PairModel): string {
  const { output, input, rows, cols, shownRows, shownCols } = pair;
  const part = shownRows < rows || shownCols < cols ? " of those shown" : "";
  const count = wrong.size === 0 ? "agrees" : `${wrong.size} wrong${part}`;
  return `output ${output} by input ${input}, ${rows} × ${cols}, ${count}`;
}
