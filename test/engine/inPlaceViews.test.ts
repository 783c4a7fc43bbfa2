import assert from "node:assert/strict";
import { F, noGrad, ones, type Tensor, tensor, zeros } from "../../engine/index.ts";

const leaf = (): Tensor =>
  tensor(
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    { requiresGrad: true },
  );

describe("views in place", () => {
  it("show the elements as they lie then, and the gradient of one of several outputs goes where it came from", () => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    x.t_();
    assert.deepEqual(x.tolist(), [
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    assert.deepEqual([x.stride(), x.isContiguous()], [[1, 3], false]);
    const w = tensor([[3, 1, 2]], { requiresGrad: true });
    const [, second] = w
      .mul(1)
      .split([1, 2], 1)
      .map((part) => part.mul(1)) as [Tensor, Tensor];
    second.t_();
    second
      .mul(tensor([[5], [7]]))
      .sum()
      .backward();
    assert.deepEqual(w.grad?.tolist(), [[0, 5, 7]]);
  });

  const forms: readonly [name: string, change: (x: Tensor) => Tensor, shape: readonly number[]][] = [
    ["t_", (x) => x.t_(), [3, 2]],
    ["transpose_", (x) => x.transpose_(0, -1), [3, 2]],
    ["swapaxes_", (x) => x.swapaxes_(0, 1), [3, 2]],
    ["swapdims_", (x) => x.swapdims_(1, 0), [3, 2]],
    ["unsqueeze_", (x) => x.unsqueeze_(1), [2, 1, 3]],
    ["squeeze_", (x) => x.unsqueeze_(0).squeeze_(), [2, 3]],
  ];
  for (const [name, change, shape] of forms) {
    it(`${name} gives the tensor itself, with its gradient as out of place`, () => {
      const x = leaf();
      const y = x.mul(2);
      assert.equal(change(y), y);
      assert.deepEqual(y.shape, shape);
      const weight = tensor([1, 10, 100, 1000, 10000, 100000]).reshape(shape);
      y.mul(weight).sum().backward();
      const z = leaf();
      const expected = name.includes("squeeze") ? z.mul(2).reshape(shape) : z.mul(2).t();
      expected.mul(weight).sum().backward();
      assert.deepEqual(x.grad?.tolist(), z.grad?.tolist());
    });
  }

  it("move the version on, so that a saved result is missed", () => {
    const y = leaf().exp();
    y.t_();
    assert.equal(y._version, 1);
    assert.throws(() => y.sum().backward(), /modified by an inplace operation/);
  });

  it("are refused for leaves and views of leaves, and change nothing then", () => {
    const x = leaf();
    assert.throws(() => x.t_(), /a leaf Variable that requires grad/);
    assert.throws(() => x.view(3, 2).t_(), /a view of a leaf Variable/);
    assert.throws(() => x.mul(2).unsqueeze_(5), /dim/i);
    assert.deepEqual(x.shape, [2, 3]);
  });

  it("keep the graph under noGrad, whether what they change is a view or not", () => {
    for (const make of [(x: Tensor) => x.mul(1), (x: Tensor) => x.view(2, 3)]) {
      const x = leaf();
      const y = make(x);
      noGrad(() => y.t_());
      const weight = tensor([1, 10, 100, 1000, 10000, 100000]).reshape(3, 2);
      y.backward(weight);
      assert.deepEqual(x.grad?.tolist(), weight.t().tolist());
    }
  });

  it("may change a leaf under noGrad, whose gradient then has the new shape", () => {
    const x = leaf();
    x.mul(1).sum().backward();
    x.grad = null as Tensor | null;
    noGrad(() => x.t_());
    assert.deepEqual([x.isLeaf, x.shape], [true, [3, 2]]);
    x.mul(2).sum().backward();
    assert.deepEqual(x.grad?.shape, [3, 2]);
  });

  it("keep what is retained, and need no copy of what is expanded", () => {
    const y = leaf().mul(2);
    y.retainGrad();
    y.unsqueeze_(0);
    y.sum().backward();
    assert.deepEqual(y.grad?.tolist(), [
      [
        [1, 1, 1],
        [1, 1, 1],
      ],
    ]);
    assert.deepEqual(ones(3).expand(2, 3).t_().shape, [3, 2]);
  });

  it("leave other views of the same storage right", () => {
    const x = leaf();
    const y = x.mul(2);
    const v = y.view(3, 2);
    y.unsqueeze_(0);
    v.mul(
      tensor([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
    )
      .sum()
      .backward();
    assert.deepEqual(x.grad?.tolist(), [
      [2, 4, 6],
      [8, 10, 12],
    ]);
  });
});

describe("data", () => {
  it("can be set: elements, shape and dtype change, graph and version do not", () => {
    const w = tensor([1, 1, 1], { requiresGrad: true });
    const y = w.mul(w);
    w.data = zeros(3).add(5);
    assert.equal(w._version, 0);
    y.sum().backward();
    assert.deepEqual(w.grad?.tolist(), [10, 10, 10]);
    w.grad = null as Tensor | null;
    w.data = zeros([2, 2], { dtype: "float64" });
    assert.deepEqual([w.shape, w.dtype, w.numel(), w.isLeaf, w.requiresGrad], [[2, 2], "float64", 4, true, true]);
    w.mul(3).sum().backward();
    assert.deepEqual(w.grad?.dtype, "float64");
  });

  it("shares the elements it was set to", () => {
    const source = zeros(2);
    const w = ones(2);
    w.data = source;
    source.add_(1);
    assert.deepEqual(w.tolist(), [1, 1]);
  });

  it("takes no numbers, and no integers where gradients are required", () => {
    const w = tensor([1], { requiresGrad: true });
    assert.throws(() => {
      w.data = 1 as unknown as Tensor;
    }, /data expected to be a Tensor but got number/);
    assert.throws(() => {
      w.data = ones(1, { dtype: "int64" });
    }, /floating point dtype/);
    assert.equal(w.dtype, "float32");
  });
});

describe("in-place activations of F", () => {
  it("write where they read", () => {
    const x = tensor([-2, -0.5, 0.5, 9]);
    assert.equal(F.relu_(x), x);
    assert.deepEqual(x.tolist(), [0, 0, 0.5, 9]);
    assert.deepEqual(F.leakyRelu_(tensor([-2, 4]), 0.5).tolist(), [-1, 4]);
    assert.deepEqual(F.hardtanh_(tensor([-2, 4]), -1, 3).tolist(), [-1, 3]);
    assert.deepEqual(F.threshold_(tensor([-2, 4]), 1, 7).tolist(), [7, 4]);
    for (const [inPlace, plain] of [
      [F.elu_, F.elu],
      [F.celu_, F.celu],
      [F.selu_, F.selu],
    ] as const)
      assert.deepEqual(inPlace(tensor([-2, 4])).tolist(), plain(tensor([-2, 4])).tolist());
  });
});
