/** Milliseconds between two steps: a short chain can be read along, a long one ends within half a minute. */
export function playbackPace(steps: number): number {
  return Math.max(60, Math.min(1000, 25_000 / Math.max(1, steps)));
}
