import { grad } from "../../autograd/backward.ts";
import type { JacobianPair } from "../../autograd/observer.ts";
import { fromBuffer, type Tensor } from "../../autograd/tensor.ts";
import { close, type Tolerance } from "../comparison.ts";
import { analyticalJacobian, type Checked, numericalJacobians, outputsOf } from "../jacobian.ts";
import { pseudoRandom } from "../pseudoRandom.ts";
import { withSlopes } from "../slopes.ts";
import type { Replay } from "./replay.ts";
import type { TapedOp } from "./tape.ts";

/** One op by itself: a function of its inputs in double precision, and how its gradient is asked for. */
export interface LocalProblem {
  readonly fn: Checked;
  readonly inputs: readonly Tensor[];
  /** d(sum of <output, vector>)/d(input), as plain numbers per input. */
  readonly pullBack: (vectors: readonly Float64Array[]) => ArrayLike<number>[];
}

/** Larger Jacobians are looked at along a few directions only. */
const mostEntries = 4096;
const directions = 4;

/** The Jacobians of one op, both ways, with slopes when they disagree. */
export function localPairs(problem: LocalProblem, eps: number, tolerance: Tolerance): JacobianPair[] {
  const outputs = outputsOf(problem.fn, problem.inputs);
  const entries = total(problem.inputs) * total(outputs);
  const small = entries <= mostEntries ? problem : alongDirections(problem, outputs);
  const shapes = outputsOf(small.fn, small.inputs);
  const pairs = small.inputs.flatMap((input, i) => {
    const numerical = numericalJacobians(small.fn, small.inputs, input, eps);
    return shapes.map((output, o): JacobianPair => {
      const { elements: rows } = input;
      const { elements: cols } = output;
      const analytical = new Float64Array(rows * cols);
      for (let col = 0; col < cols; col++) {
        const vectors = shapes.map((out) => new Float64Array(out.elements));
        vectors[o][col] = 1;
        const column = small.pullBack(vectors)[i];
        for (let row = 0; row < rows; row++) analytical[row * cols + col] = column[row];
      }
      return {
        output: o,
        input: i,
        rows,
        cols,
        inputShape: input.shape,
        outputShape: output.shape,
        analytical,
        numerical: numerical[o],
        slopes: null,
      };
    });
  });
  const tolerant = withNoise(tolerance, shapes, eps);
  const agree = pairs.every((p) => p.analytical.every((a, k) => close(a, p.numerical[k], tolerant)));
  return agree ? [] : withSlopes(small.fn, small.inputs, pairs, eps, tolerant);
}

/** What rounding adds to a difference quotient of numbers of that size. */
export function withNoise({ atol, rtol }: Tolerance, outputs: readonly Tensor[], eps: number): Tolerance {
  let largest = 0;
  for (const out of outputs) for (const value of out.toArray()) largest = Math.max(largest, Math.abs(value));
  const noise = Number.isFinite(largest) ? (8 * Number.EPSILON * largest) / eps : 0;
  return { atol: Math.max(atol, noise), rtol };
}

/** The op as a function of one number per direction, and its outputs summed up with random weights. */
function alongDirections(problem: LocalProblem, outputs: readonly Tensor[]): LocalProblem {
  const weights = outputs.map((out, o) => pseudoRandom(out.elements, 50 + o));
  const ways = problem.inputs.map((x, i) =>
    Array.from({ length: directions }, (_, d) => pseudoRandom(x.elements, 90 + directions * i + d)),
  );
  const inputs = problem.inputs.map(() => fromBuffer(new Float64Array(directions), [directions], "float64"));
  const fn: Checked = (...by) => {
    const moved = problem.inputs.map((x, i) => {
      const values = Float64Array.from(x.toArray());
      const amounts = by[i].toArray();
      ways[i].forEach((way, d) => {
        for (let k = 0; k < values.length; k++) values[k] += amounts[d] * way[k];
      });
      return fromBuffer(values, x.shape, "float64");
    });
    const outs = outputsOf(problem.fn, moved);
    const sum = outs.reduce((s, out, o) => s + inner(out.toArray(), weights[o]), 0);
    return fromBuffer(Float64Array.of(sum), [1], "float64");
  };
  const pullBack = ([scale]: readonly Float64Array[]): ArrayLike<number>[] => {
    const gradients = problem.pullBack(weights.map((weight) => weight.map((x) => x * scale[0])));
    return gradients.map((gradient, i) => ways[i].map((way) => inner(gradient, way)));
  };
  return { fn, inputs, pullBack };
}

const total = (tensors: readonly Tensor[]): number => tensors.reduce((n, { elements }) => n + elements, 0);

function inner(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** The gradient of an op's gradient: what gradgradcheck asks. Null when the op is too large to look at. */
export function secondOrderPairs(
  { fn, inputs }: Replay,
  eps: number,
  tolerance: Tolerance,
): { readonly pairs: JacobianPair[]; readonly inputs: readonly Tensor[]; readonly fn: Checked } | null {
  const outputs = outputsOf(fn, inputs).filter((out) => out.requiresGrad);
  const vectors = outputs.map((out, o) =>
    fromBuffer(pseudoRandom(out.elements, 70 + o), out.shape, "float64").requiresGrad_(),
  );
  const all = [...inputs, ...vectors];
  if (outputs.length === 0 || total(all) * total(inputs) > mostEntries) return null;
  const first: Checked = (...xs) => {
    const own = xs.slice(0, inputs.length);
    const outs = outputsOf(fn, own).filter((out) => out.requiresGrad);
    const gradOutputs = xs.slice(inputs.length);
    return grad(outs, own, { gradOutputs, createGraph: true, allowUnused: true }).filter((g) => g !== null);
  };
  const results = outputsOf(first, all);
  const pairs = all.flatMap((input, i) => {
    const numerical = numericalJacobians(first, all, input, eps);
    return results.map(
      (output, o): JacobianPair => ({
        output: o,
        input: i,
        rows: input.elements,
        cols: output.elements,
        inputShape: input.shape,
        outputShape: output.shape,
        analytical: analyticalJacobian(output, input),
        numerical: numerical[o],
        slopes: null,
      }),
    );
  });
  return { pairs: withSlopes(first, all, pairs, eps, withNoise(tolerance, results, eps)), inputs: all, fn: first };
}

/** Which results of an op take part in the graph, by number. */
export function differentiableResults({ event }: TapedOp): number[] {
  return event.outputs.flatMap((out, i) => (out.requiresGrad && out.isFloatingPoint() ? [i] : []));
}
