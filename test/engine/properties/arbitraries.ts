import fc from "fast-check";
import { Storage } from "../../../engine/autograd/storage.ts";
import { fromBuffer, Tensor } from "../../../engine/autograd/tensor.ts";
import { allocate } from "../../../engine/base/dtype.ts";
import { isContiguous } from "../../../engine/base/shape.ts";

/** Every run draws the same cases, so that a failure can be repeated; `FC_SEED` draws others. */
export const options = (numRuns: number): { seed: number; numRuns: number } => ({
  seed: Number(process.env["FC_SEED"] ?? 20240601),
  numRuns,
});

/** How elements lie in memory: the order of the dimensions, the gaps between steps, where the first element is. */
export interface Layout {
  readonly order: readonly number[];
  readonly gaps: readonly number[];
  readonly offset: number;
}

/** A layout for any shape of up to six dimensions. */
export const layouts: fc.Arbitrary<Layout> = fc.record({
  order: fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }),
  gaps: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 6, maxLength: 6 }),
  offset: fc.integer({ min: 0, max: 5 }),
});

/** The same elements in another place in memory, amid numbers that must not be read. */
export function laidOut(x: Tensor, { order, gaps, offset }: Layout): Tensor {
  const strides = new Array<number>(x.ndim).fill(0);
  let step = 1;
  for (const d of order.filter((dim) => dim < x.ndim)) {
    step *= gaps[d] ?? 1;
    strides[d] = step;
    step *= Math.max(1, x.shape[d] ?? 1);
  }
  const values = allocate(x.dtype, offset + step + 3).fill(x.dtype === "bool" ? 1 : 77);
  const elements = x.toArray();
  for (let i = 0; i < elements.length; i++) values[offset + placeOf(i, x.shape, strides)] = elements[i] ?? 0;
  const dense = isContiguous(x.shape, strides);
  return new Tensor(new Storage(values), x.shape, strides, offset, x.dtype, dense).requiresGrad_(x.requiresGrad);
}

function placeOf(index: number, shape: readonly number[], strides: readonly number[]): number {
  let rest = index;
  let place = 0;
  for (let d = shape.length - 1; d >= 0; d--) {
    const size = shape[d] ?? 1;
    place += (rest % size) * (strides[d] ?? 0);
    rest = Math.floor(rest / size);
  }
  return place;
}

/** Small sizes; now and then 0 or 1. */
const size = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 4 }) },
  { weight: 1, arbitrary: fc.constant(0) },
);

export const shapes = (maxRank = 4): fc.Arbitrary<number[]> => fc.array(size, { maxLength: maxRank });

/** A shape, and one that broadcasts to it. */
export const broadcastable: fc.Arbitrary<readonly [shape: number[], smaller: number[]]> = fc
  .tuple(shapes(3), fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), fc.integer({ min: 0, max: 3 }))
  .map(([shape, ones, drop]) => [
    shape,
    shape.map((n, d) => (ones[d] === true ? 1 : n)).slice(Math.min(drop, shape.length)),
  ]);

/** Numbers in (-1.5, 1.5), at least 0.1 from 0, the same for the same seed. */
export function randomTensor(shape: readonly number[], seed: number): Tensor {
  const n = shape.reduce((product, sizeOfDim) => product * sizeOfDim, 1);
  const random = mulberry(seed);
  const values = Float64Array.from({ length: n }, () => (random() < 0.5 ? -1 : 1) * (0.1 + 1.4 * random()));
  return fromBuffer(values, [...shape], "float64");
}

export const seeds = fc.integer({ min: 1, max: 0x7fffffff });

function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
