import { elementCount, type Shape } from "../base/shape.ts";

/**
 * Offsets of the matrices (or whatever the last `inner` dimensions hold) of a strided tensor whose leading dimensions
 * broadcast to `batch`, in row-major order of `batch`.
 */
export function batchOffsets(
  x: { readonly shape: Shape; readonly strides: readonly number[]; readonly offset: number },
  inner: number,
  batch: Shape,
): Float64Array {
  const lead = x.shape.length - inner;
  const steps = batch.map((_, d) => {
    const own = d - (batch.length - lead);
    return own < 0 || x.shape[own] === 1 ? 0 : x.strides[own];
  });
  const offsets = new Float64Array(elementCount(batch));
  const index = new Array<number>(batch.length).fill(0);
  let offset = x.offset;
  for (let i = 0; i < offsets.length; i++) {
    offsets[i] = offset;
    for (let d = batch.length - 1; d >= 0; d--) {
      offset += steps[d];
      if (++index[d] < batch[d]) break;
      offset -= steps[d] * batch[d];
      index[d] = 0;
    }
  }
  return offsets;
}
