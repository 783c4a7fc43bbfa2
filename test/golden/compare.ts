import type { Tensor } from "../../engine/index.ts";
import type { TensorData, Tolerance } from "./format.ts";

/** A case's answer is not PyTorch's. */
export class Mismatch extends Error {}

/** Compares shape, dtype and elements. */
export function expectSame(what: string, got: Tensor, want: TensorData, tol: Tolerance): void {
  if (got.dtype !== want.dtype) throw new Mismatch(`${what} is ${got.dtype}, not ${want.dtype}`);
  if (got.shape.join() !== want.shape.join()) {
    throw new Mismatch(`${what} has shape [${got.shape.join()}], not [${want.shape.join()}]`);
  }
  expectClose(what, got.toArray(), want.data, tol, want.dtype === "float32");
}

/** Compares numbers: NaN equals NaN, infinities by sign, all else within the tolerance. */
export function expectClose(
  what: string,
  got: ArrayLike<number>,
  want: readonly (number | boolean)[],
  { rtol, atol }: Tolerance,
  single = false,
): void {
  if (got.length !== want.length) throw new Mismatch(`${what} has ${got.length} elements, not ${want.length}`);
  want.forEach((value, i) => {
    const expected = single ? Math.fround(Number(value)) : Number(value);
    const actual = got[i] ?? Number.NaN;
    if (Object.is(actual, expected) || Math.abs(actual - expected) <= atol + rtol * Math.abs(expected)) return;
    throw new Mismatch(`${what}[${i}] is ${actual}, not ${expected}`);
  });
}

/** The same for a gradient: where PyTorch leaves it undefined, undefined and all zeros are both right. */
export function expectSameGradient(what: string, got: Tensor | null, want: TensorData | null, tol: Tolerance): void {
  if (want !== null && got !== null) expectSame(what, got, want, tol);
  else if (want !== null) throw new Mismatch(`${what} is undefined`);
  else if (got !== null && !got.toArray().every((value) => value === 0)) {
    throw new Mismatch(`${what} is defined, and not all zeros`);
  }
}
