/** The steps in which the editor shows gradient sizes, each with a theme colour `gradlens.heat.<level>`. */
export const heatLevels = ["vanishing", "low", "median", "high", "exploding", "nonfinite"] as const;

export type HeatLevel = (typeof heatLevels)[number];

/** The step for a heat from −1, vanishing, over 0, the run's median, to 1, exploding; infinite for a gradient that is not finite. */
export function levelOf(heat: number): HeatLevel | null {
  if (Number.isNaN(heat)) return null;
  if (heat === Number.POSITIVE_INFINITY) return "nonfinite";
  if (heat <= -1) return "vanishing";
  if (heat >= 1) return "exploding";
  if (Math.abs(heat) < 1 / 3) return "median";
  return heat < 0 ? "low" : "high";
}

/** The heat that says most about several tensors of one line: the one farthest from the median; NaN when none has any. */
export function hottest(heats: readonly number[]): number {
  const known = heats.filter((heat) => !Number.isNaN(heat));
  return known.reduce((most, heat) => (Math.abs(heat) > Math.abs(most) ? heat : most), known[0] ?? Number.NaN);
}
