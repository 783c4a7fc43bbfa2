/** Recorded numbers of a tensor: every `steps[d]`-th element along each dimension `d`, row-major. */
export interface Grid {
  /** Of the whole tensor. */
  readonly shape: readonly number[];
  readonly steps: readonly number[];
  readonly numbers: ArrayLike<number>;
}

/** A two-dimensional cut through a grid; of a vector it is one column, of a number one cell. */
export interface Slice {
  /** Kept elements along the rows and the columns. */
  readonly rows: number;
  readonly columns: number;
  /** The index in the tensor of the kept element number 1; that of number 0 is 0. */
  readonly rowStep: number;
  readonly columnStep: number;
  /** The number in a kept row and column. */
  readonly at: (row: number, column: number) => number;
}

/** Which two dimensions are rows and columns (−1 for none), and where the others are cut: an index for every dimension. */
export interface SliceAt {
  readonly rowDim: number;
  readonly columnDim: number;
  readonly indices: readonly number[];
}

/** The cut that shows most at once: the last two dimensions, at the beginning of the others. */
export function firstSlice(shape: readonly number[]): SliceAt {
  const { length } = shape;
  return {
    rowDim: length >= 2 ? length - 2 : length - 1,
    columnDim: length >= 2 ? length - 1 : -1,
    indices: shape.map(() => 0),
  };
}

/** Whether a cut fits a shape. */
export function fitsShape({ rowDim, columnDim, indices }: SliceAt, shape: readonly number[]): boolean {
  const { length } = shape;
  const isDim = (d: number): boolean => d < length && d >= (length === 0 ? -1 : 0);
  const areDims = length >= 2 ? isDim(rowDim) && isDim(columnDim) && rowDim !== columnDim : columnDim === -1;
  return (
    areDims &&
    isDim(rowDim) &&
    indices.length === length &&
    indices.every((at, d) => at >= 0 && at < Math.max(1, shape[d]))
  );
}

/** Cuts a grid. An index between two kept elements means the one before it. */
export function sliceOf({ shape, steps, numbers }: Grid, { rowDim, columnDim, indices }: SliceAt): Slice {
  const sizes = keptSizes(shape, steps);
  const strides = sizes.map((_, d) => sizes.slice(d + 1).reduce((product, size) => product * size, 1));
  let base = 0;
  for (let d = 0; d < sizes.length; d++) {
    if (d !== rowDim && d !== columnDim) base += Math.floor(indices[d] / steps[d]) * strides[d];
  }
  const rowStride = rowDim < 0 ? 0 : strides[rowDim];
  const columnStride = columnDim < 0 ? 0 : strides[columnDim];
  const isEmpty = numbers.length === 0;
  return {
    rows: isEmpty ? 0 : rowDim < 0 ? 1 : sizes[rowDim],
    columns: isEmpty ? 0 : columnDim < 0 ? 1 : sizes[columnDim],
    rowStep: rowDim < 0 ? 1 : steps[rowDim],
    columnStep: columnDim < 0 ? 1 : steps[columnDim],
    at: (row, column) => numbers[base + row * rowStride + column * columnStride],
  };
}

/** How many elements are kept along each dimension. */
export function keptSizes(shape: readonly number[], steps: readonly number[]): number[] {
  return shape.map((size, d) => Math.ceil(size / steps[d]));
}

/** Whether all elements are there. */
export const isWhole = ({ steps }: Grid): boolean => steps.every((step) => step === 1);

/**
 * One grid divided by another of the same tensor, element by element, where both have one: steps are powers of two. Nothing
 * is divided before it is asked for.
 */
export function quotient(top: Grid, bottom: Grid): { readonly above: Grid; readonly below: Grid } {
  const { shape } = top;
  const steps = shape.map((_, d) => Math.max(top.steps[d], bottom.steps[d]));
  return {
    above: { shape, steps, numbers: thinned(top, steps) },
    below: { shape, steps, numbers: thinned(bottom, steps) },
  };
}

/** Slices of a quotient. */
export function quotientSlice({ above, below }: ReturnType<typeof quotient>, at: SliceAt): Slice {
  const top = sliceOf(above, at);
  const bottom = sliceOf(below, at);
  return { ...top, at: (row, column) => top.at(row, column) / bottom.at(row, column) };
}

/** Numbers of a quotient, at most so many, evenly spread. */
export function quotientNumbers({ above, below }: ReturnType<typeof quotient>, most: number): Float64Array {
  const every = Math.max(1, Math.ceil(above.numbers.length / most));
  const out = new Float64Array(Math.ceil(above.numbers.length / every));
  for (let i = 0; i < out.length; i++) out[i] = above.numbers[i * every] / below.numbers[i * every];
  return out;
}

function thinned({ shape, steps, numbers }: Grid, wanted: readonly number[]): ArrayLike<number> {
  if (steps.every((step, d) => step === wanted[d])) return numbers;
  const sizes = keptSizes(shape, steps);
  const out: number[] = [];
  const visit = (d: number, place: number): void => {
    if (d === sizes.length) out.push(numbers[place]);
    else for (let i = 0; i < sizes[d]; i += wanted[d] / steps[d]) visit(d + 1, place * sizes[d] + i);
  };
  visit(0, 0);
  return out;
}
