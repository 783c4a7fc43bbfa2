import { mixEvenly } from "../../engine/recording/paint/color.ts";
import type { Palette } from "../../engine/recording/paint/palette.ts";

/** Steps on each side of zero: more cannot be told apart, and each is mixed once. */
const steps = 32;

/** Colours for numbers between −scale and scale: one end of the heat scale, the background at zero, the other end. */
export class SignedColors {
  readonly #below: readonly string[];
  readonly #above: readonly string[];
  readonly #bad: string;

  /** `strength` of the ends, from 0 to 1: behind text less than all. */
  constructor({ background, vanishing, exploding, error }: Palette, strength: number) {
    const ramp = (end: string): string[] =>
      Array.from({ length: steps + 1 }, (_, i) => mixEvenly(background, end, (strength * i) / steps));
    this.#below = ramp(vanishing);
    this.#above = ramp(exploding);
    this.#bad = error;
  }

  of(x: number, scale: number): string {
    if (x - x !== 0) return this.#bad;
    const share = scale === 0 ? 0 : Math.min(1, Math.abs(x) / scale);
    const ramp = x < 0 ? this.#below : this.#above;
    return ramp[Math.round(share * steps)] ?? this.#bad;
  }

  /** From −scale to scale, for a legend. */
  get all(): readonly string[] {
    return [...this.#below].reverse().concat(this.#above);
  }
}
