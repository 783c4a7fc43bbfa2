/** From `a` the part `weight` of the way to `b`, from the nearer end, so that 1 gives `b` exactly. */
export const between = (a: number, b: number, weight: number): number =>
  Math.abs(weight) < 0.5 ? a + weight * (b - a) : b - (b - a) * (1 - weight);
