import { gradcheckResults } from "../../engine/recording/queries/gradchecks.ts";
import { formatNumber } from "../../engine/recording/queries/numbers.ts";
import { runReport } from "../../engine/recording/queries/report.ts";
import type { Recording } from "../../engine/recording/recording.ts";
import { relativePath } from "./execute.ts";
import { harmless, harmlessLine, type Terminal } from "./terminal.ts";

/** A gradcheck and where it stands; or a file that could not be run to its end. */
export interface CheckResult {
  readonly name: string;
  readonly file: string;
  readonly line: number | null;
  readonly passed: boolean;
  /** What is wrong; null when it passed. */
  readonly message: string | null;
  /** Null where no gradcheck was made. */
  readonly maxAbsError: number | null;
  /** The word for what is wrong, or null. */
  readonly cause: string | null;
  /** Whose backward is wrong, where that is known. */
  readonly blame: { readonly op: string; readonly file: string; readonly line: number } | null;
  /** As `--json` has it. */
  readonly json: unknown;
}

/** The gradchecks of a run, in their order. */
export function gradchecksOf(recording: Recording): CheckResult[] {
  const { gradchecks } = runReport(recording, { relative: relativePath });
  return gradcheckResults(recording).map(({ name, place, passed, diagnosis, maxAbsError, blame, cause }, i) => ({
    name,
    file: relativePath(place?.file ?? recording.meta.file),
    line: place?.line ?? null,
    passed,
    message: diagnosis,
    maxAbsError: Number.isNaN(maxAbsError) ? null : maxAbsError,
    cause,
    blame:
      blame === null || blame.place === null
        ? null
        : { op: blame.op, file: relativePath(blame.place.file), line: blame.place.line },
    json: gradchecks[i],
  }));
}

/** Shows a result: its place, which terminals turn into a link, and what is wrong. */
export function printCheck(result: CheckResult, terminal: Terminal): void {
  const { name, file, line, passed, message, maxAbsError, blame } = result;
  const mark = passed ? terminal.style("green", "✓") : terminal.style("red", "✗");
  const error = maxAbsError === null ? "" : `  largest error ${formatNumber(maxAbsError)}`;
  terminal.printWords(`${file}${line === null ? "" : `:${line}`}  ${mark} ${harmlessLine(name)}${error}`);
  if (blame !== null) terminal.print(`    ${blame.file}:${blame.line}  ${harmlessLine(blame.op)} is to blame`);
  if (message !== null && !passed) terminal.printWords(harmless(message).replace(/^(?=.)/gm, "    "));
}
