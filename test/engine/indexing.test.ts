import assert from "node:assert/strict";
import { arange, full, type IndexPart, slice, type Tensor, tensor, zeros } from "../../engine/index.ts";

const list = (x: Tensor | null): unknown => x?.tolist();
const counted = (...shape: number[]): Tensor =>
  arange(shape.reduce((n, size) => n * size, 1))
    .double()
    .reshape(shape);

/** What `x.index(...)` gives, and where gradients of ones land. */
function pick(x: Tensor, ...parts: IndexPart[]): { values: unknown; grad: unknown; shape: readonly number[] } {
  const leaf = x.detach().clone().requiresGrad_();
  const out = leaf.index(...parts);
  out.sum().backward();
  return { values: list(out), grad: list(leaf.grad), shape: out.shape };
}

describe("numbers written into integers and masks", () => {
  it("lose what is behind the point, as in PyTorch", () => {
    const make = (): Tensor => tensor([1, 2, 3], { dtype: "int64" });
    const first = tensor([0], { dtype: "int64" });
    const written: readonly [Tensor, number[]][] = [
      [make().set(["..."], 7.5), [7, 7, 7]],
      [make().set([0], -0.5), [0, 2, 3]],
      [make().set([[0, 1]], 7.5), [7, 7, 3]],
      [make().set([make().gt(1)], 7.5), [1, 7, 7]],
      [make().indexPut([first], 7.5), [7, 2, 3]],
      [make().indexFill(0, first, 7.5), [7, 2, 3]],
      [make().scatter(0, first, 7.5), [7, 2, 3]],
      [make().scatter(0, first, 7.5, { reduce: "add" }), [8, 2, 3]],
      [make().maskedFill(make().gt(1), 7.5), [1, 7, 7]],
      [full([2], 7.5, { dtype: "int64" }), [7, 7]],
      [make().fullLike(7.5), [7, 7, 7]],
    ];
    for (const [x, values] of written) assert.deepEqual(x.tolist(), values);
    assert.deepEqual(
      tensor([false, true])
        .maskedFill(tensor([true, false]), 1.5)
        .tolist(),
      [true, true],
    );
  });
});

describe("index", () => {
  const x = counted(3, 4);

  it("picks slices by number, counting from the end for negative ones", () => {
    assert.deepEqual(list(x.index(1)), [4, 5, 6, 7]);
    assert.deepEqual(list(x.index(-1, 0)), 8);
    assert.deepEqual(list(x.index(tensor(2, { dtype: "int64" }))), [8, 9, 10, 11]);
  });

  it("cuts ranges as Python does, beyond the ends too", () => {
    assert.deepEqual(list(x.index(slice(1), slice(1, 3))), [
      [5, 6],
      [9, 10],
    ]);
    assert.deepEqual(list(x.index(0, slice(null, null, 2))), [0, 2]);
    assert.deepEqual(list(x.index(0, slice(-2))), [2, 3]);
    assert.deepEqual(list(x.index(0, slice(1, 100))), [1, 2, 3]);
    assert.deepEqual(x.index(slice(2, 1)).shape, [0, 4]);
  });

  it("reads null as a new dimension and '...' as all that are not mentioned", () => {
    assert.deepEqual(x.index(null, "...", 0, null).shape, [1, 3, 1]);
    assert.deepEqual(counted(2, 3, 4).index("...", 1).shape, [2, 3]);
    assert.deepEqual(x.index(0, "...", 0).shape, []);
  });

  it("gives views for basic parts, with the nodes that PyTorch makes", () => {
    const leaf = x.clone().requiresGrad_();
    const row = leaf.index(1);
    assert.equal(row.storage, leaf.storage);
    assert.equal(row.gradFn?.name, "SelectBackward0");
    assert.equal(leaf.index(slice(1)).gradFn?.name, "SliceBackward0");
    assert.equal(leaf.index(slice())._isView(), true);
    assert.notEqual(leaf.index(slice()), leaf);
  });

  it("gives copies for tensors and lists, and adds up gradients of repeated elements", () => {
    const leaf = x.clone().requiresGrad_();
    const rows = leaf.index([2, 0, 2]);
    assert.notEqual(rows.storage, leaf.storage);
    assert.equal(rows.gradFn?.name, "IndexBackward0");
    const { values, grad } = pick(counted(3), [2, 0, 2, -1]);
    assert.deepEqual(values, [2, 0, 2, 2]);
    assert.deepEqual(grad, [1, 0, 3]);
  });

  it("broadcasts several index tensors", () => {
    const rows = tensor([[0], [2]], { dtype: "int64" });
    assert.deepEqual(list(x.index(rows, [1, 3])), [
      [1, 3],
      [9, 11],
    ]);
  });

  it("puts the dimensions of separated index tensors first, those of neighbours in their place", () => {
    const y = counted(2, 3, 4);
    const separated = pick(y, [0, 1, 1], slice(0, 2), [3, 0, 1]);
    assert.deepEqual(separated.shape, [3, 2]);
    assert.deepEqual(separated.values, [
      [3, 7],
      [12, 16],
      [13, 17],
    ]);
    const neighbours = pick(y, slice(), [0, 2], [3, 1]);
    assert.deepEqual(neighbours.shape, [2, 2]);
    assert.deepEqual(neighbours.values, [
      [3, 9],
      [15, 21],
    ]);
    assert.deepEqual(neighbours.grad, [
      [
        [0, 0, 0, 1],
        [0, 0, 0, 0],
        [0, 1, 0, 0],
      ],
      [
        [0, 0, 0, 1],
        [0, 0, 0, 0],
        [0, 1, 0, 0],
      ],
    ]);
  });

  it("takes masks for one or more dimensions", () => {
    assert.deepEqual(list(x.index(x.gt(8))), [9, 10, 11]);
    assert.deepEqual(list(x.index([true, false, true], 1)), [1, 9]);
    assert.deepEqual(x.index(tensor(true)).shape, [1, 3, 4]);
    assert.deepEqual(x.index(x.lt(0)).shape, [0]);
  });

  it("says which index, dimension and size do not fit", () => {
    assert.throws(() => x.index(3), /index 3 is out of bounds for dimension 0 with size 3/);
    assert.throws(() => x.index(slice(), [0, 4]), /index 4 is out of bounds for dimension 1 with size 4/);
    assert.throws(() => x.index(0, 0, 0), /too many indices for tensor of dimension 2/);
    assert.throws(() => x.index("...", "..."), /single ellipsis/);
    assert.throws(() => x.index([0, 1], [0, 1, 2]), /shape mismatch: indexing tensors could not be broadcast together/);
    assert.throws(() => x.index([true, false]), /shape of the mask \[2\] at index 0 does not match/);
    assert.throws(() => x.index(tensor([0.5])), /tensors used as indices must be int64 or bool tensors/);
    assert.throws(() => slice(0, 4, -1), /step must be greater than zero/);
  });
});

describe("set", () => {
  it("writes through views, broadcasting numbers and tensors", () => {
    const x = zeros(2, 3);
    x.set([0], 1);
    x.set([slice(), 2], tensor([7, 8]));
    x.set([1, slice(0, 2)], tensor([[5, 6]]));
    assert.deepEqual(x.tolist(), [
      [1, 1, 7],
      [5, 6, 8],
    ]);
  });

  it("writes at index tensors and masks, into views too", () => {
    const x = zeros(3, 3);
    x.set(
      [
        [0, 2],
        [1, 1],
      ],
      tensor([4, 5]),
    );
    x.index(slice(), slice(2)).set([tensor([false, true, false])], 9);
    assert.deepEqual(x.tolist(), [
      [0, 4, 0],
      [0, 0, 9],
      [0, 5, 0],
    ]);
    x.set([[0, 1]], 2);
    assert.deepEqual(x.index(0).tolist(), [2, 2, 2]);
  });

  it("writes where separated index tensors say", () => {
    const x = zeros(2, 2, 3);
    x.set(
      [[0, 1], slice(), [2, 0]],
      tensor([
        [1, 2],
        [3, 4],
      ]),
    );
    assert.deepEqual(x.tolist(), [
      [
        [0, 0, 1],
        [0, 0, 2],
      ],
      [
        [3, 0, 0],
        [4, 0, 0],
      ],
    ]);
  });

  it("sends the gradient to the value and none to what was overwritten", () => {
    const a = tensor([1, 2, 3], { requiresGrad: true });
    const b = tensor([10, 20], { requiresGrad: true });
    const x = a.mul(2);
    x.set([slice(1)], b);
    assert.equal(x.gradFn?.name, "CopySlices");
    x.mul(tensor([1, 2, 3]))
      .sum()
      .backward();
    assert.deepEqual(list(a.grad), [2, 0, 0]);
    assert.deepEqual(list(b.grad), [2, 3]);
  });

  it("does so at index tensors", () => {
    const a = tensor([1, 2, 3], { requiresGrad: true });
    const b = tensor(5, { requiresGrad: true });
    const x = a.mul(2);
    x.set([[0, 2]], b);
    x.sum().backward();
    assert.deepEqual(list(a.grad), [0, 2, 0]);
    assert.deepEqual(list(b.grad), 2);
  });

  it("refuses values that do not fit before anything is written", () => {
    const x = zeros(2, 3);
    assert.throws(() => x.set([0], tensor([1, 2])), /shape mismatch: value tensor of shape \[2\] cannot be broadcast/);
    assert.throws(() => x.set([[0, 5]], 1), /index 5 is out of bounds/);
    const leaf = zeros(2, { requiresGrad: true });
    assert.throws(() => leaf.set([0], 1), /a view of a leaf Variable that requires grad/);
    assert.throws(() => leaf.set([[0]], 1), /a leaf Variable that requires grad/);
    assert.deepEqual([x.sum().item(), leaf.sum().item()], [0, 0]);
  });
});

describe("indexPut", () => {
  it("leaves the tensor alone, adds up repeated places when asked, and reads null as a whole dimension", () => {
    const x = zeros(2, 3);
    const i = tensor([1, 1], { dtype: "int64" });
    assert.deepEqual(x.indexPut([i, i], tensor([1, 2]), { accumulate: true }).tolist(), [
      [0, 0, 0],
      [0, 3, 0],
    ]);
    assert.deepEqual(x.indexPut([null, i], tensor(4)).tolist(), [
      [0, 4, 0],
      [0, 4, 0],
    ]);
    assert.equal(x.sum().item(), 0);
    x.indexPut_([i], tensor([1, 1, 2]));
    assert.deepEqual(x.index(1).tolist(), [1, 1, 2]);
  });
});
