import {
  type GradcheckResult,
  gradcheckHeadline,
  gradcheckResults,
} from "../../engine/recording/queries/gradchecks.ts";
import { formatNumber, formatShort } from "../../engine/recording/queries/numbers.ts";
import type { Place } from "../../engine/recording/queries/rows.ts";
import type { GradcheckPairRow } from "../../engine/recording/schema.ts";
import { pathKey } from "../results/pathKey.ts";
import type { RunResult } from "../results/runResult.ts";

/** What a run says about one call of gradcheck. */
export type Verdict =
  | { readonly kind: "passed" }
  | { readonly kind: "failed"; readonly failure: Failure }
  /** The run never came to the call, or ended in it for another reason. */
  | { readonly kind: "errored"; readonly message: string; readonly place: Place | null }
  | { readonly kind: "skipped"; readonly why: string };

/** A failed check as the Test Explorer shows it. */
export interface Failure {
  readonly message: string;
  /** The numerical Jacobian, and the analytical one; null where none were compared. */
  readonly expected: string | null;
  readonly actual: string | null;
  /** The line to look at: the wrong backward where it is known, else the call. */
  readonly place: Place | null;
}

/** What a run says about the call in a line of a file, given by its path key. A call that ran several times fails once. */
export function verdictOf(result: RunResult, fileKey: string, line: number): Verdict {
  const here = gradcheckResults(result.recording).filter(
    ({ place }) => place !== null && pathKey(place.file) === fileKey && place.line === line,
  );
  const failed = here.find(({ passed }) => !passed);
  if (failed !== undefined) return { kind: "failed", failure: failureOf(failed, here.length) };
  if (here.length > 0) return { kind: "passed" };
  return missed(result);
}

/** Why a call has no result. */
function missed({ recording }: RunResult): Verdict {
  const { error, meta } = recording;
  const last = gradcheckResults(recording).at(-1);
  if (last?.passed === false && last.place !== null) {
    return { kind: "skipped", why: `The program ended with the failed check in line ${last.place.line}.` };
  }
  if (error !== null) {
    const place =
      error.file === null || error.line === null
        ? null
        : { file: error.file, line: error.line, column: error.column ?? 1 };
    return { kind: "errored", message: `${error.name}: ${error.message}`, place };
  }
  return meta.outcome === "ok"
    ? { kind: "skipped", why: "The program ended without making this check." }
    : { kind: "errored", message: `The run ended before this check: ${meta.outcome}.`, place: null };
}

function failureOf(check: GradcheckResult, times: number): Failure {
  const { worst, excess, blame, place, pairs, atol, rtol } = check;
  const lines = [gradcheckHeadline(check)];
  if (worst !== null && excess !== null) {
    lines.push(
      `Farthest off: output ${worst.output}, input ${worst.input}, [${worst.row}, ${worst.col}]: analytical ${formatNumber(worst.analytical)}, numerical ${formatNumber(worst.numerical)}, ${formatNumber(excess)} beyond the tolerance (atol ${formatShort(atol)}, rtol ${formatShort(rtol)}).`,
    );
  }
  if (blame?.place) lines.push(`To blame: ${blame.op}, line ${blame.place.line}.`);
  if (times > 1) lines.push(`The call ran ${times} times; this is the first time it failed.`);
  const [pair] = pairs;
  return {
    message: lines.join("\n"),
    expected: pair === undefined ? null : matrixText(pair, pair.numerical),
    actual: pair === undefined ? null : matrixText(pair, pair.analytical),
    place: blame?.place ?? place,
  };
}

/** A Jacobian in lines that a diff can compare: digits beyond what finite differences can tell are left out. */
function matrixText(pair: GradcheckPairRow, values: readonly number[]): string {
  const { output, input, rows, cols, shownRows, shownCols, firstRow, firstCol } = pair;
  const part =
    shownRows === rows && shownCols === cols
      ? ""
      : `, rows ${firstRow} to ${firstRow + shownRows - 1}, columns ${firstCol} to ${firstCol + shownCols - 1}`;
  const head = `d(output ${output}) / d(input ${input}), ${rows} × ${cols}${part}`;
  const cells = values.map((value) => rounded(value));
  const width = Math.max(...cells.map(({ length }) => length), 1);
  const lines = Array.from({ length: shownRows }, (_, row) =>
    cells
      .slice(row * shownCols, (row + 1) * shownCols)
      .map((cell) => cell.padStart(width))
      .join("  "),
  );
  return [head, ...lines].join("\n");
}

/** Four digits, and tiny numbers as 0, so that rounding is no difference. */
function rounded(value: number): string {
  return Math.abs(value) < 5e-6 ? "0" : formatNumber(value);
}
