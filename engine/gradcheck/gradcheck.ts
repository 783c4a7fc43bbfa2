import { grad } from "../autograd/backward.ts";
import { enableGrad } from "../autograd/modes.ts";
import { type GradcheckReport, type JacobianEntry, type JacobianPair, watch } from "../autograd/observer.ts";
import { site } from "../autograd/sites.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { fromBuffer } from "../autograd/tensor.ts";
import { warn } from "../autograd/warnings.ts";
import { ArgumentError, checkOptions, GradlensError } from "../base/errors.ts";
import { analyticalJacobian, type Checked, numericalJacobians, outputsOf } from "./jacobian.ts";
import { type Projection, projections } from "./projections.ts";
import { pseudoRandom } from "./pseudoRandom.ts";
import { undefinedGradients } from "./undefinedGrads.ts";

/** A derivative that is not what finite differences say. */
export class GradcheckError extends GradlensError {
  /** Everything that was measured. */
  readonly report: GradcheckReport;

  constructor(report: GradcheckReport) {
    super(report.diagnosis ?? "gradcheck failed", "gradcheck");
    this.report = report;
  }
}

/** Options of `gradcheck` and `gradgradcheck`; defaults are PyTorch's. */
export interface GradcheckOptions {
  /** Step of the central difference. Default 1e-6. */
  readonly eps?: number;
  /** Default 1e-5. */
  readonly atol?: number;
  /** Default 1e-3. */
  readonly rtol?: number;
  /** Throw GradcheckError on failure instead of giving false. Default true. */
  readonly raiseException?: boolean;
  /** How far two runs of the same backward may differ. Default 0. */
  readonly nondetTol?: number;
  /** Also check that backward copes with undefined output gradients. Default true. */
  readonly checkUndefinedGrad?: boolean;
  /** Compare random projections of the Jacobians instead of every entry: for large inputs. Default false. */
  readonly fastMode?: boolean;
}

/** Options of `gradgradcheck`. */
export interface GradgradcheckOptions extends GradcheckOptions {
  /** Make the random output gradients non-contiguous. Default false. */
  readonly genNonContigGradOutputs?: boolean;
}

const OPTIONS = ["eps", "atol", "rtol", "raiseException", "nondetTol", "checkUndefinedGrad", "fastMode"];

/**
 * Whether the gradients of `fn` agree with finite differences at `inputs`, for every input that requires grad. Inputs
 * should be float64.
 *
 * @throws GradcheckError with both Jacobians, unless `raiseException` is false. Errors of `fn` itself pass through.
 */
export function gradcheck(fn: Checked, inputs: Tensor | readonly Tensor[], options: GradcheckOptions = {}): boolean {
  checkOptions("gradcheck", options, OPTIONS);
  const list: readonly Tensor[] = Array.isArray(inputs) ? inputs : [inputs as Tensor];
  return concluded(options, () => check(label("gradcheck", fn), fn, list, options));
}

/**
 * Whether the gradients of the gradients of `fn` agree with finite differences. `gradOutputs` are fixed pseudo-random
 * vectors when left out.
 *
 * @throws GradcheckError, unless `raiseException` is false.
 */
export function gradgradcheck(
  fn: Checked,
  inputs: Tensor | readonly Tensor[],
  gradOutputs?: Tensor | readonly Tensor[] | null,
  options: GradgradcheckOptions = {},
): boolean {
  checkOptions("gradgradcheck", options, [...OPTIONS, "genNonContigGradOutputs"]);
  const list: readonly Tensor[] = Array.isArray(inputs) ? inputs : [inputs as Tensor];
  return concluded(options, () => {
    const outputs = outputsOf(fn, list).filter((out) => out.requiresGrad);
    const vectors: readonly Tensor[] =
      gradOutputs === undefined || gradOutputs === null
        ? outputs.map((out, i) => randomLike(out, i + 1, options.genNonContigGradOutputs ?? false).requiresGrad_())
        : Array.isArray(gradOutputs)
          ? gradOutputs
          : [gradOutputs as Tensor];
    const first: Checked = (...all) => {
      const xs = all.slice(0, list.length);
      const gs = all.slice(list.length);
      const outs = outputsOf(fn, xs).filter((out) => out.requiresGrad);
      const wanted = xs.filter((x) => x.requiresGrad);
      return grad(outs, wanted, { gradOutputs: gs, createGraph: true, allowUnused: true }).filter((g) => g !== null);
    };
    return check(label("gradgradcheck", fn), first, [...list, ...vectors], options);
  });
}

const label = (kind: string, fn: Checked): string => (fn.name === "" ? kind : `${kind} ${fn.name}`);

/** What a check finds, before it is known which call asked for it. */
type Finding = Omit<GradcheckReport, "site">;

function concluded(options: GradcheckOptions, run: () => Finding): boolean {
  const asked = site.current; // the function under check has call sites of its own
  const report = { ...enableGrad(run), site: asked };
  watch.observer?.gradcheck(report);
  if (!report.passed && (options.raiseException ?? true)) throw new GradcheckError(report);
  return report.passed;
}

/** A fixed pseudo-random tensor; with gaps between its elements on request. */
function randomLike(x: Tensor, seed: number, gaps: boolean): Tensor {
  if (!gaps) return fromBuffer(pseudoRandom(x.elements, seed), x.shape, "float64").to(x.dtype);
  const wide = fromBuffer(pseudoRandom(2 * x.elements, seed), [...x.shape, 2], "float64").to(x.dtype);
  return wide.select(-1, 0).detach();
}

function check(name: string, fn: Checked, inputs: readonly Tensor[], options: GradcheckOptions): Finding {
  const { nondetTol = 0, checkUndefinedGrad = true, fastMode = false } = options;
  checkInputs(inputs);
  // The recording holds the check as one result, not as thousands of ops.
  const { observer } = watch;
  watch.observer = null;
  try {
    const outputs = outputsOf(fn, inputs);
    const compared = (fastMode ? checkProjections : checkJacobians)(fn, inputs, outputs, options);
    let { diagnosis } = compared;
    diagnosis ??= nondeterminism(outputs, inputs, nondetTol);
    if (checkUndefinedGrad) diagnosis ??= undefinedGradients(fn, inputs);
    return { ...compared, name, passed: diagnosis === null, diagnosis };
  } finally {
    watch.observer = observer;
  }
}

type Compared = Pick<Finding, "maxAbsError" | "maxRelError" | "worst" | "diagnosis" | "pairs">;

/** Slow mode: every entry of every Jacobian. */
function checkJacobians(
  fn: Checked,
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  { eps = 1e-6, atol = 1e-5, rtol = 1e-3 }: GradcheckOptions,
): Compared {
  const pairs: JacobianPair[] = [];
  inputs.forEach((input, i) => {
    if (!input.requiresGrad) return;
    const numerical = numericalJacobians(fn, inputs, input, eps);
    outputs.forEach((output, o) => {
      const analytical = analyticalJacobian(output, input);
      pairs.push({
        output: o,
        input: i,
        rows: input.elements,
        cols: output.elements,
        analytical,
        numerical: numerical[o],
      });
    });
  });
  const compared = compare(pairs, atol, rtol);
  const { worst } = compared;
  return {
    ...compared,
    pairs,
    diagnosis: worst === null ? null : mismatch(pairs, worst, outputs[worst.output].requiresGrad),
  };
}

/** Fast mode: one number per output and input. Where they differ, slow mode tells in which entries. */
function checkProjections(
  fn: Checked,
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  options: GradcheckOptions,
): Compared {
  const { eps = 1e-6, atol = 1e-5, rtol = 1e-3 } = options;
  const found = projections(fn, inputs, outputs, eps);
  const pairs = found.map(asPair);
  const differing = found.find(({ analytical, numerical, scale }) => !close(analytical, numerical, atol * scale, rtol));
  if (differing === undefined)
    return { ...compare(pairs, Number.POSITIVE_INFINITY, 0), worst: null, pairs, diagnosis: null };
  const slow = checkJacobians(fn, inputs, outputs, options);
  const entry = { row: 0, col: 0, ...differing };
  const worst = slow.worst ?? entry;
  return { ...slow, worst, diagnosis: fastMismatch(differing, slow, outputs[differing.output].requiresGrad) };
}

function close(a: number, n: number, atol: number, rtol: number): boolean {
  return a === n || (Number.isNaN(a) && Number.isNaN(n)) || Math.abs(a - n) <= atol + rtol * Math.abs(n);
}

const asPair = ({ output, input, analytical, numerical }: Projection): JacobianPair => ({
  output,
  input,
  rows: 1,
  cols: 1,
  analytical: Float64Array.of(analytical),
  numerical: Float64Array.of(numerical),
});

function fastMismatch(at: Projection, slow: Compared, hasGrad: boolean): string {
  if (!hasGrad) return INDEPENDENT;
  const { output, input, numerical, analytical } = at;
  const head = `Jacobian mismatch for output ${output} with respect to input ${input},\nnumerical:tensor(${numerical})\nanalytical:tensor(${analytical})\n\nThe above quantities relating the numerical and analytical jacobians are computed\nin fast mode, from random projections.`;
  if (slow.diagnosis === null) {
    return `${head} Fast gradcheck failed but element-wise differences are small: slow mode would pass. Leave fastMode out, or raise atol and rtol.`;
  }
  const pair = slow.pairs.find((p) => p.output === output && p.input === input) as JacobianPair;
  return `${head} Below, numerical and analytical jacobians are recomputed in slow mode:\n\nNumerical:\n${shown(pair, pair.numerical)}\nAnalytical:\n${shown(pair, pair.analytical)}\n\nThe max per-element difference (slow mode) is: ${slow.maxAbsError}.`;
}

const shown = ({ rows, cols }: JacobianPair, values: Float64Array): string =>
  String(fromBuffer(values, [rows, cols], "float64"));

const INDEPENDENT =
  "Numerical gradient for function expected to be zero: the output does not require grad, yet it changes with the input.";

function checkInputs(inputs: readonly Tensor[]): void {
  if (!inputs.some((x) => x.requiresGrad)) {
    throw new ArgumentError(
      "gradcheck",
      "gradcheck expects at least one input tensor to require gradient, but none of them have requiresGrad=true.",
    );
  }
  inputs.forEach((x, i) => {
    if (!x.requiresGrad) return;
    if (x.dtype !== "float64") {
      warn(
        `Input #${i} requires gradient and is not a double precision floating point. This check will likely fail: create it with { dtype: "float64" }.`,
      );
    }
    if (x.strides.some((stride, d) => stride === 0 && x.shape[d] > 1)) {
      throw new GradlensError(
        `The ${i}th input has a dimension with stride 0. gradcheck only supports inputs that are non-overlapping to be able to compute the numerical gradients correctly. Call .contiguous() on it first.`,
        "gradcheck",
      );
    }
  });
}

function compare(
  pairs: readonly JacobianPair[],
  atol: number,
  rtol: number,
): { maxAbsError: number; maxRelError: number; worst: JacobianEntry | null } {
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

function mismatch(pairs: readonly JacobianPair[], worst: JacobianEntry, hasGrad: boolean): string {
  if (!hasGrad) return INDEPENDENT;
  const pair = pairs.find((p) => p.output === worst.output && p.input === worst.input) as JacobianPair;
  return (
    `Jacobian mismatch for output ${worst.output} with respect to input ${worst.input},\nnumerical:${shown(pair, pair.numerical)}\nanalytical:${shown(pair, pair.analytical)}\n` +
    `Farthest apart at [${worst.row}, ${worst.col}]: analytical ${worst.analytical}, numerical ${worst.numerical}.`
  );
}

/** Backward must give the same numbers when run twice. */
function nondeterminism(outputs: readonly Tensor[], inputs: readonly Tensor[], tolerance: number): string | null {
  const wanted = inputs.filter((x) => x.requiresGrad);
  for (const output of outputs) {
    if (!output.requiresGrad) continue;
    const run = (): (ArrayLike<number> | null)[] =>
      grad(output, wanted, {
        gradOutputs: randomLike(output.detach(), 7, false),
        retainGraph: true,
        allowUnused: true,
      }).map((g) => g?.toArray() ?? null);
    const first = run();
    const second = run();
    const differs = first.some((a, i) => {
      const b = second[i];
      if (a === null || b === null) return a !== b;
      return Array.from(a).some((value, k) => Math.abs(value - b[k]) > tolerance);
    });
    if (differs) {
      return `Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives different values, although analytical gradient matches numerical gradient. The tolerance for nondeterminism was ${tolerance}.`;
    }
  }
  return null;
}
