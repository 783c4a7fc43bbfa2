import assert from "node:assert/strict";
import type { OpNode } from "../../../engine/autograd/opNode.ts";
import { setWarningHandler } from "../../../engine/autograd/warnings.ts";
import { autograd, enableGrad, F, ones, type Tensor, tensor } from "../../../engine/index.ts";

const leaf = (...values: number[]) => tensor(values, { requiresGrad: true });

describe("backward and autograd.grad", () => {
  it("[10] grad is created implicitly only for one element", () => {
    assert.throws(() => leaf(1, 2).mul(2).backward(), /grad can be implicitly created only for scalar outputs/);
    leaf(3).mul(2).backward();
  });

  it("[10] no element at all is not one element either", () => {
    assert.throws(() => tensor([], { requiresGrad: true }).mul(2).backward(), /only for scalar outputs/);
  });

  it("[11] a root without a graph is refused by its position", () => {
    const good = leaf(1).mul(2);
    assert.throws(
      () => tensor([1]).backward(),
      /element 0 of tensors does not require grad and does not have a grad_fn/,
    );
    assert.throws(() => autograd.backward([good, tensor([1])]), /element 1 of tensors does not require grad/);
  });

  it("[12] a gradient of another shape is refused with both shapes", () => {
    assert.throws(
      () => leaf(1, 2, 3).mul(2).backward(ones(2)),
      /Mismatch in shape: gradOutput\[0\] has a shape of \[2\] and output\[0\] has a shape of \[3\]/,
    );
  });

  it("[12] as many gradients as roots, and a wider gradient is converted", () => {
    const x = leaf(1);
    const y = x.mul(2);
    assert.throws(() => autograd.backward([y], [ones(1), ones(1)]), /got 1 tensors and 2 gradients/);
    assert.throws(() => autograd.backward([tensor([1])], [ones(1)]), /element 0 of tensors does not require grad/);
    y.backward(ones([1], { dtype: "float64" }));
    assert.equal(x.grad?.dtype, "float32");
  });

  it("[16] a gradient through straight lines alone can be differentiated again, and is zero", () => {
    const functions: readonly ((x: Tensor) => Tensor)[] = [
      (x) => x.relu(),
      (x) => F.leakyRelu(x),
      (x) => F.threshold(x, 0.5, 1),
      (x) => F.hardtanh(x),
      (x) => F.relu6(x),
      (x) => F.hardsigmoid(x),
    ];
    for (const fn of functions) {
      const x = leaf(-1.5, 2);
      const [g] = autograd.grad(fn(x).sum(), x, { createGraph: true });
      assert.deepEqual(autograd.grad(g.sum(), x)[0].tolist(), [0, 0]);
    }
  });

  it("[17] errors name the tensor where it has a name", () => {
    const w = tensor([1]);
    w.name = "w";
    assert.throws(() => autograd.grad(leaf(1).mul(2), w), /does not require grad \('w'\)/);
    assert.throws(() => w.backward(), /does not have a grad_fn \('w'\)/);
  });

  it("[13] a gradient that is no tensor is refused", () => {
    assert.throws(
      () =>
        leaf(1)
          .mul(2)
          .backward(1 as never),
      /gradients can be either Tensors or null, but got number/,
    );
  });

  it("[14] a second backward through freed values is refused", () => {
    const x = leaf(2);
    const y = x.mul(x);
    y.backward();
    assert.throws(() => y.backward(), /backward through the graph a second time.*retainGraph: true/s);
    const z = x.mul(x);
    z.backward(null, { retainGraph: true });
    z.backward();
  });

  it("[15] only a freed saved tensor that is needed makes it an error", () => {
    const a = leaf(1, 2);
    const sum = a.add(a).sum();
    sum.backward();
    sum.backward();
    assert.deepEqual(a.grad?.tolist(), [4, 4]);

    for (const product of [a.mul(ones(2)).sum(), a.mul(2).sum()]) {
      product.backward();
      assert.throws(() => product.backward(), /a second time/);
    }

    const w = leaf(0.5);
    let h = tensor([0.1]);
    h = w.mul(h).add(1).tanh();
    h.sum().backward();
    h = w.mul(h).add(1).tanh();
    assert.throws(() => h.sum().backward(), /a second time/);

    const y = a.mul(a);
    const [first, second] = [y.select(0, 0), y.select(0, 1)];
    first.backward();
    assert.throws(() => second.backward(), /a second time/);
  });

  it("[15] reading a saved tensor after it was freed is refused", () => {
    const a = leaf(3);
    const y = a.pow(2);
    const node = y.gradFn as OpNode;
    assert.equal(node._saved("a"), a);
    y.backward();
    assert.throws(() => node._saved("a"), /a second time/);
    assert.throws(() => node._saved("y"), /saves no 'y'/);
  });

  it("[15] autograd.grad frees only what it ran through", () => {
    const [a, b] = [leaf(2), leaf(3)];
    const shared = a.mul(a).add(b.mul(b));
    autograd.grad(shared, a);
    autograd.grad(shared, b);
    assert.throws(() => autograd.grad(shared, b), /a second time/);
    const inner = a.mul(a);
    const outer = inner.mul(inner);
    autograd.grad(outer, inner);
    inner.backward();
    assert.equal(a.grad?.item(), 4);
  });

  it("[16] the gradient of a linear function does not require grad; unused inputs are an error or null", () => {
    const x = leaf(2);
    const [g] = autograd.grad(x.mul(3), x, { createGraph: true });
    assert.equal(g?.requiresGrad, false);
    assert.throws(() => autograd.grad(g as never, x), /element 0 of tensors does not require grad/);
    const other = leaf(1);
    assert.throws(() => autograd.grad(x.mul(3), other), /appears to not have been used in the graph/);
    assert.deepEqual(autograd.grad(x.mul(3), other, { allowUnused: true }), [null]);
  });

  it("[17] an input that does not require grad is refused", () => {
    assert.throws(
      () => autograd.grad(leaf(1).mul(2), tensor([1])),
      /One of the differentiated Tensors does not require grad/,
    );
    const constant = tensor([1]);
    assert.throws(() => autograd.grad(constant, constant), /element 0 of tensors does not require grad/);
    assert.throws(() => constant.backward({ inputs: [constant] }), /element 0 of tensors does not require grad/);
  });

  it("[18] empty inputs are refused", () => {
    const y = leaf(1).mul(2);
    assert.throws(() => y.backward(null, { inputs: [] }), /'inputs' argument to backward\(\) cannot be empty/);
    assert.throws(() => autograd.grad(y, []), /grad requires non-empty inputs/);
  });

  it("[19] materializeGrads turns null into zeros and implies allowUnused", () => {
    const x = leaf(2);
    const other = leaf(1, 2);
    // They can be differentiated again where the other gradients can.
    for (const createGraph of [false, true]) {
      const [g] = autograd.grad(x.mul(3), other, { materializeGrads: true, createGraph });
      assert.deepEqual([g?.tolist(), g?.requiresGrad], [[0, 0], createGraph]);
    }
    assert.throws(
      () => autograd.grad(x.mul(3), other, { materializeGrads: true, allowUnused: false }),
      /Expected allowUnused to be true or not passed/,
    );
  });

  it("[20] grad never touches .grad; outputs are summed; backward with inputs fills those alone, non-leaves too", () => {
    const x = leaf(2);
    const y = x.mul(3);
    const z = y.pow(2);
    assert.deepEqual(autograd.grad([y, z], x, { retainGraph: true })[0]?.tolist(), [3 + 36]);
    assert.equal(x.grad, null);
    z.backward(null, { inputs: [y] });
    assert.deepEqual(y.ownGrad?.tolist(), [12]);
    assert.equal(x.grad, null);
  });

  it("[20] backward with inputs accepts inputs it does not reach", () => {
    const x = leaf(2);
    const other = leaf(1);
    x.mul(3).backward(null, { inputs: [x, other] });
    assert.deepEqual(x.grad?.tolist(), [3]);
    assert.equal(other.grad, null);
  });

  it("[20] backward with inputs runs all hooks of these, and tensors in between retain their gradient from then on", () => {
    const order: string[] = [];
    const note = (what: string) => () => void order.push(what);
    const a = leaf(1);
    const b = a.mul(2);
    const accumulator = b.gradFn?.nextFunctions[0]?.[0];
    for (const [name, node] of [
      ["a", accumulator],
      ["b", b.gradFn],
    ] as const) {
      node?.registerPrehook(note(`${name} before`));
      node?.registerHook(note(`${name} after`));
    }
    a.registerPostAccumulateGradHook(note("a accumulated"));
    const c = b.mul(3);
    c.backward({ inputs: [b], retainGraph: true });
    assert.deepEqual(order, ["b before", "b after"]);
    assert.deepEqual([b.retainsGrad, b.grad?.item(), a.grad], [true, 3, null]);
    order.length = 0;
    c.backward({ inputs: [a] });
    assert.deepEqual(order, ["b before", "b after", "a before", "a accumulated", "a after"]);
    assert.deepEqual([b.grad?.item(), a.grad?.item()], [6, 6]);
  });

  it("[20] backward with inputs frees what the nodes of these saved, as any backward does", () => {
    const x = leaf(2);
    const y = x.mul(x);
    y.mul(3).backward({ inputs: [y] });
    assert.throws(() => y.backward(), /a second time/);
  });

  it("[21] retainGraph follows createGraph", () => {
    const x = leaf(2);
    const y = x.pow(3);
    const warnings: string[] = [];
    const before = setWarningHandler((text) => warnings.push(text));
    try {
      y.backward(null, { createGraph: true });
      y.backward(null, { createGraph: true });
    } finally {
      setWarningHandler(before);
    }
    assert.deepEqual(x.grad?.detach().tolist(), [24]);
    assert.equal(x.grad?.requiresGrad, true);
    assert.match(warnings[0] ?? "", /reference cycle between the parameter and its gradient/);
  });

  it("[22] gradients of broadcast inputs are summed to their shape, indices with repeats add up, dtypes are cast back", () => {
    const a = tensor([[1], [2]], { requiresGrad: true });
    const b = leaf(1, 2, 3);
    a.mul(b).sum().backward();
    assert.deepEqual(a.grad?.tolist(), [[6], [6]]);
    assert.deepEqual(b.grad?.tolist(), [3, 3, 3]);
    const x = leaf(1, 2);
    x.indexSelect(0, tensor([0, 0, 1], { dtype: "int64" }))
      .sum()
      .backward();
    assert.deepEqual(x.grad?.tolist(), [2, 1]);
    const f = leaf(1, 2);
    f.to("float64").mul(2).sum().backward();
    assert.equal(f.grad?.dtype, "float32");
  });

  it("[23] among ready nodes the youngest runs first, and backward runs inside backward", () => {
    const order: string[] = [];
    const x = leaf(1);
    const early = x.mul(2);
    const late = x.mul(3);
    early.registerHook(() => void order.push("early"));
    late.registerHook(() => void order.push("late"));
    early.add(late).backward();
    assert.deepEqual(order, ["late", "early"]);

    const inner = leaf(5);
    const outer = leaf(1);
    const y = outer.mul(2);
    y.registerHook((g) => {
      enableGrad(() => inner.pow(2).backward());
      return g;
    });
    y.backward();
    assert.deepEqual([inner.grad?.item(), outer.grad?.item()], [10, 2]);
  });

  it("[23] a leaf's gradient is accumulated before any other node that is ready runs", () => {
    const order: string[] = [];
    const x = leaf(1);
    const first = x.mul(1);
    const other = leaf(2);
    first.registerHook(() => void order.push("node"));
    other.registerHook(() => void order.push("leaf"));
    first.mul(other).backward();
    assert.deepEqual(order, ["leaf", "node"]);
  });

  it("[24] an exception in a custom backward surfaces unchanged", () => {
    class MyError extends Error {}
    class Bad extends autograd.Function {
      static forward(_ctx: autograd.FunctionCtx, x: ReturnType<typeof leaf>) {
        return x.clone();
      }
      static backward(): never {
        throw new MyError("simulated");
      }
    }
    assert.throws(
      () => Bad.apply(leaf(1)).backward(),
      (error) => error instanceof MyError && error.message === "simulated",
    );
  });

  it("a chain of 100,000 ops runs back without recursion", () => {
    const x = leaf(1);
    let y = x;
    for (let i = 0; i < 100_000; i++) y = y.add(1);
    y.backward();
    assert.equal(x.grad?.item(), 1);
  });

  it("a backward that fails accumulates into no leaf", () => {
    class Fails extends autograd.Function {
      static forward(_ctx: autograd.FunctionCtx, x: ReturnType<typeof leaf>) {
        return x.clone();
      }
      static backward(): never {
        throw new Error("no");
      }
    }
    const a = leaf(1);
    const b = leaf(2);
    const early = Fails.apply(a);
    const late = b.mul(3);
    assert.throws(() => early.add(late).backward(), /no/);
    assert.equal(b.grad, null);
  });
});
