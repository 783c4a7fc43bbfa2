import { blank, type Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { isFloat } from "../base/dtype.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { elementCount, sameShape, showShape, wrapDim } from "../base/shape.ts";
import { checkIndex } from "./indexTensors.ts";
import { notImplementedFor } from "./notImplemented.ts";
import { type Reduction, scatterReduced } from "./scatterReduction.ts";

/** Options of `segmentReduce`. */
export interface SegmentOptions {
  /** How long segments are, along the last dimension; those before it are the data's, up to the axis. */
  readonly lengths?: Tensor | null | undefined;
  /** Refused, as in PyTorch. */
  readonly indices?: Tensor | null | undefined;
  /** In place of lengths, where each segment begins, and where the last one ends. */
  readonly offsets?: Tensor | null | undefined;
  /** The dimension that has segments. Default 0. */
  readonly axis?: number | undefined;
  /** Do not check that the lengths fill the axis. */
  readonly unsafe?: boolean | undefined;
  /** What each segment is combined with; for "mean" it is added to the sum. */
  readonly initial?: number | null | undefined;
}

type SegmentReduction = "sum" | "mean" | "prod" | "max" | "min" | "amax" | "amin";

const OPTIONS = ["lengths", "indices", "offsets", "axis", "unsafe", "initial"] as const;

/** Sum, mean, prod, max or min of each of the segments that lie one after the other along an axis. */
export const segmentReduce: (data: Tensor, reduce: SegmentReduction, options?: SegmentOptions) => Tensor = (
  data,
  reduce,
  options,
) => {
  const given = readArguments<SegmentOptions>("segmentReduce", [options], OPTIONS);
  if (!isFloat(data.dtype)) throw notImplementedFor("segmentReduce", data.dtype);
  const axis = wrapDim("segmentReduce", given.axis ?? 0, data.ndim);
  const segments = segmentsOf(data, axis, given);
  const initial = given.initial ?? null;
  switch (reduce) {
    case "sum":
      return combined(data, axis, segments, "sum", initial ?? 0);
    case "mean": {
      const counts = lengthsOf(segments, data, axis);
      // Without a start the mean of nothing is 0 / 0.
      const divisor = initial === null ? counts : counts.clamp({ min: 1 });
      return combined(data, axis, segments, "sum", initial ?? 0).div(divisor);
    }
    case "prod":
      return combined(data, axis, segments, "prod", initial ?? 1);
    case "max":
    case "amax": {
      const most = combined(data, axis, segments, "amax", Number.NEGATIVE_INFINITY);
      return initial === null ? most : most.maskedFill(most.lt(initial), initial);
    }
    case "min":
    case "amin": {
      const least = combined(data, axis, segments, "amin", Number.POSITIVE_INFINITY);
      return initial === null ? least : least.maskedFill(least.gt(initial), initial);
    }
    default:
      throw new ArgumentError(
        "segmentReduce",
        `reduce argument must be either sum, prod, mean, amax or amin, got ${String(reduce)}`,
      );
  }
};

/** Where the segments of each row lie: `count` of them for each place in the dimensions before the axis. */
interface Segments {
  readonly count: number;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

function segmentsOf(
  data: Tensor,
  axis: number,
  { lengths, indices, offsets, unsafe = false }: SegmentOptions,
): Segments {
  if (indices !== undefined && indices !== null)
    throw new ArgumentError("segmentReduce", "indices based reduction is not supported yet.");
  if (offsets !== undefined && offsets !== null) return fromOffsets(rowsOf(data, axis, "offsets", offsets));
  if (lengths === undefined || lengths === null)
    throw new ArgumentError("segmentReduce", "Either lengths or offsets must be defined.");
  const rows = rowsOf(data, axis, "lengths", lengths);
  if (!unsafe) checkLengths(rows, data.shape[axis]);
  return fromLengths(rows);
}

/** The last dimension of lengths or offsets, once for each place in the dimensions before it. */
function rowsOf(data: Tensor, axis: number, name: string, x: Tensor): number[][] {
  checkIndex("segmentReduce", x);
  if (x.ndim - 1 !== axis) {
    throw new ShapeError(
      "segmentReduce",
      `Expected axis to be the last dimension of ${name} but got ${axis}, with ${name} of shape ${showShape(x.shape)}.`,
    );
  }
  if (x.ndim > data.ndim || !sameShape(x.shape.slice(0, -1), data.shape.slice(0, axis))) {
    throw new ShapeError(
      "segmentReduce",
      `Expected ${name} ${showShape(x.shape)} to have the dimensions of data ${showShape(data.shape)} before the axis`,
    );
  }
  const values = [...x.toArray()].map(Number);
  const width = x.shape[axis];
  return Array.from({ length: elementCount(x.shape.slice(0, -1)) }, (_, r) => values.slice(r * width, (r + 1) * width));
}

function checkLengths(rows: readonly number[][], size: number): void {
  if (rows.some((row) => row.some((length) => length < 0)))
    throw new ArgumentError("segmentReduce", "lengths contains negative value!");
  if (rows.some((row) => row.reduce((sum, length) => sum + length, 0) !== size)) {
    throw new ArgumentError(
      "segmentReduce",
      `Expected all rows of lengths along axis to sum to data.size(lengths.dim()-1), which is ${size}, when not unsafe.`,
    );
  }
}

function fromLengths(rows: readonly number[][]): Segments {
  const offsets = rows.map((lengths) => {
    let end = 0;
    return [
      0,
      ...lengths.map((length) => {
        end += length;
        return end;
      }),
    ];
  });
  return fromOffsets(offsets);
}

const fromOffsets = (rows: readonly number[][]): Segments => ({
  count: Math.max(0, (rows[0]?.length ?? 1) - 1),
  starts: rows.flatMap((row) => row.slice(0, -1)),
  ends: rows.flatMap((row) => row.slice(1)),
});

function lengthsOf({ count, starts, ends }: Segments, data: Tensor, axis: number): Tensor {
  const out = blank([...data.shape.slice(0, axis), count, ...data.shape.slice(axis + 1).fill(1)], data.dtype);
  starts.forEach((start, i) => {
    out.storage.values[i] = ends[i] - start;
  });
  return out;
}

/** Each segment combined with `start`. */
function combined(data: Tensor, axis: number, segments: Segments, reduce: Reduction, start: number): Tensor {
  const { count } = segments;
  // What lies in no segment goes to one more, which is left out.
  const base = blank(
    data.shape.map((size, d) => (d === axis ? count + 1 : size)),
    data.dtype,
  );
  base.storage.values.fill(start);
  const index = placesOf(segments, data, axis);
  return scatterReduced(base, index, data, { dim: axis, reduce, includeSelf: true }).narrow(axis, 0, count);
}

/** The number of the segment that each element lies in. */
function placesOf({ count, starts, ends }: Segments, data: Tensor, axis: number): Tensor {
  const size = data.shape[axis];
  const places = blank([...data.shape.slice(0, axis), size, ...data.shape.slice(axis + 1).fill(1)], "int64");
  const { values } = places.storage;
  values.fill(count);
  starts.forEach((start, i) => {
    const row = Math.floor(i / count) * size;
    values.fill(i % count, row + start, row + Math.min(ends[i], size));
  });
  return places.expand(data.shape);
}
