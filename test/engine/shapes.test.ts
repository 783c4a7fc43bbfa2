import assert from "node:assert/strict";
import {
  arange,
  blockDiag,
  broadcastTensors,
  cartesianProd,
  cat,
  columnStack,
  combinations,
  dstack,
  gradcheck,
  hstack,
  meshgrid,
  noGrad,
  ones,
  stack,
  type Tensor,
  tensor,
  trilIndices,
  triuIndices,
  vstack,
  zeros,
} from "../../engine/index.ts";

const counted = (...shape: number[]): Tensor =>
  arange(shape.reduce((n, size) => n * size, 1))
    .double()
    .reshape(shape);
const random = (...shape: number[]): Tensor =>
  counted(...shape)
    .sin()
    .detach()
    .requiresGrad_();

const views: readonly [name: string, node: string, make: (x: Tensor) => Tensor][] = [
  ["view", "ViewBackward0", (x) => x.view(3, 2)],
  ["reshape", "ViewBackward0", (x) => x.reshape(6)],
  ["flatten", "ViewBackward0", (x) => x.flatten()],
  ["squeeze", "SqueezeBackward0", (x) => x.squeeze()],
  ["unsqueeze", "UnsqueezeBackward0", (x) => x.unsqueeze(1)],
  ["expand", "ExpandBackward0", (x) => x.unsqueeze(0).expand(2, 2, 3)],
  ["permute", "PermuteBackward0", (x) => x.permute(1, 0)],
  ["T", "PermuteBackward0", (x) => x.T],
  ["mT", "TransposeBackward0", (x) => x.mT],
  ["t", "TBackward0", (x) => x.t()],
  ["transpose", "TransposeBackward0", (x) => x.transpose(0, 1)],
  ["movedim", "PermuteBackward0", (x) => x.movedim(0, 1)],
  ["select", "SelectBackward0", (x) => x.select(1, 1)],
  ["narrow", "SliceBackward0", (x) => x.narrow(1, 1, 2)],
  ["diagonal", "DiagonalBackward0", (x) => x.diagonal()],
  ["unfold", "UnfoldBackward0", (x) => x.unfold(1, 2, 1)],
  ["split", "SplitBackward0", (x) => x.split(2, 1)[1] as Tensor],
  ["chunk", "SplitBackward0", (x) => x.chunk(2)[1] as Tensor],
  ["unbind", "UnbindBackward0", (x) => x.unbind(1)[2] as Tensor],
];

describe("views", () => {
  for (const [name, node, make] of views) {
    it(`${name} shares storage and version counter, and has PyTorch's node`, () => {
      const x = random(2, 3);
      const y = make(x);
      assert.equal(y.storage, x.storage);
      assert.equal(y._isView(), true);
      assert.equal(y.gradFn?.name, node);
      noGrad(() => x.mul_(2));
      assert.equal(y._version, 1);
    });
  }

  it("show what is written to their base, and the base what is written to them", () => {
    const x = zeros(2, 3);
    x.T.select(0, 2).add_(1);
    x.diagonal().add_(5);
    assert.deepEqual(x.tolist(), [
      [5, 0, 1],
      [0, 5, 1],
    ]);
  });

  for (const [name, , make] of views.slice(0, -3)) {
    if (name === "expand" || name === "unfold") continue;
    it(`in-place ops through ${name} have the right gradient`, () => {
      const through = (x: Tensor): Tensor => {
        const y = x.mul(1);
        make(y).mul_(make(x).sin());
        return y.mul(y);
      };
      assert.ok(gradcheck(through, [random(2, 3)]));
    });
  }

  for (const [name, size] of [
    ["split", 3],
    ["chunk", 6],
    ["unbind", 2],
  ] as const) {
    it(`${name} gives several views, which refuse in-place ops while gradients are recorded`, () => {
      const y = random(2, 3).mul(2);
      const part = y[name](1)[0] as Tensor;
      assert.throws(() => part.mul_(2), /is a view and is being modified inplace.*multiple views/);
      const plain = zeros(2, 3);
      (plain[name](1)[0] as Tensor).add_(1);
      assert.equal(plain.sum().item(), size);
    });
  }
});

describe("shapes", () => {
  it("squeeze leaves dimensions of other sizes alone", () => {
    assert.deepEqual(zeros(2, 1, 3).squeeze(0).shape, [2, 1, 3]);
    assert.deepEqual(zeros(1, 2, 1).squeeze([0, 1]).shape, [2, 1]);
  });

  it("reshape copies only where it must", () => {
    const x = counted(2, 3);
    assert.equal(x.reshape(3, 2).storage, x.storage);
    assert.notEqual(x.T.reshape(6).storage, x.storage);
    assert.deepEqual(x.T.reshape(6).tolist(), [0, 3, 1, 4, 2, 5]);
  });

  it("T reverses all dimensions, mT the last two, H is for matrices", () => {
    assert.deepEqual(zeros(2, 3, 4).T.shape, [4, 3, 2]);
    assert.deepEqual(zeros(2, 3, 4).mT.shape, [2, 4, 3]);
    assert.deepEqual(zeros(2, 3).H.shape, [3, 2]);
    assert.throws(() => zeros(2, 3, 4).H, /only supported on matrices/);
    assert.throws(() => zeros(3).mT, /only supported on matrices or batches of matrices/);
  });

  it("errors keep PyTorch's key phrases", () => {
    const x = counted(2, 3);
    assert.throws(() => x.view(4), /shape '\[4\]' is invalid for input of size 6/);
    assert.throws(() => x.T.view(6), /view size is not compatible with input tensor's size and stride/);
    assert.throws(() => x.sum(2), /Dimension out of range \(expected to be in range of \[-2, 1\], but got 2\)/);
    assert.throws(() => x.expand(3, 3), /must match the existing size/);
    assert.throws(() => cat([x, counted(2, 2)]), /Sizes of tensors must match except in dimension 0/);
    assert.throws(() => stack([x, counted(2, 2)]), /stack expects each tensor to be equal size/);
    assert.throws(() => cat([]), /expected a non-empty list of Tensors/);
    assert.throws(() => x.split([1, 1], 1), /split_with_sizes expects split_sizes to sum exactly to 3/);
    assert.throws(() => x.flatten({ startDims: 1 } as object), /unknown option 'startDims'. Did you mean 'startDim'\?/);
  });
});

describe("joining and taking apart", () => {
  it("cat joins along a dimension, in the dtype that all meet in, and skips empty vectors", () => {
    const joined = cat([tensor([1, 2], { dtype: "int64" }), tensor([0.5])]);
    assert.equal(joined.dtype, "float32");
    assert.deepEqual(joined.tolist(), [1, 2, 0.5]);
    assert.deepEqual(cat([zeros(0), ones(2, 1)], 1).shape, [2, 1]);
    assert.deepEqual(cat([counted(2, 2), counted(2, 1).T.T], { dim: 1 }).tolist(), [
      [0, 1, 0],
      [2, 3, 1],
    ]);
  });

  it("stacks in all directions", () => {
    const [a, b] = [tensor([1, 2]), tensor([3, 4])];
    assert.deepEqual(hstack([a, b]).tolist(), [1, 2, 3, 4]);
    assert.deepEqual(vstack([a, b]).shape, [2, 2]);
    assert.deepEqual(dstack([a, b]).tolist(), [
      [
        [1, 3],
        [2, 4],
      ],
    ]);
    assert.deepEqual(columnStack([a, b]).tolist(), [
      [1, 3],
      [2, 4],
    ]);
    for (const join of [hstack, vstack, dstack]) {
      for (const wrong of [5, tensor([1]), null])
        assert.throws(() => join(wrong as never), /expected a list of tensors, as in \[a, b\]/);
    }
  });

  it("gradients of parts that were not used are zero", () => {
    const x = random(5, 2);
    const [first, , last] = x.split(2);
    first
      ?.sum()
      .mul(3)
      .add(last?.sum() ?? 0)
      .backward();
    assert.deepEqual(x.grad?.select(1, 0).tolist(), [3, 3, 0, 0, 1]);
  });

  it("chunk gives fewer parts where it must, tensorSplit as many as asked", () => {
    const sizes = (parts: Tensor[]): number[] => parts.map((part) => part.shape[0] as number);
    assert.deepEqual(sizes(counted(5).chunk(4)), [2, 2, 1]);
    assert.deepEqual(sizes(counted(5).tensorSplit(4)), [2, 1, 1, 1]);
    assert.deepEqual(sizes(counted(5).tensorSplit([1, 3])), [1, 2, 2]);
    assert.deepEqual(sizes(counted(5).split([1, 4])), [1, 4]);
  });

  it("lays grids, products and combinations out as PyTorch does", () => {
    const [a, b] = [tensor([1, 2, 3]), tensor([4, 5])];
    const [rows, columns] = meshgrid([a, b]);
    assert.deepEqual(rows?.tolist(), [
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    assert.deepEqual(columns?.shape, [3, 2]);
    assert.deepEqual(meshgrid([a, b], { indexing: "xy" })[0]?.tolist(), [
      [1, 2, 3],
      [1, 2, 3],
    ]);
    assert.deepEqual(cartesianProd(b, b).tolist(), [
      [4, 4],
      [4, 5],
      [5, 4],
      [5, 5],
    ]);
    assert.deepEqual(combinations(a).tolist(), [
      [1, 2],
      [1, 3],
      [2, 3],
    ]);
    assert.deepEqual(combinations(b, 2, true).shape, [3, 2]);
    assert.deepEqual(blockDiag(ones(1, 2), tensor([[3]])).tolist(), [
      [1, 1, 0],
      [0, 0, 3],
    ]);
    assert.deepEqual(
      broadcastTensors(zeros(2, 1), zeros(3)).map((x) => x.shape),
      [
        [2, 3],
        [2, 3],
      ],
    );
    assert.deepEqual(trilIndices(2, 3).tolist(), [
      [0, 1, 1],
      [0, 0, 1],
    ]);
    assert.deepEqual(triuIndices(2, 2, 1).tolist(), [[0], [1]]);
  });

  it("repeats, flips, rolls and rotates", () => {
    const x = counted(2, 3);
    assert.deepEqual(x.flip(1).tolist(), [
      [2, 1, 0],
      [5, 4, 3],
    ]);
    assert.deepEqual(x.roll(1).tolist(), [
      [5, 0, 1],
      [2, 3, 4],
    ]);
    assert.deepEqual(x.roll(-1, 1).tolist(), [
      [1, 2, 0],
      [4, 5, 3],
    ]);
    assert.deepEqual(x.rot90().tolist(), [
      [2, 5],
      [1, 4],
      [0, 3],
    ]);
    assert.deepEqual(x.repeat(1, 2).shape, [2, 6]);
    assert.deepEqual(tensor([1, 2]).tile(2, 2).tolist(), [
      [1, 2, 1, 2],
      [1, 2, 1, 2],
    ]);
    assert.deepEqual(tensor([1, 2]).repeatInterleave(2).tolist(), [1, 1, 2, 2]);
    assert.deepEqual(x.repeatInterleave(tensor([0, 2], { dtype: "int64" }), 0).tolist(), [
      [3, 4, 5],
      [3, 4, 5],
    ]);
  });
});

describe("gathering and scattering", () => {
  const index = tensor(
    [
      [0, 2],
      [1, 1],
    ],
    { dtype: "int64" },
  );

  it("gather and scatter are each other's transposes", () => {
    const x = counted(2, 3);
    assert.deepEqual(x.gather(1, index).tolist(), [
      [0, 2],
      [4, 4],
    ]);
    assert.deepEqual(zeros(2, 3).scatterAdd(1, index, ones(2, 2)).tolist(), [
      [1, 0, 1],
      [0, 2, 0],
    ]);
    assert.deepEqual(zeros(2, 3).scatter(1, index, 7).tolist(), [
      [7, 0, 7],
      [0, 7, 0],
    ]);
    assert.throws(() => x.gather(1, index.add(1)), /index 3 is out of bounds for dimension 1 with size 3/);
    assert.throws(() => x.gather(1, index.sub(1)), /index -1 is out of bounds/);
  });

  it("scatterReduce combines, with what is there or without", () => {
    const x = ones(3).mul(2);
    const i = tensor([0, 0, 2], { dtype: "int64" });
    const src = tensor([3, 5, 1]);
    const results = (includeSelf: boolean): unknown[] =>
      (["sum", "prod", "mean", "amax", "amin"] as const).map((how) =>
        x.scatterReduce(0, i, src, how, { includeSelf }).tolist(),
      );
    assert.deepEqual(results(true), [[10, 2, 3], [30, 2, 2], [10 / 3, 2, 1.5].map(Math.fround), [5, 2, 2], [2, 2, 1]]);
    assert.deepEqual(results(false), [
      [8, 2, 1],
      [15, 2, 1],
      [4, 2, 1],
      [5, 2, 1],
      [3, 2, 1],
    ]);
  });

  it("in-place forms write to the tensor itself and keep its history", () => {
    const x = random(3);
    const y = x.mul(1);
    const i = tensor([0, 2], { dtype: "int64" });
    assert.equal(y.indexFill_(0, i, 4), y);
    y.sum().backward();
    assert.deepEqual(x.grad?.tolist(), [0, 1, 0]);
    const z = zeros(3);
    z.indexAdd_(0, i, ones(2))
      .scatter_(0, i, 9)
      .indexCopy_(0, tensor([1], { dtype: "int64" }), ones(1));
    assert.deepEqual(z.tolist(), [9, 1, 9]);
    assert.equal(z._version, 3);
  });

  it("take, put and masks count in the flattened tensor", () => {
    const x = counted(2, 3);
    assert.deepEqual(x.take(tensor([0, -1], { dtype: "int64" })).tolist(), [0, 5]);
    assert.deepEqual(
      x
        .put(tensor([4], { dtype: "int64" }), tensor([9], { dtype: "float64" }))
        .select(0, 1)
        .tolist(),
      [3, 9, 5],
    );
    assert.deepEqual(x.maskedSelect(x.gt(3)).tolist(), [4, 5]);
    assert.deepEqual(x.maskedScatter(x.gt(3), counted(2).sub(2)).select(0, 1).tolist(), [3, -2, -1]);
  });
});
