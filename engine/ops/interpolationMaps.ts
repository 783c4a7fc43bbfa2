import { type SparseMap, sparseMap } from "../kernels/resample.ts";

/** One dimension that changes its size; `scale` is how many old elements make a new one. */
export interface Axis {
  readonly from: number;
  readonly to: number;
  readonly scale: number;
}

type Entry = readonly [column: number, weight: number];

const mapOf = ({ from, to }: Axis, row: (o: number) => readonly Entry[]): SparseMap =>
  sparseMap(
    from,
    Array.from({ length: to }, (_, o) => row(o)),
  );

const within = (i: number, size: number): number => Math.min(Math.max(i, 0), size - 1);

/** Each new element is the old one at its left edge (or, `exact`, at its center). */
export function nearestMap(axis: Axis, exact: boolean): SparseMap {
  const shift = exact ? 0.5 : 0;
  return mapOf(axis, (o) => [[within(Math.floor((o + shift) * axis.scale), axis.from), 1]]);
}

/** Where the center of new element `o` lies among the old ones. */
function position({ from, to, scale }: Axis, o: number, align: boolean): number {
  if (align) return to > 1 ? (o * (from - 1)) / (to - 1) : 0;
  return (o + 0.5) * scale - 0.5;
}

/** Straight lines between the old elements. */
export function linearMap(axis: Axis, align: boolean): SparseMap {
  return mapOf(axis, (o) => {
    const at = axis.from === axis.to ? o : Math.max(0, position(axis, o, align));
    const first = Math.min(Math.floor(at), axis.from - 1);
    const second = Math.min(first + 1, axis.from - 1);
    const weight = at - first;
    return [
      [first, 1 - weight],
      [second, weight],
    ];
  });
}

/** Keys' cubic convolution: the weight at a distance from the center. */
function cubic(distance: number, a: number): number {
  const x = Math.abs(distance);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return a * (((x - 5) * x + 8) * x - 4);
  return 0;
}

/** Cubic pieces through the old elements; those beyond an edge are the edge again. */
export function cubicMap(axis: Axis, align: boolean): SparseMap {
  return mapOf(axis, (o) => {
    const at = position(axis, o, align);
    const first = Math.floor(at);
    return [-1, 0, 1, 2].map((k) => [within(first + k, axis.from), cubic(at - first - k, -0.75)] as const);
  });
}

/** Linear or cubic weights widened by the scale when shrinking, so that every old element counts. */
export function smoothMap(axis: Axis, isCubic: boolean, align: boolean): SparseMap {
  const scale = align ? (axis.to > 1 ? (axis.from - 1) / (axis.to - 1) : 0) : axis.scale;
  const stretch = Math.max(scale, 1);
  const reach = (isCubic ? 2 : 1) * stretch;
  const filter = (x: number): number => (isCubic ? cubic(x, -0.5) : Math.max(0, 1 - Math.abs(x)));
  return mapOf(axis, (o) => {
    const center = scale * (o + 0.5);
    const first = Math.max(0, Math.trunc(center - reach + 0.5));
    const end = Math.min(axis.from, Math.trunc(center + reach + 0.5));
    const weights = Array.from({ length: end - first }, (_, i) => filter((i + first - center + 0.5) / stretch));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight, i) => [first + i, weight / total] as const);
  });
}
