import {
  fitsShape,
  type Grid,
  quotient,
  quotientNumbers,
  quotientSlice,
  type Slice,
  sliceOf,
} from "../../engine/recording/queries/grid.ts";
import { heatMapOf } from "../../engine/recording/queries/heatMap.ts";
import { histogramOf } from "../../engine/recording/queries/histogram.ts";
import { type Moment, type Moments, momentsOf } from "../../engine/recording/queries/moments.ts";
import type { Place } from "../../engine/recording/queries/rows.ts";
import { sliceCsv, sliceJson } from "../../engine/recording/queries/sliceText.ts";
import type { TensorInfo } from "../../engine/recording/queries/tensors.ts";
import { roleOf } from "../../engine/recording/queries/tensorWords.ts";
import { type Statistics, statistics } from "../../engine/recording/statistics.ts";
import type {
  CellsRequest,
  CopyFormat,
  Figures,
  NumbersOf,
  SliceReply,
  SliceRequest,
  TensorKey,
  TensorShown,
} from "../../webview/protocol/tensor.ts";
import type { RunResult } from "../results/runResult.ts";
import { runSummary } from "./runSummary.ts";

/** Figures and histograms of more numbers than this are of a sample, so that no answer takes long. */
const mostLooked = 1 << 18;
/** A window of the table has at most this many cells. */
const mostCells = 20_000;
/** A clipboard that holds more helps nobody. */
const mostCopied = 1 << 20;

/** One tensor of a result, with what was recorded of its numbers; asked for again and again while it is looked at. */
export class TensorAnswers {
  readonly tensor: TensorInfo;
  readonly result: RunResult;
  readonly #moments: Moments;

  /** `moments` are all that was recorded of it, unless others are given. */
  constructor(result: RunResult, tensor: TensorInfo, moments = momentsOf(result.recording, tensor.id)) {
    this.tensor = tensor;
    this.result = result;
    this.#moments = moments;
  }

  /** What the panel says of the tensor; `relative` names a file as a person would. */
  shown(relative: (file: string) => string): TensorShown {
    const { tensor } = this;
    const { gradReason } = tensor;
    return {
      kind: "tensor",
      run: runSummary(this.result, relative),
      id: tensor.id,
      key: keyOf(tensor),
      place: plainPlace(tensor.place),
      shape: tensor.shape,
      dtype: tensor.dtype,
      role: roleOf(tensor),
      isLeaf: tensor.isLeaf,
      requiresGrad: tensor.requiresGrad,
      gradFn: tensor.gradFn,
      reason: gradReason?.text ?? null,
      reasonPlace: plainPlace(gradReason?.place ?? null),
      unit: this.#moments.unit,
      moments: this.#moments.moments.map(({ step, value, grad }) => ({
        step,
        hasValue: value !== null,
        hasGrad: grad !== null,
      })),
    };
  }

  /** A slice as a picture, with the figures of the whole; null where nothing was recorded. */
  slice({ moment, of, at }: SliceRequest): SliceReply | null {
    const known = this.#numbers(moment, of);
    if (known === null) return null;
    this.#checkSlice(at);
    const slice = known.slice(at);
    const { rows, columns, rowStep, columnStep } = slice;
    const numbers = known.sample();
    return {
      rows,
      columns,
      rowStep,
      columnStep,
      heat: heatMapOf(slice),
      histogram: histogramOf(numbers, 40),
      figures: this.#figures(moment, of, numbers),
      kept: known.kept,
      total: this.tensor.shape.reduce((product, size) => product * size, 1),
    };
  }

  /** The numbers of a window of a slice. Throws when the window is too large. */
  cells({ moment, of, at, fromRow, toRow, fromColumn, toColumn }: CellsRequest): (number[] | null)[] {
    this.#checkSlice(at);
    if ((toRow - fromRow) * (toColumn - fromColumn) * of.length > mostCells) throw new Error("Too many cells at once.");
    return of.map((one) => {
      const slice = this.#numbers(moment, one)?.slice(at);
      if (slice === undefined) return null;
      const cells: number[] = [];
      for (let r = fromRow; r < Math.min(toRow, slice.rows); r++) {
        for (let c = fromColumn; c < Math.min(toColumn, slice.columns); c++) cells.push(slice.at(r, c));
      }
      return cells;
    });
  }

  /** A slice as text, and how many elements it has. Throws when there are too many. */
  text({ moment, of, at }: SliceRequest, format: CopyFormat): { readonly text: string; readonly count: number } {
    this.#checkSlice(at);
    const slice = this.#numbers(moment, of)?.slice(at);
    if (slice === undefined) throw new Error("Nothing was recorded here.");
    const count = slice.rows * slice.columns;
    if (count > mostCopied) throw new Error(`${count.toLocaleString("en")} elements are too many for the clipboard.`);
    return { text: format === "csv" ? sliceCsv(slice) : sliceJson(slice, this.#facts(moment, of, slice)), count };
  }

  #facts(moment: number, of: NumbersOf, { rowStep, columnStep }: Slice): Record<string, unknown> {
    const { tensor } = this;
    const isSampled = rowStep > 1 || columnStep > 1;
    return {
      name: keyOf(tensor).name,
      of: { value: "value", grad: "gradient", ratio: "gradient / value" }[of],
      [this.#moments.unit]: this.#moments.moments[moment]?.step,
      dtype: tensor.dtype,
      shape: tensor.shape,
      ...(isSampled ? { everyRow: rowStep, everyColumn: columnStep } : {}),
    };
  }

  #checkSlice(at: SliceRequest["at"]): void {
    if (!fitsShape(at, this.tensor.shape)) throw new Error("The tensor has no such slice.");
  }

  #numbers(moment: number, of: NumbersOf): Numbers | null {
    const known = this.#moments.moments[moment];
    if (known === undefined) return null;
    if (of === "ratio") return ratioOf(known);
    const grid = known[of];
    return grid && plainNumbers(grid);
  }

  /** In the end they were computed from all elements; else from what is known. */
  #figures(moment: number, of: NumbersOf, numbers: ArrayLike<number>): Figures {
    const isEnd = moment === this.#moments.moments.length - 1;
    const atEnd = isEnd && of !== "ratio" ? this.tensor[of] : null;
    return withoutSample(atEnd ?? statistics(numbers));
  }
}

/** Numbers to be cut into slices. */
interface Numbers {
  readonly kept: number;
  slice(at: SliceRequest["at"]): Slice;
  /** Evenly spread ones. */
  sample(): ArrayLike<number>;
}

function plainNumbers(grid: Grid): Numbers {
  return { kept: grid.numbers.length, slice: (at) => sliceOf(grid, at), sample: () => grid.numbers };
}

function ratioOf({ value, grad }: Moment): Numbers | null {
  if (value === null || grad === null) return null;
  const ratio = quotient(grad, value);
  return {
    kept: ratio.above.numbers.length,
    slice: (at) => quotientSlice(ratio, at),
    sample: () => quotientNumbers(ratio, mostLooked),
  };
}

function withoutSample({ sample: _, ...figures }: Statistics): Figures {
  return figures;
}

/** How a tensor is found again in the next run. */
export function keyOf(tensor: TensorInfo): TensorKey {
  return { name: tensor.module ?? tensor.name ?? "", line: tensor.place?.line ?? 0 };
}

/** The tensor that a key means in another run: of those with the name the one at that line, else the last. */
export function tensorOfKey(tensors: readonly TensorInfo[], { name, line }: TensorKey): TensorInfo | null {
  const called = tensors.filter((tensor) => keyOf(tensor).name === name);
  return called.find(({ place }) => place?.line === line) ?? called.at(-1) ?? null;
}

function plainPlace(place: Place | null): Place | null {
  return place && { file: place.file, line: place.line, column: place.column };
}
