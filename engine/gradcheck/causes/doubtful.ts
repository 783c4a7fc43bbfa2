import type { JacobianPair, PairSlopes } from "../../autograd/observer.ts";
import { close, type Tolerance } from "../comparison.ts";

/** Why finite differences cannot be believed at an entry; an edge is where the function ends in NaN. */
export type Doubt = "kink" | "edge" | "float32" | "step-size";

/** What speaks against finite differences at entry `k`, where they disagree with the gradient; null when nothing does. */
export function doubtAt(pair: JacobianPair, k: number, tolerance: Tolerance, single: boolean): Doubt | null {
  const { slopes, analytical } = pair;
  if (slopes === null || Number.isNaN(analytical[k])) return null;
  const above = slopes.above[k];
  const below = slopes.below[k];
  if (Number.isNaN(above) || Number.isNaN(below)) return null;
  const a = analytical[k];
  if (single) return isDrowned(slopes, a, k, tolerance) ? "float32" : null;
  if (hasKink(slopes, k, tolerance) && isBetween(a, above, below, tolerance)) return "kink";
  const [first, , last] = slopes.central;
  const agrees = close(a, first[k], tolerance) || close(a, last[k], tolerance);
  return agrees ? "step-size" : null;
}

/**
 * Slopes to both sides that stay apart however small the step. Of a smooth function their difference shrinks with the
 * step: it is ε·f″.
 */
function hasKink(slopes: PairSlopes, k: number, { atol }: Tolerance): boolean {
  const [closest, own] = slopes.steps;
  const far = Math.abs(slopes.above[k] - slopes.below[k]);
  const near = Math.abs(slopes.closeAbove[k] - slopes.closeBelow[k]);
  const size = Math.max(Math.abs(slopes.above[k]), Math.abs(slopes.below[k]));
  if (far <= Math.max(10 * atol, 0.01 * size)) return false;
  const shrunk = near / far;
  const smooth = closest / own;
  return shrunk > 5 * smooth || shrunk < smooth / 5;
}

function isBetween(a: number, x: number, y: number, { atol, rtol }: Tolerance): boolean {
  const slack = atol + rtol * Math.max(Math.abs(x), Math.abs(y));
  return a >= Math.min(x, y) - slack && a <= Math.max(x, y) + slack;
}

/** With larger steps, where rounding counts for less, the slopes come to the gradient. */
function isDrowned(slopes: PairSlopes, a: number, k: number, { atol }: Tolerance): boolean {
  return slopes.central.slice(1).some((central) => Math.abs(a - central[k]) <= Math.max(atol, 1e-2 * Math.abs(a)));
}
