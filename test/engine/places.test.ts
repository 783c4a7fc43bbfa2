import assert from "node:assert/strict";
import { nonzeroStatic, tensor, unravelIndex, zeros } from "../../engine/index.ts";

const places = (values: number | number[] | number[][]) => tensor(values as number[], { dtype: "int64" });

// The answers are those of PyTorch 2.13 to the same calls.
describe("unravelIndex", () => {
  it("gives the coordinates of places, one tensor per dimension, each of the shape of the places", () => {
    const [row, column] = unravelIndex(places([4, 1]), [3, 2]);
    assert.deepEqual([row?.tolist(), column?.tolist(), row?.dtype], [[2, 0], [0, 1], "int64"]);
    assert.deepEqual(
      unravelIndex(places([[1234], [5678]]), [10, 10, 10, 10]).map((x) => x.tolist()),
      [
        [[1], [5]],
        [[2], [6]],
        [[3], [7]],
        [[4], [8]],
      ],
    );
    assert.deepEqual(
      places(4)
        .unravelIndex([3, 2])
        .map((x) => x.item()),
      [2, 0],
    );
  });

  it("takes one size for a vector, counts negative places from the end and begins anew beyond it", () => {
    assert.deepEqual(unravelIndex(places([3, 7]), 4)[0]?.tolist(), [3, 3]);
    assert.deepEqual(
      unravelIndex(places([-1, 6]), [2, 3]).map((x) => x.tolist()),
      [
        [1, 0],
        [2, 0],
      ],
    );
    assert.deepEqual(unravelIndex(places([1, 0]), []), []);
    const int32 = tensor([5], { dtype: "int32" });
    assert.equal(unravelIndex(int32, [2, 3])[1]?.dtype, "int64");
    assert.deepEqual(
      unravelIndex(places([0, 4, 1, 5]).reshape(2, 2).t(), [2, 3]).map((x) => x.tolist()),
      [
        [
          [0, 0],
          [1, 1],
        ],
        [
          [0, 1],
          [1, 2],
        ],
      ],
    );
  });

  it("refuses places that are no integers, sizes that are none, and places where nothing is", () => {
    assert.throws(() => unravelIndex(tensor([5]), [2, 3]), /expected 'indices' to be integer dtype, but got float32/);
    assert.throws(() => unravelIndex(tensor([true]), [2, 3]), /to be integer dtype, but got bool/);
    assert.throws(() => unravelIndex(places([1]), [-1, 3]), /'shape' cannot have negative values, but got \[-1, 3\]/);
    assert.throws(() => unravelIndex(places([1]), [2, 3.5]), /expected 'shape' sequence to only contain ints/);
    assert.throws(() => unravelIndex(places([1]), [0, 3]), /has no elements/);
    assert.deepEqual(
      unravelIndex(places([]), [0, 3]).map((x) => x.shape),
      [[0], [0]],
    );
  });
});

describe("nonzeroStatic", () => {
  const x = tensor([
    [1, 0],
    [0, 2],
  ]);

  it("gives as many rows as it is asked for, cut off or filled", () => {
    assert.deepEqual(nonzeroStatic(x, { size: 1 }).tolist(), [[0, 0]]);
    assert.deepEqual(x.nonzeroStatic({ size: 3 }).tolist(), [
      [0, 0],
      [1, 1],
      [-1, -1],
    ]);
    assert.deepEqual(nonzeroStatic(x, { size: 4, fillValue: 7 }).tolist(), [
      [0, 0],
      [1, 1],
      [7, 7],
      [7, 7],
    ]);
    assert.deepEqual([nonzeroStatic(x, { size: 0 }).shape, nonzeroStatic(x, { size: 2 }).dtype], [[0, 2], "int64"]);
    assert.deepEqual(nonzeroStatic(zeros([0, 3]), { size: 1 }).tolist(), [[-1, -1]]);
    assert.deepEqual(nonzeroStatic(tensor(3), { size: 2 }).shape, [2, 0]);
  });

  it("needs a size", () => {
    assert.throws(() => nonzeroStatic(x, {} as never), /missing 1 required option: "size"/);
    assert.throws(() => nonzeroStatic(x, { size: -1 }), /'size' must be an non-negative integer/);
    assert.throws(() => nonzeroStatic(x, { size: 1, fill: 1 } as never), /unknown option 'fill'/);
  });
});
