import { type GradcheckReport, observe } from "../../../engine/autograd/observer.ts";
import { setWarningHandler } from "../../../engine/autograd/warnings.ts";
import { SilentObserver } from "../../../engine/gradcheck/blame/tape.ts";
import { gradcheckRow } from "../../../engine/recording/gradcheckRow.ts";
import { gradcheckHeadline, gradcheckResults } from "../../../engine/recording/queries/gradchecks.ts";
import { Recording } from "../../../engine/recording/recording.ts";
import type { GradcheckPairRow } from "../../../engine/recording/schema.ts";
import type { GradchecksShown } from "../../../webview/protocol/gradcheck.ts";

/** What the panel is told of some gradchecks that really ran. */
export interface ToldChecks {
  readonly shown: GradchecksShown;
  readonly pairs: readonly (readonly GradcheckPairRow[])[];
}

/** Runs gradchecks and tells of them as the extension does; each stands ten lines below the last. */
export function toldChecks(run: () => void): ToldChecks {
  const reports: GradcheckReport[] = [];
  const observer = Object.assign(new SilentObserver(), {
    gradcheck: (report: GradcheckReport) => reports.push(report),
  });
  const before = observe(observer);
  const warned = setWarningHandler(() => {});
  try {
    run();
  } finally {
    observe(before);
    setWarningHandler(warned);
  }
  const recording = new Recording();
  const file = "/work/models/checks.ts";
  const place = { file, column: 1, endLine: null, endColumn: null, functionName: null };
  reports.forEach((report, i) => {
    const sites = [
      { id: 2 * i + 1, line: 10 * i + 20, ...place },
      { id: 2 * i + 2, line: 10 * i + 15, ...place },
    ];
    const blame = report.blame === null ? null : { ...report.blame, site: 2 * i + 2 };
    recording.append({ sites, gradchecks: [gradcheckRow({ ...report, site: 2 * i + 1, blame }, i, 1e6)] });
  });
  recording.append({ meta: { file, startedAt: Date.UTC(2026, 10, 23, 14, 3, 22), durationMs: 12.4, outcome: "ok" } });
  const results = gradcheckResults(recording);
  return {
    pairs: results.map(({ pairs }) => pairs),
    shown: {
      kind: "gradchecks",
      run: { file: "checks.ts", startedAt: recording.meta.startedAt, durationMs: 12.4, outcome: "faulty" },
      total: results.length,
      failed: results.filter(({ passed }) => !passed).length,
      checks: results.map(({ pairs: _pairs, ...check }, number) => ({
        ...check,
        number,
        headline: gradcheckHeadline(check),
        where: `checks.ts:${check.place?.line}`,
        blameWhere: check.blame?.place ? `checks.ts:${check.blame.place.line}` : null,
      })),
    },
  };
}
