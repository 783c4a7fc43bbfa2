import assert from "node:assert/strict";
import { autograd, inferenceMode, noGrad, optim, type Tensor, tensor, zeros } from "../../../engine/index.ts";

const leaf = (...values: number[]) => tensor(values, { requiresGrad: true });

describe("in-place ops and version counters", () => {
  it("[32] a leaf that requires grad refuses in-place ops before anything is written; noGrad allows them", () => {
    const a = leaf(1, 2);
    assert.throws(() => a.add_(1), /a leaf Variable that requires grad is being used in an in-place operation/);
    assert.deepEqual(a.tolist(), [1, 2]);
    assert.equal(a._version, 0);
    assert.throws(
      () => a.narrow(0, 0, 1).mul_(2),
      /a view of a leaf Variable that requires grad is being used in an in-place operation/,
    );
    assert.deepEqual(a.tolist(), [1, 2]);
    noGrad(() => a.add_(1));
    assert.deepEqual(a.tolist(), [2, 3]);
    assert.equal(a._version, 1);
  });

  it("[33] a saved value that was overwritten is refused, with the op that made it and both versions", () => {
    const y = leaf(1, 2, 3).exp();
    y.mul_(2);
    assert.throws(
      () => y.sum().backward(),
      /modified by an inplace operation: \[float32 \[3\]\].*is at version 1; expected version 0/,
    );
    const w = leaf(1, 2, 3);
    const loss = w.mul(w).sum();
    noGrad(() => w.add_(1));
    assert.throws(() => loss.backward(), /Hint: Run forward and backward inside detectAnomaly/);
    assert.throws(() => loss.backward(), /\[float32 \[3\]\] is at version 1; expected version 0/);
  });

  it("[34] what an op saves decides: add saves nothing, mul its inputs, exp and sigmoid their result", () => {
    const a = leaf(1, -2);
    const kept = a.mul(3);
    kept.relu_();
    kept.sum().backward();
    assert.deepEqual(a.grad?.tolist(), [3, 0]);

    const s = leaf(1).sigmoid();
    s.mul_(2);
    assert.throws(() => s.backward(), /modified by an inplace operation/);

    const b = leaf(1).mul(1);
    const c = b.mul(b);
    b.add_(1);
    assert.throws(() => c.backward(), /AddBackward0/);

    const sum = leaf(1).add(1);
    sum.mul_(2);
    sum.backward();
  });

  it("[34] an in-place op that needs its own input keeps a copy of it", () => {
    const x = leaf(3);
    const y = x.mul(1);
    y.pow_(2);
    y.backward();
    assert.equal(x.grad?.item(), 6);
    const z = x.mul(1);
    z.mul_(2);
    const later = z.mul(z);
    z.add_(1);
    assert.throws(() => later.backward(), /modified by an inplace operation/);
  });

  it("[34] [57] and so it does where hooks keep what is saved", () => {
    const x = leaf(3);
    const y = x.mul(1);
    autograd.graph.savedTensorsHooks(
      (saved) => saved,
      (saved) => saved as Tensor,
      () => y.pow_(2),
    );
    y.backward();
    assert.equal(x.grad?.item(), 6);
  });

  it("[35] an optimizer step between forward and backward is caught", () => {
    const w = leaf(1, 2);
    const optimizer = new optim.SGD([w], { lr: 0.1 });
    const loss = w.pow(2).sum();
    w.grad = tensor([1, 1]);
    optimizer.step();
    assert.throws(() => loss.backward(), /modified by an inplace operation/);
  });

  it("[36] versions are shared with views and detach(), not with .data; inference tensors have none", () => {
    const a = leaf(1, 2).mul(1);
    const view = a.narrow(0, 0, 1);
    const detached = a.detach();
    detached.add_(1);
    assert.deepEqual([a._version, view._version, detached._version], [1, 1, 1]);
    a.data.mul_(2);
    assert.equal(a._version, 1);
    assert.deepEqual(a.tolist(), [4, 6]);
    const b = leaf(1, 2);
    const product = b.mul(b);
    b.detach().mul_(0);
    assert.throws(() => product.sum().backward(), /modified by an inplace operation/);
    const c = leaf(1, 2);
    const silent = c.mul(c);
    c.data.mul_(0);
    silent.sum().backward();
    assert.deepEqual(c.grad?.tolist(), [0, 0]);
    assert.throws(() => inferenceMode(() => tensor([1]))._version, /Inference tensors do not track version counter/);
  });

  it("[36] data that is assigned is shown as it lies, and the version stays", () => {
    const x = tensor([1, 1], { requiresGrad: true });
    noGrad(() => x.add_(1));
    const source = tensor(
      [
        [0, 1, 2],
        [3, 4, 5],
      ],
      { dtype: "float64" },
    )
      .t()
      .narrow(0, 1, 2);
    x.data = source;
    assert.deepEqual(x.tolist(), [
      [1, 4],
      [2, 5],
    ]);
    assert.deepEqual(
      [x.stride(), x.storageOffset(), x.numel(), x.isContiguous(), x.dtype],
      [[1, 3], 1, 4, false, "float64"],
    );
    assert.deepEqual([x._version, x.requiresGrad, x.isLeaf], [1, true, true]);
    noGrad(() => x.add_(1));
    assert.deepEqual([x._version, source._version, source.tolist()], [2, 0, x.tolist()]);
    for (const [wrong, named] of [
      [null, "null"],
      [5, "number"],
      [{}, "object"],
    ] as const) {
      assert.throws(
        () => {
          x.data = wrong as never;
        },
        (error: Error) => error.message === `data expected to be a Tensor but got ${named}`,
      );
    }
  });

  it("[36] after data of the same kind was assigned, graphs of before still lead to the tensor", () => {
    const x = leaf(2);
    const y = x.mul(3);
    x.data = tensor([5]);
    assert.deepEqual(autograd.grad(y, x)[0].tolist(), [3]);
  });

  it("[36] what .data hides can be told with incrementVersion", () => {
    const x = tensor([2], { requiresGrad: true });
    const y = x.mul(1);
    const z = y.mul(y);
    const { incrementVersion } = autograd.graph;
    incrementVersion(y);
    assert.equal(y._version, 1);
    assert.throws(() => z.backward(), /modified by an inplace operation/);
    incrementVersion([x, y.detach()]);
    assert.deepEqual([x._version, y._version], [1, 2]);
    for (const stray of [3, {}, null])
      assert.throws(() => incrementVersion([x, stray as never]), /expects each element of the iterable to be a tensor/);
    assert.equal(x._version, 1);
  });

  it("[37] a saved tensor that was detached in place is refused", () => {
    const a = leaf(2).mul(1);
    const product = a.mul(a);
    a.detach_();
    assert.throws(() => product.backward(), /saved tensor that has been detached in-place.*use detach\(\) instead/);
    const b = leaf(2);
    const square = b.mul(b);
    b.detach_();
    assert.equal(b.requiresGrad, false);
    square.backward();
  });

  it("[37] in inference mode detach_ leaves the graph of a tensor as it is", () => {
    const product = leaf(2).mul(3);
    inferenceMode(() => product.detach_());
    assert.equal(product.gradFn?.name, "MulBackward0");
  });

  it("[39] expanded tensors refuse in-place ops", () => {
    assert.throws(
      () => tensor([1]).expand(3).add_(1),
      /more than one element of the written-to tensor refers to a single memory location/,
    );
  });

  it("[14] [40] a second backward through a write into a part is refused, also where nothing was saved for it", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.add(1);
    y.narrow(0, 0, 1).fill_(0);
    const loss = y.sum();
    loss.backward({ retainGraph: true });
    loss.backward();
    assert.deepEqual(x.grad?.tolist(), [0, 2]);
    assert.throws(() => loss.backward(), /Trying to backward through the graph a second time/);
  });

  it("[40] writing a value that requires grad into a plain tensor makes it part of the graph", () => {
    const w = leaf(2);
    const t = zeros(3);
    t.select(0, 0).copy_(w.mul(5).select(0, 0));
    assert.equal(t.requiresGrad, true);
    assert.equal(t.gradFn?.name, "CopySlices");
    t.mul(tensor([1, 2, 3]))
      .sum()
      .backward();
    assert.deepEqual(w.grad?.tolist(), [5]);
  });

  it("a result that does not fit is refused before anything is written", () => {
    const a = tensor([1, 2]);
    assert.throws(() => a.add_(zeros(3, 2)), /doesn't match the broadcast shape/);
    const i = tensor([1, 2], { dtype: "int64" });
    assert.throws(() => i.add_(0.5), /can't be cast to/);
    assert.deepEqual(
      [a.tolist(), i.tolist()],
      [
        [1, 2],
        [1, 2],
      ],
    );
  });
});
