import type { TypedArray } from "../base/dtype.ts";
import type { Block } from "./block.ts";

/** Sorts rows of at most `n` elements again and again without allocating. */
export class RowSorter {
  private readonly keys: Float64Array;
  private readonly index: Int32Array;
  private readonly spare: Int32Array;

  constructor(n: number) {
    this.keys = new Float64Array(n);
    this.index = new Int32Array(n);
    this.spare = new Int32Array(n);
  }

  /**
   * Positions of `n` elements, `step` apart from `at` on, in sorted order. Equal elements keep their order and NaN counts
   * as largest. The array is overwritten by the next call.
   */
  order(x: TypedArray, at: number, n: number, step: number, descending: boolean): Int32Array {
    const { keys, index, spare } = this;
    let numbers = 0;
    let nans = 0;
    for (let k = 0; k < n; k++) {
      const value = x[at + k * step];
      keys[k] = descending ? -value : value;
      if (!Number.isNaN(value)) index[numbers++] = k;
      else spare[nans++] = k;
    }
    if (nans > 0) {
      const from = descending ? 0 : numbers;
      if (descending) index.copyWithin(nans, 0, numbers);
      for (let k = 0; k < nans; k++) index[from + k] = spare[k];
    }
    const start = descending ? nans : 0;
    mergeSort(keys, index, spare, start, start + numbers);
    return index;
  }
}

const SHORT = 12;

function mergeSort(keys: Float64Array, index: Int32Array, spare: Int32Array, from: number, to: number): void {
  if (to - from <= SHORT) {
    insertionSort(keys, index, from, to);
    return;
  }
  const middle = (from + to) >> 1;
  mergeSort(keys, index, spare, from, middle);
  mergeSort(keys, index, spare, middle, to);
  if (keys[index[middle - 1]] <= keys[index[middle]]) return;
  for (let k = from; k < middle; k++) spare[k] = index[k];
  let left = from;
  let right = middle;
  for (let k = from; left < middle; k++) {
    if (right < to && keys[index[right]] < keys[spare[left]]) index[k] = index[right++];
    else index[k] = spare[left++];
  }
}

function insertionSort(keys: Float64Array, index: Int32Array, from: number, to: number): void {
  for (let i = from + 1; i < to; i++) {
    const moved = index[i];
    const key = keys[moved];
    let j = i - 1;
    for (; j >= from && keys[index[j]] > key; j--) index[j + 1] = index[j];
    index[j + 1] = moved;
  }
}

/** The first `k` of each sorted row: values and where they came from, as blocks [outer, k, inner]. */
export function sort(x: Block, k: number, descending: boolean, out: TypedArray, indices: TypedArray): void {
  const { values, offset, outer, n, inner } = x;
  const sorter = new RowSorter(n);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const start = offset + o * n * inner + i;
      const order = sorter.order(values, start, n, inner, descending);
      for (let j = 0, to = o * k * inner + i; j < k; j++, to += inner) {
        out[to] = values[start + order[j] * inner];
        indices[to] = order[j];
      }
    }
  }
}

/** The element of rank `k` (from 0) of each sorted row, and where it came from. */
export function kth(x: Block, k: number, out: TypedArray, indices: TypedArray): void {
  const { values, offset, outer, n, inner } = x;
  const keys = new Float64Array(n);
  const order = new Int32Array(n);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const start = offset + o * n * inner + i;
      for (let j = 0; j < n; j++) {
        keys[j] = values[start + j * inner];
        order[j] = j;
      }
      quickselect(keys, order, n, k);
      out[o * inner + i] = keys[k];
      indices[o * inner + i] = order[k];
    }
  }
}

/**
 * Moves the element of rank `k` to place `k`, by partitions around the median of three; NaN counts as largest. Step by step
 * as PyTorch does, so that of equal elements the same one is found.
 */
function quickselect(keys: Float64Array, order: Int32Array, n: number, k: number): void {
  const after = (a: number, b: number): boolean => a > b || (Number.isNaN(a) && !Number.isNaN(b));
  const swap = (i: number, j: number): void => {
    [keys[i], keys[j]] = [keys[j], keys[i]];
    [order[i], order[j]] = [order[j], order[i]];
  };
  let left = 0;
  let right = n - 1;
  while (left < right) {
    if (right === left + 1) {
      if (after(keys[left], keys[right])) swap(left, right);
      return;
    }
    swap(left + ((right - left) >> 1), left + 1);
    if (after(keys[left + 1], keys[right])) swap(left + 1, right);
    if (after(keys[left], keys[right])) swap(left, right);
    if (after(keys[left + 1], keys[left])) swap(left + 1, left);
    const pivot = keys[left];
    let i = left + 1;
    let j = right;
    for (;;) {
      do i++;
      while (after(pivot, keys[i]));
      do j--;
      while (after(keys[j], pivot));
      if (j < i) break;
      swap(i, j);
    }
    swap(left, j);
    if (j <= k) left = i;
    if (j >= k) right = j - 1;
  }
}

/** The lower median of each row and where it came from. A row with a NaN gives it, unless NaNs are to be left out. */
export function median(x: Block, skipNan: boolean, out: TypedArray, indices: TypedArray): void {
  const { values, offset, outer, n, inner } = x;
  const sorter = new RowSorter(n);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const start = offset + o * n * inner + i;
      const order = sorter.order(values, start, n, inner, false);
      let numbers = n;
      while (numbers > 0 && Number.isNaN(values[start + order[numbers - 1] * inner])) numbers--;
      const where = numbers < n && !skipNan ? order[numbers] : order[Math.max(0, (numbers - 1) >> 1)];
      out[o * inner + i] = values[start + where * inner];
      indices[o * inner + i] = where;
    }
  }
}

/** The most frequent element of each row (the smallest of several) and where it last occurs. */
export function mode(x: Block, out: TypedArray, indices: TypedArray): void {
  const { values, offset, outer, n, inner } = x;
  const sorter = new RowSorter(n);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const start = offset + o * n * inner + i;
      const order = sorter.order(values, start, n, inner, false);
      let best = 0;
      let run = 0;
      let where = 0;
      for (let k = 0; k < n; k++) {
        run++;
        const here = values[start + order[k] * inner];
        if (k < n - 1 && values[start + order[k + 1] * inner] === here) continue;
        if (run > best) {
          best = run;
          where = order[k];
        }
        run = 0;
      }
      out[o * inner + i] = values[start + where * inner];
      indices[o * inner + i] = where;
    }
  }
}

/** Whether a key comes before another when the largest key is first. NaN counts as the largest element. */
const precedes = (a: number, b: number, nanFirst: boolean): boolean =>
  a > b || (Number.isNaN(a) !== Number.isNaN(b) && Number.isNaN(a) === nanFirst);

/** The `k` largest (or smallest) of each row, sorted. For small k: one look at each element, most of which fall out at once. */
export function topk(x: Block, k: number, largest: boolean, out: TypedArray, indices: TypedArray): void {
  const { values, offset, outer, n, inner } = x;
  const keys = new Float64Array(k);
  const found = new Int32Array(k);
  const sign = largest ? 1 : -1;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const start = offset + o * n * inner + i;
      for (let j = 0; j < n; j++) {
        const value = values[start + j * inner];
        const key = sign * value;
        if (j >= k && !precedes(key, keys[k - 1], largest)) continue;
        let at = Math.min(j, k - 1);
        for (; at > 0 && precedes(key, keys[at - 1], largest); at--) {
          keys[at] = keys[at - 1];
          found[at] = found[at - 1];
        }
        keys[at] = key;
        found[at] = j;
      }
      for (let j = 0, to = o * k * inner + i; j < k; j++, to += inner) {
        out[to] = values[start + found[j] * inner];
        indices[to] = found[j];
      }
    }
  }
}
