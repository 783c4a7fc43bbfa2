import assert from "node:assert/strict";
import { setWarningHandler } from "../../../engine/autograd/warnings.ts";
import { ones, optim, tensor } from "../../../engine/index.ts";

const leaf = (...values: number[]) => tensor(values, { requiresGrad: true });

describe("accumulation and .grad", () => {
  it("[25] .grad never aliases the caller's gradient; later backwards add into the same object, createGraph makes a new one", () => {
    const a = leaf(1, 2);
    const g = ones(2);
    a.mul(1).backward(g);
    assert.notEqual(a.grad, g);
    assert.notEqual(a.grad?.storage, g.storage);
    const first = a.grad;
    a.add(0).backward(ones(2));
    assert.equal(a.grad, first);
    assert.deepEqual(first?.tolist(), [2, 2]);
    const before = setWarningHandler(() => {});
    a.pow(2).sum().backward(null, { createGraph: true });
    setWarningHandler(before);
    assert.notEqual(a.grad, first);
  });

  it("[25] two leaves that get the same gradient do not share it", () => {
    const a = leaf(1, 2);
    const b = leaf(3, 4);
    a.add(b).sum().backward();
    assert.notEqual(a.grad?.storage, b.grad?.storage);
    a.grad?.mul_(10);
    assert.deepEqual(b.grad?.tolist(), [1, 1]);
  });

  it("[26] parameters that were not reached keep null and are skipped by the optimizer; a zero gradient still moves Adam", () => {
    const used = leaf(1);
    const unused = leaf(1);
    const optimizer = new optim.Adam([used, unused], { lr: 0.1, weightDecay: 0.5 });
    used.mul(2).backward();
    optimizer.step();
    assert.equal(unused.grad, null);
    assert.deepEqual(unused.tolist(), [1]);
    const after = used.item();
    used.grad = tensor([0]);
    optimizer.step();
    assert.notEqual(used.item(), after);
  });

  it("[27] what is assigned to .grad must fit", () => {
    const a = leaf(1, 2, 3);
    const assign = (value: unknown) => () => {
      a.grad = value as never;
    };
    assert.throws(assign(1), /assigned grad expected to be a Tensor or null but got grad of type number/);
    assert.throws(assign(a), /can't assign Variable as its own grad/);
    assert.throws(assign(ones(2)), /attempting to assign a gradient of size '\[2\]' to a tensor of size '\[3\]'/);
    assert.throws(
      assign(ones([3], { dtype: "float64" })),
      /attempting to assign a gradient with dtype 'float64' to a tensor with dtype 'float32'/,
    );
  });

  it("[28] zeroGrad sets null by default and zeros on request", () => {
    const a = leaf(1);
    const optimizer = new optim.SGD([a], { lr: 0.1 });
    a.mul(2).backward();
    optimizer.zeroGrad({ setToNone: false });
    assert.deepEqual(a.grad?.tolist(), [0]);
    optimizer.zeroGrad();
    assert.equal(a.grad, null);
  });
});
