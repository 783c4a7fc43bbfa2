import { empty, type Tensor } from "../autograd/tensor.ts";
import { AutogradError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import { setData } from "./setData.ts";

/** What waits for its size. */
const waiting = new WeakSet<Tensor>();

/** Whether a parameter or buffer of a lazy module has no size yet. */
export const isUninitialized = (x: Tensor): boolean => waiting.has(x);

/** Takes a parameter or buffer its elements, until it is given a size. It stays the same object, so that an optimizer may hold it already. */
export function uninitialize(x: Tensor): void {
  setData(x, empty([0], x.dtype));
  waiting.add(x);
}

/** Gives it its size, with zeros, unless it has one. */
export function materialize(x: Tensor, shape: Shape): void {
  if (!waiting.delete(x)) return;
  setData(x, empty(shape, x.dtype));
  x.traceRow = 0; // whoever watches has seen it without elements
}

/** Refuses what would be lost on a parameter without elements. */
export function checkInitialized(op: string, x: Tensor): void {
  if (!waiting.has(x)) return;
  throw new AutogradError(
    `Attempted to use an uninitialized parameter in ${op}(). A lazy module gives its parameters their sizes when it is called first: call forward with a dummy batch before.`,
  );
}
