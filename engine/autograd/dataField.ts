import { isFloat } from "../base/dtype.ts";
import { AutogradError } from "../base/errors.ts";
import { renewAccumulator } from "./accumulate.ts";
import { Storage } from "./storage.ts";
import type { Tensor } from "./tensor.ts";

type Mutable = {
  -readonly [K in "storage" | "shape" | "strides" | "offset" | "elements" | "dense" | "dtype"]: Tensor[K];
};

/** What `x.data = source` does: `x` shows the elements of `source`; its graph and its version stay as they are. */
export function setData(x: Tensor, source: unknown): void {
  if (typeof source !== "object" || source === null || !("storage" in source))
    throw new AutogradError(`data expected to be a Tensor but got ${source === null ? "null" : typeof source}`);
  const from = source as Tensor;
  if (x.requiresGrad && !isFloat(from.dtype)) {
    throw new AutogradError(
      `data set to a tensor that requires gradients must be of a floating point dtype, but this is ${from.dtype}. Convert it with .to("float32").`,
    );
  }
  const { version } = x.storage;
  const target: Mutable = x;
  target.storage = new Storage(from.storage.values);
  target.storage.version = version;
  target.shape = from.shape;
  target.strides = from.strides;
  target.offset = from.offset;
  target.elements = from.elements;
  target.dense = from.dense;
  target.dtype = from.dtype;
  renewAccumulator(x);
}
