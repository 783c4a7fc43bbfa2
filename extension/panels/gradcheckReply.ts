import { gradcheckHeadline, gradcheckResults } from "../../engine/recording/queries/gradchecks.ts";
import type { Place } from "../../engine/recording/queries/rows.ts";
import type { GradchecksShown } from "../../webview/protocol/gradcheck.ts";
import type { RunResult } from "../results/runResult.ts";
import { runSummary } from "./runSummary.ts";

/** The checks of a run as the panel shows them; null when it made none. */
export function gradcheckReply(result: RunResult, relative: (file: string) => string): GradchecksShown | null {
  const all = gradcheckResults(result.recording).map((check, number) => ({ ...check, number }));
  if (all.length === 0) return null;
  const failed = all.filter(({ passed }) => !passed);
  const where = (place: Place | null): string => (place === null ? "" : `${relative(place.file)}:${place.line}`);
  return {
    kind: "gradchecks",
    run: runSummary(result, relative),
    total: all.length,
    failed: failed.length,
    checks: shownOf(all, failed).map(({ pairs: _pairs, diagnosis, ...check }) => ({
      ...check,
      headline: gradcheckHeadline({ diagnosis }),
      where: where(check.place),
      blameWhere: check.blame?.place ? where(check.blame.place) : null,
    })),
  };
}

const mostShown = 1000;

/** All of them in their order; of more than a list can hold, those that failed. */
function shownOf<T extends { readonly passed: boolean }>(all: readonly T[], failed: readonly T[]): readonly T[] {
  if (all.length <= mostShown) return all;
  return [...failed, ...all.filter(({ passed }) => passed)].slice(0, mostShown);
}
