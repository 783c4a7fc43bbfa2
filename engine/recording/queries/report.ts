import type { Recording } from "../recording.ts";
import { EventKind } from "../schema.ts";
import type { Statistics } from "../statistics.ts";
import { type Alert, findAlerts } from "./alerts.ts";
import { gradcheckResults } from "./gradchecks.ts";
import type { Place } from "./rows.ts";
import { trainingSteps } from "./steps.ts";
import { namedTensors } from "./tensors.ts";

/** A number for JSON: non-finite ones as words. */
type Numeric = number | "NaN" | "Infinity" | "-Infinity";

/** What `gradlens run --json` prints. Its shape is a promise to other programs: only ever add to it. */
export interface RunReport {
  readonly schema: 1;
  readonly file: string;
  readonly ok: boolean;
  readonly durationMs: number;
  readonly ops: { readonly forward: number; readonly backward: number };
  readonly tensors: readonly unknown[];
  readonly alerts: readonly unknown[];
  readonly gradchecks: readonly unknown[];
  readonly steps: readonly unknown[];
  readonly console: readonly unknown[];
  readonly error: unknown;
  /** Why the recording is not whole, or null. */
  readonly truncated: string | null;
}

export interface ReportOptions {
  /** Every tensor, not only those that the user can name. */
  readonly all?: boolean;
  /** The alerts, where the program's comments have been heard; all of them when left out. */
  readonly alerts?: readonly Alert[];
  /** Makes paths relative to the working folder. */
  readonly relative: (file: string) => string;
}

/** The whole recording as one plain object. */
export function runReport(recording: Recording, options: ReportOptions): RunReport {
  const { all = false, relative, alerts = findAlerts(recording) } = options;
  const where = (place: Place | null): { file: string | null; line: number | null } => ({
    file: place === null ? null : relative(place.file),
    line: place?.line ?? null,
  });
  const { events } = recording.tables;
  let { forward, backward } = recording.meta.unlisted;
  for (let i = 1; i < events.rows; i++) {
    if (events.column.kind[i] === EventKind.op) forward++;
    else if (events.column.kind[i] === EventKind.node) backward++;
  }
  const { error, meta } = recording;
  return {
    schema: 1,
    file: relative(meta.file),
    ok: meta.outcome === "ok",
    durationMs: Math.round(meta.durationMs * 1000) / 1000,
    ops: { forward, backward },
    tensors: namedTensors(recording, { all }).map((t) => ({
      id: t.id,
      name: t.name,
      module: t.module,
      ...where(t.place),
      shape: t.shape,
      dtype: t.dtype,
      isLeaf: t.isLeaf,
      requiresGrad: t.requiresGrad,
      gradFn: t.gradFn,
      isParameter: t.isParameter,
      value: stats(t.value),
      grad: stats(t.grad),
      gradStatus: t.gradStatus,
      gradReason: t.gradReason?.cause ?? null,
    })),
    alerts: alerts.map((a) => ({
      kind: a.kind,
      severity: a.severity,
      message: a.message,
      ...where(a.place),
      step: a.step,
      origin:
        a.origin === null
          ? null
          : {
              op: a.origin.op,
              phase: a.origin.phase,
              ...where(a.origin.place),
              element: a.origin.element,
              cause: a.origin.cause,
            },
      chain: a.chain.map((link) => ({ op: link.op, phase: link.phase, ...where(link.place) })),
      fix: a.fix,
    })),
    gradchecks: gradcheckResults(recording).map((g) => ({
      name: g.name,
      ...where(g.place),
      passed: g.passed,
      maxAbsError: numeric(g.maxAbsError),
      maxRelError: numeric(g.maxRelError),
      worst:
        g.worst === null
          ? null
          : { ...g.worst, analytical: numeric(g.worst.analytical), numerical: numeric(g.worst.numerical) },
      diagnosis: g.diagnosis,
      cause: g.cause,
      blame: g.blame === null ? null : { op: g.blame.op, ...where(g.blame.place) },
    })),
    steps: trainingSteps(recording).map((s) => ({
      step: s.step,
      loss: numeric(s.loss),
      gradNorm: numeric(s.gradNorm),
    })),
    console: recording.console,
    error:
      error === null
        ? null
        : {
            name: error.name,
            message: error.message,
            file: error.file === null ? null : relative(error.file),
            line: error.line,
            stack: error.stack.map((frame) => ({ ...frame, file: relative(frame.file) })),
          },
    truncated: meta.truncated,
  };
}

function numeric(x: number): Numeric {
  if (Number.isFinite(x)) return x;
  return Number.isNaN(x) ? "NaN" : x > 0 ? "Infinity" : "-Infinity";
}

function stats(s: Statistics | null): unknown {
  if (s === null) return null;
  return {
    numel: s.numel,
    min: numeric(s.min),
    max: numeric(s.max),
    mean: numeric(s.mean),
    std: numeric(s.std),
    norm: numeric(s.norm),
    zeros: s.zeros,
    nan: s.nan,
    inf: s.inf,
    sample: s.sample.map(numeric),
  };
}
