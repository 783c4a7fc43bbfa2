import type { Histogram, ParameterCurve, Training } from "../../engine/recording/queries/profile/training.ts";
import { contract } from "./contract.ts";
import {
  argumentsOf,
  arrayOf,
  either,
  isAnything,
  isColumnOf,
  isNumber,
  isOneOf,
  isString,
  isWhole,
  nullable,
  shapeOf,
} from "./guards.ts";
import { isRunSummary, type RunSummary } from "./run.ts";

/** How a training goes, in columns. */
export type TrainingReply = Training;

/** What the training panel may ask of the extension. */
export interface TrainingRequests {
  /** The curves so far, or why there are none. Called at the start and after every `trainingChanged`. */
  loadTraining(): Promise<TrainingShown | TrainingMissing>;
  /** Shows where a parameter was named. */
  revealParameter(tensor: number): Promise<void>;
  /** The one button of an empty panel: runs the model file the reply named. */
  runModel(): Promise<void>;
}

/** What the extension tells the training panel. */
export interface TrainingEvents {
  /** There is more of it, or another run. */
  trainingChanged(): void;
}

export interface TrainingShown {
  readonly kind: "training";
  readonly run: RunSummary;
  readonly training: TrainingReply;
}

export interface TrainingMissing {
  readonly kind: "empty";
  readonly reason: string;
  readonly action: string | null;
}

const isTraining = shapeOf<Training>({
  count: isWhole(),
  time: isColumnOf(Float64Array),
  event: isColumnOf(Uint32Array),
  loss: isColumnOf(Float64Array),
  rate: isColumnOf(Float64Array),
  gradNorm: isColumnOf(Float64Array),
  shown: isColumnOf(Uint32Array),
  parameters: arrayOf(
    shapeOf<ParameterCurve>({
      tensor: isWhole(),
      name: isString,
      shape: arrayOf(isNumber),
      grad: isColumnOf(Float64Array),
      updateRatio: isColumnOf(Float64Array),
    }),
  ),
  histograms: arrayOf(
    shapeOf<Histogram>({
      tensor: isWhole(),
      name: isString,
      of: isOneOf("value", "grad"),
      step: isWhole(),
      low: isNumber,
      high: isNumber,
      counts: isColumnOf(Float64Array),
    }),
  ),
});

/** The conversation of the training panel. */
export const trainingPanel = contract<TrainingRequests, TrainingEvents>("training", {
  requests: {
    loadTraining: {
      args: argumentsOf(),
      answer: either(
        shapeOf<TrainingShown>({ kind: isOneOf("training"), run: isRunSummary, training: isTraining }),
        shapeOf<TrainingMissing>({ kind: isOneOf("empty"), reason: isString, action: nullable(isString) }),
      ),
    },
    revealParameter: { args: argumentsOf(isWhole()), answer: isAnything },
    runModel: { args: argumentsOf(), answer: isAnything },
  },
  events: { trainingChanged: argumentsOf() },
});
