import { apply } from "../autograd/dispatch.ts";
import { densely, empty, type Tensor } from "../autograd/tensor.ts";
import type { TypedArray } from "../base/dtype.ts";
import { elementCount, type Shape } from "../base/shape.ts";
import { resample, rowCount, type SparseMap, transposedMap } from "../kernels/resample.ts";
import { leadingDims } from "./batching.ts";
import { general } from "./define.ts";
import type { GeneralOp } from "./op.ts";
import type { Sample } from "./samples.ts";

/** One linear map per dimension, for the last dimensions of a tensor. */
export interface Resampling {
  readonly maps: readonly SparseMap[];
}

interface Description {
  readonly name: string;
  readonly overload?: string;
  readonly node: string;
  readonly summary: string;
  readonly symbol?: string;
  readonly accepts?: readonly Sample[];
  readonly rejects?: readonly Sample[];
}

/**
 * An op that applies a linear map along each of the last dimensions. Pooling by means, interpolation and padding are all
 * of this kind; the gradient is the same with the adjoint maps.
 */
export function resamplingOp(description: Description): GeneralOp<Resampling> {
  return general<Resampling>()({
    ...description,
    inputs: ["x"],
    forward: ([x], { maps }) => applyMaps(x as Tensor, maps),
    onBatch: leadingDims,
    backward: { x: ({ grad, attrs }) => apply(adjoint, [grad], { maps: attrs.maps.map(transposedMap) }) },
  });
}

/** The gradient of all resampling ops, which is another resampling. */
const adjoint: GeneralOp<Resampling> = general<Resampling>()({
  name: "resample",
  summary: "A linear map along each of the last dimensions.",
  inputs: ["x"],
  forward: ([x], { maps }) => applyMaps(x as Tensor, maps),
  onBatch: leadingDims,
  backward: { x: ({ grad, attrs }) => apply(adjoint, [grad], { maps: attrs.maps.map(transposedMap) }) },
});

function applyMaps(input: Tensor, maps: readonly SparseMap[]): Tensor {
  const x = densely(input);
  const shape = [...x.shape];
  const first = x.ndim - maps.length;
  let values: TypedArray = x.storage.values;
  let offset = x.offset;
  // The last dimension first: shrinking it leaves the least work for the others. Sums on the way are float64.
  for (let i = maps.length - 1; i > 0; i--) {
    const { outer, inner } = around(shape, first + i);
    shape[first + i] = rowCount(maps[i]);
    const partial = new Float64Array(elementCount(shape));
    resample(values, offset, outer, inner, maps[i], partial);
    values = partial;
    offset = 0;
  }
  const { outer, inner } = around(shape, first);
  shape[first] = rowCount(maps[0]);
  const out = empty(shape, x.dtype);
  resample(values, offset, outer, inner, maps[0], out.storage.values);
  // Integers are cut off behind the point; those of int64 stand in floats.
  const result = out.storage.values;
  if (out.dtype === "int64") for (let i = 0; i < result.length; i++) result[i] = Math.trunc(result[i]);
  return out;
}

function around(shape: Shape, dim: number): { outer: number; inner: number } {
  return { outer: elementCount(shape.slice(0, dim)), inner: elementCount(shape.slice(dim + 1)) };
}
