import type { GradcheckCause, JacobianPair } from "../../autograd/observer.ts";
import { close, type Tolerance } from "../comparison.ts";
import { type Doubt, doubtAt } from "./doubtful.ts";
import type { Suspect, Verdict } from "./evidence.ts";
import { wrongFactor } from "./factor.ts";
import { missingGradient, missingSum, missingTerm, straying } from "./missing.ts";
import { wrongSign } from "./sign.ts";
import { transposition } from "./transposed.ts";

/** What is wrong with a gradient, as its Jacobians tell it. */
export interface Conclusion extends Verdict {
  readonly cause: GradcheckCause | null;
  /** The pair it speaks of. */
  readonly pair: JacobianPair;
}

/** What the search knows besides the numbers. */
export interface Surroundings {
  readonly tolerance: Tolerance;
  /** Whether anything was computed in single precision. */
  readonly single: boolean;
  readonly inputValues: (input: number) => ArrayLike<number>;
  readonly outputValues: (output: number) => ArrayLike<number>;
  readonly ignoresGradOutput: (output: number, input: number) => boolean;
}

type Pattern = readonly [cause: GradcheckCause | null, find: (suspect: Suspect) => Verdict | null];

/** The first that fits is the one that is told; where none does, a term is missing or wrong. */
const patterns: readonly Pattern[] = [
  ["sign", wrongSign],
  ["missing-sum", missingSum],
  ["missing-term", missingGradient],
  ["transposed", transposition],
  ["factor", wrongFactor],
  [null, straying],
];

/** The cause of the first pair that is surely wrong, else why finite differences fail; null when all pairs agree. */
export function conclude(pairs: readonly JacobianPair[], around: Surroundings): Conclusion | null {
  const doubts = new Map<Doubt, JacobianPair>();
  const suspects: Suspect[] = [];
  for (const pair of pairs) {
    const suspect = suspectOf(pair, around, (doubt) => {
      if (!doubts.has(doubt)) doubts.set(doubt, pair);
    });
    if (suspect.wrong.length > 0) suspects.push(suspect);
  }
  const worst = suspects.at(0);
  if (worst !== undefined) return judged(worst);
  for (const doubt of ["kink", "edge", "float32", "step-size"] as const) {
    const pair = doubts.get(doubt);
    if (pair !== undefined) return { ...doubtful[doubt], pair };
  }
  return null;
}

function suspectOf(pair: JacobianPair, around: Surroundings, onDoubt: (doubt: Doubt) => void): Suspect {
  const { tolerance, single } = around;
  const { analytical, numerical, input, output } = pair;
  const wrong: number[] = [];
  const edges = edgeRows(pair);
  const sound = Array.from(analytical, (a, k) => {
    if (close(a, numerical[k], tolerance)) return true;
    const doubt = edges.has(Math.floor(k / pair.cols)) ? "edge" : doubtAt(pair, k, tolerance, single);
    if (doubt === null) wrong.push(k);
    else onDoubt(doubt);
    return doubt === null;
  });
  return {
    pair,
    tolerance,
    sound,
    wrong,
    inputValues: around.inputValues(input),
    outputValues: around.outputValues(output),
    ignoresGradOutput: () => around.ignoresGradOutput(output, input),
  };
}

/** Elements of the input with NaN to one side of them: backward may well give NaN for their whole row. */
function edgeRows({ slopes, cols }: JacobianPair): ReadonlySet<number> {
  const rows = new Set<number>();
  slopes?.above.forEach((above, k) => {
    if (Number.isNaN(above) !== Number.isNaN(slopes.below[k])) rows.add(Math.floor(k / cols));
  });
  return rows;
}

function judged(suspect: Suspect): Conclusion {
  const { pair, wrong } = suspect;
  if (wrong.some((k) => !Number.isFinite(pair.analytical[k]))) {
    return {
      cause: null,
      pair,
      says: "is NaN or infinite where finite differences are not",
      advice: "Look for a division by zero, a logarithm or a root at its edge in backward.",
    };
  }
  for (const [cause, find] of patterns) {
    const verdict = find(suspect);
    if (verdict !== null) return { cause, pair, ...verdict };
  }
  return { cause: "missing-term", pair, ...missingTerm };
}

const doubtful: { readonly [D in Doubt]: Verdict & { readonly cause: GradcheckCause } } = {
  kink: {
    cause: "kink",
    says: "is one of the slopes at a kink, where the slopes to both sides differ; that is no bug",
    advice: "Check at inputs away from the kink.",
  },
  edge: {
    cause: "kink",
    says: "cannot be checked at the edge of where the function is defined: to one side it is NaN; that is no bug",
    advice: "Check at inputs inside the domain.",
  },
  float32: {
    cause: "float32",
    says: "is as good as single precision can tell: the finite differences are rounding noise",
    advice: 'Create the inputs with { dtype: "float64" }.',
  },
  "step-size": {
    cause: "step-size",
    says: "agrees with finite differences of another step size: this step is too large or too small",
    advice: "Leave eps at its default of 1e-6, or scale the inputs to about 1.",
  },
};
