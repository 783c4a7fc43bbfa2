import { grad } from "../autograd/backward.ts";
import { enableGrad } from "../autograd/modes.ts";
import { type GradcheckReport, type JacobianEntry, type JacobianPair, watch } from "../autograd/observer.ts";
import { site } from "../autograd/sites.ts";
import { fromBuffer, type Tensor } from "../autograd/tensor.ts";
import { warn } from "../autograd/warnings.ts";
import { isOptions } from "../base/arguments.ts";
import { ArgumentError, checkOptions, GradlensError } from "../base/errors.ts";
import { type Asked, faultyFunction } from "./blame/findBlame.ts";
import { close, compare, type Differences } from "./comparison.ts";
import { type Explanation, explain } from "./explanation.ts";
import { type Checked, jacobianPairs, outputsOf } from "./jacobian.ts";
import { type Projection, projections } from "./projections.ts";
import { pseudoRandom } from "./pseudoRandom.ts";
import { changedInput, elementsOf, nondeterminism, putBack, unsteadiness } from "./repeatability.ts";
import { needsEveryGradient, undefinedGradients } from "./undefinedGrads.ts";

/** A derivative that is not what finite differences say. */
export class GradcheckError extends GradlensError {
  /** Everything that was measured. */
  readonly report: GradcheckReport;

  constructor(report: GradcheckReport, message: string) {
    super(message, "gradcheck");
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
  return concluded(options, label("gradcheck", fn), () => check(fn, list, options, { fn, inputs: list, order: 1 }));
}

/**
 * Whether the gradients of the gradients of `fn` agree with finite differences. `gradOutputs` are fixed pseudo-random
 * vectors when left out.
 *
 * @throws GradcheckError, unless `raiseException` is false.
 */
export function gradgradcheck(fn: Checked, inputs: Tensor | readonly Tensor[], options?: GradgradcheckOptions): boolean;
export function gradgradcheck(
  fn: Checked,
  inputs: Tensor | readonly Tensor[],
  gradOutputs?: Tensor | readonly Tensor[] | null,
  options?: GradgradcheckOptions,
): boolean;
export function gradgradcheck(
  fn: Checked,
  inputs: Tensor | readonly Tensor[],
  third?: Tensor | readonly Tensor[] | GradgradcheckOptions | null,
  fourth?: GradgradcheckOptions,
): boolean {
  const [gradOutputs, options] = isOptions(third)
    ? [null, third as GradgradcheckOptions]
    : [third as Tensor | readonly Tensor[] | null | undefined, fourth ?? {}];
  checkOptions("gradgradcheck", options, [...OPTIONS, "genNonContigGradOutputs"]);
  const list: readonly Tensor[] = Array.isArray(inputs) ? inputs : [inputs as Tensor];
  return concluded(options, label("gradgradcheck", fn), () => {
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
    return check(first, [...list, ...vectors], options, { fn, inputs: list, order: 2 });
  });
}

const label = (kind: string, fn: Checked): string => (fn.name === "" ? kind : `${kind} ${fn.name}`);

/** What a check finds, before it is known which call asked for it. */
interface Finding extends Omit<GradcheckReport, "site" | "name"> {
  /** What disagrees, in PyTorch's words; null when it is something else that failed. */
  readonly mismatch: string | null;
}

const EPS = 1e-6;
const ATOL = 1e-5;
const RTOL = 1e-3;

function concluded(options: GradcheckOptions, name: string, run: () => Finding): boolean {
  const asked = site.current; // the function under check has call sites of its own
  const { observer } = watch;
  observer?.gradcheckStart?.(name, asked);
  let finding: Finding;
  try {
    finding = enableGrad(run);
  } catch (error) {
    observer?.gradcheck({ ...unfinished(options, error), name, site: asked });
    throw error;
  } finally {
    site.current = asked;
  }
  const { mismatch: _words, ...rest } = finding;
  const report = { ...rest, name, site: asked };
  observer?.gradcheck(report);
  if (!report.passed && (options.raiseException ?? true)) throw new GradcheckError(report, messageOf(finding));
  return report.passed;
}

/** PyTorch's words first, which people search for, then the cause. */
function messageOf({ mismatch: words, diagnosis }: Finding): string {
  if (words === null || diagnosis === null || diagnosis === words) return diagnosis ?? "gradcheck failed";
  return `${words}\n${diagnosis.slice(0, -words.length - 1)}`;
}

/** A check that could not be made: the function threw, or the inputs are not fit for it. */
function unfinished({ eps = EPS, atol = ATOL, rtol = RTOL }: GradcheckOptions, error: unknown): Finding {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { ...nothingCompared, diagnosis: `The check could not be made. ${text}`, eps, atol, rtol };
}

/** A fixed pseudo-random tensor; with gaps between its elements on request. */
function randomLike(x: Tensor, seed: number, gaps: boolean): Tensor {
  if (!gaps) return fromBuffer(pseudoRandom(x.elements, seed), x.shape, "float64").to(x.dtype);
  const wide = fromBuffer(pseudoRandom(2 * x.elements, seed), [...x.shape, 2], "float64").to(x.dtype);
  return wide.select(-1, 0).detach();
}

function check(
  fn: Checked,
  inputs: readonly Tensor[],
  options: GradcheckOptions,
  origin: Pick<Asked, "fn" | "inputs" | "order">,
): Finding {
  const { nondetTol = 0, checkUndefinedGrad = true, fastMode = false, eps = EPS, atol = ATOL, rtol = RTOL } = options;
  checkInputs(inputs);
  // The recording holds the check as one result, not as thousands of ops.
  const { observer } = watch;
  watch.observer = null;
  try {
    const asked: Asked = { fn, inputs, eps, tolerance: { atol, rtol }, order: 1 };
    const before = elementsOf(inputs);
    const outputs = outputsOf(fn, inputs);
    if (changedInput(inputs, before) !== null) return spoilt(asked, before);
    const compared = (fastMode ? checkProjections : checkJacobians)(asked, outputs);
    const found = { ...compared, eps, atol, rtol, advice: null };
    if (compared.mismatch !== null) return failed(found, explain(asked, { ...asked, ...origin }, compared.pairs));
    const shaky = nondeterminism(asked, outputs, nondetTol);
    if (shaky !== null) return { ...found, ...shaky, passed: false, cause: "nondeterministic" };
    const undefinedGrad = checkUndefinedGrad ? undefinedGradients(fn, inputs) : null;
    if (undefinedGrad === null) return { ...found, passed: true, diagnosis: null, cause: null, blame: null };
    const blame = faultyFunction(asked, needsEveryGradient);
    return { ...found, passed: false, diagnosis: undefinedGrad, cause: "undefined-grad", blame };
  } finally {
    watch.observer = observer;
  }
}

/** The function writes to what it is checked at, so there is nothing to compare. The inputs are put back. */
function spoilt(asked: Asked, before: readonly Float64Array[]): Finding {
  putBack(asked.inputs, before);
  const { eps, tolerance } = asked;
  const found = unsteadiness(asked, 0);
  return {
    ...nothingCompared,
    ...tolerance,
    eps,
    diagnosis: found?.diagnosis ?? "The function changes its inputs in place.",
    blame: found?.blame ?? null,
  };
}

const nothingCompared = {
  passed: false,
  maxAbsError: Number.NaN,
  maxRelError: Number.NaN,
  worst: null,
  advice: null,
  cause: null,
  blame: null,
  mismatch: null,
  pairs: [],
} as const;

function failed(found: Omit<Finding, "passed" | "diagnosis" | "cause" | "blame">, why: Explanation): Finding {
  const { cause, blame, sentence, advice, pairs } = why;
  const headline = [sentence, advice].filter((part) => part !== null).join(" ") || null;
  const diagnosis = [headline, found.mismatch].filter((part) => part !== null).join("\n");
  return { ...found, passed: false, diagnosis, advice, cause, blame, pairs };
}

interface Compared extends Differences {
  readonly pairs: readonly JacobianPair[];
  /** What disagrees, in PyTorch's words; null when nothing does. */
  readonly mismatch: string | null;
}

/** Slow mode: every entry of every Jacobian. */
function checkJacobians({ fn, inputs, eps, tolerance }: Asked, outputs: readonly Tensor[]): Compared {
  const pairs = jacobianPairs(fn, inputs, outputs, eps);
  const compared = compare(pairs, tolerance);
  const { worst } = compared;
  return {
    ...compared,
    pairs,
    mismatch: worst === null ? null : mismatch(pairs, worst, outputs[worst.output].requiresGrad),
  };
}

/** Fast mode: one number per output and input. Where they differ, slow mode tells in which entries. */
function checkProjections(asked: Asked, outputs: readonly Tensor[]): Compared {
  const { fn, inputs, eps, tolerance } = asked;
  const { atol, rtol } = tolerance;
  const found = projections(fn, inputs, outputs, eps);
  const pairs = found.map(asPair);
  const differing = found.find(
    ({ analytical, numerical, scale }) => !close(analytical, numerical, { atol: atol * scale, rtol }),
  );
  if (differing === undefined)
    return { ...compare(pairs, { atol: Number.POSITIVE_INFINITY, rtol: 0 }), worst: null, pairs, mismatch: null };
  const slow = checkJacobians(asked, outputs);
  const entry = { row: 0, col: 0, ...differing };
  const worst = slow.worst ?? entry;
  return { ...slow, worst, mismatch: fastMismatch(differing, slow, outputs[differing.output].requiresGrad) };
}

const asPair = ({ output, input, analytical, numerical }: Projection): JacobianPair => ({
  output,
  input,
  rows: 1,
  cols: 1,
  inputShape: [],
  outputShape: [],
  analytical: Float64Array.of(analytical),
  numerical: Float64Array.of(numerical),
  slopes: null,
});

function fastMismatch(at: Projection, slow: Compared, hasGrad: boolean): string {
  if (!hasGrad) return INDEPENDENT;
  const { output, input, numerical, analytical } = at;
  const head = `Jacobian mismatch for output ${output} with respect to input ${input},\nnumerical:tensor(${numerical})\nanalytical:tensor(${analytical})\n\nThe above quantities relating the numerical and analytical jacobians are computed\nin fast mode, from random projections.`;
  if (slow.mismatch === null) {
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

function mismatch(pairs: readonly JacobianPair[], worst: JacobianEntry, hasGrad: boolean): string {
  if (!hasGrad) return INDEPENDENT;
  const pair = pairs.find((p) => p.output === worst.output && p.input === worst.input) as JacobianPair;
  return (
    `Jacobian mismatch for output ${worst.output} with respect to input ${worst.input},\nnumerical:${shown(pair, pair.numerical)}\nanalytical:${shown(pair, pair.analytical)}\n` +
    `Farthest apart at [${worst.row}, ${worst.col}]: analytical ${worst.analytical}, numerical ${worst.numerical}.`
  );
}
