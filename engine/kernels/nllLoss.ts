import type { TypedArray } from "../base/dtype.ts";

/** Sizes of log-probabilities [batch, classes, positions] and targets [batch, positions]. */
export interface NllSizes {
  readonly batch: number;
  readonly classes: number;
  readonly positions: number;
  /** Targets of this class count nothing. */
  readonly ignoreIndex: number;
}

/** Writes minus the weighted log-probability of each target into out[batch, positions]; gives the sum of the weights. */
export function negativeLikelihood(
  x: TypedArray,
  xo: number,
  target: TypedArray,
  to: number,
  weight: TypedArray | null,
  { batch, classes, positions, ignoreIndex }: NllSizes,
  out: TypedArray,
): number {
  let total = 0;
  for (let b = 0, i = 0; b < batch; b++) {
    for (let s = 0; s < positions; s++, i++) {
      const c = target[to + i];
      if (c === ignoreIndex) {
        out[i] = 0;
        continue;
      }
      const w = weight === null ? 1 : weight[c];
      total += w;
      out[i] = -w * x[xo + (b * classes + c) * positions + s];
    }
  }
  return total;
}

/** The adjoint: writes −weight · grad[i · step] · scale at each target's place of zero-filled out[batch, classes, positions]. */
export function spreadLikelihood(
  grad: TypedArray,
  go: number,
  step: 0 | 1,
  scale: number,
  target: TypedArray,
  to: number,
  weight: TypedArray | null,
  { batch, classes, positions, ignoreIndex }: NllSizes,
  out: TypedArray,
): void {
  for (let b = 0, i = 0; b < batch; b++) {
    for (let s = 0; s < positions; s++, i++) {
      const c = target[to + i];
      if (c === ignoreIndex) continue;
      const w = weight === null ? 1 : weight[c];
      out[(b * classes + c) * positions + s] = -w * scale * grad[go + i * step];
    }
  }
}
