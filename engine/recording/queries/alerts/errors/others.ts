import type { Finding } from "../alert.ts";
import type { History } from "../history.ts";
import { errorWith, plainly } from "./error.ts";

const SCALAR = "grad can be implicitly created only for scalar outputs";

/** Backward from something that is not one number. */
export function nonScalarRoot(history: History): Finding[] {
  const error = errorWith(history, [SCALAR]);
  return error === null ? [] : [plainly(error)];
}

/** Messages that other rules explain. */
const EXPLAINED = [
  SCALAR,
  "backward through the graph a second time",
  "does not require grad and does not have a grad_fn",
  "modified by an inplace operation",
  "in-place operation",
  "being modified inplace",
  "created in no_grad mode",
  "One of the differentiated Tensors",
  "Jacobian mismatch",
];

/** Rules of autograd that were broken in another way. */
export function autogradError(history: History): Finding[] {
  const { error } = history.recording;
  if (error === null) return [];
  if (error.name !== "AutogradError" && !error.message.includes("can't optimize a non-leaf")) return [];
  return EXPLAINED.some((phrase) => error.message.includes(phrase)) ? [] : [plainly(error)];
}
