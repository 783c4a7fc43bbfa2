import { countBuffer } from "../base/deadBuffers.ts";
import { allocate, allocateUncleared, type DType, type TypedArray } from "../base/dtype.ts";
import type { Storage } from "./storage.ts";

// While a backward pass runs that nobody watches, every gradient on its way is in the engine's own hands, and so it knows
// when one is not needed any more. Its buffer then serves the next tensor of that size: memory that is in the caches
// already, that the system need not clear first, and that is no work for the garbage collector.

/** Whose tensors are being made. */
export const nursery = {
  /** The backward pass that runs a formula of its own right now; 0 outside of formulas. */
  pass: 0,
  /** Elements from which on a buffer is worth keeping. */
  least: 4096,
  /** What the formula has made so far. */
  young: [] as Storage[],
};

/** Runs what may be a user's code in the middle of a formula: what it makes is its own. */
export function outsideOfNursery<R>(run: () => R): R {
  const { pass, young } = nursery;
  nursery.pass = 0;
  nursery.young = [];
  try {
    return run();
  } finally {
    nursery.pass = pass;
    nursery.young = young;
  }
}

type Pool = Map<number, TypedArray[]>;

interface Pools {
  readonly float32: Pool;
  /** int64 as well. */
  readonly float64: Pool;
}

const pools = (): Pools => ({ float32: new Map(), float64: new Map() });

let fresh = pools();
/** What nobody has taken since the backward pass before. */
let old = pools();
let kept = 0;
const MOST_BYTES = 64 << 20;

/** Drops buffers that have not been taken since the last time. */
export function dropUnused(): void {
  if (fresh.float32.size + fresh.float64.size + old.float32.size + old.float64.size === 0) return;
  for (const pool of Object.values(old)) {
    for (const list of pool.values()) for (const values of list) kept -= values.byteLength;
  }
  old = fresh;
  fresh = pools();
}

/** Keeps the buffer of a storage that nobody can reach any more. The storage is empty from then on. */
export function recycle(storage: Storage): void {
  const { values } = storage;
  const name = values instanceof Float32Array ? "float32" : values instanceof Float64Array ? "float64" : null;
  if (name === null || values.length !== values.buffer.byteLength / values.BYTES_PER_ELEMENT) return;
  if (kept + values.byteLength > MOST_BYTES) return;
  // Whoever read it now would get nothing rather than numbers of another tensor.
  storage.values = values.subarray(0, 0);
  const list = fresh[name].get(values.length);
  if (list === undefined) fresh[name].set(values.length, [values]);
  else list.push(values);
  kept += values.byteLength;
}

function take(dtype: DType, n: number): TypedArray | null {
  const name = dtype === "float32" ? "float32" : dtype === "float64" || dtype === "int64" ? "float64" : null;
  if (name === null) return null;
  const values = fresh[name].get(n)?.pop() ?? old[name].get(n)?.pop() ?? null;
  if (values !== null) kept -= values.byteLength;
  return values;
}

/** A buffer of zeros. */
export function zeros(dtype: DType, n: number): TypedArray {
  if (n < nursery.least) return allocate(dtype, n);
  return (kept === 0 ? null : take(dtype, n)?.fill(0)) ?? counted(allocate(dtype, n));
}

/** A buffer of whatever is in it, for those who write every element. */
export function unwritten(dtype: DType, n: number): TypedArray {
  if (n < nursery.least) return allocate(dtype, n);
  return (kept === 0 ? null : take(dtype, n)) ?? counted(allocateUncleared(dtype, n));
}

function counted(values: TypedArray): TypedArray {
  countBuffer(values.byteLength);
  return values;
}
