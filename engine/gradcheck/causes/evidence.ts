import type { JacobianPair } from "../../autograd/observer.ts";
import type { Tolerance } from "../comparison.ts";
import { close } from "../comparison.ts";

/** A pair of Jacobians that disagree, as the search for the cause sees it. */
export interface Suspect {
  readonly pair: JacobianPair;
  readonly tolerance: Tolerance;
  /** Per entry: whether finite differences can be believed there. */
  readonly sound: readonly boolean[];
  /** Sound entries that disagree. */
  readonly wrong: readonly number[];
  /** The values of the input and of the output, which a forgotten factor may be. */
  readonly inputValues: ArrayLike<number>;
  readonly outputValues: ArrayLike<number>;
  /** Whether doubling the output's gradient leaves the input's as it was. */
  readonly ignoresGradOutput: () => boolean;
}

/** What a cause says about a pair, such as `has the wrong sign`, and what to do about it. */
export interface Verdict {
  /** Goes on from "the gradient of …". */
  readonly says: string;
  readonly advice: string;
}

/** Whether a statement holds for the analytical and the numerical number at every sound entry. */
export function everywhere(suspect: Suspect, holds: (a: number, n: number, k: number) => boolean): boolean {
  const { analytical, numerical } = suspect.pair;
  return suspect.sound.every((sound, k) => !sound || holds(analytical[k], numerical[k], k));
}

/** Whether two numbers are equal as far as the check can tell. */
export const same = (suspect: Suspect, a: number, n: number): boolean => close(a, n, suspect.tolerance);

/** Whether a number is nothing but rounding, beside the numbers of its Jacobian. */
export const isZero = (suspect: Suspect, x: number): boolean => Math.abs(x) <= suspect.tolerance.atol;
