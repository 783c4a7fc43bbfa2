import type { TypedArray } from "../base/dtype.ts";

/** What is said about the elements of a tensor. NaN and Inf are counted apart and left out of the other figures. */
export interface Statistics {
  readonly numel: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Of the population: divided by n. */
  readonly std: number;
  /** Euclidean. */
  readonly norm: number;
  readonly zeros: number;
  readonly nan: number;
  readonly inf: number;
  /** The first elements, row-major, non-finite ones included. */
  readonly sample: readonly number[];
}

/** More elements than this are sampled evenly: the figures then describe the sample, the counts are scaled up. */
const MAX_READ = 1 << 22;
const SAMPLE = 8;

/** Of how many elements one is read for the figures of a tensor; 1 when all are. */
export const readOneIn = (numel: number): number => Math.max(1, Math.ceil(numel / MAX_READ));

export function statistics(values: ArrayLike<number>): Statistics {
  const n = values.length;
  const stride = readOneIn(n);
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let total = 0;
  let squares = 0;
  let zeros = 0;
  let nan = 0;
  let inf = 0;
  let finite = 0;
  for (let i = 0; i < n; i += stride) {
    const x = values[i];
    if (x - x !== 0) {
      if (Number.isNaN(x)) nan++;
      else inf++;
      continue;
    }
    finite++;
    total += x;
    squares += x * x;
    if (x < min) min = x;
    if (x > max) max = x;
    if (x === 0) zeros++;
  }
  const mean = finite === 0 ? Number.NaN : total / finite;
  let spread = 0;
  for (let i = 0; i < n; i += stride) {
    const d = values[i] - mean;
    if (d - d === 0) spread += d * d;
  }
  return {
    numel: n,
    min: finite === 0 ? Number.NaN : min,
    max: finite === 0 ? Number.NaN : max,
    mean,
    std: finite === 0 ? Number.NaN : Math.sqrt(spread / finite),
    norm: nan > 0 ? Number.NaN : inf > 0 ? Number.POSITIVE_INFINITY : Math.sqrt(squares * stride),
    zeros: zeros * stride,
    nan: nan * stride,
    inf: inf * stride,
    sample: Array.from({ length: Math.min(SAMPLE, n) }, (_, i) => values[i]),
  };
}

/** Which non-finite values there are, as a Health bit set: 1 for NaN, 2 for Inf. */
export function health(values: ArrayLike<number>, from: number, n: number): number {
  const end = from + n;
  let found = 0;
  for (let i = from; i < end; i++) {
    const x = values[i];
    if (Number.isNaN(x)) found |= 1;
    else if (x - x !== 0) found |= 2;
  }
  return found;
}

/** A faster way to sums of squares; null for what it can't do. */
type FastSquares = (values: TypedArray, from: number, n: number) => number | null;

let fastSquares: FastSquares | null = null;

/** Lets sums of squares be computed by the engine's kernels, where there is an engine. */
export function computeSquaresBy(way: FastSquares): void {
  fastSquares = way;
}

/** Sum of squares. It is finite only when all values are (and, in float64, below 1e154). */
export function squares(values: ArrayLike<number>, from: number, n: number): number {
  const found = fastSquares === null || n < 128 ? null : fastSquares(values as TypedArray, from, n);
  if (found !== null) return found;
  // Eight sums, because one would wait for each addition to end.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let e = 0;
  let f = 0;
  let g = 0;
  let h = 0;
  const end = from + n;
  let i = from;
  for (; i + 7 < end; i += 8) {
    const p = values[i];
    const q = values[i + 1];
    const r = values[i + 2];
    const s = values[i + 3];
    const t = values[i + 4];
    const u = values[i + 5];
    const v = values[i + 6];
    const w = values[i + 7];
    a += p * p;
    b += q * q;
    c += r * r;
    d += s * s;
    e += t * t;
    f += u * u;
    g += v * v;
    h += w * w;
  }
  for (; i < end; i++) a += values[i] * values[i];
  return a + b + (c + d) + (e + f + (g + h));
}
