import { ArgumentError, nearest } from "./errors.ts";

/** Element types. int64 holds integers in float64 slots, exact up to 2^53, so that users see plain numbers. */
export type DType = "float32" | "float64" | "int32" | "int64" | "bool";

export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array;

export const dtypes: readonly DType[] = ["float32", "float64", "int32", "int64", "bool"];

const RANK: Record<DType, number> = { bool: 0, int32: 1, int64: 2, float32: 3, float64: 4 };

export const BYTES: Record<DType, number> = { bool: 1, int32: 4, int64: 8, float32: 4, float64: 8 };

export const isFloat = (dtype: DType): boolean => dtype === "float32" || dtype === "float64";

/**
 * A zero-filled buffer for `n` elements. Hosts keep arrays of up to 64 bytes with the objects, and each larger one outside, which
 * takes long; those in between are therefore cut from a common slab. It lives as long as one of them, so it is small.
 */
export function allocate(dtype: DType, n: number): TypedArray {
  const bytes = n * BYTES[dtype];
  return bytes > INSIDE && bytes <= MOST_FROM_SLAB ? cut(dtype, n, bytes) : allocateAlone(dtype, n);
}

const INSIDE = 64;
const MOST_FROM_SLAB = 1024;
const SLAB_BYTES = 8192;
let slab = new ArrayBuffer(SLAB_BYTES);
let used = 0;

function cut(dtype: DType, n: number, bytes: number): TypedArray {
  const end = used + ((bytes + 7) & ~7);
  if (end > SLAB_BYTES) {
    slab = new ArrayBuffer(SLAB_BYTES);
    used = 0;
    return cut(dtype, n, bytes);
  }
  const from = used;
  used = end;
  switch (dtype) {
    case "float32":
      return new Float32Array(slab, from, n);
    case "float64":
    case "int64":
      return new Float64Array(slab, from, n);
    case "int32":
      return new Int32Array(slab, from, n);
    case "bool":
      return new Uint8Array(slab, from, n);
  }
}

/** The same with a buffer of its own, for what leaves the engine. */
export function allocateAlone(dtype: DType, n: number): TypedArray {
  switch (dtype) {
    case "float32":
      return new Float32Array(n);
    case "float64":
    case "int64":
      return new Float64Array(n);
    case "int32":
      return new Int32Array(n);
    case "bool":
      return new Uint8Array(n);
  }
}

interface Host {
  readonly Buffer?: { allocUnsafeSlow(bytes: number): { readonly buffer: ArrayBuffer } };
}

let calmed = false;

/**
 * A large buffer for `n` elements with anything in it, for those who write every element: where the host knows a way,
 * nobody spends time on clearing it.
 */
export function allocateUncleared(dtype: DType, n: number): TypedArray {
  const { Buffer } = globalThis as Host;
  if (Buffer === undefined || (dtype !== "float32" && dtype !== "float64" && dtype !== "int64"))
    return allocate(dtype, n);
  if (!calmed && n > 1 << 18) {
    // The C library gives blocks of this size back to the system as soon as they are free, to ask for them again at the
    // next step, until it has seen a larger one come back.
    new ArrayBuffer(31 << 20).transfer(0);
    calmed = true;
  }
  const { buffer } = Buffer.allocUnsafeSlow(n * BYTES[dtype]);
  return dtype === "float32" ? new Float32Array(buffer) : new Float64Array(buffer);
}

/** The type two tensors meet in: the higher of bool < int32 < int64 < float32 < float64. */
export function promote(a: DType, b: DType): DType {
  return RANK[a] >= RANK[b] ? a : b;
}

/** The type a tensor and a plain number meet in: the number counts only when its category is higher. */
export function promoteNumber(a: DType, value: number | boolean): DType {
  if (isFloat(a) || typeof value === "boolean") return a;
  if (!Number.isInteger(value)) return "float32";
  return a === "bool" ? "int64" : a;
}

/** A number as an element of a tensor: integers lose what is behind the point, and what they cannot hold is refused. */
export function asElement(op: string, dtype: DType, value: number): number {
  if (dtype === "bool") return Number(value !== 0);
  if (isFloat(dtype)) return value;
  if (!(Math.abs(value) <= (dtype === "int32" ? 2 ** 31 : 2 ** 63)))
    throw new ArgumentError(op, `value ${value} cannot be converted to type ${dtype} without overflow`);
  return Math.trunc(value) + 0; // never -0
}

/** Checks a dtype that came from a user. */
export function checkDType(op: string, dtype: string): DType {
  if ((dtypes as readonly string[]).includes(dtype)) return dtype as DType;
  if (/^complex|^c(float|double)/.test(dtype)) {
    throw new ArgumentError(
      op,
      `complex numbers are not supported (dtype '${dtype}'). Keep real and imaginary parts apart.`,
    );
  }
  const guess = nearest(dtype, dtypes);
  throw new ArgumentError(
    op,
    `unknown dtype '${dtype}'. ${guess === null ? `Known: ${dtypes.join(", ")}.` : `Did you mean '${guess}'?`}`,
  );
}
