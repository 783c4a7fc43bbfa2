import type { Recording } from "../recording.ts";
import type { GradcheckRow } from "../schema.ts";
import type { Place } from "./rows.ts";

/** A gradcheck with its places in the user's files. */
export interface GradcheckResult extends Omit<GradcheckRow, "blame"> {
  /** Of the call; null when it is not in a file of the user's. */
  readonly place: Place | null;
  readonly blame: { readonly op: string; readonly place: Place | null } | null;
  /** By how much the worst entry is beyond the tolerance; null when none is. */
  readonly excess: number | null;
}

/** The gradchecks of a run in their order; last the one that was still going on when the run ended. */
export function gradcheckResults(recording: Recording): GradcheckResult[] {
  const { sites, gradchecks } = recording;
  const results = gradchecks.map((row): GradcheckResult => {
    const { blame, worst, atol, rtol } = row;
    return {
      ...row,
      place: sites.get(row.site) ?? null,
      blame: blame === null ? null : { op: blame.op, place: sites.get(blame.site) ?? null },
      excess:
        worst === null
          ? null
          : Math.abs(worst.analytical - worst.numerical) - (atol + rtol * Math.abs(worst.numerical)),
    };
  });
  const unfinished = unfinishedCheck(recording);
  return unfinished === null ? results : [...results, unfinished];
}

/** The sentence that says what is wrong, without the matrices that follow it. */
export function gradcheckHeadline({ diagnosis }: Pick<GradcheckRow, "diagnosis">): string {
  return (diagnosis ?? "").split("\n", 1)[0];
}

function unfinishedCheck(recording: Recording): GradcheckResult | null {
  const { pendingGradcheck: pending, sites, meta } = recording;
  if (pending === null || meta.outcome === "running") return null;
  return {
    ...pending,
    place: sites.get(pending.site) ?? null,
    event: recording.tables.events.rows,
    passed: false,
    maxAbsError: Number.NaN,
    maxRelError: Number.NaN,
    worst: null,
    excess: null,
    diagnosis: `The check never came to its end: the run was ${endings[meta.outcome] ?? "ended"} after ${seconds(meta.durationMs)}. Look for a loop in the function that does not end, or check at a smaller input.`,
    advice: null,
    cause: null,
    blame: null,
    eps: Number.NaN,
    atol: Number.NaN,
    rtol: Number.NaN,
    pairs: [],
  };
}

const endings: Readonly<Record<string, string>> = {
  timeout: "ended by its time limit",
  stopped: "stopped",
  "out-of-memory": "ended for want of memory",
};

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
