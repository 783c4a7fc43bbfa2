import { formatShort } from "../../numbers.ts";

/** What is known of the place where a bad number was born. */
export interface Scene {
  /** The op's public name. */
  readonly op: string;
  /** What it worked on there; NaN for what is not known. */
  readonly values: readonly number[];
  /** What came out. */
  readonly value: number;
  readonly phase: "forward" | "backward";
}

/** One way to make NaN or Inf: what happened in words, and what to do about it. */
export interface CauseWords {
  /** The word of the report. */
  readonly cause: string;
  /** One sentence for the documentation. */
  readonly why: string;
  /** What happened, as the beginning of a sentence. */
  readonly what: (scene: Scene) => string;
  readonly fix: string;
}

const number = (x: number | undefined): string => (x === undefined || Number.isNaN(x) ? "?" : formatShort(x));
const isKnown = (x: number | undefined): x is number => x !== undefined && !Number.isNaN(x);

/** A number as the result of something: NaN is one, too. */
export const result = (x: number): string => (Number.isNaN(x) ? "NaN" : x > 0 ? "Inf" : "−Inf");

const call = ({ op, values, value }: Scene): string => {
  const shown = values.slice(0, 2).filter(isKnown);
  if (shown.length === 0) return `${op}() gives ${result(value)}`;
  return `${op}(${shown.map(number).join(", ")}) is ${result(value)}`;
};

const slope = (at: string): ((scene: Scene) => string) => {
  return ({ op, value }) => `the gradient of ${op}() at ${at} is ${result(value)}`;
};

/** Every cause, in the words of the report. */
export const causes: readonly CauseWords[] = [
  {
    cause: "log-of-nonpositive",
    why: "The logarithm of 0 is −Inf and that of a negative number is NaN.",
    what: call,
    fix: "keep its input above 0: x.clamp({ min: 1e-8 }).log(), x.log1p() for log(1 + x), or logSoftmax for probabilities",
  },
  {
    cause: "sqrt-of-negative",
    why: "A negative number has no real square root.",
    what: call,
    fix: "keep its input at 0 or above: x.clamp({ min: 0 }), or look for what made it negative",
  },
  {
    cause: "sqrt-grad-at-zero",
    why: "The slope of √x is infinite at 0, and so is that of every power between 0 and 1: the value is fine, the gradient is not.",
    what: slope("0"),
    fix: "add a small number inside the root: x.add(1e-8).sqrt()",
  },
  {
    cause: "zero-times-inf",
    why: "0 · ∞ is NaN.",
    what: ({ op, values }) =>
      values.length === 2 && values.every(isKnown)
        ? `${op}(${values.map(number).join(", ")}) is 0 · ∞, which is NaN`
        : `${op}() multiplies 0 by ∞, which is NaN`,
    fix: "choose with where() instead of multiplying by a mask, and look for what is infinite",
  },
  {
    cause: "zero-over-zero",
    why: "0 / 0 is NaN; a mean over nothing is 0 / 0.",
    what: ({ op, values }) => (values.length === 2 ? `${op}(0, 0) is NaN` : `${op}() divides 0 by 0, which is NaN`),
    fix: "add a small number to the divisor, or leave the empty case out",
  },
  {
    cause: "division-by-zero",
    why: "A number divided by 0 is infinite.",
    what: call,
    fix: "add a small number to the divisor: a.div(b.add(1e-8)), or clamp it away from 0",
  },
  {
    cause: "inf-over-inf",
    why: "∞ / ∞ is NaN.",
    what: ({ op }) => `${op}() divides ∞ by ∞, which is NaN`,
    fix: "use softmax or logsumexp, which subtract the maximum first",
  },
  {
    cause: "inf-minus-inf",
    why: "∞ − ∞ is NaN.",
    what: ({ op }) => `${op}() adds up ∞ and −∞, which is NaN`,
    fix: "look for what is infinite, and use logsumexp or clamp where it comes from",
  },
  {
    cause: "exp-overflow",
    why: "eˣ is infinite for x above 88.7 in float32 and above 709.8 in float64.",
    what: (scene) => {
      const [x] = scene.values;
      return isKnown(x) ? `${scene.op}(${number(x)}) overflows` : `${scene.op}() overflows`;
    },
    fix: "use logsumexp, logSoftmax or binaryCrossEntropyWithLogits, or clamp the exponent",
  },
  {
    cause: "overflow",
    why: "The result is larger than the dtype can hold: 3.4e38 in float32.",
    what: ({ op, values }) => {
      const shown = values.filter(isKnown);
      return shown.length === 0 ? `${op}() overflows` : `${op}(${shown.slice(0, 2).map(number).join(", ")}) overflows`;
    },
    fix: "look for what grows: a smaller learning rate, clipped gradients, normalized inputs",
  },
  {
    cause: "pow-of-negative-base",
    why: "A negative number to a power that is no integer is NaN.",
    what: call,
    fix: "take x.abs().pow(p), or clamp the base at 0",
  },
  {
    cause: "norm-grad-at-zero",
    why: "A distance has no slope where it is 0.",
    what: slope("0"),
    fix: "add a small number inside the root: x.square().sum().add(1e-12).sqrt()",
  },
  {
    cause: "acos-at-edge",
    why: "acos, asin and atanh end at ±1, where their slope is infinite; acosh begins at 1.",
    what: (scene) => (scene.phase === "forward" ? call(scene) : slope(number(scene.values[0]))(scene)),
    fix: "keep its input inside: x.clamp(-1 + 1e-7, 1 - 1e-7)",
  },
  {
    cause: "atan2-at-origin",
    why: "The angle of (0, 0) has no slope.",
    what: () => "the gradient of atan2() at (0, 0) is NaN",
    fix: "move the point away from the origin: atan2(y, x.add(1e-8))",
  },
  {
    cause: "masked-softmax-row",
    why: "A softmax of a row that is −Inf throughout is 0 / 0.",
    what: ({ op }) => `every entry of a row of ${op}() is −Inf, which gives NaN`,
    fix: "leave one entry of every row unmasked, or replace masked rows afterwards with where()",
  },
  {
    cause: "std-of-one-element",
    why: "A standard deviation with correction 1 divides by n − 1, which is 0 for one element.",
    what: ({ op }) => `${op}() of one element divides by 0`,
    fix: "pass { correction: 0 }, or take more than one element",
  },
  {
    cause: "masked-where",
    why: "where() takes the other branch, but gradients run through both: 0 · ∞ in the branch that was not taken is NaN.",
    what: ({ op }) =>
      `the gradient of ${op}() is NaN in a branch that where() did not take: 0 · ∞ comes back through it`,
    fix: "make the input safe before the op as well: where(ok, x, 1) inside, where(ok, …, 0) outside",
  },
  {
    cause: "nan-in-data",
    why: "The data holds NaN already.",
    what: () => "the data holds NaN",
    fix: "clean the data first: x.nanToNum(0), or leave the rows out",
  },
  {
    cause: "custom-backward",
    why: "The backward of a custom Function gives NaN or Inf for finite gradients.",
    what: ({ op, value }) => `the backward of ${op} gives ${result(value)} for finite gradients`,
    fix: "check its formula at this input, for example with gradcheck",
  },
  {
    cause: "hook",
    why: "A hook replaced a finite gradient by a bad one.",
    what: ({ value }) => `a hook turns a finite gradient into ${result(value)}`,
    fix: "let the hook return a finite gradient",
  },
];

const byWord = new Map(causes.map((words) => [words.cause, words]));

/** The words for a cause; null when nothing is known. */
export const wordsFor = (cause: string): CauseWords | null => byWord.get(cause) ?? null;
