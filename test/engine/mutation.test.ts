import assert from "node:assert/strict";
import { autograd, F, nn, noGrad, ones, optim, type Tensor, tensor } from "../../engine/index.ts";

const { allowMutationOnSavedTensors, savedTensorsHooks } = autograd.graph;

const leaf = (...values: number[]): Tensor => tensor(values, { dtype: "float64", requiresGrad: true });
const vector = (...values: number[]): Tensor => tensor(values, { dtype: "float64" });

// The numbers are those of PyTorch 2.13.
describe("allowMutationOnSavedTensors", () => {
  it("lets backward use the values from before a write", () => {
    const a = leaf(1, 2, 3);
    const result = allowMutationOnSavedTensors(() => {
      const b = a.clone();
      const out = b.pow(2).sum();
      b.sin_();
      out.backward();
      return b;
    });
    assert.deepEqual(a.grad?.tolist(), [2, 4, 6]);
    assert.deepEqual(result.tolist(), [1, 2, 3].map(Math.sin));
  });

  it("keeps each of several versions, and passes gradients through the writes between them", () => {
    const a = leaf(1, 2);
    allowMutationOnSavedTensors(() => {
      const b = a.clone();
      const first = b.mul(b);
      b.mul_(3);
      const second = b.mul(b);
      b.add_(1);
      first.add(second).sum().backward();
    });
    assert.deepEqual(a.grad?.tolist(), [20, 40]);
  });

  it("sees writes through the tensor that was saved, its base, its views and a detached twin", () => {
    const writers: readonly ((base: Tensor, view: Tensor) => unknown)[] = [
      (base) => base.mul_(10),
      (_base, view) => view.mul_(10),
      (base) => base.narrow(0, 1, 2).zero_(),
      (base) => base.detach().zero_(),
      (base) => base.data.zero_(),
      (base) => noGrad(() => base.fill_(7)),
      (_base, view) => view.t_(),
    ];
    for (const write of writers) {
      const a = leaf(1, 2, 3, 4);
      allowMutationOnSavedTensors(() => {
        const base = a.clone();
        const view = base.narrow(0, 0, 2);
        const y = view.mul(view);
        write(base, view);
        y.sum().backward();
      });
      assert.deepEqual(a.grad?.tolist(), [2, 4, 0, 0], String(write));
    }
  });

  it("covers the steps of optimizers, running statistics and renormed rows of an embedding", () => {
    const [w, x] = [leaf(1, 2), leaf(3, 4)];
    allowMutationOnSavedTensors(() => {
      const y = w.mul(x).sum();
      w.grad = vector(1, 1);
      new optim.SGD([w], { lr: 1 }).step();
      y.backward();
    });
    assert.deepEqual(
      [w.tolist(), x.grad?.tolist()],
      [
        [0, 1],
        [1, 2],
      ],
    );
    const norm = new nn.BatchNorm1d(1).double().eval();
    const input = vector(1, 3).reshape(2, 1).requiresGrad_();
    const rows = vector(3, 4).reshape(1, 2).requiresGrad_();
    allowMutationOnSavedTensors(() => {
      const y = norm.forward(input).sum().add(rows.square().sum());
      norm.train().forward(input.detach().mul(100));
      noGrad(() => F.embedding(tensor([0], { dtype: "int64" }), rows, { maxNorm: 1 }));
      y.backward();
    });
    assert.ok(Math.abs((input.grad?.toArray()[0] ?? 0) - 1) < 1e-4);
    assert.deepEqual(rows.grad?.tolist(), [[6, 8]]);
  });

  it("works for second derivatives and for custom functions", () => {
    class Cube extends autograd.Function {
      static forward(ctx: autograd.FunctionCtx, x: Tensor): Tensor {
        ctx.saveForBackward(x);
        return x.pow(3);
      }

      static backward(ctx: autograd.FunctionCtx, grad: Tensor | null): Tensor | null {
        const [x] = ctx.savedTensors as [Tensor];
        return grad?.mul(x.square()).mul(3) ?? null;
      }
    }
    for (const cube of [(x: Tensor) => x.pow(3), (x: Tensor) => Cube.apply(x) as Tensor]) {
      const a = leaf(1, 2);
      allowMutationOnSavedTensors(() => {
        const b = a.clone();
        const y = cube(b).sum();
        b.mul_(2);
        const [g] = autograd.grad([y], [a], { createGraph: true });
        b.mul_(2);
        g.sum().backward();
      });
      assert.deepEqual(a.grad?.tolist(), [6, 12]);
    }
  });

  it("copies only what is written to, and each tensor once", () => {
    const a = leaf(1, 2);
    allowMutationOnSavedTensors(() => {
      const [b, untouched] = [a.clone(), a.clone()];
      const y = b.mul(b).add(untouched.mul(untouched));
      b.zero_();
      const node = y.gradFn?.nextFunctions.map(([next]) => next) ?? [];
      const [ofB, ofUntouched] = node as unknown as { _saved(name: string): Tensor }[];
      assert.ok(ofB && ofUntouched);
      assert.notEqual(ofB._saved("a").storage, b.storage);
      assert.equal(ofB._saved("a").storage, ofB._saved("b").storage);
      assert.equal(ofUntouched._saved("a").storage, untouched.storage);
    });
  });

  it("cannot be nested, and backward has to run inside", () => {
    const nested = (): unknown => allowMutationOnSavedTensors(() => allowMutationOnSavedTensors(() => 1));
    assert.throws(nested, /allowMutationOnSavedTensors contexts cannot be nested/);
    const a = leaf(1);
    const y = allowMutationOnSavedTensors(() => a.mul(a));
    const late = /Trying to backward outside of the 'allowMutationOnSavedTensors' context/;
    assert.throws(() => y.sum().backward(), late);
    assert.throws(() => allowMutationOnSavedTensors(() => y.sum().backward()), late);
  });

  it("does not cover graphs that were recorded outside, nor what inner hooks keep", () => {
    const changed = /modified by an inplace operation/;
    const a = leaf(2);
    const b = a.clone();
    const y = b.mul(b);
    assert.throws(
      () =>
        allowMutationOnSavedTensors(() => {
          b.sin_();
          y.backward();
        }),
      changed,
    );
    allowMutationOnSavedTensors(() => {
      const c = a.clone();
      const z = savedTensorsHooks(
        (x) => x,
        (x) => x as Tensor,
        () => c.mul(c),
      );
      c.mul_(5);
      z.backward();
    });
    assert.deepEqual(a.grad?.tolist(), [20]); // what the hooks gave back: it has changed
  });

  it("refuses an async function", () => {
    assert.throws(() => allowMutationOnSavedTensors(async () => {}), /the function must not be async/);
  });

  it("leaves the usual check behind when it ends, also by an error", () => {
    assert.throws(
      () =>
        allowMutationOnSavedTensors(() => {
          throw new Error("mine");
        }),
      /^Error: mine$/,
    );
    const b = ones([1], { requiresGrad: true }).clone();
    const y = b.mul(b);
    b.zero_();
    assert.throws(() => y.backward(), /modified by an inplace operation/);
  });
});
