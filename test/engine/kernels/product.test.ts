import assert from "node:assert/strict";
import { type Matrix, matmul, matmulBatches } from "../../../engine/kernels/matmul.ts";
import { useKernels } from "../../../engine/kernels/switch.ts";
import { assertClose, DOUBLE, Numbers, SINGLE, withBoth } from "./twins.ts";

type Layout = "rows" | "columns" | "padded rows" | "every second" | "one row again and again";
const layouts: readonly Layout[] = ["rows", "columns", "padded rows", "every second", "one row again and again"];

/** A matrix laid out in memory in some way, not from its start on. */
function matrix(numbers: Numbers, rows: number, columns: number, layout: Layout, double: boolean): Matrix {
  const room = 3 + 2 * (rows + 3) * (columns + 3);
  const values = double ? numbers.doubles(room) : numbers.singles(room);
  switch (layout) {
    case "rows":
      return { values, offset: 3, row: columns, column: 1 };
    case "columns":
      return { values, offset: 1, row: 1, column: rows };
    case "padded rows":
      return { values, offset: 2, row: columns + 3, column: 1 };
    case "every second":
      return { values, offset: 0, row: 2 * columns, column: 2 };
    case "one row again and again":
      return { values, offset: 0, row: 0, column: 1 };
  }
}

// Sizes at and around those of tiles and blocks.
const sizes: readonly (readonly [m: number, k: number, n: number])[] = [
  [1, 1, 1],
  [4, 8, 8],
  [5, 3, 9],
  [6, 384, 8],
  [7, 385, 17],
  [97, 31, 33],
  [64, 784, 24],
  [13, 2, 2055],
  [200, 9, 10],
  [3, 2500, 5],
  [70, 130, 65],
  // Few rows, or one column: not packed.
  [1, 200, 64],
  [2, 37, 75],
  [3, 300, 301],
  [1, 9, 20_000],
  [40, 33, 1],
];

describe("products of matrices in WebAssembly", () => {
  for (const double of [false, true]) {
    const [name, rounding] = double ? ["float64", DOUBLE] : ["float32", SINGLE];
    for (const [m, k, n] of sizes) {
      it(`of ${m}×${k} and ${k}×${n} ${name} are those in TypeScript but for rounding, however the operands lie`, () => {
        const numbers = new Numbers(m * k + n);
        for (const [i, left] of layouts.entries()) {
          const right = layouts[(i * 2 + m) % layouts.length] ?? "rows";
          const a = matrix(numbers, m, k, left, double);
          const b = matrix(numbers, k, n, right, double);
          const before = double ? numbers.doubles(m * n + 2) : numbers.singles(m * n + 2);
          for (const add of [false, true]) {
            const { wasm, typescript } = withBoth(() => {
              const out = before.slice();
              matmul(m, k, n, a, b, out, 2, add);
              return out;
            });
            // Each of k terms is at most 1 and is rounded once when added to the others.
            assertClose(wasm, typescript, rounding * (Math.sqrt(k) + 2), Math.sqrt(k));
          }
        }
      });
    }
  }

  it("have the same bits whichever tile computes them", () => {
    const numbers = new Numbers(7);
    const [k, n] = [500, 40];
    const a = { values: numbers.singles(96 * k), offset: 0, row: k, column: 1 };
    const b = { values: numbers.singles(k * n), offset: 0, row: n, column: 1 };
    const product = (m: number): Float32Array => {
      const out = new Float32Array(m * n);
      matmul(m, k, n, a, b, out, 0);
      return out;
    };
    try {
      assert.ok(useKernels("wasm"));
      // Four rows are a low tile, ninety-six are high ones.
      assert.deepEqual(product(4), product(96).subarray(0, 4 * n));
    } finally {
      useKernels("auto");
    }
  });

  // How the matrices of a batch lie: offsets of each, rows and columns apart by so much.
  const heads = (i: number, rows: number, columns: number) => ({
    at: Math.floor(i / 3) * rows * 3 * columns + (i % 3) * columns,
    row: 3 * columns,
    column: 1,
  });
  const turned = (i: number, rows: number, columns: number) => ({ at: i * rows * columns, row: 1, column: rows });
  const same = (_i: number, _rows: number, columns: number) => ({ at: 5, row: columns, column: 1 });
  const backwards = (i: number, rows: number, columns: number) => ({
    at: (40 - i) * rows * columns,
    row: columns,
    column: 1,
  });
  const sparse = (i: number, _rows: number, columns: number) => ({
    at: i * columns,
    row: 40 * columns,
    column: 1,
  });
  const batches = { heads, turned, same, backwards, sparse };
  for (const double of [false, true]) {
    for (const [m, k, n] of [
      [64, 32, 64],
      [5, 7, 9],
      [4, 384, 8],
      [13, 30, 70],
    ] as const) {
      it(`have the same bits one by one and in a batch of ${m}×${k} and ${k}×${n} ${double ? "float64" : "float32"}, however its matrices lie`, () => {
        const numbers = new Numbers(m + k);
        const count = 7;
        const room = 45 * Math.max(m, n) * k;
        const values = double ? numbers.doubles(room) : numbers.singles(room);
        const operand = (lie: typeof heads, rows: number, columns: number): [Matrix, number[]] => {
          const { row, column } = lie(0, rows, columns);
          const offsets = Array.from({ length: count }, (_, i) => lie(i, rows, columns).at);
          return [{ values, offset: 0, row, column }, offsets];
        };
        for (const [nameA, ofLeft] of Object.entries(batches)) {
          for (const [nameB, ofRight] of Object.entries(batches)) {
            const [a, ofA] = operand(ofLeft, m, k);
            const [b, ofB] = operand(ofRight, k, n);
            const make = () => (double ? new Float64Array(count * m * n) : new Float32Array(count * m * n));
            const { wasm, typescript } = withBoth(() => {
              const [together, oneByOne] = [make(), make()];
              matmulBatches(m, k, n, a, ofA, b, ofB, together);
              ofA.forEach((at, i) => {
                matmul(m, k, n, { ...a, offset: at }, { ...b, offset: ofB[i] ?? 0 }, oneByOne, i * m * n);
              });
              assert.deepEqual(together, oneByOne, `${nameA} and ${nameB}`);
              return together;
            });
            assertClose(wasm, typescript, (double ? DOUBLE : SINGLE) * (Math.sqrt(k) + 2), Math.sqrt(k));
          }
        }
      });
    }
  }

  it("leave integers to TypeScript, which has them exact", () => {
    const numbers = Int32Array.from({ length: 10_000 }, (_, i) => i % 7);
    const square = { values: numbers, offset: 0, row: 100, column: 1 };
    const { wasm, typescript } = withBoth(() => {
      const out = new Int32Array(10_000);
      matmul(100, 100, 100, square, square, out, 0);
      return out;
    });
    assert.deepEqual(wasm, typescript);
  });
});
