import type { TypedArray } from "../../base/dtype.ts";
import type { NormLayout } from "../normalization.ts";
import type { Machine } from "./machine.ts";
import {
  bring,
  bringStatistic,
  byRows,
  COLUMNS,
  machineForRows,
  setStatistic,
  statisticAt,
  take,
  vectorAt,
  X,
  Y,
} from "./rows.ts";

// As in ../normalization.ts, for float32; each is false when it can't be done here. Where the affine weight changes with
// every element it goes along a row of a group; where not, all elements of a row share one.

/** Whether a group is one row, with a weight for each of its elements: layer norm. */
const isPerColumn = ({ segments, inner, period, length }: NormLayout): boolean =>
  segments === 1 && inner === 1 && period === length;

/** Rows whose elements share a group and a weight. */
const sharingRows = ({ segments, groups, length, inner }: NormLayout): number => (segments * groups * length) / inner;

/** Group of a row and number of its weight. */
const groupOf = ({ groups, length, inner }: NormLayout, row: number): number =>
  Math.floor((row * inner) / length) % groups;

export function momentsInWasm(
  x: TypedArray,
  xo: number,
  layout: NormLayout,
  mean: Float64Array,
  variance: Float64Array,
): boolean {
  const wasm = machineForRows(layout.length, x);
  if (wasm === null) return false;
  if (layout.segments === 1) momentsOfRows(wasm, x, xo, layout, mean, variance);
  else momentsOfSegments(wasm, x, xo, layout, mean, variance);
  return true;
}

/** Of groups that are one row each, which is brought in once for both. */
function momentsOfRows(
  wasm: Machine,
  x: TypedArray,
  xo: number,
  { groups, length }: NormLayout,
  mean: Float64Array,
  variance: Float64Array,
): void {
  const sums = statisticAt(0) / 8;
  const squares = statisticAt(1) / 8;
  byRows(groups, length, (row, rows) => {
    bring(wasm, X, x, xo + row * length, rows * length);
    wasm.exports.sumRows(X, rows, length, statisticAt(0));
    for (let i = 0; i < rows; i++) {
      mean[row + i] = wasm.f64[sums + i] / length;
      wasm.f64[sums + i] = mean[row + i];
    }
    wasm.exports.squareDistances(X, rows, length, statisticAt(0), statisticAt(1));
    for (let i = 0; i < rows; i++) variance[row + i] = wasm.f64[squares + i] / length;
  });
}

function momentsOfSegments(
  wasm: Machine,
  x: TypedArray,
  xo: number,
  { segments, groups, length }: NormLayout,
  mean: Float64Array,
  variance: Float64Array,
): void {
  const n = segments * length;
  const addTo = (sums: Float64Array, from: number, row: number, rows: number): void => {
    for (let i = 0; i < rows; i++) sums[(row + i) % groups] += wasm.f64[from / 8 + i];
  };
  mean.fill(0);
  byRows(segments * groups, length, (row, rows) => {
    bring(wasm, X, x, xo + row * length, rows * length);
    wasm.exports.sumRows(X, rows, length, statisticAt(0));
    addTo(mean, statisticAt(0), row, rows);
  });
  for (let g = 0; g < groups; g++) mean[g] /= n;
  variance.fill(0);
  byRows(segments * groups, length, (row, rows) => {
    bring(wasm, X, x, xo + row * length, rows * length);
    setStatistic(wasm, 0, rows, (i) => mean[(row + i) % groups]);
    wasm.exports.squareDistances(X, rows, length, statisticAt(0), statisticAt(1));
    addTo(variance, statisticAt(1), row, rows);
  });
  for (let g = 0; g < groups; g++) variance[g] /= n;
}

export function standardizeInWasm(
  x: TypedArray,
  xo: number,
  layout: NormLayout,
  mean: ArrayLike<number>,
  scale: ArrayLike<number>,
  weight: TypedArray | null,
  bias: TypedArray | null,
  out: TypedArray,
): boolean {
  return isPerColumn(layout)
    ? standardizeByColumn(x, xo, layout, mean, scale, weight, bias, out)
    : standardizeByRow(x, xo, layout, mean, scale, weight, bias, out);
}

function standardizeByColumn(
  x: TypedArray,
  xo: number,
  { groups, length }: NormLayout,
  mean: ArrayLike<number>,
  scale: ArrayLike<number>,
  weight: TypedArray | null,
  bias: TypedArray | null,
  out: TypedArray,
): boolean {
  const wasm = machineForRows(length, x, out);
  if (wasm === null) return false;
  bringVector(wasm, vectorAt(0), weight, length, 1);
  bringVector(wasm, vectorAt(1), bias, length, 0);
  byRows(groups, length, (row, rows) => {
    bring(wasm, X, x, xo + row * length, rows * length);
    bringStatistic(wasm, 0, mean, row, rows);
    bringStatistic(wasm, 1, scale, row, rows);
    wasm.exports.standardizeRows(X, rows, length, statisticAt(0), statisticAt(1), vectorAt(0), vectorAt(1));
    take(wasm, X, out, row * length, rows * length);
  });
  return true;
}

function standardizeByRow(
  x: TypedArray,
  xo: number,
  layout: NormLayout,
  mean: ArrayLike<number>,
  scale: ArrayLike<number>,
  weight: TypedArray | null,
  bias: TypedArray | null,
  out: TypedArray,
): boolean {
  const { inner, period } = layout;
  const wasm = inner === 1 ? null : machineForRows(inner, x, out);
  if (wasm === null) return false;
  byRows(sharingRows(layout), inner, (row, rows) => {
    bring(wasm, X, x, xo + row * inner, rows * inner);
    setStatistic(wasm, 0, rows, (i) => mean[groupOf(layout, row + i)]);
    setStatistic(wasm, 1, rows, (i) => scale[groupOf(layout, row + i)] * (weight?.[(row + i) % period] ?? 1));
    setStatistic(wasm, 2, rows, (i) => bias?.[(row + i) % period] ?? 0);
    wasm.exports.scaleRows(X, rows, inner, statisticAt(0), statisticAt(1), statisticAt(2));
    take(wasm, X, out, row * inner, rows * inner);
  });
  return true;
}

export function standardizeInputInWasm(
  grad: TypedArray,
  go: number,
  x: TypedArray,
  xo: number,
  layout: NormLayout,
  mean: ArrayLike<number>,
  scale: ArrayLike<number>,
  weight: TypedArray | null,
  out: TypedArray,
): boolean {
  return isPerColumn(layout)
    ? inputByColumn(grad, go, x, xo, layout, mean, scale, weight, out)
    : inputByRow(grad, go, x, xo, layout, mean, scale, weight, out);
}

function inputByColumn(
  grad: TypedArray,
  go: number,
  x: TypedArray,
  xo: number,
  { groups, length }: NormLayout,
  mean: ArrayLike<number>,
  scale: ArrayLike<number>,
  weight: TypedArray | null,
  out: TypedArray,
): boolean {
  const wasm = machineForRows(length, grad, x, out);
  if (wasm === null) return false;
  bringVector(wasm, vectorAt(0), weight, length, 1);
  byRows(groups, length, (row, rows) => {
    bring(wasm, X, grad, go + row * length, rows * length);
    bring(wasm, Y, x, xo + row * length, rows * length);
    bringStatistic(wasm, 0, mean, row, rows);
    bringStatistic(wasm, 1, scale, row, rows);
    wasm.exports.standardizeInputRows(X, Y, rows, length, statisticAt(0), statisticAt(1), vectorAt(0));
    take(wasm, X, out, row * length, rows * length);
  });
  return true;
}

function inputByRow(
  grad: TypedArray,
  go: number,
  x: TypedArray,
  xo: number,
  layout: NormLayout,
  mean: ArrayLike<number>,
  scale: ArrayLike<number>,
  weight: TypedArray | null,
  out: TypedArray,
): boolean {
  const { segments, groups, length, inner, period } = layout;
  const wasm = inner === 1 ? null : machineForRows(inner, grad, x, out);
  if (wasm === null) return false;
  const total = new Float64Array(groups);
  const along = new Float64Array(groups);
  sumGradients(wasm, grad, go, x, xo, layout, mean, (row, sum, product) => {
    const g = groupOf(layout, row);
    const w = weight?.[row % period] ?? 1;
    total[g] += w * sum;
    along[g] += w * product;
  });
  const n = segments * length;
  byRows(sharingRows(layout), inner, (row, rows) => {
    const group = (i: number): number => groupOf(layout, row + i);
    bring(wasm, X, grad, go + row * inner, rows * inner);
    bring(wasm, Y, x, xo + row * inner, rows * inner);
    setStatistic(wasm, 0, rows, (i) => mean[group(i)]);
    setStatistic(wasm, 1, rows, (i) => scale[group(i)] * (weight?.[(row + i) % period] ?? 1));
    setStatistic(wasm, 2, rows, (i) => -(scale[group(i)] ** 3) * (along[group(i)] / n));
    setStatistic(wasm, 3, rows, (i) => -scale[group(i)] * (total[group(i)] / n));
    const [center, a, b, c] = [0, 1, 2, 3].map(statisticAt);
    wasm.exports.combineRows(X, Y, rows, inner, center, a, b, c);
    take(wasm, X, out, row * inner, rows * inner);
  });
  return true;
}

/** Tells Σ g and Σ g (x − mean) of each row whose elements share group and weight. */
function sumGradients(
  wasm: Machine,
  grad: TypedArray,
  go: number,
  x: TypedArray,
  xo: number,
  layout: NormLayout,
  mean: ArrayLike<number>,
  tell: (row: number, sum: number, product: number) => void,
): void {
  const { inner } = layout;
  byRows(sharingRows(layout), inner, (row, rows) => {
    bring(wasm, X, grad, go + row * inner, rows * inner);
    bring(wasm, Y, x, xo + row * inner, rows * inner);
    setStatistic(wasm, 0, rows, (i) => mean[groupOf(layout, row + i)]);
    wasm.exports.gradientSums(X, Y, rows, inner, statisticAt(0), statisticAt(1));
    for (let i = 0, at = statisticAt(1) / 8; i < rows; i++, at += 2) tell(row + i, wasm.f64[at], wasm.f64[at + 1]);
  });
}

export function standardizeWeightInWasm(
  grad: TypedArray,
  go: number,
  x: TypedArray,
  xo: number,
  layout: NormLayout,
  mean: ArrayLike<number>,
  scale: ArrayLike<number>,
  out: Float64Array,
): boolean {
  const { groups, length, inner, period } = layout;
  if (!isPerColumn(layout)) {
    const wasm = inner === 1 ? null : machineForRows(inner, grad, x);
    if (wasm === null) return false;
    sumGradients(wasm, grad, go, x, xo, layout, mean, (row, _sum, product) => {
      out[row % period] += product * scale[groupOf(layout, row)];
    });
    return true;
  }
  const wasm = machineForRows(length, grad, x);
  if (wasm === null) return false;
  wasm.f64.fill(0, COLUMNS / 8, COLUMNS / 8 + length);
  byRows(groups, length, (row, rows) => {
    bring(wasm, X, grad, go + row * length, rows * length);
    bring(wasm, Y, x, xo + row * length, rows * length);
    bringStatistic(wasm, 0, mean, row, rows);
    bringStatistic(wasm, 1, scale, row, rows);
    wasm.exports.standardizeWeightRows(X, Y, rows, length, statisticAt(0), statisticAt(1), COLUMNS);
  });
  for (let c = 0; c < length; c++) out[c] += wasm.f64[COLUMNS / 8 + c];
  return true;
}

function bringVector(wasm: Machine, address: number, values: TypedArray | null, n: number, missing: number): void {
  if (values === null) wasm.f32.fill(missing, address / 4, address / 4 + n);
  else bring(wasm, address, values, 0, n);
}
