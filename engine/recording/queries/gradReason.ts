import { EventKind, TensorFlag } from "../schema.ts";
import { type Place, type Rows } from "./rows.ts";

/** Why a tensor has no gradient: the cause, and the line that made it so when there is one. */
export interface GradReason {
  readonly cause: "not-required" | "not-reached" | "detached" | "no-grad-mode" | "non-differentiable-op" | "integer-cast" | "non-leaf";
  readonly place: Place | null;
  readonly text: string;
}

/** Finds out why nothing arrived at a tensor, by following what was computed from it to the first cut. */
export function whyNoGradient(rows: Rows, tensor: number): GradReason {
  const flags = rows.flags(tensor);
  if ((flags & TensorFlag.requiresGrad) === 0) return { cause: "not-required", place: rows.place(tensor), text: "requiresGrad is false" };
  if ((flags & TensorFlag.leaf) === 0) {
    return { cause: "non-leaf", place: rows.place(tensor), text: "it is not a leaf: call retainGrad() before backward to keep its gradient" };
  }
  return firstCut(rows, tensor) ?? { cause: "not-reached", place: null, text: "no backward reached it: nothing that was differentiated depends on it" };
}

function firstCut(rows: Rows, from: number): GradReason | null {
  const { events } = rows.recording.tables;
  const reached = new Set([from]);
  for (let event = 1; event < events.rows; event++) {
    if (events.column.kind[event] !== EventKind.op) continue;
    if (!rows.inputs(event).some((input) => input !== 0 && reached.has(input))) continue;
    const place = rows.site(events.column.site[event]);
    const op = rows.eventName(event);
    if (op === "detach") return { cause: "detached", place, text: "it was cut off by detach()" };
    for (const out of rows.outputs(event)) {
      const flags = rows.recording.tables.tensors.column.flags[out];
      if ((flags & TensorFlag.requiresGrad) !== 0) reached.add(out);
      else if ((flags & TensorFlag.cut) !== 0) return cutBy(rows, op, out, place);
    }
  }
  return null;
}

function cutBy(rows: Rows, op: string, out: number, place: Place | null): GradReason {
  const dtype = rows.dtype(out);
  if (op === "to" && (dtype === "int32" || dtype === "int64" || dtype === "bool")) {
    return { cause: "integer-cast", place, text: `it was converted to ${dtype}, which has no gradient` };
  }
  if (dtype === "int32" || dtype === "int64" || dtype === "bool") {
    return { cause: "non-differentiable-op", place, text: `${op}() gives ${dtype}, which has no gradient` };
  }
  return { cause: "no-grad-mode", place, text: `${op}() ran where gradients were not recorded (noGrad or inferenceMode)` };
}
