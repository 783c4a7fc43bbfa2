import assert from "node:assert/strict";
import { ShapeError } from "../../engine/base/errors.ts";
import { einsum, F, linalg, matmul, mm, randn, type Tensor, tensor } from "../../engine/index.ts";
import { type Matrix, matmul as multiply } from "../../engine/kernels/matmul.ts";

const at = ({ values, offset, row, column }: Matrix, i: number, j: number): number =>
  values[offset + i * row + j * column] ?? Number.NaN;

/** A matrix of which every element is known: rows along memory, or columns when `turned`. */
function numbered(rows: number, columns: number, turned: boolean): Matrix {
  const values = Float64Array.from({ length: rows * columns + 2 }, (_, i) => Math.sin(i * 0.7));
  return { values, offset: 2, row: turned ? 1 : columns, column: turned ? rows : 1 };
}

describe("the matrix product kernel", () => {
  const sizes = [
    [1, 1, 1],
    [3, 5, 2],
    [4, 4, 4],
    [17, 33, 29],
    [2, 700, 300],
    [66, 300, 515],
  ] as const;
  for (const [m, k, n] of sizes) {
    for (const turned of ["neither", "left", "right", "both"]) {
      it(`multiplies ${m}x${k} by ${k}x${n} with ${turned} transposed, as the definition says`, () => {
        const a = numbered(m, k, turned === "left" || turned === "both");
        const b = numbered(k, n, turned === "right" || turned === "both");
        const out = new Float64Array(m * n + 1).fill(7);
        multiply(m, k, n, a, b, out, 1);
        for (const [i, j] of [
          [0, 0],
          [m - 1, 0],
          [0, n - 1],
          [m - 1, n - 1],
          [m >> 1, n >> 1],
        ] as const) {
          let expected = 0;
          for (let p = 0; p < k; p++) expected += at(a, i, p) * at(b, p, j);
          assert.ok(Math.abs((out[1 + i * n + j] ?? 0) - expected) < 1e-12 * k, `element ${i}, ${j}`);
        }
        assert.equal(out[0], 7, "what lies before the result stays");
      });
    }
  }

  it("adds to what is there when asked to", () => {
    const one: Matrix = { values: Float64Array.of(2), offset: 0, row: 1, column: 1 };
    const out = Float64Array.of(5);
    multiply(1, 1, 1, one, one, out, 0, true);
    assert.equal(out[0], 9);
  });

  it("keeps sums in float64, so that a float32 product does not drown in a large term", () => {
    const ones = new Float32Array(1000).fill(1);
    const row = new Float32Array(1000).fill(1e-4);
    row[0] = 1e4;
    const out = new Float32Array(1);
    const vector = (values: Float32Array): Matrix => ({ values, offset: 0, row: 1, column: 1 });
    multiply(1, 1000, 1, { ...vector(row), row: 0 }, vector(ones), out, 0);
    assert.equal(out[0], Math.fround(1e4 + 999e-4));
  });
});

describe("matmul", () => {
  it("has the node of the product that it turns out to be", () => {
    const names = (a: Tensor, b: Tensor) => matmul(a.requiresGrad_(), b).gradFn?.name;
    assert.equal(names(randn(3), randn(3)), "DotBackward0");
    assert.equal(names(randn(2, 3), randn(3)), "MvBackward0");
    assert.equal(names(randn(2, 3), randn(3, 2)), "MmBackward0");
    assert.equal(names(randn(4, 2, 3), randn(4, 3, 2)), "BmmBackward0");
  });

  it("says which sizes can't be multiplied, in the words people search for", () => {
    const refused = {
      name: "ShapeError",
      op: "mm",
      message: /mat1 and mat2 shapes cannot be multiplied \(2x3 and 2x3\)/,
    };
    assert.throws(() => randn(2, 3).matmul(randn(2, 3)), refused);
    assert.throws(() => mm(randn(2, 3), randn(2, 3)), refused);
    assert.throws(() => F.linear(randn(5, 3), randn(2, 4)), { message: /cannot be multiplied \(5x3 and 4x2\)/ });
  });

  it("refuses different dtypes and names both", () => {
    assert.throws(() => matmul(randn([2, 2]), randn([2, 2], { dtype: "float64" })), { message: /float32 != float64/ });
  });

  it("refuses numbers", () => {
    assert.throws(() => matmul(tensor(1), randn(2)), { message: /at least 1D, but they are 0D and 1D/ });
  });

  it("multiplies a broadcast batch without copying it", () => {
    const a = randn([1, 2, 3], { dtype: "float64" });
    const b = randn([4, 3, 2], { dtype: "float64" });
    const got = matmul(a, b);
    assert.deepEqual(got.shape, [4, 2, 2]);
    for (let i = 0; i < 4; i++) {
      assert.ok(
        got
          .select(0, i)
          .sub(a.select(0, 0).mm(b.select(0, i)))
          .abs()
          .max()
          .item() < 1e-12,
      );
    }
  });

  it("gives empty products zeros", () => {
    assert.deepEqual(matmul(randn(2, 0), randn(0, 2)).tolist(), [
      [0, 0],
      [0, 0],
    ]);
  });
});

describe("linear", () => {
  it("is one node, AddmmBackward0, with an edge each for input, weight and bias", () => {
    const out = F.linear(randn(5, 3).requiresGrad_(), randn(2, 3).requiresGrad_(), randn(2).requiresGrad_());
    assert.equal(out.gradFn?.name, "AddmmBackward0");
    assert.equal(out.gradFn?.next.filter((node) => node !== null).length, 3);
  });

  it("checks the bias before it computes anything", () => {
    assert.throws(() => F.linear(randn(5, 3), randn(2, 3), randn(3)), ShapeError);
  });
});

describe("addmm", () => {
  it("does not read what beta 0 leaves out", () => {
    const nan = tensor([[Number.NaN]]);
    assert.deepEqual(nan.addmm(tensor([[2]]), tensor([[3]]), { beta: 0 }).tolist(), [[6]]);
  });
});

describe("einsum", () => {
  const errors: readonly [equation: string, shapes: number[][], message: RegExp][] = [
    [
      "ij,jk->ik",
      [
        [2, 3],
        [4, 5],
      ],
      /subscript j has size 4 for operand 1 which does not broadcast with previously seen size 3/,
    ],
    ["ij->ik", [[2, 3]], /output subscript k does not appear/],
    ["ij->iij", [[2, 3]], /output subscript i appears more than once/],
    [
      "ijk",
      [[2, 3]],
      /number of subscripts in the equation \(3\) does not match the number of dimensions \(2\) for operand 0/,
    ],
    ["ij,jk", [[2, 3]], /fewer operands were provided/],
    [
      "ij",
      [
        [2, 3],
        [2, 3],
      ],
      /more operands were provided/,
    ],
    ["i1", [[2, 3]], /invalid subscript '1'/],
    ["ii", [[2, 3]], /subscript i is repeated .* sizes 2 and 3 don't match/],
  ];
  for (const [equation, shapes, message] of errors) {
    it(`refuses "${equation}" for ${JSON.stringify(shapes)}`, () => {
      assert.throws(() => einsum(equation, ...shapes.map((shape) => randn(shape))), { op: "einsum", message });
    });
  }

  it("takes operands as one list too", () => {
    assert.equal(einsum("i,i", [tensor([1, 2]), tensor([3, 4])]).item(), 11);
  });
});

describe("multiDot", () => {
  it("multiplies in the cheapest order", () => {
    // (a b) c would pass through a 100 x 100 matrix, a (b c) does not.
    const [a, b, c] = [randn(100, 2), randn(2, 100), randn(100, 3)].map((x) => x.requiresGrad_()) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    const left = linalg.multiDot([a, b, c]).gradFn?.next[0];
    assert.equal(left?.name, "AccumulateGrad", "the left factor of the last product is a itself");
  });
});
