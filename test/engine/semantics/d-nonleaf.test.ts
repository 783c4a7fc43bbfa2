import assert from "node:assert/strict";
import { setWarningHandler } from "../../../engine/autograd/warnings.ts";
import { autograd, type Tensor, tensor } from "../../../engine/index.ts";
import { warningsOf } from "../../support/warnings.ts";

const leaf = (...values: number[]) => tensor(values, { requiresGrad: true });

describe("gradients of non-leaves", () => {
  it("[29] reading .grad of a non-leaf gives null and warns", () => {
    const warnings: string[] = [];
    const before = setWarningHandler((text) => warnings.push(text));
    const y = leaf(1).mul(2);
    y.backward();
    assert.equal(y.grad, null);
    setWarningHandler(before);
    assert.match(warnings[0] ?? "", /The \.grad attribute of a Tensor that is not a leaf Tensor is being accessed/);
  });

  it("[29] the warning names the tensor where it has a name", () => {
    const y = leaf(1).mul(2);
    y.name = "hidden";
    assert.match(warningsOf(() => y.grad)[0] ?? "", /\('hidden'\)/);
  });

  it("[30] retainGrad is idempotent, does nothing on a leaf, and is refused without requiresGrad", () => {
    const x = leaf(1);
    x.retainGrad();
    assert.equal(x.retainsGrad, false);
    const y = x.mul(2);
    y.retainGrad();
    y.retainGrad();
    y.mul(3).backward();
    assert.equal(y.grad?.item(), 3);
    assert.throws(() => tensor([1]).retainGrad(), /can't retain_grad on Tensor that has requiresGrad=false/);
  });

  it("[31] one of several outputs that retain their gradients takes its own along when it is written to", () => {
    class Pair extends autograd.Function {
      static forward(_ctx: autograd.FunctionCtx, x: Tensor): [Tensor, Tensor] {
        return [x.mul(2), x.mul(3)];
      }
      static backward(_ctx: autograd.FunctionCtx, a: Tensor, b: Tensor): Tensor {
        return a.mul(2).add(b.mul(3));
      }
    }
    const x = tensor([1], { requiresGrad: true });
    const [a, b] = Pair.apply(x);
    a.retainGrad();
    b.retainGrad();
    b.mul_(5);
    a.add(b.mul(7)).sum().backward();
    assert.deepEqual([a.grad?.item(), b.grad?.item(), x.grad?.item()], [1, 7, 107]);
  });

  it("[31] what retains its gradient keeps doing so after an in-place op", () => {
    const x = leaf(1);
    const y = x.mul(2);
    y.retainGrad();
    y.mul_(5);
    y.mul(3).backward();
    assert.equal(y.grad?.item(), 3);
    assert.equal(x.grad?.item(), 30);
    const base = leaf(1, 2).clone();
    const part = base.narrow(0, 0, 1);
    part.retainGrad();
    part.mul_(2);
    base
      .mul(tensor([3, 4]))
      .sum()
      .backward();
    assert.deepEqual(base.gradFn?.name, "CopySlices");
    assert.equal(part.grad, null);
  });

  it("[31] retainGrad keeps what is left after all hooks, whatever the order", () => {
    const x = leaf(1);
    const y = x.mul(2);
    y.retainGrad();
    y.registerHook((g) => g.mul(10));
    y.mul(3).backward();
    assert.equal(y.grad?.item(), 30);
    assert.equal(x.grad?.item(), 60);
  });
});
