import type { GradcheckResult } from "../../engine/recording/queries/gradchecks.ts";
import type { Place } from "../../engine/recording/queries/rows.ts";
import type { GradcheckPairRow } from "../../engine/recording/schema.ts";
import { contract } from "./contract.ts";
import {
  argumentsOf,
  arrayOf,
  either,
  type Guard,
  isAnything,
  isBoolean,
  isNumber,
  isOneOf,
  isString,
  isWhole,
  nullable,
  shapeOf,
} from "./guards.ts";
import { isRunSummary, type RunSummary } from "./run.ts";

/** What the gradcheck panel may ask of the extension. */
export interface GradcheckRequests {
  /** The checks of the run on screen, or why there are none. Called at the start and after every `gradchecksChanged`. */
  loadGradchecks(): Promise<GradchecksReply>;
  /** The Jacobians of one of them, given by its number in the run. */
  loadJacobians(check: number): Promise<readonly GradcheckPairRow[]>;
  /** Shows a place in the editor, without taking the keyboard from the panel. */
  revealSource(place: Place): Promise<void>;
  /** The one button of an empty panel. */
  runModel(): Promise<void>;
}

/** What the extension tells the panel. */
export interface GradcheckEvents {
  /** There is another run on screen. */
  gradchecksChanged(): void;
  /** The user asked for the check in this line. */
  showLine(file: string, line: number): void;
  /** The user asked for the check of this number. */
  showCheck(number: number): void;
}

export type GradchecksReply = GradchecksShown | GradchecksMissing;

export interface GradchecksShown {
  readonly kind: "gradchecks";
  readonly run: RunSummary;
  readonly checks: readonly ShownGradcheck[];
  /** How many checks the run made; beyond a thousand only some are shown, the failed ones first. */
  readonly total: number;
  readonly failed: number;
}

export interface GradchecksMissing {
  readonly kind: "empty";
  readonly reason: string;
  /** What the button says that fills the panel; null when nothing can be run. */
  readonly action: string | null;
}

/** A check without its Jacobians. */
export interface ShownGradcheck
  extends Pick<
    GradcheckResult,
    | "name"
    | "passed"
    | "cause"
    | "blame"
    | "place"
    | "worst"
    | "excess"
    | "maxAbsError"
    | "maxRelError"
    | "eps"
    | "atol"
    | "rtol"
  > {
  /** Its number in the run. */
  readonly number: number;
  /** What is wrong, in a sentence; empty when it passed. */
  readonly headline: string;
  /** File and line as a person names them. */
  readonly where: string;
  readonly blameWhere: string | null;
}

const isPlace: Guard<Place> = shapeOf<Place>({ file: isString, line: isWhole(), column: isWhole() });

const isCheck = shapeOf<ShownGradcheck>({
  number: isWhole(),
  name: isString,
  passed: isBoolean,
  cause: nullable(isString),
  blame: nullable(shapeOf({ op: isString, place: nullable(isPlace) })),
  place: nullable(isPlace),
  worst: nullable(
    shapeOf({
      output: isWhole(),
      input: isWhole(),
      row: isWhole(),
      col: isWhole(),
      analytical: isNumber,
      numerical: isNumber,
    }),
  ),
  excess: nullable(isNumber),
  maxAbsError: isNumber,
  maxRelError: isNumber,
  eps: isNumber,
  atol: isNumber,
  rtol: isNumber,
  headline: isString,
  where: isString,
  blameWhere: nullable(isString),
});

const numbers = arrayOf(isNumber);

const hasPairFields = shapeOf<GradcheckPairRow>({
  output: isWhole(),
  input: isWhole(),
  inputShape: numbers,
  outputShape: numbers,
  rows: isWhole(),
  cols: isWhole(),
  firstRow: isWhole(),
  firstCol: isWhole(),
  shownRows: isWhole(),
  shownCols: isWhole(),
  analytical: numbers,
  numerical: numbers,
  slopes: nullable(shapeOf({ steps: numbers, central: arrayOf(numbers), above: numbers, below: numbers })),
});

/** Every matrix fills the window: the drawing reads them without asking. */
const isPair: Guard<GradcheckPairRow> = (value): value is GradcheckPairRow => {
  if (!hasPairFields(value)) return false;
  const { shownRows, shownCols, analytical, numerical, slopes } = value;
  const size = shownRows * shownCols;
  const all = [analytical, numerical, ...(slopes ? [...slopes.central, slopes.above, slopes.below] : [])];
  return all.every(({ length }) => length === size);
};

const isShown = shapeOf<GradchecksShown>({
  kind: isOneOf("gradchecks"),
  run: isRunSummary,
  checks: arrayOf(isCheck),
  total: isWhole(),
  failed: isWhole(),
});
const isMissing = shapeOf<GradchecksMissing>({ kind: isOneOf("empty"), reason: isString, action: nullable(isString) });

export const gradcheckPanel = contract<GradcheckRequests, GradcheckEvents>("gradcheck", {
  requests: {
    loadGradchecks: { args: argumentsOf(), answer: either(isShown, isMissing) },
    loadJacobians: { args: argumentsOf(isWhole()), answer: arrayOf(isPair) },
    revealSource: { args: argumentsOf(isPlace), answer: isAnything },
    runModel: { args: argumentsOf(), answer: isAnything },
  },
  events: {
    gradchecksChanged: argumentsOf(),
    showLine: argumentsOf(isString, isWhole()),
    showCheck: argumentsOf(isWhole()),
  },
});
