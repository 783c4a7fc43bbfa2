import type { Tensor } from "../../autograd/tensor.ts";
import type { Shape } from "../../base/shape.ts";
import { elementsOf } from "./elements.ts";

/** What is kept of the numbers of a tensor in the end: every `steps[d]`-th element along each dimension `d`. */
export interface Portion {
  readonly row: number;
  /** 0 the value of the tensor in that row, 1 its gradient. */
  readonly of: 0 | 1;
  /** Whose numbers they are: the tensor itself, or its gradient. */
  readonly tensor: Tensor;
  readonly steps: readonly number[];
}

/** A sample has at most this many elements. */
const SAMPLE = 1 << 16;
/** All samples together have at most this many. */
const ALL_SAMPLES = 1 << 22;

/** Values and gradients that are kept: whole from the smallest on as long as they fit into `bytes`, then samples. */
export function choosePortions(wanted: ReadonlyMap<number, Tensor>, bytes: number): Portion[] {
  const candidates = [...wanted].flatMap(([row, x]) => [
    { row, of: 0 as const, tensor: x },
    ...(x.ownGrad === null ? [] : [{ row, of: 1 as const, tensor: x.ownGrad }]),
  ]);
  candidates.sort((a, b) => a.tensor.elements - b.tensor.elements);
  let left = bytes;
  let samples = ALL_SAMPLES;
  const chosen: Portion[] = [];
  for (const one of candidates) {
    const { shape, elements, dtype } = one.tensor;
    const size = elements * (dtype === "float32" ? 4 : 8);
    if (size <= left) {
      left -= size;
      chosen.push({ ...one, steps: shape.map(() => 1) });
      continue;
    }
    const steps = sampleSteps(shape, SAMPLE);
    samples -= portionSize(shape, steps);
    if (samples < 0) break;
    chosen.push({ ...one, steps });
  }
  return chosen;
}

/** Steps, powers of two, that leave at most `limit` elements: the longest side is thinned out first. */
export function sampleSteps(shape: Shape, limit: number): number[] {
  const steps = shape.map(() => 1);
  while (portionSize(shape, steps) > limit) {
    const lengths = shape.map((size, d) => Math.ceil(size / steps[d]));
    steps[lengths.indexOf(Math.max(...lengths))] *= 2;
  }
  return steps;
}

/** How many elements that leaves. */
export function portionSize(shape: Shape, steps: readonly number[]): number {
  return shape.reduce((product, size, d) => product * Math.ceil(size / steps[d]), 1);
}

/** The numbers of a portion, row-major, in pieces of at most `piece`. */
export function* portionOf(x: Tensor, steps: readonly number[], piece: number): Generator<ArrayLike<number>> {
  const isWhole = steps.every((step) => step === 1);
  const numbers = isWhole ? elementsOf(x) : gather(x, steps);
  if (numbers.length <= piece) yield numbers;
  else for (let at = 0; at < numbers.length; at += piece) yield slice(numbers, at, at + piece);
}

/** Reads the sample where it lies: a copy of all would be as large as what is too large to be kept. */
function gather(x: Tensor, steps: readonly number[]): Float64Array {
  const out = new Float64Array(portionSize(x.shape, steps));
  const { shape, strides, storage } = x;
  let to = 0;
  const visit = (d: number, place: number): void => {
    if (d === shape.length) out[to++] = storage.values[place];
    else for (let i = 0; i < shape[d]; i += steps[d]) visit(d + 1, place + i * strides[d]);
  };
  visit(0, x.offset);
  return out;
}

function slice(numbers: ArrayLike<number>, from: number, to: number): ArrayLike<number> {
  return (numbers as Float64Array).subarray(from, to);
}
