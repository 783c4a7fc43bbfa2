import assert from "node:assert/strict";
import type { OpNode } from "../../../engine/autograd/opNode.ts";
import type { CopySlices } from "../../../engine/autograd/views.ts";
import { autograd, noGrad, type Tensor, tensor } from "../../../engine/index.ts";
import { warningsOf } from "../../support/warnings.ts";

const leaf = (...values: number[]) => tensor(values, { requiresGrad: true });

describe("views", () => {
  it("[41] an in-place op on the base gives its views a new node and the right gradients", () => {
    const x = leaf(1, 2, 3, 4);
    const base = x.clone();
    const view = base.view(2, 2);
    base.mul_(2);
    assert.equal(view.gradFn?.name, "AsStridedBackward0");
    view
      .mul(
        tensor([
          [1, 10],
          [100, 1000],
        ]),
      )
      .sum()
      .backward();
    assert.deepEqual(x.grad?.tolist(), [2, 20, 200, 2000]);
  });

  it("[41] an in-place op on a view rewires base and view, with one shared version", () => {
    const x = leaf(1, 2, 3, 4);
    const base = x.clone();
    const view = base.narrow(0, 1, 2);
    view.mul_(3);
    assert.equal(base.gradFn?.name, "CopySlices");
    assert.equal(view.gradFn?.name, "AsStridedBackward0");
    assert.deepEqual([base._version, view._version], [1, 1]);
    base
      .mul(tensor([1, 2, 3, 4]))
      .sum()
      .backward();
    assert.deepEqual(x.grad?.tolist(), [1, 6, 9, 4]);
  });

  it("[41] gradients through a rewired view can be differentiated again", () => {
    const x = tensor([1, 2, 3], { dtype: "float64", requiresGrad: true });
    const fn = (input: Tensor): Tensor => {
      const base = input.mul(input);
      base.narrow(0, 0, 2).mul_(input.narrow(0, 1, 2));
      return base.pow(2).sum();
    };
    assert.equal(autograd.gradcheck(fn, [x]), true);
    assert.equal(autograd.gradgradcheck(fn, [x]), true);
  });

  it("[41] a base whose elements are not one after the other gets its gradients in the right places", () => {
    const weights = leaf(10, 20);
    const turned = tensor([
      [1, 2],
      [3, 4],
    ])
      .t()
      .detach();
    turned.select(0, 0).mul_(weights);
    assert.equal(turned.gradFn?.name, "CopySlices");
    turned
      .mul(
        tensor([
          [1, 2],
          [3, 4],
        ]),
      )
      .sum()
      .backward();
    assert.deepEqual(weights.grad?.tolist(), [1, 6]);
    const gaps = tensor([1, 2, 3, 4, 5, 6]).asStrided([2], [3], 1).detach();
    const other = leaf(10, 20);
    gaps.select(0, 1).mul_(other.select(0, 0));
    gaps.narrow(0, 0, 1).mul_(other.narrow(0, 1, 1));
    gaps
      .mul(tensor([1, 2]))
      .sum()
      .backward();
    assert.deepEqual(other.grad?.tolist(), [10, 2]);
    const fn = (x: Tensor): Tensor => {
      const base = tensor(
        [
          [1, 2],
          [3, 4],
        ],
        { dtype: "float64" },
      )
        .t()
        .detach();
      const view = base.select(1, 0);
      base.mul_(x);
      view.mul_(x.select(0, 1));
      return base
        .square()
        .sum()
        .add(view.exp().sum())
        .add(x.t().asStrided([2], [2], 1).square().sum());
    };
    const x = tensor(
      [
        [1, 2],
        [0.5, -1],
      ],
      { dtype: "float64", requiresGrad: true },
    );
    assert.equal(autograd.gradcheck(fn, [x]), true);
    assert.equal(autograd.gradgradcheck(fn, [x]), true);
  });

  it("[42] one of several views of an op refuses in-place ops", () => {
    const [first] = leaf(1, 2).clone().unbind() as [Tensor, Tensor];
    assert.throws(() => first.mul_(2), /is a view and is being modified inplace.*multiple views/);
    const [part] = leaf(1, 2).unbind() as [Tensor, Tensor];
    assert.throws(() => part.mul_(2), /multiple views/);
  });

  it("[43] a view made under noGrad refuses in-place ops outside it", () => {
    const base = leaf(1, 2).clone();
    const view = noGrad(() => base.narrow(0, 0, 1));
    assert.throws(
      () => view.mul_(2),
      /A view was created in no_grad mode and is being modified inplace with grad mode enabled/,
    );
  });

  it("[43] also where only what is written requires grad", () => {
    const w = leaf(5).mul(1);
    const view = noGrad(() => tensor([1, 2]).clone().narrow(0, 0, 1));
    assert.throws(() => view.copy_(w), /A view was created in no_grad mode and is being modified inplace/);
    assert.deepEqual(view.tolist(), [1]);
    const [part] = tensor([1, 2]).unbind();
    assert.throws(() => part?.add_(w.sum()), /is a view and is being modified inplace/);
  });

  it("[43] the error says where the view was made when anomaly detection knows", () => {
    const write = (): unknown => {
      const base = leaf(1, 2).clone();
      return noGrad(() => base.narrow(0, 0, 1)).mul_(2);
    };
    assert.throws(write, /run the forward pass inside detectAnomaly/);
    warningsOf(() =>
      assert.throws(
        () => autograd.detectAnomaly(write),
        /This view was allocated at:\n[\s\S]*at write .*f-views\.test/,
      ),
    );
  });

  it("[44] a view made in a custom Function refuses in-place ops", () => {
    class Identity extends autograd.Function {
      static forward(_ctx: autograd.FunctionCtx, x: Tensor): Tensor {
        return x;
      }
      static backward(_ctx: autograd.FunctionCtx, grad: Tensor): Tensor {
        return grad;
      }
    }
    const out = Identity.apply(leaf(1, 2).clone());
    assert.throws(() => out.mul_(2), /This view was created inside a custom Function/);
    class Pair extends autograd.Function {
      static forward(_ctx: autograd.FunctionCtx, x: Tensor): [Tensor, Tensor] {
        return [x, x.mul(2)];
      }
      static backward(_ctx: autograd.FunctionCtx, grad: Tensor): Tensor {
        return grad;
      }
    }
    const [first] = Pair.apply(leaf(1, 2).clone());
    assert.throws(() => first.mul_(2), /multiple views/);
  });

  it("[43] [44] a view that cannot be read off its base after that was written to has no gradient to give", () => {
    class Fivefold extends autograd.Function {
      static forward(_ctx: autograd.FunctionCtx, x: Tensor): Tensor {
        return x;
      }
      static backward(_ctx: autograd.FunctionCtx, grad: Tensor): Tensor {
        return grad.mul(5);
      }
    }
    class Pair extends autograd.Function {
      static forward(_ctx: autograd.FunctionCtx, x: Tensor): [Tensor, Tensor] {
        return [x, x.mul(2)];
      }
      static backward(_ctx: autograd.FunctionCtx, grad: Tensor): Tensor {
        return grad.mul(5);
      }
    }
    const base = leaf(1, 2).clone();
    const made = Fivefold.apply(base);
    const [first] = Pair.apply(base);
    const untracked = noGrad(() => base.narrow(0, 0, 1));
    base.mul_(2);
    assert.throws(() => first.sum().backward(), /base or another view .*modified inplace.*inside a custom Function/);
    assert.deepEqual([made.tolist(), untracked.tolist()], [[2, 4], [2]]);
    assert.throws(() => made.sum().backward(), /base or another view .*modified inplace.*inside a custom Function/);
    assert.throws(
      () => untracked.backward(),
      /created in no_grad mode and its base or another view .*modified inplace/,
    );
  });

  it("[42] backward frees what the op on a view had saved", () => {
    const weight = leaf(2, 5);
    const base = leaf(1, 2, 3).clone();
    base.narrow(0, 0, 2).mul_(weight);
    const { inner } = base.gradFn as CopySlices;
    base.sum().backward();
    assert.throws(() => (inner as OpNode)._saved("b"), /backward through the graph a second time/);
  });

  it("[45] views can't be detached in place, and detach() is no view", () => {
    const view = leaf(1, 2).clone().narrow(0, 0, 1);
    assert.throws(() => view.detach_(), /Can't detach views in-place/);
    assert.equal(leaf(1).detach()._isView(), false);
  });
});
