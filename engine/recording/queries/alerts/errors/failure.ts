import type { ErrorRow } from "../../../schema.ts";
import type { FailureDetail } from "../../../watching/failures.ts";
import type { Backward, History } from "../history.ts";

/** The node that threw the error which ended the run. */
export interface Failure {
  readonly event: number;
  /** The forward op of the node; 0 when it is not known. */
  readonly forward: number;
  readonly backward: Backward | null;
  readonly detail: FailureDetail;
  /** The saved tensor that was changed; 0 when it was another failure. */
  readonly culprit: number;
}

/** Finds the node that threw an error; null when none is known to. */
export function failureBehind(history: History, error: ErrorRow): Failure | null {
  const event = history.failures.findLast((one) => detailOf(history, one)?.message === error.message);
  if (event === undefined) return null;
  const { node } = history.recording.tables.events.column;
  return {
    event,
    forward: history.rows.forwardEvent(node[event]),
    backward: history.backwards[history.backwardOf[event] - 1] ?? null,
    detail: detailOf(history, event) as FailureDetail,
    culprit: history.rows.inputs(event)[0] ?? 0,
  };
}

function detailOf(history: History, event: number): FailureDetail | null {
  try {
    return JSON.parse(history.rows.detail(event)) as FailureDetail;
  } catch {
    return null;
  }
}
