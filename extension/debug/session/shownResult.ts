import type { Evaluated } from "../evaluator/messages.ts";
import type { Children } from "./shown.ts";
import { elementRows } from "./shownTensor.ts";

/** The elements of a tensor that an expression gave. */
export function shownResult({ shape, values }: Extract<Evaluated, { kind: "tensor" }>): {
  readonly children: Children;
} {
  const held = { values, stride: 1, version: 0, since: 0, isCurrent: true };
  return { children: elementRows(held, shape, 0, null) };
}
