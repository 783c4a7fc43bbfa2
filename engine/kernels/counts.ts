import type { TypedArray } from "../base/dtype.ts";
import type { Generator } from "../base/random.ts";
import { lgamma } from "./special.ts";

// How often something happens, by the algorithms of PyTorch's ATen/native/Distributions: the same numbers after the same seed.

/** Poisson numbers, of the rates that stand at the same places. */
export function poisson(rates: TypedArray, offset: number, out: TypedArray, random: Generator): void {
  for (let i = 0; i < out.length; i++) {
    const rate = rates[offset + i];
    out[i] = rate >= 10 ? poissonByRejection(rate, random) : poissonByProducts(rate, random);
  }
}

/** Multiplies uniform numbers until they are below e^−λ. */
function poissonByProducts(rate: number, random: Generator): number {
  if (rate === 0) return 0;
  const least = Math.exp(-rate);
  let count = 0;
  for (let product = random.uniformDouble(); product > least; count++) product *= random.uniformDouble();
  return count;
}

/** Transformed rejection: Hörmann 1993, algorithm PTRS. */
function poissonByRejection(rate: number, random: Generator): number {
  const b = 0.931 + 2.53 * Math.sqrt(rate);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const tight = 0.9277 - 3.6224 / (b - 2);
  const logRate = Math.log(rate);
  for (;;) {
    const u = random.uniformDouble() - 0.5;
    const v = random.uniformDouble();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + rate + 0.43);
    if (us >= 0.07 && v <= tight) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const height = Math.log(v) + Math.log(inverseAlpha) - Math.log(a / (us * us) + b);
    if (height <= -rate + k * logRate - lgamma(k + 1)) return k;
  }
}

/** Rounds to the dtype of the numbers. */
type Round = (value: number) => number;

const asDouble: Round = (value) => value;

/** Binomial numbers: how many of `counts` trials succeed with the probabilities at the same places. */
export function binomial(
  counts: TypedArray,
  countsAt: number,
  probabilities: TypedArray,
  probabilitiesAt: number,
  out: TypedArray,
  single: boolean,
  random: Generator,
): void {
  const round = single ? Math.fround : asDouble;
  for (let i = 0; i < out.length; i++) {
    out[i] = successes(counts[countsAt + i], probabilities[probabilitiesAt + i], round, random);
  }
}

/** What succeeds more often than not is counted by its failures. */
function successes(count: number, p: number, round: Round, random: Generator): number {
  if (count <= 0 || p <= 0) return 0;
  if (p >= 1) return count;
  if (p <= 0.5) return rareSuccesses(count, p, round, random);
  return p > 0.5 ? count - rareSuccesses(count, round(1 - p), round, random) : Number.NaN;
}

function rareSuccesses(count: number, p: number, round: Round, random: Generator): number {
  return round(count * p) >= 10 ? byRejection(count, p, round, random) : byWaiting(count, p, round, random);
}

/** Adds up the trials until each success: Devroye 1980. */
function byWaiting(count: number, p: number, round: Round, random: Generator): number {
  const logOfFailure = round(Math.log1p(-p));
  const wait = (): number => Math.ceil(Math.log(random.uniformDouble()) / logOfFailure);
  let found = 0;
  for (let trials = wait(); trials <= count; found++) trials += wait();
  return found;
}

/** Transformed rejection: Hörmann 1993, algorithm BTRS; PyTorch's has the logarithm that is missing there. */
function byRejection(count: number, p: number, round: Round, random: Generator): number {
  const spread = round(Math.sqrt(round(round(count * p) * round(1 - p))));
  const b = 1.15 + 2.53 * spread;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const centre = round(count * p) + 0.5;
  const tight = 0.92 - 4.2 / b;
  const odds = round(p / round(1 - p));
  const alpha = (2.83 + 5.1 / b) * spread;
  const mode = Math.floor(round(round(count + 1) * p));
  for (;;) {
    const u = random.uniformDouble() - 0.5;
    const v = random.uniformDouble();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + centre);
    if (k < 0 || k > count) continue;
    if (us >= 0.07 && v <= tight) return k;
    const bound =
      (mode + 0.5) * Math.log((mode + 1) / (odds * (count - mode + 1))) +
      (count + 1) * Math.log((count - mode + 1) / (count - k + 1)) +
      (k + 0.5) * Math.log((odds * (count - k + 1)) / (k + 1)) +
      stirlingTail(mode) +
      stirlingTail(count - mode) -
      stirlingTail(k) -
      stirlingTail(count - k);
    if (Math.log((v * alpha) / (a / (us * us) + b)) <= bound) return k;
  }
}

const TAILS = [
  0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509, 0.0166446911898211,
  0.0138761288230707, 0.0118967099458917, 0.010411265261972, 0.00925546218271273, 0.00833056343336287,
];

/** What Stirling's formula leaves of log k!. */
function stirlingTail(k: number): number {
  if (k <= 9) return TAILS[Math.trunc(k)];
  const square = (k + 1) * (k + 1);
  return (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / (k + 1);
}
