import { counted, formatNumber } from "../../engine/recording/queries/numbers.ts";
import { runTotals, tensorLines, thinnedSteps } from "../../engine/recording/queries/overview.ts";
import type { Place } from "../../engine/recording/queries/rows.ts";
import { type TrainingStep, trainingSteps } from "../../engine/recording/queries/steps.ts";
import type { OverviewAlert, OverviewGradcheck, OverviewShown } from "../../webview/protocol/overview.ts";
import type { RunEndWord } from "../../webview/protocol/run.ts";
import { problemsOf, remarksOf } from "../editor/problems.ts";
import type { RunResult } from "../results/runResult.ts";
import { runSummary } from "./runSummary.ts";

/** More points than this are no better chart. */
const mostSteps = 1000;
/** More tensors than this are counted and not listed. */
const mostTensors = 20_000;

/** What the overview says of a result by itself; the rest is about what goes on in the window. */
export type ResultOverview = Omit<OverviewShown, "failure" | "running" | "isEdited">;

/** What the run overview shows of a result; `relative` names a file as a person would. */
export function overviewReply(result: RunResult, relative: (file: string) => string): ResultOverview {
  const { recording, tensors } = result;
  const steps = trainingSteps(recording);
  const run = runSummary(result, relative);
  const alerts = alertsOf(result);
  return {
    kind: "overview",
    run,
    headline: headlineOf(run.outcome, alerts, steps),
    alerts,
    steps: thinnedSteps(steps, mostSteps),
    stepCount: steps.length,
    gradchecks: recording.gradchecks.map((row): OverviewGradcheck => {
      const { name, passed, maxAbsError, maxRelError, diagnosis } = row;
      return {
        name,
        place: plainPlace(recording.sites.get(row.site) ?? null),
        passed,
        maxAbsError,
        maxRelError,
        diagnosis,
      };
    }),
    tensors: tensorLines(recording, tensors.slice(0, mostTensors)),
    tensorCount: tensors.length,
    heatMedian: result.heat?.median ?? null,
    totals: runTotals(recording),
    remarks: remarksOf(result),
  };
}

/** Rows of a recording that are places say more than a panel needs. */
function plainPlace(place: Place | null): Place | null {
  return place && { file: place.file, line: place.line, column: place.column };
}

/** The run's alerts, and what else the runner has to say at a line. */
function alertsOf(result: RunResult): OverviewAlert[] {
  const named = new Set(result.tensors.map(({ id }) => id));
  const alerts = result.alerts.map(
    (alert): OverviewAlert => ({
      kind: alert.kind,
      severity: alert.severity,
      message: alert.message,
      fix: alert.fix !== null && alert.message.includes(alert.fix) ? null : alert.fix,
      place: plainPlace(alert.place),
      step: alert.step,
      count: alert.count,
      cause: alert.origin?.cause ?? null,
      element: alert.origin?.element ?? null,
      chain: alert.chain.map(({ op, phase, place }) => ({ op, phase, place: plainPlace(place) })),
      evidence: alert.evidence,
      tensor: alert.tensors.find((id) => named.has(id)) ?? null,
    }),
  );
  const kinds = new Set(alerts.map(({ kind }) => kind));
  const others = problemsOf(result).filter(({ kind }) => !kinds.has(kind));
  return [...others.map(fromProblem), ...alerts];
}

function fromProblem({ kind, severity, message, place }: ReturnType<typeof problemsOf>[number]): OverviewAlert {
  const nothing = {
    fix: null,
    step: null,
    count: 1,
    cause: null,
    element: null,
    chain: [],
    evidence: [],
    tensor: null,
  };
  return { kind, severity, message, place: plainPlace(place), ...nothing };
}

/** `ran to the end, 1 error, 2 warnings · loss 2.310 → 0.01200 in 100 steps` */
function headlineOf(outcome: RunEndWord, alerts: readonly OverviewAlert[], steps: readonly TrainingStep[]): string {
  const count = (severity: string): number => alerts.filter((alert) => alert.severity === severity).length;
  const faults = (["error", "warning"] as const)
    .filter((severity) => count(severity) > 0)
    .map((severity) => counted(count(severity), severity));
  const parts = [[endings[outcome], ...(faults.length === 0 ? ["no faults found"] : faults)].join(", ")];
  const [first] = steps;
  const last = steps.at(-1);
  if (first !== undefined && last !== undefined && steps.length > 1) {
    parts.push(
      `loss ${formatNumber(first.loss)} → ${formatNumber(last.loss)} in ${steps.length.toLocaleString("en")} steps`,
    );
  }
  return parts.join(" · ");
}

const endings: Readonly<Record<RunEndWord, string>> = {
  ok: "ran to the end",
  warned: "ran to the end",
  faulty: "ran to the end",
  failed: "ended with an error",
  stopped: "was stopped",
  running: "is running",
};
