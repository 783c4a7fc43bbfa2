import { grad } from "../autograd/backward.ts";
import type { GradcheckBlame, GradcheckCause, JacobianPair } from "../autograd/observer.ts";
import { fromBuffer, type Tensor } from "../autograd/tensor.ts";
import { isFloat } from "../base/dtype.ts";
import { type Asked, type Blame, findBlame } from "./blame/findBlame.ts";
import { type Conclusion, conclude, type Surroundings } from "./causes/conclusion.ts";
import { compare } from "./comparison.ts";
import { jacobianPairs, outputsOf } from "./jacobian.ts";
import { unsteadiness } from "./repeatability.ts";
import { withSlopes } from "./slopes.ts";

/** Why Jacobians disagree. */
export interface Explanation {
  readonly cause: GradcheckCause | null;
  readonly blame: GradcheckBlame | null;
  /** What is wrong, in a sentence; null when nothing can be said. */
  readonly sentence: string | null;
  /** What to do about it, in another. */
  readonly advice: string | null;
  /** The pairs with the slopes that were measured on the way. */
  readonly pairs: readonly JacobianPair[];
}

/**
 * Looks for the cause of a failed comparison, and for who is to blame in the function that was asked about: that of
 * gradgradcheck is not the one that was compared. Costs runs of the function, so it is asked only on failure.
 */
export function explain(asked: Asked, origin: Asked, pairs: readonly JacobianPair[]): Explanation {
  const unsteady = unsteadiness(asked, 0);
  if (unsteady !== null) {
    const cause = unsteady.kind === "random" ? "nondeterministic" : null;
    return { cause, blame: unsteady.blame, sentence: unsteady.diagnosis, advice: null, pairs };
  }
  const { fn, inputs, eps, tolerance } = asked;
  const measured = withSlopes(fn, inputs, pairs, eps, tolerance);
  const outputs = outputsOf(fn, inputs);
  const single = [...inputs, ...outputs].some((x) => x.dtype === "float32" && isFloat(x.dtype));
  const double = single ? inDouble(asked) : null;
  if (double === "agrees") {
    const told = inWords("The gradient", {
      says: "is as good as single precision can tell: in double precision it agrees, so the differences are rounding noise",
      advice: 'Create the inputs with { dtype: "float64" }.',
    });
    return { cause: "float32", blame: null, ...told, pairs: measured };
  }
  const question = double ?? { asked, pairs: measured, single };
  return { ...judged(question, origin), pairs: measured };
}

interface Question {
  readonly asked: Asked;
  readonly pairs: readonly JacobianPair[];
  readonly single: boolean;
}

/** The same check in double precision, without its noise; null when the function does not allow it. */
function inDouble(asked: Asked): Question | "agrees" | null {
  const { fn, eps, tolerance } = asked;
  const inputs = asked.inputs.map((x) =>
    x.dtype === "float32"
      ? fromBuffer(Float64Array.from(x.toArray()), x.shape, "float64").requiresGrad_(x.requiresGrad)
      : x,
  );
  try {
    const outputs = outputsOf(fn, inputs);
    if (outputs.some(({ dtype }) => dtype === "float32")) return null;
    const pairs = jacobianPairs(fn, inputs, outputs, eps);
    if (compare(pairs, tolerance).worst === null) return "agrees";
    const double = { ...asked, inputs };
    return { asked: double, pairs: withSlopes(fn, inputs, pairs, eps, tolerance), single: false };
  } catch {
    return null;
  }
}

function judged({ asked, pairs, single }: Question, origin: Asked): Omit<Explanation, "pairs"> {
  const outputs = outputsOf(asked.fn, asked.inputs);
  const whole = conclude(pairs, surroundings(asked, outputs, single));
  if (whole === null) return { cause: null, blame: null, sentence: null, advice: null };
  const { cause, pair } = whole;
  if (cause === "kink" || cause === "float32" || cause === "step-size") {
    return { cause, blame: null, ...inWords(`The gradient of output ${pair.output} for input ${pair.input}`, whole) };
  }
  const blame = findBlame(origin);
  if (blame === null) return { cause, blame: null, ...inWords(subjectOf(origin, whole), whole) };
  return blamed(blame, whole, origin);
}

function blamed(blame: Blame, whole: Conclusion, asked: Asked): Omit<Explanation, "pairs"> {
  const { op, site, conclusion, kind } = blame;
  const named = { op, site };
  if (kind === "hook") {
    return {
      cause: whole.cause,
      blame: named,
      sentence: `A hook changes the gradient, and finite differences know nothing of hooks: with it the gradient ${whole.says}.`,
      advice: "Remove the hook for the check, or leave the gradient as it is.",
    };
  }
  if (kind === "cut") {
    return {
      cause: "missing-term",
      blame: named,
      sentence: `${op} cuts a path on which the result depends on its inputs: the gradient of that path is missing.`,
      advice: "Keep it in the graph, or pass the cut-off value as an input that requires no grad.",
    };
  }
  const found = conclusion ?? whole;
  const kindOf = asked.order === 2 ? "The gradient of the gradient" : "The gradient";
  const subject = asked.order === 2 ? `${kindOf} of ${op}` : `${kindOf} that ${op} gives its input ${found.pair.input}`;
  return { cause: found.cause, blame: named, ...inWords(subject, found) };
}

const subjectOf = ({ order }: Asked, { pair }: Conclusion): string =>
  order === 2 ? "The gradient of the gradient" : `The gradient of output ${pair.output} for input ${pair.input}`;

const inWords = (
  subject: string,
  { says, advice }: { readonly says: string; readonly advice: string },
): Pick<Explanation, "sentence" | "advice"> => ({ sentence: `${subject} ${says}.`, advice });

function surroundings(asked: Asked, outputs: readonly Tensor[], single: boolean): Surroundings {
  const { inputs, tolerance } = asked;
  return {
    tolerance,
    single,
    inputValues: (i) => inputs[i].toArray(),
    outputValues: (o) => outputs[o].toArray(),
    ignoresGradOutput: (o, i) => ignoresGradOutput(outputs[o], inputs[i]),
  };
}

/** Backward is linear: twice the gradient in gives twice the gradient out. */
function ignoresGradOutput(output: Tensor, input: Tensor): boolean {
  if (!output.requiresGrad) return false;
  const pulled = (scale: number): ArrayLike<number> => {
    const gradOutputs = output.detach().zerosLike().add(scale);
    const [gradient] = grad(output, input, { gradOutputs, retainGraph: true, allowUnused: true });
    return gradient?.toArray() ?? [];
  };
  const once = Array.from(pulled(1));
  const twice = pulled(2);
  return once.some((x) => x !== 0) && once.every((x, k) => x === twice[k]);
}
