import type { JacobianPair, PairSlopes } from "../autograd/observer.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { close, type Tolerance } from "./comparison.ts";
import { type Checked, elementOffsets, outputsOf } from "./jacobian.ts";

/** Rows beyond this many are not measured again: each costs six runs of the function. */
const mostRows = 128;

/**
 * Measures the slopes of pairs that disagree: central differences at three steps, and the one-sided ones. Pairs that
 * agree are measured, too, when their input is: it is the same run.
 */
export function withSlopes(
  fn: Checked,
  inputs: readonly Tensor[],
  pairs: readonly JacobianPair[],
  eps: number,
  tolerance: Tolerance,
): JacobianPair[] {
  const steps = stepsAround(
    eps,
    pairs.some(({ input }) => inputs[input].dtype === "float32"),
  );
  const measured = new Map<number, PairSlopes[]>();
  return pairs.map((pair) => {
    const own = pairs.filter(({ input }) => input === pair.input);
    const rows = rowsToMeasure(own, tolerance);
    if (rows.length === 0) return pair;
    let slopes = measured.get(pair.input);
    if (slopes === undefined) {
      slopes = measure(fn, inputs, inputs[pair.input], own, rows, steps);
      measured.set(pair.input, slopes);
    }
    return { ...pair, slopes: slopes[own.indexOf(pair)] };
  });
}

/**
 * Three steps, ascending, the check's own in the middle; in single precision the others are larger, because smaller ones
 * drown in rounding.
 */
function stepsAround(eps: number, single: boolean): readonly number[] {
  return single && eps < 1e-3 ? [eps, 1e-3, 1e-2] : [eps / 100, eps, eps * 100];
}

/** All rows of a small input; of a large one those that disagree. */
function rowsToMeasure(pairs: readonly JacobianPair[], tolerance: Tolerance): number[] {
  const wrong = new Set<number>();
  for (const { analytical, numerical, cols } of pairs) {
    for (let k = 0; k < analytical.length; k++)
      if (!close(analytical[k], numerical[k], tolerance)) wrong.add(Math.floor(k / cols));
  }
  if (wrong.size === 0) return [];
  const { rows } = pairs[0];
  const wanted = rows <= mostRows ? Array.from({ length: rows }, (_, row) => row) : [...wrong].sort((a, b) => a - b);
  return wanted.slice(0, mostRows);
}

function measure(
  fn: Checked,
  inputs: readonly Tensor[],
  input: Tensor,
  pairs: readonly JacobianPair[],
  rows: readonly number[],
  steps: readonly number[],
): PairSlopes[] {
  const blank = (pair: JacobianPair): Float64Array => new Float64Array(pair.analytical.length).fill(Number.NaN);
  const found = pairs.map((pair) => ({
    steps,
    central: steps.map(() => blank(pair)),
    above: blank(pair),
    below: blank(pair),
    closeAbove: blank(pair),
    closeBelow: blank(pair),
  }));
  const run = (): ArrayLike<number>[] => outputsOf(fn, inputs).map((out) => out.toArray());
  const { values } = input.storage;
  const offsets = elementOffsets(input);
  const middle = run();
  for (const row of rows) {
    const at = offsets[row];
    const before = values[at];
    /** The outputs one step away, and how long the step really was: single precision rounds it. */
    const moved = (step: number): { outs: ArrayLike<number>[]; by: number } => {
      values[at] = before + step;
      const by = values[at] - before;
      return { outs: run(), by };
    };
    try {
      steps.forEach((step, s) => {
        const up = moved(step);
        const down = moved(-step);
        pairs.forEach(({ output, cols }, p) => {
          for (let col = 0; col < cols; col++) {
            const k = row * cols + col;
            const above = (up.outs[output][col] - middle[output][col]) / up.by;
            const below = (down.outs[output][col] - middle[output][col]) / down.by;
            found[p].central[s][k] = (up.outs[output][col] - down.outs[output][col]) / (up.by - down.by);
            if (step === steps[1]) {
              found[p].above[k] = above;
              found[p].below[k] = below;
            } else if (s === 0) {
              found[p].closeAbove[k] = above;
              found[p].closeBelow[k] = below;
            }
          }
        });
      });
    } finally {
      values[at] = before;
    }
  }
  return found;
}
