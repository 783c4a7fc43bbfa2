import { TensorFlag } from "../../../schema.ts";
import type { Finding } from "../alert.ts";
import type { History } from "../history.ts";
import { nameOf } from "../words.ts";
import { isParameter } from "./updates.ts";

/**
 * Plain tensors that were given to an optimizer and ask for no gradient. Parameters of modules are frozen on purpose, and
 * left alone.
 */
export function frozen(history: History): Finding[] {
  const { flags } = history.recording.tables.tensors.column;
  const stuck = [...history.stepsOf.keys()].filter(
    (tensor) =>
      ((history.rows.flags(tensor) | flags[tensor]) & TensorFlag.requiresGrad) === 0 &&
      !isParameter(history, tensor) &&
      !history.accumulates.has(tensor),
  );
  return stuck.map((tensor) => ({
    place: history.rows.place(tensor),
    message: `${nameOf(history, tensor, "A tensor")} was given to an optimizer and does not require grad: it never changes.`,
    evidence: [{ label: "steps", value: history.stepsOf.get(tensor)?.length ?? 0 }],
    tensors: [tensor],
    event: history.stepsOf.get(tensor)?.[0]?.start ?? 0,
  }));
}
