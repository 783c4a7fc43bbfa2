import type { JacobianEntry, JacobianPair } from "../autograd/observer.ts";

/** How far a gradient may be from finite differences: |a − n| ≤ atol + rtol·|n|. */
export interface Tolerance {
  readonly atol: number;
  readonly rtol: number;
}

/** Whether an analytical and a numerical number count as equal. NaN equals NaN. */
export function close(a: number, n: number, { atol, rtol }: Tolerance): boolean {
  return a === n || (Number.isNaN(a) && Number.isNaN(n)) || Math.abs(a - n) <= atol + rtol * Math.abs(n);
}

/** The largest differences of all pairs, and the entry farthest beyond the tolerance. */
export interface Differences {
  readonly maxAbsError: number;
  readonly maxRelError: number;
  readonly worst: JacobianEntry | null;
}

/** Compares Jacobians entry by entry. */
export function compare(pairs: readonly JacobianPair[], { atol, rtol }: Tolerance): Differences {
  let maxAbsError = 0;
  let maxRelError = 0;
  let worst: JacobianEntry | null = null;
  let worstExcess = 0;
  for (const { output, input, cols, analytical, numerical } of pairs) {
    for (let k = 0; k < analytical.length; k++) {
      const a = analytical[k];
      const n = numerical[k];
      const error = Math.abs(a - n);
      const excess =
        Number.isNaN(error) && !(Number.isNaN(a) && Number.isNaN(n))
          ? Number.POSITIVE_INFINITY
          : error - (atol + rtol * Math.abs(n));
      if (error > maxAbsError) maxAbsError = error;
      if (n !== 0 && error / Math.abs(n) > maxRelError) maxRelError = error / Math.abs(n);
      if (excess > worstExcess) {
        worstExcess = excess;
        worst = { output, input, row: Math.floor(k / cols), col: k % cols, analytical: a, numerical: n };
      }
    }
  }
  return { maxAbsError, maxRelError, worst };
}
