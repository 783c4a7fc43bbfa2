import assert from "node:assert/strict";
import {
  gradcheck,
  gradgradcheck,
  indexReduce,
  renorm,
  segmentReduce,
  type Tensor,
  tensor,
} from "../../engine/index.ts";

// PyTorch's numbers for these functions stand in test/fixtures/golden/slices.json.

const int = (data: number[] | number[][]): Tensor => tensor(data, { dtype: "int64" });
const x = (): Tensor =>
  tensor(
    [
      [0.5, -1.5, 2],
      [0.25, 0.75, -0.6],
    ],
    { dtype: "float64", requiresGrad: true },
  );

function checkDerivatives(fn: (...inputs: Tensor[]) => Tensor, inputs: Tensor[]): void {
  assert.ok(gradcheck(fn, inputs));
  assert.ok(gradgradcheck(fn, inputs));
}

describe("renorm", () => {
  it("has derivatives of any order", () => {
    checkDerivatives((a) => renorm(a as Tensor, 2, 0, 1), [x()]);
    checkDerivatives((a) => renorm(a as Tensor, { p: 3, dim: -1, maxnorm: 0.7 }), [x()]);
  });

  it("shrinks in place as well", () => {
    const a = tensor([
      [3, 4],
      [0.3, 0.4],
    ]);
    assert.equal(a.renorm_(2, 0, 2.5), a);
    assert.deepEqual(
      a.toArray().map((value) => Math.round(value * 1e4) / 1e4),
      new Float32Array([1.5, 2, 0.3, 0.4]).map((value) => Math.round(value * 1e4) / 1e4),
    );
    assert.equal(a._version, 1);
  });

  it("refuses vectors, norms below 0 and integers", () => {
    assert.throws(() => renorm(tensor([1]), 2, 0, 1), /input needs at least 2 dimensions, got 1 dimension/);
    assert.throws(() => renorm(x(), 0, 0, 1), /non-positive-norm not supported/);
    assert.throws(() => renorm(x(), 2, 0, -1), /expected maxnorm to be >= 0 but got -1/);
    assert.throws(() => renorm(x(), 2, 2, 1), /Dimension out of range/);
    assert.throws(() => renorm(int([[1]]), 2, 0, 1), /floating point/);
  });
});

describe("indexReduce", () => {
  it("has derivatives of any order", () => {
    const index = int([1, 1]);
    for (const reduce of ["prod", "mean", "amax", "amin"] as const) {
      for (const includeSelf of [true, false]) {
        const source = tensor(
          [
            [1, 0.1, -3],
            [-2, 0.4, 2.5],
          ],
          { dtype: "float64", requiresGrad: true },
        );
        const run = (a: Tensor, b: Tensor): Tensor => indexReduce(a, 0, index, b, reduce, { includeSelf });
        checkDerivatives(run as (...inputs: Tensor[]) => Tensor, [x(), source]);
      }
    }
  });

  it("reduces in place as well", () => {
    const a = tensor([1, 2, 3]);
    a.indexReduce_(0, int([0, 0]), tensor([5, 7]), { reduce: "prod", includeSelf: false });
    assert.deepEqual(a.tolist(), [35, 2, 3]);
    assert.deepEqual(
      tensor(2)
        .indexReduce(0, int([0]), tensor(5), "prod")
        .tolist(),
      10,
    );
  });

  it("refuses other reductions, shapes, dtypes and indices", () => {
    const index = int([0]);
    assert.throws(
      () => x().indexReduce(0, index, x(), "sum" as never),
      /Expected reduce to be one of prod, mean, amax or amin but got sum/,
    );
    assert.throws(() => x().indexReduce(0, index, x(), "prod"), /Number of indices \(1\) should be equal/);
    assert.throws(() => x().indexReduce(0, int([0, 1]), x().float(), "prod"), /must have the same scalar type/);
    assert.throws(() => x().indexReduce(0, int([[0, 1]]), x(), "prod"), /Index should have dimension 1 or 0/);
    assert.throws(() => x().indexReduce(0, int([0, 2]), x(), "prod"), /out of (range|bounds)/);
  });
});

describe("segmentReduce", () => {
  it("has derivatives of any order", () => {
    const lengths = int([
      [2, 0, 1],
      [1, 1, 1],
    ]);
    for (const reduce of ["sum", "prod", "max", "min"] as const) {
      checkDerivatives((a) => segmentReduce(a as Tensor, reduce, { lengths, axis: 1, initial: 0.3 }), [x()]);
    }
    checkDerivatives((a) => segmentReduce(a as Tensor, "mean", { offsets: int([0, 1, 2]) }), [x()]);
  });

  it("refuses segments that cannot be", () => {
    const lengths = int([1, 1]);
    const refused: readonly [options: Parameters<typeof segmentReduce>[2], says: RegExp][] = [
      [{}, /Either lengths or offsets must be defined/],
      [{ indices: lengths }, /indices based reduction is not supported yet/],
      [{ lengths: int([1, 2]) }, /Expected all rows of lengths along axis to sum to data.size/],
      [{ lengths: int([-1, 3]) }, /lengths contains negative value!/],
      [{ lengths, axis: 1 }, /Expected axis to be the last dimension of lengths but got 1/],
      [{ lengths: int([[3]]), axis: 1 }, /to have the dimensions of data/],
      [{ lengths: lengths.float() }, /Expected dtype int64 for index/],
    ];
    for (const [options, says] of refused) assert.throws(() => segmentReduce(x(), "sum", options), says);
    assert.throws(() => segmentReduce(x(), "median" as never, { lengths }), /must be either sum, prod, mean, amax or/);
    assert.throws(() => segmentReduce(lengths, "sum", { lengths }), /not implemented for 'int64'/);
  });
});

describe("asStrided_", () => {
  it("shows the same storage with other strides, and gradients come through", () => {
    const leaf = tensor([1, 2, 3, 4], { requiresGrad: true });
    const y = leaf.mul(2);
    assert.equal(y.asStrided_([2, 2], [1, 1], 1), y);
    assert.deepEqual(y.tolist(), [
      [4, 6],
      [6, 8],
    ]);
    y.sum().backward();
    assert.deepEqual(leaf.grad?.tolist(), [0, 2, 4, 2]);
    assert.throws(() => tensor([1]).asStrided_([2], [1]), /out of bounds for storage of size 1/);
  });
});
