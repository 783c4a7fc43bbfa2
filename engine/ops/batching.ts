import type { Tensor } from "../autograd/tensor.ts";
import type { Batch } from "./op.ts";

// Batching rules that several ops share; see `BatchingRule`. Inputs are physical: those of the batch have its dimension in front.

type Inputs = readonly (Tensor | null)[];

/** A physical tensor with dimensions of size 1 behind the batch's, so that its elements broadcast as tensors of `ndim` dimensions do. */
export function broadcastable(x: Tensor, ndim: number): Tensor {
  const missing = ndim - (x.ndim - 1);
  if (missing <= 0) return x;
  const [size, ...rest] = x.shape;
  return x.reshape(size, ...new Array<number>(missing).fill(1), ...rest);
}

/** A tensor as the same for every element of a batch. */
export const expanded = (x: Tensor, size: number): Tensor => x.unsqueeze(0).expand(size, ...x.shape);

/** All inputs with the batch dimension. */
export function allBatched<A>(inputs: Inputs, { size, has }: Batch<A>): Inputs {
  return inputs.map((x, i) => (x === null || has(i) ? x : expanded(x, size)));
}

/** Of ops whose inputs broadcast. */
export function broadcasting<A>(inputs: Inputs, attrs: A, { has, run }: Batch<A>): readonly Tensor[] {
  const ndims = inputs.map((x, i) => (x === null ? 0 : x.ndim - (has(i) ? 1 : 0)));
  const ndim = Math.max(...ndims);
  return run(
    inputs.map((x, i) => (x !== null && has(i) ? broadcastable(x, ndim) : x)),
    attrs,
  );
}

/** Of ops that treat whatever lies before the dimensions they work on as a batch. */
export function leadingDims<A>(inputs: Inputs, attrs: A, batch: Batch<A>): readonly Tensor[] {
  return batch.run(allBatched(inputs, batch), attrs);
}

/** Of ops that work along a dimension. A 0-d tensor has none. */
export function nextDim<A extends { readonly dim: number }>(
  inputs: Inputs,
  attrs: A,
  batch: Batch<A>,
): readonly Tensor[] | null {
  const all = allBatched(inputs, batch);
  return all[0]?.ndim === 1 ? null : batch.run(all, { ...attrs, dim: attrs.dim + 1 });
}

/** Of ops that work along some dimensions. */
export function nextDims<A extends { readonly dims: readonly number[] }>(
  inputs: Inputs,
  attrs: A,
  batch: Batch<A>,
): readonly Tensor[] | null {
  const all = allBatched(inputs, batch);
  if (all[0]?.ndim === 1 && attrs.dims.length > 0) return null;
  return batch.run(all, { ...attrs, dims: attrs.dims.map((dim) => dim + 1) });
}

/** Of ops that work along a dimension of their first input; the others must be the same for every element. */
export function nextDimOfFirst<A extends { readonly dim: number }>(
  inputs: Inputs,
  attrs: A,
  { has, run }: Batch<A>,
): readonly Tensor[] | null {
  const isFirstOnly = inputs.every((_, i) => has(i) === (i === 0));
  return isFirstOnly && inputs[0]?.ndim !== 1 ? run(inputs, { ...attrs, dim: attrs.dim + 1 }) : null;
}

/** Of ops whose first input has a batch of its own as its first dimension; the others must be the same for every element. */
export function firstDim<A>(inputs: Inputs, attrs: A, { has, run }: Batch<A>): readonly Tensor[] | null {
  const [x, ...others] = inputs;
  if (x === null || others.some((_, i) => has(i + 1))) return null;
  const [size, count, ...rest] = x.shape;
  return run([x.reshape(size * count, ...rest), ...others], attrs).map((out) =>
    out.reshape(size, count, ...out.shape.slice(1)),
  );
}
