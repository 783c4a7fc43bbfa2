import type { RunSummary } from "../../webview/protocol/run.ts";
import type { RunResult } from "../results/runResult.ts";

/** What the line at the top of a panel says of a run; `relative` names its file as a person would. */
export function runSummary(result: RunResult, relative: (file: string) => string): RunSummary {
  const { file, startedAt, durationMs } = result.recording.meta;
  return { file: relative(file), startedAt, durationMs, outcome: summaryOutcome(result) };
}

/** Faults count for more than a good ending: a tick would deny them. */
function summaryOutcome({ recording, failed, alerts }: RunResult): RunSummary["outcome"] {
  const { outcome } = recording.meta;
  if (outcome === "stopped" || outcome === "timeout") return "stopped";
  if (failed) return "failed";
  if (alerts.some(({ severity }) => severity === "error")) return "faulty";
  return alerts.some(({ severity }) => severity === "warning") ? "warned" : "ok";
}
