import { apply } from "../autograd/dispatch.ts";
import { densely, empty, type Tensor } from "../autograd/tensor.ts";
import { aboutToWrite } from "../autograd/writes.ts";
import { readArguments, wholeNumber } from "../base/arguments.ts";
import { ArgumentError, DTypeError, IndexError, ShapeError } from "../base/errors.ts";
import { showShape } from "../base/shape.ts";
import { addRows, takeRows } from "../kernels/rows.ts";
import { general } from "./define.ts";
import { none } from "./flops.ts";
import type { GeneralOp } from "./op.ts";
import { mixed } from "./samples.ts";

/** Options of `embedding`. */
export interface EmbeddingOptions {
  /** The row that gets no gradient; counted from the end when negative. */
  readonly paddingIdx?: number | null;
  /** Rows that are looked up are first shrunk, in place, to at most this norm. */
  readonly maxNorm?: number | null;
  /** Which norm `maxNorm` means. Default 2. */
  readonly normType?: number;
  /** Divide each row's gradient by how often it was looked up. Default false. */
  readonly scaleGradByFreq?: boolean;
}

type EmbeddingArgs =
  | [options?: EmbeddingOptions]
  | [paddingIdx: number | null, maxNorm?: number | null, normType?: number, scaleGradByFreq?: boolean];

interface Lookup {
  /** Rows of the table. */
  readonly rows: number;
  /** -1 for none. */
  readonly padding: number;
  readonly byFrequency: boolean;
}

const embeddingOp = general<Lookup>()({
  name: "embedding",
  summary: "Rows of a table, looked up by index.",
  inputs: ["indices", "weight"],
  flops: none,
  saves: ["indices"],
  forward: ([indices, weight]) => lookUp(indices as Tensor, weight as Tensor, null),
  backward: { indices: null, weight: ({ grad, indices, attrs }) => apply(gradientOp, [grad, indices], attrs) },
  // Not with paddingIdx or scaleGradByFreq: the gradient is then, on purpose, not the derivative.
  accepts: [
    mixed([
      [{ index: 5 }, [4]],
      ["normal", [5, 3]],
    ]),
    mixed([
      [{ index: 5 }, [2, 3]],
      ["normal", [5, 2]],
    ]),
    mixed([
      [{ index: 3 }, []],
      ["normal", [3, 2]],
    ]),
    mixed([
      [{ index: 3 }, [0]],
      ["normal", [3, 2]],
    ]),
  ],
  rejects: [
    mixed([
      [{ index: 3 }, [2]],
      ["normal", [3]],
    ]),
    mixed([
      ["normal", [2]],
      ["normal", [3, 2]],
    ]),
  ],
});

const gradientOp: GeneralOp<Lookup> = general<Lookup>()({
  name: "embeddingDenseBackward",
  summary: "Gradient of an embedding's table: rows added where they were looked up.",
  inputs: ["x", "indices"],
  saves: ["indices"],
  forward: ([input, places], attrs) => {
    const x = densely(input as Tensor);
    const indices = densely(places as Tensor);
    const columns = x.shape[x.ndim - 1];
    const out = empty([attrs.rows, columns], x.dtype);
    const scale = scaleOf(indices, attrs);
    addRows(
      x.storage.values,
      x.offset,
      columns,
      indices.storage.values,
      indices.offset,
      indices.elements,
      scale,
      out.storage.values,
    );
    return out;
  },
  backward: { x: ({ grad, indices, attrs }) => apply(scaledLookupOp, [grad, indices], attrs), indices: null },
});

const scaledLookupOp = general<Lookup>()({
  name: "embeddingDenseBackwardBackward",
  summary: "Rows of a table with the factors of an embedding's gradient.",
  inputs: ["weight", "indices"],
  saves: ["indices"],
  forward: ([weight, indices], attrs) =>
    lookUp(indices as Tensor, weight as Tensor, scaleOf(densely(indices as Tensor), attrs)),
  backward: { weight: ({ grad, indices, attrs }) => apply(gradientOp, [grad, indices], attrs), indices: null },
});

function lookUp(places: Tensor, table: Tensor, scale: Float64Array | null): Tensor {
  const indices = densely(places);
  const weight = densely(table);
  const columns = weight.shape[1];
  const out = empty([...indices.shape, columns], weight.dtype);
  takeRows(
    weight.storage.values,
    weight.offset,
    columns,
    indices.storage.values,
    indices.offset,
    indices.elements,
    scale,
    out.storage.values,
  );
  return out;
}

/** What each looked-up row's gradient is multiplied by: 0 for padding, 1 / frequency if asked for; null when all are 1. */
function scaleOf(indices: Tensor, { rows, padding, byFrequency }: Lookup): Float64Array | null {
  if (padding === -1 && !byFrequency) return null;
  const { values } = indices.storage;
  const counts = new Float64Array(rows);
  for (let i = 0; i < indices.elements; i++) counts[values[indices.offset + i]]++;
  return Float64Array.from({ length: indices.elements }, (_, i) => {
    const index = values[indices.offset + i];
    if (index === padding) return 0;
    return byFrequency ? 1 / counts[index] : 1;
  });
}

/** Rows of `weight` [rows, features] looked up by index: the result has the shape of `input`, then features. */
export const embedding: (input: Tensor, weight: Tensor, ...args: EmbeddingArgs) => Tensor = (
  input,
  weight,
  ...args
) => {
  const names = ["paddingIdx", "maxNorm", "normType", "scaleGradByFreq"] as const;
  const options = readArguments<EmbeddingOptions>("embedding", args, names);
  const { paddingIdx = null, maxNorm = null, normType = 2, scaleGradByFreq = false } = options;
  if (weight.ndim !== 2) throw new ShapeError("embedding", `'weight' must be 2-D, but got ${showShape(weight.shape)}`);
  const [rows] = weight.shape;
  checkIndices(input, rows);
  const padding = paddingRow(paddingIdx, rows);
  if (maxNorm !== null) shrinkRows(input, weight, maxNorm, normType);
  return apply(embeddingOp, [input, weight], { rows, padding, byFrequency: scaleGradByFreq });
};

function checkIndices(indices: Tensor, rows: number): void {
  if (indices.dtype !== "int64" && indices.dtype !== "int32") {
    throw new DTypeError(
      "embedding",
      `Expected the indices to be int64 or int32, but got ${indices.dtype}: convert them with .to("int64")`,
    );
  }
  for (const index of indices.toArray()) {
    if (index < 0 || index >= rows) {
      throw new IndexError("embedding", `index out of range in self: ${index} in a table of ${rows} rows`);
    }
  }
}

function paddingRow(paddingIdx: number | null, rows: number): number {
  if (paddingIdx === null) return -1;
  if (paddingIdx < -rows || paddingIdx >= rows) {
    throw new ArgumentError("embedding", `padding_idx must be within num_embeddings (${rows}), but got ${paddingIdx}`);
  }
  return paddingIdx < 0 ? paddingIdx + rows : paddingIdx;
}

/** Shrinks the rows that are looked up to at most `maxNorm`, in place and outside of any graph. */
function shrinkRows(indices: Tensor, weight: Tensor, maxNorm: number, p: number): void {
  aboutToWrite(weight.storage);
  const { values } = weight.storage;
  const [row, column] = weight.strides;
  for (const index of new Set(indices.toArray())) {
    const start = weight.offset + index * row;
    let total = 0;
    for (let c = 0; c < weight.shape[1]; c++) total += Math.abs(values[start + c * column]) ** p;
    const norm = total ** (1 / p);
    if (norm <= maxNorm) continue;
    const factor = maxNorm / (norm + 1e-7);
    for (let c = 0; c < weight.shape[1]; c++) values[start + c * column] *= factor;
  }
  weight.storage.version++;
}

/** Options of `oneHot`. */
export interface OneHotOptions {
  /** Default: the largest class plus one. */
  readonly numClasses?: number;
}

/** Classes as rows of zeros with a one at the class. */
export const oneHot: (input: Tensor, ...args: [options?: OneHotOptions] | [numClasses: number]) => Tensor = (
  input,
  ...args
) => {
  const { numClasses = -1 } = readArguments<OneHotOptions>("oneHot", args, ["numClasses"]);
  if (numClasses !== -1) wholeNumber("oneHot", "numClasses", numClasses, 1);
  if (input.dtype !== "int64") {
    throw new DTypeError("oneHot", `one_hot is only applicable to index tensor (int64), but got ${input.dtype}`);
  }
  const classes = [...input.toArray()];
  if (classes.length === 0 && numClasses <= 0) {
    throw new ArgumentError("oneHot", "Can not infer total number of classes from empty tensor.");
  }
  const largest = classes.reduce((most, value) => Math.max(most, value), -1);
  const width = numClasses === -1 ? largest + 1 : numClasses;
  if (classes.some((value) => value < 0)) throw new ArgumentError("oneHot", "Class values must be non-negative.");
  if (largest >= width) {
    throw new ArgumentError("oneHot", `Class values must be smaller than num_classes (${largest} and ${width}).`);
  }
  const out = empty([...input.shape, width], "int64");
  classes.forEach((value, i) => {
    out.storage.values[i * width + value] = 1;
  });
  return out;
};
