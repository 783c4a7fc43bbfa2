import type { TypedArray } from "../../base/dtype.ts";
import type { Matrix } from "../matmul.ts";
import { limits } from "../switch.ts";
import type { Machine } from "../wasm/machine.ts";
import { multiply } from "../wasm/product.ts";
import { bringRows, bringStrided, heapFor, takeRows } from "../wasm/staging.ts";
import { PRODUCT } from "./protocol.ts";
import { type Team, team } from "./team.ts";

// A product by parts of its rows or its columns. An element is summed in the same order whatever part it is in, so the numbers
// are the same with any number of threads.

/** Parts begin at whole tiles of any shape. */
const GRAIN = 24;

/** Rows and columns of the result that one thread computes. */
interface Part {
  readonly i: number;
  readonly j: number;
  readonly m: number;
  readonly n: number;
}

/** A product: out[m, n] = a[m, k] b[k, n], or is increased by it. */
interface Product {
  readonly machine: Machine;
  readonly k: number;
  readonly n: number;
  readonly a: Matrix;
  readonly b: Matrix;
  readonly out: TypedArray;
  readonly oo: number;
  readonly add: boolean;
}

/** As `multiply`, in all threads there are; false when it is too small, or there is only one. */
export function multiplyTogether(
  machine: Machine,
  m: number,
  k: number,
  n: number,
  a: Matrix,
  b: Matrix,
  out: TypedArray,
  oo: number,
  add: boolean,
): boolean {
  if (m * n * k < limits.sharedProduct || m < 4 || n === 1) return false;
  const helpers = team();
  if (helpers === null || heapFor(machine, out) === null) return false;
  if (a.values.constructor !== out.constructor || b.values.constructor !== out.constructor) return false;
  const parts = partsOf(m, n, helpers.threads);
  const shared = m * k + k * n + m * n;
  const fits = (shared + k * n) * out.BYTES_PER_ELEMENT <= helpers.numbers.byteLength;
  if (parts.length < 2 || !fits || m * n * k < limits.sharedProductPerCopy * shared) return false;
  compute(helpers, { machine, k, n, a, b, out, oo, add }, parts);
  return true;
}

/** Along the longer side, as even as whole tiles allow. */
function partsOf(m: number, n: number, threads: number): Part[] {
  const long = Math.max(m, n);
  const each = Math.ceil(long / threads / GRAIN) * GRAIN;
  const parts: Part[] = [];
  for (let at = 0; at < long; at += each) {
    const length = Math.min(each, long - at);
    parts.push(m > n ? { i: at, j: 0, m: length, n } : { i: 0, j: at, m, n: length });
  }
  // A last part of a few rows would be computed in another way.
  const last = parts.at(-1);
  return last !== undefined && Math.min(last.m, last.n) < 4 ? [] : parts;
}

function compute(helpers: Team, product: Product, [own, ...parts]: readonly Part[]): void {
  const { k, n, out, oo, add } = product;
  const heap = helpers.heapLike(out);
  const bytes = heap.BYTES_PER_ELEMENT;
  let free = 0;
  const room = (length: number): number => {
    const at = free;
    free += length;
    return at;
  };
  const left = (part: Part): Matrix => bring(heap, room(part.m * k), partOfLeft(product, part), part.m, k);
  const right = (part: Part): Matrix => bring(heap, room(k * part.n), partOfRight(product, part), k, part.n);
  // One operand is read by all parts, and copied once.
  const allOfLeft = own.n === n ? null : left(own);
  const allOfRight = own.n === n ? right(own) : null;
  const results: number[] = [];
  const tasks = parts.map((part) => {
    const a = allOfLeft ?? left(part);
    const b = allOfRight ?? right(part);
    const to = room(part.m * part.n);
    if (add) bringRows(heap, to, out, oo + part.i * n + part.j, part.m, part.n, n);
    results.push(to);
    const places = [a.offset * bytes, a.row, a.column, b.offset * bytes, b.row, b.column, to * bytes];
    return [PRODUCT, bytes, part.m, k, part.n, ...places, add ? 1 : 0];
  });
  const isDone = helpers.run(tasks, () => computeHere(product, own));
  parts.forEach((part, p) => {
    if (isDone[p]) takeRows(heap, results[p], part.n, out, oo + part.i * n + part.j, n, part.m, part.n, false);
    else computeHere(product, part);
  });
}

const partOfLeft = ({ a }: Product, { i }: Part): Matrix => ({ ...a, offset: a.offset + i * a.row });
const partOfRight = ({ b }: Product, { j }: Part): Matrix => ({ ...b, offset: b.offset + j * b.column });

/** Copies a matrix into shared memory from element `to` on; rows stay rows, and columns that are rows in memory stay columns. */
function bring(heap: Float32Array | Float64Array, to: number, from: Matrix, rows: number, columns: number): Matrix {
  const { values, offset, row, column } = from;
  if (column === 1) bringRows(heap, to, values, offset, rows, columns, row);
  else if (row === 1) bringRows(heap, to, values, offset, columns, rows, column);
  else bringStrided(heap, to, values, offset, rows, row, columns, column);
  return row === 1 && column !== 1
    ? { values: heap, offset: to, row: 1, column: rows }
    : { values: heap, offset: to, row: columns, column: 1 };
}

/** Computes a part in this thread. */
function computeHere(product: Product, part: Part): void {
  const { machine, k, n, out, oo, add } = product;
  const to = oo + part.i * n + part.j;
  multiply(machine, part.m, k, part.n, partOfLeft(product, part), partOfRight(product, part), out, to, add, n);
}
