import { gradcheckHeadline, gradcheckResults } from "../../engine/recording/queries/gradchecks.ts";
import type { Place } from "../../engine/recording/queries/rows.ts";
import type { GradchecksShown } from "../../webview/protocol/gradcheck.ts";
import type { RunResult } from "../results/runResult.ts";
import { runSummary } from "./runSummary.ts";

/** The checks of a run as the panel shows them; null when it made none. */
export function gradcheckReply(result: RunResult, relative: (file: string) => string): GradchecksShown | null {
  const checks = gradcheckResults(result.recording);
  if (checks.length === 0) return null;
  const where = (place: Place | null): string => (place === null ? "" : `${relative(place.file)}:${place.line}`);
  return {
    kind: "gradchecks",
    run: runSummary(result, relative),
    checks: checks.map(({ pairs: _pairs, diagnosis, ...check }) => ({
      ...check,
      headline: gradcheckHeadline({ diagnosis }),
      where: where(check.place),
      blameWhere: check.blame?.place ? where(check.blame.place) : null,
    })),
  };
}
