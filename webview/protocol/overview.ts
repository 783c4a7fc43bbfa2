import type { GradListing, RunTotals, TensorLineInfo } from "../../engine/recording/queries/overview.ts";
import type { Place } from "../../engine/recording/queries/rows.ts";
import type { TrainingStep } from "../../engine/recording/queries/steps.ts";
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

/** What the run overview may ask of the extension. */
export interface OverviewRequests {
  /** What to show of the run on screen, or why there is nothing. Called at the start and after every `overviewChanged`. */
  loadOverview(): Promise<OverviewReply>;
  /** Shows a place in the editor, without taking the keyboard from the panel. */
  revealSource(place: Place): Promise<void>;
  /** Shows a place in the editor and opens its list of quick fixes. */
  offerFix(place: Place): Promise<void>;
  /** Shows the nodes of a line in the graph panel. */
  showInGraph(place: Place): Promise<void>;
  /** Opens the tensor viewer. */
  viewTensor(id: number): Promise<void>;
  /** Opens the panel of a gradcheck, by its number in the run. */
  showGradcheck(index: number): Promise<void>;
  /** What the buttons at the top do. */
  runModel(): Promise<void>;
  stopRun(): Promise<void>;
  showGraph(): Promise<void>;
  showFailedRun(): Promise<void>;
}

/** What the extension tells the run overview. */
export interface OverviewEvents {
  /** There is a newer recording: the panel loads again. */
  overviewChanged(): void;
  /** A run began, got further, or ended (null). */
  runningChanged(running: RunningNow | null): void;
  /** The editor's cursor is in this line: its tensors are marked. */
  cursorMoved(file: string, line: number): void;
}

export type OverviewReply = OverviewShown | OverviewMissing;

export interface OverviewMissing {
  readonly kind: "empty";
  readonly reason: string;
  /** What the button says that fills the panel; null when nothing can be run. */
  readonly action: string | null;
  readonly running: RunningNow | null;
}

/** The run that goes on while an earlier one is on screen. */
export interface RunningNow {
  readonly file: string;
  readonly startedAt: number;
  /** Ops recorded so far. */
  readonly ops: number;
}

export interface OverviewShown {
  readonly kind: "overview";
  readonly run: RunSummary;
  /** The outcome of the run in one line. */
  readonly headline: string;
  /** When the last run failed and a good one is shown: what ended it. */
  readonly failure: string | null;
  readonly running: RunningNow | null;
  /** The program was edited after the run. */
  readonly isEdited: boolean;
  readonly alerts: readonly OverviewAlert[];
  /** As many as a chart can show, and how many there were. */
  readonly steps: readonly TrainingStep[];
  readonly stepCount: number;
  readonly gradchecks: readonly OverviewGradcheck[];
  readonly tensors: readonly TensorLineInfo[];
  readonly tensorCount: number;
  /** Median of the gradients' root mean squares: the middle of the heat scale. Null without gradients. */
  readonly heatMedian: number | null;
  readonly totals: RunTotals;
  /** What else there is to know about the run, one sentence each. */
  readonly remarks: readonly string[];
}

export interface OverviewAlert {
  readonly kind: string;
  readonly severity: "error" | "warning" | "info";
  readonly message: string;
  readonly fix: string | null;
  readonly place: Place | null;
  /** Training step, from 0. */
  readonly step: number | null;
  readonly count: number;
  readonly cause: string | null;
  /** The bad element at the origin. */
  readonly element: readonly number[] | null;
  /** From the origin to the symptom. */
  readonly chain: readonly OverviewLink[];
  readonly evidence: readonly { readonly label: string; readonly value: number }[];
  /** The tensor that it is about, when it is one of the list. */
  readonly tensor: number | null;
}

export interface OverviewLink {
  readonly op: string;
  readonly phase: "forward" | "backward";
  readonly place: Place | null;
}

export interface OverviewGradcheck {
  readonly name: string;
  readonly place: Place | null;
  readonly passed: boolean;
  readonly maxAbsError: number;
  readonly maxRelError: number;
  /** What is wrong, in words. */
  readonly diagnosis: string | null;
}

const isPlace: Guard<Place> = shapeOf<Place>({ file: isString, line: isWhole(), column: isWhole() });
const isRunning: Guard<RunningNow> = shapeOf<RunningNow>({ file: isString, startedAt: isNumber, ops: isNumber });
const isListing = isOneOf<GradListing>("present", "none", "not-retained", "zero", "nonfinite", "not-required");

const isTensorLine = shapeOf<TensorLineInfo>({
  id: isWhole(),
  name: isString,
  place: nullable(isPlace),
  shape: arrayOf(isNumber),
  dtype: isString,
  role: isOneOf("param", "frozen", "leaf", "non-leaf", "no grad"),
  isLeaf: isBoolean,
  requiresGrad: isBoolean,
  listing: isListing,
  reason: nullable(isString),
  reasonPlace: nullable(isPlace),
  norm: nullable(isNumber),
  size: nullable(isNumber),
  outline: isString,
  outlineOf: isOneOf("gradient", "value"),
});

const isAlert = shapeOf<OverviewAlert>({
  kind: isString,
  severity: isOneOf("error", "warning", "info"),
  message: isString,
  fix: nullable(isString),
  place: nullable(isPlace),
  step: nullable(isNumber),
  count: isNumber,
  cause: nullable(isString),
  element: nullable(arrayOf(isNumber)),
  chain: arrayOf(
    shapeOf<OverviewLink>({ op: isString, phase: isOneOf("forward", "backward"), place: nullable(isPlace) }),
  ),
  evidence: arrayOf(shapeOf({ label: isString, value: isNumber })),
  tensor: nullable(isWhole()),
});

const isTotals = shapeOf<RunTotals>({
  forwardOps: isNumber,
  backwardNodes: isNumber,
  backwards: isNumber,
  steps: isNumber,
  forwardMs: isNumber,
  backwardMs: isNumber,
  optimizerMs: isNumber,
  parameterBytes: isNumber,
  madeBytes: isNumber,
  keptBytes: isNumber,
});

const isShown = shapeOf<OverviewShown>({
  kind: isOneOf("overview"),
  run: isRunSummary,
  headline: isString,
  failure: nullable(isString),
  running: nullable(isRunning),
  isEdited: isBoolean,
  alerts: arrayOf(isAlert),
  steps: arrayOf(shapeOf<TrainingStep>({ step: isNumber, loss: isNumber, gradNorm: isNumber })),
  stepCount: isNumber,
  gradchecks: arrayOf(
    shapeOf<OverviewGradcheck>({
      name: isString,
      place: nullable(isPlace),
      passed: isBoolean,
      maxAbsError: isNumber,
      maxRelError: isNumber,
      diagnosis: nullable(isString),
    }),
  ),
  tensors: arrayOf(isTensorLine),
  tensorCount: isNumber,
  heatMedian: nullable(isNumber),
  totals: isTotals,
  remarks: arrayOf(isString),
});

const isMissing = shapeOf<OverviewMissing>({
  kind: isOneOf("empty"),
  reason: isString,
  action: nullable(isString),
  running: nullable(isRunning),
});

const atPlace = { args: argumentsOf(isPlace), answer: isAnything };
const withNumber = { args: argumentsOf(isWhole()), answer: isAnything };
const plain = { args: argumentsOf(), answer: isAnything };

/** The conversation of the run overview. */
export const overviewPanel = contract<OverviewRequests, OverviewEvents>("overview", {
  requests: {
    loadOverview: { args: argumentsOf(), answer: either(isShown, isMissing) },
    revealSource: atPlace,
    offerFix: atPlace,
    showInGraph: atPlace,
    viewTensor: withNumber,
    showGradcheck: withNumber,
    runModel: plain,
    stopRun: plain,
    showGraph: plain,
    showFailedRun: plain,
  },
  events: {
    overviewChanged: argumentsOf(),
    runningChanged: argumentsOf(nullable(isRunning)),
    cursorMoved: argumentsOf(isString, isWhole()),
  },
});
