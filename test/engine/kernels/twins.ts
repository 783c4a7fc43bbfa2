import assert from "node:assert/strict";
import type { DType, TypedArray } from "../../../engine/base/dtype.ts";
import { contiguousStrides, elementCount, type Shape } from "../../../engine/base/shape.ts";
import type { Operand } from "../../../engine/kernels/operand.ts";
import { useKernels } from "../../../engine/kernels/switch.ts";

/** What `compute` gives with everything in WebAssembly that can be, and with nothing. */
export function withBoth<R>(compute: () => R): { readonly wasm: R; readonly typescript: R } {
  try {
    assert.ok(useKernels("wasm"), "there is no WebAssembly here to test");
    const wasm = compute();
    useKernels("typescript");
    return { wasm, typescript: compute() };
  } finally {
    useKernels("auto");
  }
}

/** Uniform numbers from a seed. */
export class Numbers {
  private state: number;

  constructor(seed: number) {
    this.state = seed;
  }

  /** In −1 … 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2147483648 - 1;
  }

  /** A whole number from 1 to `most`. */
  upTo(most: number): number {
    return 1 + Math.floor(((this.next() + 1) / 2) * most);
  }

  singles(n: number, scale = 1): Float32Array {
    return Float32Array.from({ length: n }, () => this.next() * scale);
  }

  doubles(n: number): Float64Array {
    return Float64Array.from({ length: n }, () => this.next());
  }
}

/** A buffer as a kernel sees a dense tensor. */
export function operand(values: TypedArray, shape: Shape = [values.length], offset = 0): Operand {
  const dtype: DType = values instanceof Float32Array ? "float32" : "float64";
  const elements = elementCount(shape);
  return { storage: { values }, offset, shape, strides: contiguousStrides(shape), elements, dense: true, dtype };
}

/** Asserts that numbers agree as far as `tolerance` times `scale`, and in which of them are not finite. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  scale = 1,
): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    const [a, b] = [actual[i] ?? 0, expected[i] ?? 0];
    if (Object.is(a, b) || a === b) continue;
    const distance = Math.abs(a - b) / (scale + Math.abs(b));
    assert.ok(distance <= tolerance, `element ${i} is ${a} instead of ${b}`);
  }
}

/** Half the distance of neighbouring float32, relative to them: what rounding costs at most. */
export const SINGLE = 2 ** -24;
export const DOUBLE = 2 ** -53;
