import { grad } from "../autograd/backward.ts";
import { enableGrad } from "../autograd/modes.ts";
import { type GradcheckReport, type JacobianEntry, type JacobianPair, watch } from "../autograd/observer.ts";
import { site } from "../autograd/sites.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { fromBuffer } from "../autograd/tensor.ts";
import { warn } from "../autograd/warnings.ts";
import { ArgumentError, checkOptions, GradlensError } from "../base/errors.ts";
import { analyticalJacobian, type Checked, numericalJacobians, outputsOf } from "./jacobian.ts";

/** A derivative that is not what finite differences say. */
export class GradcheckError extends GradlensError {
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
}

const OPTIONS = ["eps", "atol", "rtol", "raiseException", "nondetTol", "checkUndefinedGrad"];

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
  options: GradcheckOptions = {},
): boolean {
  checkOptions("gradgradcheck", options, OPTIONS);
  const list: readonly Tensor[] = Array.isArray(inputs) ? inputs : [inputs as Tensor];
  return concluded(options, () => {
    const outputs = outputsOf(fn, list).filter((out) => out.requiresGrad);
    const vectors: readonly Tensor[] =
      gradOutputs === undefined || gradOutputs === null
        ? outputs.map((out, i) =>
            fromBuffer(pseudoRandom(out.elements, i + 1), out.shape, "float64")
              .to(out.dtype)
              .requiresGrad_(),
          )
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

/** Numbers in (-1, 1) that look random and are the same in every run. */
function pseudoRandom(n: number, seed: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => {
    const x = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    return 2 * (x - Math.floor(x)) - 1;
  });
}

function check(name: string, fn: Checked, inputs: readonly Tensor[], options: GradcheckOptions): Finding {
  const { eps = 1e-6, atol = 1e-5, rtol = 1e-3, nondetTol = 0, checkUndefinedGrad = true } = options;
  checkInputs(inputs);
  // The recording holds the check as one result, not as thousands of ops.
  const { observer } = watch;
  watch.observer = null;
  try {
    const outputs = outputsOf(fn, inputs);
    const pairs: JacobianPair[] = [];
    let diagnosis: string | null = null;
    inputs.forEach((input, i) => {
      if (!input.requiresGrad) return;
      const numerical = numericalJacobians(fn, inputs, input, eps);
      outputs.forEach((output, o) => {
        pairs.push({
          output: o,
          input: i,
          rows: input.elements,
          cols: output.elements,
          analytical: analyticalJacobian(output, input),
          numerical: numerical[o],
        });
      });
    });
    const compared = compare(pairs, atol, rtol);
    if (compared.worst !== null)
      diagnosis = mismatch(pairs, compared.worst, outputs[compared.worst.output].requiresGrad);
    diagnosis ??= nondeterminism(outputs, inputs, nondetTol);
    if (checkUndefinedGrad) diagnosis ??= undefinedGradients(fn, inputs);
    return { name, passed: diagnosis === null, ...compared, diagnosis, pairs };
  } finally {
    watch.observer = observer;
  }
}

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
  if (!hasGrad)
    return "Numerical gradient for function expected to be zero: the output does not require grad, yet it changes with the input.";
  const pair = pairs.find((p) => p.output === worst.output && p.input === worst.input) as JacobianPair;
  const show = (values: Float64Array): string => String(fromBuffer(values, [pair.rows, pair.cols], "float64"));
  return (
    `Jacobian mismatch for output ${worst.output} with respect to input ${worst.input},\nnumerical:${show(pair.numerical)}\nanalytical:${show(pair.analytical)}\n` +
    `Farthest apart at [${worst.row}, ${worst.col}]: analytical ${worst.analytical}, numerical ${worst.numerical}.`
  );
}

/** Backward must give the same numbers when run twice. */
function nondeterminism(outputs: readonly Tensor[], inputs: readonly Tensor[], tolerance: number): string | null {
  const wanted = inputs.filter((x) => x.requiresGrad);
  for (const output of outputs) {
    if (!output.requiresGrad) continue;
    const run = (): (ArrayLike<number> | null)[] =>
      grad(output, wanted, { gradOutputs: output.detach().onesLike(), retainGraph: true, allowUnused: true }).map(
        (g) => g?.toArray() ?? null,
      );
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

/** Backward must cope with outputs that no gradient reached. */
function undefinedGradients(fn: Checked, inputs: readonly Tensor[]): string | null {
  const outputs = outputsOf(fn, inputs).filter((out) => out.requiresGrad);
  const wanted = inputs.filter((x) => x.requiresGrad);
  if (outputs.length < 2) return null;
  for (const output of outputs) {
    try {
      grad(output, wanted, { gradOutputs: output.detach().zerosLike(), retainGraph: true, allowUnused: true });
    } catch (error) {
      return `Expected backward function to handle undefined output grads: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  return null;
}
