import { dot, largest } from "./flat.ts";

/** The function along a line: where, how high, with what gradient, how steep along the line. */
export interface Point {
  readonly t: number;
  readonly value: number;
  readonly gradient: Float64Array;
  readonly slope: number;
}

/** What the search found, and how often it evaluated the function. */
export interface Found {
  readonly point: Point;
  readonly evaluations: number;
}

type Evaluate = (t: number) => { readonly value: number; readonly gradient: Float64Array };

/** How much of the descent that the slope promises must come true, and how flat the slope must have become. */
const ENOUGH = 1e-4;
const FLAT = 0.9;
const MAX_STEPS = 25;

/**
 * A step along `direction` that satisfies the strong Wolfe conditions, as in PyTorch's LBFGS: first steps outward until
 * a minimum is bracketed, then narrows the bracket by cubic interpolation.
 */
export function strongWolfe(
  evaluate: Evaluate,
  first: number,
  direction: Float64Array,
  start: Point,
  tolerance: number,
): Found {
  let evaluations = 0;
  const at = (t: number): Point => {
    evaluations++;
    const { value, gradient } = evaluate(t);
    return { t, value, gradient, slope: dot(gradient, direction) };
  };
  const isTooHigh = (p: Point): boolean => p.value > start.value + ENOUGH * p.t * start.slope;
  const isFlat = (p: Point): boolean => Math.abs(p.slope) <= -FLAT * start.slope;

  let previous = start;
  let point = at(first);
  let steps = 0;
  let bracket: [Point, Point] | null = null;
  for (; steps < MAX_STEPS; steps++) {
    if (isTooHigh(point) || (steps > 1 && point.value >= previous.value)) bracket = [previous, point];
    else if (isFlat(point)) return { point, evaluations };
    else if (point.slope >= 0) bracket = [previous, point];
    if (bracket !== null) break;
    const { t } = point;
    const next = minimumOfCubic(previous, point, [t + 0.01 * (t - previous.t), t * 10]);
    previous = point;
    point = at(next);
  }
  bracket ??= [start, point];

  const width = largest(direction);
  let [low, high] = order(bracket);
  let stuck = false;
  while (steps < MAX_STEPS && Math.abs(bracket[1].t - bracket[0].t) * width >= tolerance) {
    const inside = insideOf(bracket, stuck);
    stuck = inside.stuck;
    point = at(inside.t);
    steps++;
    if (isTooHigh(point) || point.value >= bracket[low].value) {
      bracket[high] = point;
      [low, high] = order(bracket);
      continue;
    }
    const flat = isFlat(point);
    if (!flat && point.slope * (bracket[high].t - bracket[low].t) >= 0) bracket[high] = bracket[low];
    bracket[low] = point;
    if (flat) break;
  }
  return { point: bracket[low], evaluations };
}

/** Which end of the bracket is lower, and which higher. */
const order = ([a, b]: readonly [Point, Point]): [0, 1] | [1, 0] => (a.value <= b.value ? [0, 1] : [1, 0]);

/** Where to look next: at the cubic's minimum, but the second time it hugs an end, a tenth of the width away from it. */
function insideOf(bracket: readonly [Point, Point], stuck: boolean): { t: number; stuck: boolean } {
  const t = minimumOfCubic(bracket[0], bracket[1], null);
  const left = Math.min(bracket[0].t, bracket[1].t);
  const right = Math.max(bracket[0].t, bracket[1].t);
  const margin = 0.1 * (right - left);
  if (Math.min(right - t, t - left) >= margin) return { t, stuck: false };
  if (!stuck && t < right && t > left) return { t, stuck: true };
  return { t: Math.abs(t - right) < Math.abs(t - left) ? right - margin : left + margin, stuck: false };
}

/** The minimum, within bounds (by default the two points), of the cubic through two points with their slopes. */
function minimumOfCubic(a: Point, b: Point, bounds: readonly [number, number] | null): number {
  const [left, right] = a.t <= b.t ? [a, b] : [b, a];
  const [lower, upper] = bounds ?? [left.t, right.t];
  const d1 = a.slope + b.slope - (3 * (a.value - b.value)) / (a.t - b.t);
  const square = d1 ** 2 - a.slope * b.slope;
  if (!(square >= 0)) return (lower + upper) / 2;
  const d2 = Math.sqrt(square);
  const t = right.t - (right.t - left.t) * ((right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2));
  return Math.min(Math.max(t, lower), upper);
}
