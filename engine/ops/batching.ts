import type { Tensor } from "../autograd/tensor.ts";
import type { Batch } from "./op.ts";

// How ops run on many inputs at once; see `BatchingRule`.

type Inputs = readonly (Tensor | null)[];

/** Inputs that broadcast: to dimensions that an element of the batch lacks, those of size 1 are added behind the first. */
export function aligned<A>(inputs: Inputs, attrs: A, batch: Batch<A>): readonly Tensor[] {
  const own = (x: Tensor, i: number): number => x.ndim - (batch.has(i) ? 1 : 0);
  const ndim = inputs.reduce((most, x, i) => (x === null ? most : Math.max(most, own(x, i))), 0);
  return batch.run(
    inputs.map((x, i) => {
      if (x === null || !batch.has(i) || own(x, i) === ndim) return x;
      return x.reshape(batch.size, ...new Array<number>(ndim - own(x, i)).fill(1), ...x.shape.slice(1));
    }),
    attrs,
  );
}

/** All inputs with the batch's dimension. */
export function spread<A>(inputs: Inputs, batch: Batch<A>): Inputs {
  return inputs.map((x, i) => (x === null || batch.has(i) ? x : x.unsqueeze(0).expand(batch.size, ...x.shape)));
}

/** Dimensions before those that the op works on are its batch already. */
export function lead<A>(inputs: Inputs, attrs: A, batch: Batch<A>): readonly Tensor[] {
  return batch.run(spread(inputs, batch), attrs);
}

/** Along one dimension. A number has none. */
export function alongDim<A extends { readonly dim: number }>(
  inputs: Inputs,
  attrs: A,
  batch: Batch<A>,
): readonly Tensor[] | null {
  const all = spread(inputs, batch);
  return all[0]?.ndim === 1 ? null : batch.run(all, { ...attrs, dim: attrs.dim + 1 });
}

/** Along some dimensions. */
export function alongDims<A extends { readonly dims: readonly number[] }>(
  inputs: Inputs,
  attrs: A,
  batch: Batch<A>,
): readonly Tensor[] | null {
  const all = spread(inputs, batch);
  return all[0]?.ndim === 1 && attrs.dims.length > 0
    ? null
    : batch.run(all, { ...attrs, dims: attrs.dims.map((dim) => dim + 1) });
}

/** Along one dimension of the first input, the others being the same for every element. */
export function alongDimOfFirst<A extends { readonly dim: number }>(
  inputs: Inputs,
  attrs: A,
  batch: Batch<A>,
): readonly Tensor[] | null {
  const isFirstOnly = inputs.every((_, i) => batch.has(i) === (i === 0));
  return isFirstOnly && inputs[0]?.ndim !== 1 ? batch.run(inputs, { ...attrs, dim: attrs.dim + 1 }) : null;
}

/** On each along the first dimension of the first input: more of them, the others being the same for every element. */
export function more<A>(inputs: Inputs, attrs: A, batch: Batch<A>): readonly Tensor[] | null {
  const [x, ...others] = inputs;
  if (x === null || others.some((_, i) => batch.has(i + 1))) return null;
  const [size, count, ...rest] = x.shape;
  return batch
    .run([x.reshape(size * count, ...rest), ...others], attrs)
    .map((out) => out.reshape(size, count, ...out.shape.slice(1)));
}
