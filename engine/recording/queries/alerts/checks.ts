import { type GradcheckResult, gradcheckHeadline, gradcheckResults } from "../gradchecks.ts";
import { formatNumber } from "../numbers.ts";
import type { Finding, Origin, Related } from "./alert.ts";
import { errorWith, plainly } from "./errors/error.ts";
import type { History } from "./history.ts";

/** Gradchecks that said no. One that did not throw would otherwise go unnoticed. */
export function failedGradchecks(history: History): Finding[] {
  const failed = gradcheckResults(history.recording).filter((check) => !check.passed);
  const error = failed.length === 0 ? errorWith(history, ["Jacobian mismatch"]) : null;
  if (error !== null) return [plainly(error)];
  return failed.map((check) => ({
    place: check.blame?.place ?? check.place,
    origin: originOf(check),
    related: relatedTo(check),
    fix: check.advice === null ? null : phrase(check.advice),
    message: `${check.name} failed: ${describeWorst(check)}`,
    evidence: [
      { label: "largest difference", value: check.maxAbsError },
      { label: "largest relative difference", value: check.maxRelError },
    ],
    event: check.event,
  }));
}

/** Whose gradient is wrong, where that is known. */
function originOf({ blame, cause, event, worst }: GradcheckResult): Origin | null {
  if (blame === null) return null;
  const element = worst === null ? null : [worst.row, worst.col];
  return { op: blame.op, phase: "backward", place: blame.place, event, element, cause };
}

function relatedTo({ place, blame }: GradcheckResult): Related[] {
  const isElsewhere = place !== null && blame !== null && blame.place !== null;
  return isElsewhere ? [{ place, message: "this check failed" }] : [];
}

/** A sentence as a phrase. */
const phrase = (sentence: string): string =>
  sentence.charAt(0).toLowerCase() + (sentence.endsWith(".") ? sentence.slice(1, -1) : sentence.slice(1));

function describeWorst(check: GradcheckResult): string {
  const { worst, diagnosis, cause } = check;
  if (cause !== null) return gradcheckHeadline(check);
  if (worst === null) return (diagnosis ?? "the gradients disagree with finite differences").split("\n", 1)[0];
  return `the gradient of output ${worst.output} for input ${worst.input} is ${formatNumber(worst.analytical)} at [${worst.row}, ${worst.col}], finite differences give ${formatNumber(worst.numerical)}.`;
}

/** Files that import each other: values may be used before they are set. */
export function importCycles(history: History): Finding[] {
  return history.recording.cycles.map(({ files, line }) => ({
    place: { file: files[0], line: line ?? 1, column: 1 },
    message: `These files import each other in a circle: ${files.map(baseName).join(" → ")}. Values may be used before they are set; move what both need into a third file.`,
  }));
}

const baseName = (file: string): string => file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
