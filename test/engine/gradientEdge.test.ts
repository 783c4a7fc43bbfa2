import assert from "node:assert/strict";
import { type Observer, observe } from "../../engine/autograd/observer.ts";
import { autograd, linalg, ones, type Tensor, tensor } from "../../engine/index.ts";
import { warningsOf } from "../support/warnings.ts";

const { getGradientEdge, GradientEdge } = autograd.graph;
const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });

describe("gradient edges", () => {
  it("stand for a tensor, in grad as input and as output", () => {
    const x = leaf(2, 3);
    const y = x.mul(x);
    const z = y.mul(5).sum();
    const edge = getGradientEdge(y);
    assert.deepEqual([edge.node, edge.outputNr], [y.gradFn, 0]);
    const options = { retainGraph: true };
    assert.deepEqual(autograd.grad(z, edge, options)[0].tolist(), [5, 5]);
    assert.deepEqual(
      autograd.grad(z, [getGradientEdge(x), y], options).map((g) => g.tolist()),
      [
        [20, 30],
        [5, 5],
      ],
    );
    assert.deepEqual(autograd.grad(edge, x, { ...options, gradOutputs: ones(2) })[0].tolist(), [4, 6]);
    assert.deepEqual(autograd.grad([getGradientEdge(z)], [x])[0].tolist(), [20, 30]);
  });

  it("are outputs and inputs of backward, too", () => {
    const [x, w] = [leaf(2), leaf(3)];
    const y = x.mul(w);
    autograd.backward(getGradientEdge(y), null, { inputs: getGradientEdge(w), retainGraph: true });
    assert.deepEqual([x.grad, w.grad?.tolist()], [null, [2]]);
    autograd.backward([getGradientEdge(y), y.mul(2)]);
    assert.deepEqual([x.grad?.tolist(), w.grad?.tolist()], [[9], [8]]);
  });

  it("of a tensor in between have no .grad for backward to accumulate into", () => {
    const x = leaf(2);
    const y = x.mul(3);
    y.mul(4).backward({ inputs: [getGradientEdge(y)] });
    const found = warningsOf(() => assert.equal(y.grad, null));
    assert.equal(found.length, 1, "nor does it retain its gradient");
    assert.equal(x.grad, null);
  });

  it("may be made of a node and the number of its output, as nextFunctions has them", () => {
    const a = tensor(
      [
        [2, 1],
        [1, 3],
      ],
      { dtype: "float64", requiresGrad: true },
    );
    const [q, r] = linalg.qr(a.mul(1));
    const loss = q.sum().add(r.mul(r).sum());
    const node = r.gradFn;
    assert.ok(node !== null);
    assert.deepEqual(
      autograd.grad(loss, new GradientEdge(node, 1), { retainGraph: true })[0].tolist(),
      r.mul(2).tolist(),
    );
    const [next, index] = node.nextFunctions[0] ?? [null, 0];
    assert.ok(next !== null);
    const [before, after] = autograd.grad(loss, [new GradientEdge(next, index), a]);
    assert.deepEqual(before.tolist(), after.tolist());
    assert.throws(() => new GradientEdge(node, 2), /has 2 output\(s\), so there is no output 2/);
  });

  it("are refused where tensors would be, before anything is accumulated", () => {
    const x = leaf(1, 2);
    const y = x.mul(x);
    const edge = getGradientEdge(y);
    assert.throws(
      () => getGradientEdge(tensor([1])),
      /It is not possible to get the gradient edge for a Tensor that does not require gradients/,
    );
    assert.throws(() => autograd.backward(edge), /only for scalar outputs, but this one has shape \[2\]/);
    assert.throws(() => autograd.backward(edge, ones(3)), /output\[0\] has a shape of \[2\]/);
    const unused = getGradientEdge(leaf(1));
    assert.throws(() => autograd.grad(y.sum(), unused, { retainGraph: true }), /appears to not have been used/);
    assert.deepEqual(autograd.grad(y.sum(), unused, { retainGraph: true, allowUnused: true }), [null]);
    assert.deepEqual(autograd.grad(y.sum(), edge, { materializeGrads: true, retainGraph: true })[0].tolist(), [1, 1]);
    assert.throws(
      () => autograd.grad(y.sum(), unused, { materializeGrads: true, retainGraph: true }),
      /materializeGrads cannot be used when the given input is a GradientEdge/,
    );
    assert.equal(x.grad, null);
    y.sum().backward();
  });

  it("get a gradient in the dtype of their tensor", () => {
    const x = tensor([1], { dtype: "float64", requiresGrad: true });
    const edge = getGradientEdge(x.mul(2));
    assert.equal(autograd.grad(edge, x, { gradOutputs: ones(1), retainGraph: true })[0].dtype, "float64");
    assert.equal(autograd.grad(edge, x)[0].dtype, "float64");
  });

  it("tell an observer of their tensors, as far as these are known", () => {
    const heard: (readonly (Tensor | null)[] | null)[] = [];
    const observer = {
      backwardStart: (roots: readonly (Tensor | null)[], _: unknown, { inputs }: { inputs: typeof roots | null }) =>
        void heard.push(roots, inputs),
    };
    const before = observe(
      new Proxy(observer, { get: (o, name) => Reflect.get(o, name) ?? (() => {}) }) as never as Observer,
    );
    try {
      const x = leaf(2);
      const y = x.mul(x);
      const node = y.gradFn;
      assert.ok(node !== null);
      autograd.grad(getGradientEdge(y), [getGradientEdge(x)], { retainGraph: true });
      autograd.grad(new GradientEdge(node), x);
      assert.deepEqual(heard, [[y], [x], [null], [x]]);
    } finally {
      observe(before);
    }
  });
});
