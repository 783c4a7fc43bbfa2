import { densely, empty, fromBuffer, Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { isFloat } from "../base/dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../base/errors.ts";
import { sameShape, showShape } from "../base/shape.ts";
import * as kernels from "../kernels/search.ts";
import { placesOf } from "./indexParts.ts";

// Ops without gradient: their results are whole numbers, or change by jumps.

/** Options of `nonzero`. */
export interface NonzeroOptions {
  /** Give one vector per dimension, ready to index with. */
  readonly asTuple?: boolean | undefined;
}

/** What `nonzero` takes, as a function. */
export interface Nonzero {
  (self: Tensor, options: { readonly asTuple: true }): Tensor[];
  (self: Tensor, options?: { readonly asTuple?: false | undefined }): Tensor;
}

/** What `nonzero` and `unique` take, as methods. */
export interface SearchMethods {
  /** Coordinates of all elements that are not zero, one a row; with `asTuple` one vector per dimension. */
  nonzero(options: { readonly asTuple: true }): Tensor[];
  nonzero(options?: { readonly asTuple?: false | undefined }): Tensor;
}

/** Coordinates of all elements that are not zero: [n, ndim] as int64, or with `asTuple` one vector per dimension. */
export const nonzero = ((self: Tensor, options?: NonzeroOptions): Tensor | Tensor[] => {
  const { asTuple = false } = readArguments<NonzeroOptions>("nonzero", [options], ["asTuple"]);
  const places = placesOf(self.ndim === 0 && asTuple ? self.reshape([1]) : self);
  if (asTuple) return places;
  const count = self.ndim === 0 ? Number(self.item() !== 0) : places[0].elements;
  const out = empty([count, self.ndim], "int64");
  places.forEach((place, d) => {
    for (let i = 0; i < count; i++) out.storage.values[i * self.ndim + d] = place.storage.values[i];
  });
  return out;
}) as Nonzero;

/** The same as `nonzero`. */
export const argwhere: (self: Tensor) => Tensor = (self) => nonzero(self);

/** Options of `nonzeroStatic`. */
export interface NonzeroStaticOptions {
  /** How many rows to give. */
  readonly size: number;
  /** What stands in the rows for which there is no element. Default -1. */
  readonly fillValue?: number | undefined;
}

/** The same as `nonzero`, but always `size` rows: those beyond are left out, those missing are of `fillValue`. */
export const nonzeroStatic: (self: Tensor, options: NonzeroStaticOptions) => Tensor = (self, options) => {
  const known = ["size", "fillValue"] as const;
  const { size, fillValue = -1 } = readArguments<Partial<NonzeroStaticOptions>>("nonzeroStatic", [options], known);
  if (size === undefined) throw new ArgumentError("nonzeroStatic", 'missing 1 required option: "size"');
  if (!Number.isInteger(size) || size < 0)
    throw new ArgumentError("nonzeroStatic", `'size' must be an non-negative integer, but got ${size}`);
  const found = nonzero(self);
  const out = empty([size, self.ndim], "int64");
  const { values } = out.storage;
  values.set(found.storage.values.subarray(0, Math.min(found.elements, out.elements)));
  return found.elements < out.elements ? filledFrom(out, found.elements, fillValue) : out;
};

function filledFrom(x: Tensor, start: number, value: number): Tensor {
  x.storage.values.fill(Math.trunc(value), start);
  return x;
}

/** The coordinates, one tensor per dimension, of elements of a tensor of this shape that are given by their place in it. */
export const unravelIndex: (indices: Tensor, shape: number | readonly number[]) => Tensor[] = (indices, shape) => {
  const sizes = typeof shape === "number" ? [shape] : shape;
  checkUnraveled(indices, sizes);
  const { storage, offset } = densely(indices);
  const places = [...storage.values.subarray(offset, offset + indices.elements)];
  let step = sizes.reduce((product, size) => product * size, 1);
  if (step === 0 && places.length > 0)
    throw new ArgumentError("unravelIndex", `a tensor of shape ${showShape(sizes)} has no elements to point at`);
  return sizes.map((size) => {
    step /= size;
    const inDimension = places.map((place) => modulo((place - modulo(place, step)) / step, size));
    return fromBuffer(Float64Array.from(inDimension), indices.shape, "int64");
  });
};

function checkUnraveled({ dtype }: Tensor, sizes: readonly number[]): void {
  if (isFloat(dtype) || dtype === "bool")
    throw new DTypeError("unravelIndex", `expected 'indices' to be integer dtype, but got ${dtype}`);
  for (const size of sizes) {
    if (!Number.isInteger(size))
      throw new ArgumentError(
        "unravelIndex",
        `expected 'shape' sequence to only contain ints, but got ${String(size)}`,
      );
  }
  if (sizes.some((size) => size < 0))
    throw new ArgumentError("unravelIndex", `'shape' cannot have negative values, but got ${showShape(sizes)}`);
}

/** The remainder with the sign of the divisor: places before the first count from the end. */
const modulo = (a: number, b: number): number => ((a % b) + b) % b;

/** Options of `searchsorted` and `bucketize`. */
export interface SearchOptions {
  /** Where a value equals an element: after it instead of before. Default false. */
  readonly right?: boolean | undefined;
  /** The same in words. */
  readonly side?: "left" | "right" | undefined;
  /** Give int32. */
  readonly outInt32?: boolean | undefined;
  /** The order that sorts the sequence, when it is not sorted. */
  readonly sorter?: Tensor | undefined;
}

function readSearch(op: string, options: SearchOptions | undefined, known: readonly (keyof SearchOptions)[]) {
  const { right = false, side, outInt32 = false, sorter } = readArguments<SearchOptions>(op, [options], known);
  if (side !== undefined && side !== "left" && side !== "right") {
    throw new ArgumentError(op, `side can only be 'left' or 'right' but got ${String(side)}`);
  }
  if (side === "left" && right)
    throw new ArgumentError(op, "side and right can't be set to opposites, got side of left while right was true");
  return { right: right || side === "right", dtype: outInt32 ? ("int32" as const) : ("int64" as const), sorter };
}

/** Where each value would have to be inserted to keep the (last dimension of the) sequence sorted. */
export const searchsorted: (sortedSequence: Tensor, values: Tensor | number, options?: SearchOptions) => Tensor = (
  sequence,
  values,
  options,
) => {
  const { right, dtype, sorter } = readSearch("searchsorted", options, ["right", "side", "outInt32", "sorter"]);
  const sorted = sorter === undefined ? sequence : sequence.detach().gather(-1, sorter);
  const wanted = values instanceof Tensor ? values : numberLike(values, sequence);
  if (sorted.ndim === 0) {
    throw new ShapeError("searchsorted", "boundaries tensor should have positive dimension, but got 0 dimension");
  }
  if (sorted.ndim !== 1 && wanted.ndim === 0) {
    throw new ShapeError(
      "searchsorted",
      `input value can be a scalar only when boundaries tensor dimension is 1, but we got boundaries tensor dim(${sorted.ndim})`,
    );
  }
  if (sorted.ndim !== 1 && !sameShape(sorted.shape.slice(0, -1), wanted.shape.slice(0, -1))) {
    throw new ShapeError(
      "searchsorted",
      `boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and input value tensor must match, but got ${showShape(sorted.shape)} and ${showShape(wanted.shape)}`,
    );
  }
  return insertionPoints(sorted, wanted, right, dtype);
};

/** Which bucket between the sorted boundaries (a vector) each element falls into. */
export const bucketize: (
  self: Tensor,
  boundaries: Tensor,
  options?: Pick<SearchOptions, "right" | "outInt32">,
) => Tensor = (self, boundaries, options) => {
  if (boundaries.ndim !== 1) {
    throw new ShapeError("bucketize", `boundaries tensor must be 1 dimension, but got dim(${boundaries.ndim})`);
  }
  const { right, dtype } = readSearch("bucketize", options, ["right", "outInt32"]);
  return insertionPoints(boundaries, self, right, dtype);
};

function numberLike(value: number, like: Tensor): Tensor {
  const out = empty([], like.dtype === "float32" ? "float32" : "float64");
  out.storage.values[0] = value;
  return out;
}

function insertionPoints(sequence: Tensor, values: Tensor, right: boolean, dtype: "int32" | "int64"): Tensor {
  const [sorted, wanted] = [densely(sequence), densely(values)];
  const out = empty(wanted.shape, dtype);
  const n = sorted.shape[sorted.ndim - 1];
  const rows = sorted.ndim === 1 ? 1 : n === 0 ? 1 : sorted.elements / n;
  const perRow = wanted.elements / rows;
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < perRow; j++) {
      const value = wanted.storage.values[wanted.offset + row * perRow + j];
      const from = sorted.offset + row * n;
      out.storage.values[row * perRow + j] = kernels.insertionPoint(sorted.storage.values, from, n, value, right);
    }
  }
  return out;
}

/** Options of `bincount`. */
export interface BincountOptions {
  /** What each element counts for. Default 1. */
  readonly weights?: Tensor | null | undefined;
  /** At least that many bins. */
  readonly minlength?: number | undefined;
}

/** How often each whole number from 0 on occurs in a vector. */
export const bincount: (self: Tensor, weights?: Tensor | null | BincountOptions, minlength?: number) => Tensor = (
  self,
  ...args
) => {
  const { weights = null, minlength = 0 } = readArguments<BincountOptions>("bincount", args, ["weights", "minlength"]);
  const values = self.toArray();
  if (self.ndim !== 1 || self.dtype.startsWith("float") || !isNatural(values)) {
    throw new ArgumentError("bincount", "bincount only supports 1-d non-negative integral inputs.");
  }
  // Of nothing there are no weighted counts either.
  if (values.length === 0) return empty([minlength], "int64");
  if (weights !== null && !sameShape(weights.shape, self.shape)) {
    throw new ShapeError("bincount", "weights should be 1-d and have the same length as input");
  }
  let bins = minlength;
  for (const value of values) bins = Math.max(bins, value + 1);
  const given = weights?.toArray() ?? null;
  const out = empty([bins], weights === null ? "int64" : weights.dtype === "float32" ? "float32" : "float64");
  for (let i = 0; i < values.length; i++) out.storage.values[values[i]] += given === null ? 1 : given[i];
  return out;
};

function isNatural(values: Iterable<number>): boolean {
  for (const value of values) if (value < 0) return false;
  return true;
}

/** Options of `histc`. */
export interface HistcOptions {
  /** Default 100. */
  readonly bins?: number | undefined;
  /** Lower end of the first bin. Default: the smallest element. */
  readonly min?: number | undefined;
  /** Equal to `min` (both 0 by default): the range of the elements. */
  readonly max?: number | undefined;
}

/** How many elements fall into each of `bins` equal ranges between min and max; others are left out. */
export const histc: (self: Tensor, ...args: (number | HistcOptions | undefined)[]) => Tensor = (self, ...args) => {
  const { bins = 100, min = 0, max = 0 } = readArguments<HistcOptions>("histc", args, ["bins", "min", "max"]);
  if (self.dtype === "bool") throw new DTypeError("histc", "not implemented for 'bool': use .to(\"int64\"), or sum()");
  if (!Number.isInteger(bins) || bins <= 0) throw new ArgumentError("histc", `bins must be > 0, but got ${bins}`);
  if (max < min) throw new ArgumentError("histc", `max must be larger than min, but got ${min} and ${max}`);
  const values = self.toArray();
  const range = kernels.histogramRange(values, min, max);
  if (!Number.isFinite(range.low) || !Number.isFinite(range.high)) {
    throw new ArgumentError("histc", `range of [${range.low}, ${range.high}] is not finite`);
  }
  const out = empty([bins], self.dtype);
  kernels.histogram(values, range.low, range.high, bins, out.storage.values);
  return out;
};

/** The elements that some other list has too, as a mask. */
export const isin: (
  elements: Tensor | number,
  testElements: Tensor | number,
  options?: { readonly invert?: boolean },
) => Tensor = (elements, testElements, options) => {
  const { invert = false } = readArguments<{ invert?: boolean }>("isin", [options], ["invert"]);
  if (typeof elements === "number" && typeof testElements === "number") {
    throw new ArgumentError("isin", "one of elements and testElements must be a tensor, but got two numbers");
  }
  const known = new Set<number>(typeof testElements === "number" ? [testElements] : testElements.toArray());
  const asked = typeof elements === "number" ? [elements] : elements.toArray();
  const values = Uint8Array.from(asked, (value: number) => Number(known.has(value) !== invert));
  return fromBuffer(values, typeof elements === "number" ? [] : elements.shape, "bool");
};
