import assert from "node:assert/strict";
import { observe } from "../../../engine/autograd/observer.ts";
import { setWarningHandler } from "../../../engine/autograd/warnings.ts";
import { cat, ones, optim, type Tensor, tensor } from "../../../engine/index.ts";

const leaf = (...values: number[]) => tensor(values, { requiresGrad: true });

describe("accumulation and .grad", () => {
  it("[25] .grad has no graph without createGraph, also of a vector that requires grad and has another dtype", () => {
    const x = tensor([1], { requiresGrad: true });
    x.backward(tensor([2], { dtype: "float64", requiresGrad: true }));
    assert.deepEqual([x.grad?.tolist(), x.grad?.requiresGrad], [[2], false]);
  });

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
    const [c, d] = [leaf(1, 2), leaf(3, 4)];
    c.add(d).mul(3).sum().backward();
    c.grad?.mul_(10);
    assert.deepEqual(d.grad?.tolist(), [3, 3]);
    const [e, f] = [leaf(1, 2, 3, 4), leaf(5, 6)];
    e.view(2, 2).select(0, 0).add(f).mul(3).sum().backward();
    e.grad?.mul_(10);
    assert.deepEqual(f.grad?.tolist(), [3, 3]);
  });

  it("[25] a gradient that nobody else holds is taken over, and one that shows part of a buffer is copied", () => {
    const taken = (run: (x: Tensor) => Tensor): boolean => {
      const x = leaf(1, 2, 3, 4);
      let same = false;
      const listener = {
        accumulate(leafOf: Tensor, incoming: Tensor): void {
          same = leafOf.grad === incoming;
        },
      };
      const before = observe(
        new Proxy(listener, { get: (target, name) => (name in target ? target.accumulate : () => {}) }) as never,
      );
      run(x).backward();
      observe(before);
      return same;
    };
    assert.equal(
      taken((x) => x.mul(2).sum()),
      true,
    );
    assert.equal(
      taken((x) => x.sum()),
      false,
    );
    assert.equal(
      taken((x) => x.mul(2).view(2, 2).sum()),
      true,
    );
    assert.equal(
      taken((x) => x.view(2, 2).mul(2).sum()),
      false,
    );
    assert.equal(
      taken((x) => cat([x, x]).mul(2).narrow(0, 0, 4).sum()),
      true,
    );
    assert.equal(
      taken((x) =>
        cat([x, tensor([5])])
          .mul(2)
          .sum(),
      ),
      false,
    );
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

  it("[26] a parameter that is frozen after the forward pass gets no gradient", () => {
    const [a, b] = [leaf(1), leaf(2)];
    const y = a.mul(b);
    let runs = 0;
    a.registerPostAccumulateGradHook(() => void runs++);
    a.requiresGrad_(false);
    y.backward();
    assert.deepEqual([a.grad, b.grad?.item(), runs], [null, 1, 0]);
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
