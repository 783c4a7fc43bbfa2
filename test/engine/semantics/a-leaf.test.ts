import assert from "node:assert/strict";
import { setWarningHandler } from "../../../engine/autograd/warnings.ts";
import { autograd, nn, ones, rand, type Tensor, tensor, where, zeros } from "../../../engine/index.ts";
import { deepcopy } from "../../../engine/nn/copyModule.ts";

/** Numbers in titles are the rows of PyTorch's behaviours in docs/parity.md. */
describe("leaf and requiresGrad", () => {
  it("[1] a tensor is a leaf exactly when no recorded op made it", () => {
    const leaf = rand([3], { requiresGrad: true });
    assert.equal(leaf.isLeaf, true);
    assert.equal(tensor([1]).isLeaf, true);
    assert.equal(leaf.mul(10).isLeaf, false);
    assert.equal(leaf.to("float64").isLeaf, false);
    assert.equal(leaf.sub(leaf.mul(0.1)).isLeaf, false);
    assert.equal(leaf.detach().isLeaf, true);
    const again = leaf.detach().requiresGrad_();
    assert.equal(again.isLeaf, true);
    assert.equal(again.storage, leaf.storage);
  });

  it("[2] an output requires grad when recording is on and an input does; comparisons and integer casts never; round has zero gradient", () => {
    const x = tensor([1.4, 2.6], { requiresGrad: true });
    assert.equal(x.mul(2).requiresGrad, true);
    assert.equal(x.gt(1).requiresGrad, false);
    assert.equal(x.argmax().requiresGrad, false);
    assert.equal(x.long().requiresGrad, false);
    const rounded = x.round();
    assert.notEqual(rounded.gradFn, null);
    rounded.sum().backward();
    assert.deepEqual(x.grad?.tolist(), [0, 0]);
  });

  it("[3] only floating point can require gradients", () => {
    assert.throws(
      () => tensor([1, 2], { dtype: "int64", requiresGrad: true }),
      /only Tensors of floating point dtype can require gradients/i,
    );
    assert.throws(
      () => tensor([1, 2], { dtype: "int64" }).requiresGrad_(),
      /only Tensors of floating point dtype can require gradients/i,
    );
  });

  it("[4] a non-leaf's flag can't be set, requiresGrad_() on it changes nothing, and a Parameter made of it is a fresh leaf", () => {
    const b = tensor([1], { requiresGrad: true }).mul(2);
    assert.throws(() => {
      b.requiresGrad = true;
    }, /you can only change requiresGrad flags of leaf variables/);
    assert.equal(b.requiresGrad_(), b);
    const parameter = new nn.Parameter(b);
    assert.equal(parameter.isLeaf, true);
    assert.equal(parameter.requiresGrad, true);
  });

  it("[5] a non-leaf's flag can't be cleared, and the error says to detach", () => {
    const b = tensor([1], { requiresGrad: true }).mul(2);
    assert.throws(() => b.requiresGrad_(false), /you can only change requiresGrad flags of leaf variables.*detach\(\)/);
    assert.throws(() => {
      b.requiresGrad = false;
    }, /detach\(\)/);
  });

  it("[6] tensor(t) copies, cuts the graph and warns; tensor([a[0], a[1]]) cuts it silently", () => {
    const a = tensor([1, 2], { requiresGrad: true });
    const warnings: string[] = [];
    const before = setWarningHandler((text) => warnings.push(text));
    try {
      const copy = tensor(a);
      assert.equal(copy.requiresGrad, false);
      assert.notEqual(copy.storage, a.storage);
      assert.match(warnings[0] ?? "", /clone\(\)\.detach\(\)/);
      assert.equal(tensor([a.select(0, 0), a.select(0, 1)]).requiresGrad, false);
      assert.equal(warnings.length, 1);
    } finally {
      setWarningHandler(before);
    }
  });

  it("[7] reading raw data gives a copy that autograd does not know", () => {
    const a = tensor([1, 2], { requiresGrad: true });
    const raw = a.toArray();
    raw[0] = 100;
    assert.deepEqual(a.tolist(), [1, 2]);
  });

  it("[8] deepcopy copies leaves and refuses a module that holds the result of an op", () => {
    class Holder extends nn.Module {
      weight = new nn.Parameter(ones(2));
      cache: unknown = null;
    }
    const holder = new Holder();
    const copy = deepcopy(holder);
    assert.notEqual(copy.weight.storage, holder.weight.storage);
    assert.deepEqual(copy.weight.tolist(), [1, 1]);
    holder.cache = holder.weight.mul(2);
    assert.throws(
      () => deepcopy(holder),
      /Only Tensors created explicitly by the user \(graph leaves\) support the deepcopy protocol/,
    );
  });

  it("[9] printing breaks lines, rounds and names dtypes as PyTorch does", () => {
    const cases: readonly [Tensor, string][] = [
      // Zeros, NaN and infinities are left out of account where columns are as wide as ordinary elements.
      [zeros([26]), `tensor([${"0., ".repeat(23)}0.,\n        0., 0.])`],
      [
        tensor(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 1 : Number.NaN))),
        `tensor([${"1., nan, ".repeat(9).trimEnd()}\n        1., nan])`,
      ],
      [tensor([-0, 1]), "tensor([-0., 1.])"],
      [tensor([-0, 0.5]), "tensor([-0.0000, 0.5000])"],
      // Exact halves go to the even digit.
      [tensor([0.03125, 0.09375, -0.03125]), "tensor([ 0.0312,  0.0938, -0.0312])"],
      [tensor([100005, 1], { dtype: "float64" }), "tensor([1.0000e+05, 1.0000e+00], dtype=float64)"],
      [zeros([2, 0]), "tensor([], size=[2, 0])"],
      [zeros([0], { dtype: "bool" }), "tensor([], dtype=bool)"],
      [zeros([0, 2], { dtype: "int64" }), "tensor([], size=[0, 2], dtype=int64)"],
    ];
    for (const [x, text] of cases) assert.equal(String(x), text);
  });

  it("[9] in-place ops on views, where and custom Functions have PyTorch's node names", () => {
    const base = tensor([1, 2], { requiresGrad: true }).clone();
    const part = base.narrow(0, 0, 1);
    part.mul_(2);
    class Mine extends autograd.Function {
      static forward(_ctx: autograd.FunctionCtx, x: Tensor): Tensor {
        return x.clone();
      }
    }
    const nodes = [base, part, where(base.gt(0), base, 0), Mine.apply(base)].map((x) => x.gradFn?.name);
    assert.deepEqual(nodes, ["CopySlices", "AsStridedBackward0", "WhereBackward0", "MineBackward"]);
  });

  it("[9] printing shows requiresGrad of leaves, the grad_fn of others, and names Parameters", () => {
    const a = tensor([1, 2, 3], { requiresGrad: true });
    assert.equal(String(a), "tensor([1., 2., 3.], requiresGrad=true)");
    assert.equal(String(a.mul(2)), "tensor([2., 4., 6.], gradFn=<MulBackward0>)");
    assert.match(
      String(new nn.Parameter(ones(2))),
      /^Parameter containing:\ntensor\(\[1\., 1\.\], requiresGrad=true\)$/,
    );
    const names = [
      a.add(1),
      a.mul(2),
      a.sum(),
      a.pow(2),
      a.exp(),
      a.view(3, 1),
      a.select(0, 0),
      a.clone(),
      a.sqrt(),
    ].map((x) => x.gradFn?.name);
    assert.deepEqual(names, [
      "AddBackward0",
      "MulBackward0",
      "SumBackward0",
      "PowBackward0",
      "ExpBackward0",
      "ViewBackward0",
      "SelectBackward0",
      "CloneBackward0",
      "SqrtBackward0",
    ]);
    assert.equal(a.mul(2).gradFn?.nextFunctions[0]?.[0]?.name, "AccumulateGrad");
  });
});
