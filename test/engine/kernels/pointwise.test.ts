import assert from "node:assert/strict";
import * as activations from "../../../engine/kernels/activations.ts";
import * as arithmetic from "../../../engine/kernels/arithmetic.ts";
import type { Operand } from "../../../engine/kernels/operand.ts";
import * as pointwise from "../../../engine/kernels/pointwise.ts";
import { useKernels } from "../../../engine/kernels/switch.ts";
import { assertClose, Numbers, operand, SINGLE, withBoth } from "./twins.ts";

type Unary = (x: Operand, out: Operand) => void;
type Binary = (a: Operand, b: Operand, out: Operand) => void;

const special = [
  0,
  -0,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
  1,
  -1,
  0.5,
  1e-45,
  1e-40,
  1.17549435e-38,
  3.4e38,
  -3.4e38,
  88.72,
  88.73,
  89,
  -87.3,
  -87.4,
  -88,
  -95,
  -103.9,
  -104,
  -105,
  9,
  9.1,
  -9.1,
  30,
  1e10,
  -1e10,
  1e-8,
  -1e-8,
];

/** Numbers of every size, most of them where the functions bend; more than a block of them, and not a multiple of four. */
function arguments_(): Float32Array {
  const numbers = new Numbers(1);
  const spread = [3, 20, 100].flatMap((scale) => Array.from({ length: 4001 }, () => numbers.next() * scale));
  const sizes = Array.from({ length: 2000 }, () => Math.sign(numbers.next()) * 2 ** (numbers.next() * 125));
  return Float32Array.from([...special, ...spread, ...sizes]);
}

// Errors in units in the last place of the exact result; of results below the normal numbers in units of the smallest of
// those. `near` allows as much relative to the argument: where the exact result is the small rest of a cancellation.
const unary: readonly [name: string, kernel: Unary, ulps: number, near?: number][] = [
  ["neg", pointwise.neg, 0],
  ["abs", pointwise.abs, 0],
  ["exp", pointwise.exp, 1],
  ["log", pointwise.log, 1],
  ["sqrt", pointwise.sqrt, 0.5],
  ["rsqrt", pointwise.rsqrt, 1.5],
  ["reciprocal", pointwise.reciprocal, 0.5],
  ["square", pointwise.square, 0.5],
  ["tanh", pointwise.tanh, 2.5],
  ["sigmoid", pointwise.sigmoid, 2.5],
  ["relu", pointwise.relu, 0],
  ["silu", activations.silu, 3, 1e-8],
  ["gelu", activations.gelu, 4, 1e-7],
  ["geluTanh", activations.geluTanh, 4, 1e-6],
  ["elu", (x, out) => activations.elu(x, out, { alpha: 1.5, scale: 1, inputScale: 1 }), 2.5],
  ["softplus", (x, out) => activations.softplus(x, out, { beta: 1, threshold: 20 }), 2.5],
  ["threshold", (x, out) => activations.threshold(x, out, { threshold: 0.5, value: 2 }), 0],
  ["leakyRelu", (x, out) => activations.leakyRelu(x, out, { slope: Math.fround(0.01) }), 0.5],
  ["clamp", (x, out) => activations.clamp(x, out, { min: -1, max: 2 }), 0],
];

const tanhs = (x: Float32Array): Float32Array => x.map((value) => Math.tanh(value));
const binary: readonly [name: string, kernel: Binary, ulps: number, near?: number, of?: typeof tanhs][] = [
  ["add", arithmetic.add, 0.5],
  ["sub", arithmetic.sub, 0.5],
  ["mul", arithmetic.mul, 0.5],
  ["div", arithmetic.div, 0.5],
  ["squareBackward", arithmetic.squareBackward, 1],
  ["tanhBackward", activations.tanhBackward, 2.5, 2e-7, tanhs],
  ["sigmoidBackward", activations.sigmoidBackward, 2.5, 2e-7, tanhs],
  ["siluBackward", activations.siluBackward, 4, 1e-6],
  ["geluBackward", activations.geluBackward, 4, 1e-6],
  ["geluTanhBackward", activations.geluTanhBackward, 4, 3e-6],
  ["eluBackward", (a, b, out) => activations.eluBackward(a, b, out, { alpha: 1.5, scale: 1, inputScale: 1 }), 2.5],
  ["softplusBackward", (a, b, out) => activations.softplusBackward(a, b, out, { beta: 1, threshold: 20 }), 4],
  ["thresholdBackward", (a, b, out) => activations.thresholdBackward(a, b, out, { threshold: 0 }), 0],
  ["leakyReluBackward", (a, b, out) => activations.leakyReluBackward(a, b, out, { slope: 0.25 }), 0.5],
  ["clampBackward", (a, b, out) => activations.clampBackward(a, b, out, { min: -1, max: 1 }), 0],
  ["hardtanhBackward", (a, b, out) => activations.hardtanhBackward(a, b, out, { min: -1, max: 1 }), 0],
];

const SMALLEST = 2 ** -149;
const spacing = (x: number): number => Math.max(SMALLEST, 2 ** (Math.floor(Math.log2(Math.abs(x))) - 23));

/** Compares float32 in WebAssembly with float64 in TypeScript on the same arguments. */
function assertAccurate(
  run: (out: Operand, single: boolean) => void,
  x: Float32Array,
  ulps: number,
  near: number,
): void {
  const single = operand(new Float32Array(x.length));
  const double = operand(new Float64Array(x.length));
  try {
    assert.ok(useKernels("wasm"));
    run(single, true);
    useKernels("typescript");
    run(double, false);
  } finally {
    useKernels("auto");
  }
  x.forEach((argument, i) => {
    const exact = double.storage.values[i] ?? 0;
    const found = single.storage.values[i] ?? 0;
    const where = `at ${argument} it is ${found} instead of ${exact}`;
    if (!Number.isFinite(Math.fround(exact))) assert.equal(found, Math.fround(exact), where);
    else {
      const allowed = Math.abs(exact) < 2 ** -120 ? 2 ** -126 : ulps * spacing(exact);
      const cancelled = near === 0 ? 0 : near * Math.min(1, Math.abs(argument));
      assert.ok(Math.abs(found - exact) <= allowed + cancelled, where);
    }
  });
}

describe("functions of single numbers in WebAssembly", () => {
  const x = arguments_();
  const wide = Float64Array.from(x);
  for (const [name, kernel, ulps, near = 0] of unary) {
    it(`${name} is within ${ulps} units in the last place`, () => {
      assertAccurate((out, single) => kernel(operand(single ? x : wide), out), x, ulps, near);
    });
  }

  const gradients = new Numbers(2).singles(x.length);
  for (const [name, kernel, ulps, near = 0, of] of binary) {
    it(`${name} is within ${ulps} units in the last place`, () => {
      const b = of?.(x) ?? x;
      const run = (out: Operand, single: boolean): void =>
        single
          ? kernel(operand(gradients), operand(b), out)
          : kernel(operand(Float64Array.from(gradients)), operand(Float64Array.from(b)), out);
      assertAccurate(run, x, ulps, near);
    });
  }
});

describe("pairs of operands that broadcast", () => {
  const numbers = new Numbers(3);
  const shapes: readonly [a: readonly number[], b: readonly number[]][] = [
    [[5, 7], [7]],
    [
      [5, 7],
      [5, 1],
    ],
    [[7], [5, 7]],
    [
      [5, 1],
      [1, 7],
    ],
    [[3, 5000], [5000]],
    [
      [3, 5000],
      [3, 1],
    ],
    [
      [2, 3, 4, 5],
      [3, 1, 1],
    ],
    [
      [2, 3, 4, 5],
      [1, 3, 1, 5],
    ],
    [[300, 30], [30]],
    [[1], [9000]],
    [[4100], [1]],
  ];
  for (const [left, right] of shapes) {
    it(`are the same in both kernels for [${left}] and [${right}]`, () => {
      const shape = Array.from({ length: Math.max(left.length, right.length) }, (_, d) =>
        Math.max(
          left.at(d - Math.max(left.length, right.length)) ?? 1,
          right.at(d - Math.max(left.length, right.length)) ?? 1,
        ),
      );
      const size = (dims: readonly number[]): number => dims.reduce((n, d) => n * d, 1);
      const a = operand(numbers.singles(size(left) + 2), left, 2);
      const b = operand(numbers.singles(size(right) + 1), right, 1);
      const { wasm, typescript } = withBoth(() => {
        const out = operand(new Float32Array(size(shape)), shape);
        arithmetic.sub(a, b, out);
        return out.storage.values;
      });
      assertClose(wasm, typescript, 0);
    });
  }

  it("take a plain number on either side", () => {
    const x = operand(numbers.singles(5000));
    for (const run of [(out: Operand) => arithmetic.div(x, 3, out), (out: Operand) => arithmetic.div(3, x, out)]) {
      const { wasm, typescript } = withBoth(() => {
        const out = operand(new Float32Array(5000));
        run(out);
        return out.storage.values;
      });
      assertClose(wasm, typescript, SINGLE);
    }
  });

  it("may be written over", () => {
    const x = numbers.singles(5000);
    const y = operand(numbers.singles(5000));
    const { wasm, typescript } = withBoth(() => {
      const out = operand(x.slice());
      arithmetic.sub(y, out, out);
      return out.storage.values;
    });
    assertClose(wasm, typescript, 0);
  });
});
