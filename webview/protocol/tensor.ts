import type { SliceAt } from "../../engine/recording/queries/grid.ts";
import type { HeatMap } from "../../engine/recording/queries/heatMap.ts";
import type { Histogram } from "../../engine/recording/queries/histogram.ts";
import type { Place } from "../../engine/recording/queries/rows.ts";
import type { TensorRole } from "../../engine/recording/queries/tensorWords.ts";
import type { Statistics } from "../../engine/recording/statistics.ts";
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

/** What the tensor viewer may ask of the extension. */
export interface TensorRequests {
  /** The tensor to show, or why there is none; `kept` is the one that an earlier page showed. */
  loadTensor(kept: TensorKey | null): Promise<TensorReply>;
  /** A slice as a picture, with the figures of the whole tensor. Null where nothing was recorded. */
  loadSlice(view: SliceRequest): Promise<SliceReply | null>;
  /** The numbers of a part of a slice, row-major, for each kind asked for; null where nothing was recorded. */
  loadCells(view: CellsRequest): Promise<readonly (readonly number[] | null)[]>;
  /** Puts a slice into the clipboard; gives how many elements that were. */
  copySlice(view: SliceRequest, format: CopyFormat): Promise<number>;
  /** Lets the user choose another tensor. */
  chooseTensor(): Promise<void>;
  revealSource(place: Place): Promise<void>;
  showInGraph(place: Place): Promise<void>;
  runModel(): Promise<void>;
}

/** What the extension tells the tensor viewer. */
export interface TensorEvents {
  /** There is a newer recording, or another tensor was chosen: the panel loads again. */
  tensorChanged(): void;
}

export type CopyFormat = "csv" | "json";

/** What is looked at: the value, the gradient, or the gradient divided by the value. */
export type NumbersOf = "value" | "grad" | "ratio";

/** How a tensor is found again in another run. */
export interface TensorKey {
  /** Its path as a parameter, or its variable. */
  readonly name: string;
  /** 0 when it is not known. */
  readonly line: number;
}

export interface SliceRequest {
  /** Row in the recording. */
  readonly id: number;
  /** Index in `TensorShown.moments`. */
  readonly moment: number;
  readonly of: NumbersOf;
  readonly at: SliceAt;
}

export interface CellsRequest extends Omit<SliceRequest, "of"> {
  readonly of: readonly NumbersOf[];
  /** Kept rows and columns, the ends not included. */
  readonly fromRow: number;
  readonly toRow: number;
  readonly fromColumn: number;
  readonly toColumn: number;
}

export type TensorReply = TensorShown | TensorMissing;

export interface TensorMissing {
  readonly kind: "empty";
  readonly reason: string;
  /** What the button says that fills the panel; null when nothing can be run. */
  readonly action: string | null;
  /** Whether there are other tensors to choose from. */
  readonly canChoose: boolean;
}

export interface TensorShown {
  readonly kind: "tensor";
  readonly run: RunSummary;
  readonly id: number;
  readonly key: TensorKey;
  readonly place: Place | null;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly role: TensorRole;
  readonly isLeaf: boolean;
  readonly requiresGrad: boolean;
  readonly gradFn: string | null;
  /** Why there is no gradient; null where there is one. */
  readonly reason: string | null;
  readonly reasonPlace: Place | null;
  /** What `TensorMoment.step` counts. */
  readonly unit: "step" | "backward";
  /** The times of the run that something is known of, the end of it last. */
  readonly moments: readonly TensorMoment[];
}

export interface TensorMoment {
  readonly step: number;
  readonly hasValue: boolean;
  readonly hasGrad: boolean;
}

export interface SliceReply {
  /** Kept rows and columns, and how far apart they are in the tensor. */
  readonly rows: number;
  readonly columns: number;
  readonly rowStep: number;
  readonly columnStep: number;
  readonly heat: HeatMap;
  /** Of the whole tensor, as are the figures. */
  readonly histogram: Histogram;
  readonly figures: Figures;
  /** How many elements are known, of how many. */
  readonly kept: number;
  readonly total: number;
}

export type Figures = Omit<Statistics, "sample">;

const isPlace: Guard<Place> = shapeOf<Place>({ file: isString, line: isWhole(), column: isWhole() });
const isKey = shapeOf<TensorKey>({ name: isString, line: isWhole() });
const isSliceAt = shapeOf<SliceAt>({ rowDim: isWhole(-1), columnDim: isWhole(-1), indices: arrayOf(isWhole()) });
const isOf = isOneOf<NumbersOf>("value", "grad", "ratio");
const isSliceRequest = shapeOf<SliceRequest>({ id: isWhole(), moment: isWhole(), of: isOf, at: isSliceAt });

const isCellsRequest = shapeOf<CellsRequest>({
  id: isWhole(),
  moment: isWhole(),
  of: arrayOf(isOf),
  at: isSliceAt,
  fromRow: isWhole(),
  toRow: isWhole(),
  fromColumn: isWhole(),
  toColumn: isWhole(),
});

const isShown = shapeOf<TensorShown>({
  kind: isOneOf("tensor"),
  run: isRunSummary,
  id: isWhole(),
  key: isKey,
  place: nullable(isPlace),
  shape: arrayOf(isWhole()),
  dtype: isString,
  role: isOneOf("param", "frozen", "leaf", "non-leaf", "no grad"),
  isLeaf: isBoolean,
  requiresGrad: isBoolean,
  gradFn: nullable(isString),
  reason: nullable(isString),
  reasonPlace: nullable(isPlace),
  unit: isOneOf("step", "backward"),
  moments: arrayOf(shapeOf<TensorMoment>({ step: isWhole(), hasValue: isBoolean, hasGrad: isBoolean })),
});

const isMissing = shapeOf<TensorMissing>({
  kind: isOneOf("empty"),
  reason: isString,
  action: nullable(isString),
  canChoose: isBoolean,
});

const isSlice = shapeOf<SliceReply>({
  rows: isWhole(),
  columns: isWhole(),
  rowStep: isWhole(1),
  columnStep: isWhole(1),
  heat: shapeOf<HeatMap>({
    rows: isWhole(),
    columns: isWhole(),
    rowBlock: isWhole(1),
    columnBlock: isWhole(1),
    cells: arrayOf(isNumber),
    scale: isNumber,
  }),
  histogram: shapeOf<Histogram>({
    from: isNumber,
    to: isNumber,
    counts: arrayOf(isNumber),
    nan: isNumber,
    inf: isNumber,
    looked: isNumber,
    every: isNumber,
  }),
  figures: shapeOf<Figures>({
    numel: isNumber,
    min: isNumber,
    max: isNumber,
    mean: isNumber,
    std: isNumber,
    norm: isNumber,
    zeros: isNumber,
    nan: isNumber,
    inf: isNumber,
  }),
  kept: isNumber,
  total: isNumber,
});

const atPlace = { args: argumentsOf(isPlace), answer: isAnything };
const plain = { args: argumentsOf(), answer: isAnything };

/** Whether a value kept by an earlier page says which tensor it showed. */
export const isTensorKey: Guard<TensorKey> = isKey;

/** The conversation of the tensor viewer. */
export const tensorPanel = contract<TensorRequests, TensorEvents>("tensor", {
  requests: {
    loadTensor: { args: argumentsOf(nullable(isKey)), answer: either(isShown, isMissing) },
    loadSlice: { args: argumentsOf(isSliceRequest), answer: nullable(isSlice) },
    loadCells: { args: argumentsOf(isCellsRequest), answer: arrayOf(nullable(arrayOf(isNumber))) },
    copySlice: { args: argumentsOf(isSliceRequest, isOneOf("csv", "json")), answer: isNumber },
    chooseTensor: plain,
    revealSource: atPlace,
    showInGraph: atPlace,
    runModel: plain,
  },
  events: { tensorChanged: argumentsOf() },
});
