import assert from "node:assert/strict";
import { autograd, nn, type Tensor, tensor } from "../../../engine/index.ts";

const leaf = (...values: number[]) => tensor(values, { requiresGrad: true });

describe("hooks", () => {
  it("[50] a tensor hook sees the gradient, may replace it or change it in place, runs in order and can be removed", () => {
    assert.throws(() => tensor([1]).registerHook(() => {}), /cannot register a hook on a tensor that doesn't require gradient/);
    const x = leaf(1);
    const y = x.mul(2);
    const seen: number[] = [];
    y.registerHook((g) => void seen.push(g.item()));
    const doubling = y.registerHook((g) => g.mul(2));
    y.registerHook((g) => void seen.push(g.item()));
    y.registerHook((g) => void g.mul_(5));
    y.mul(3).backward(null, { retainGraph: true });
    assert.deepEqual(seen, [3, 6]);
    assert.equal(x.grad?.item(), 60);
    doubling.remove();
    x.grad = null;
    y.mul(3).backward();
    assert.equal(x.grad?.item(), 30);
  });

  it("[51] a hook must keep the size and give a tensor", () => {
    const y = leaf(1, 2).mul(2);
    y.registerHook(() => tensor([1]));
    assert.throws(() => y.sum().backward(), /has changed the size of value/);
    const z = leaf(1).mul(2);
    z.registerHook(() => 5 as never);
    assert.throws(() => z.backward(), /expected Tensor, but hook returned 'number'/);
  });

  it("[52] order at a node: tensor hooks, retainGrad, node pre-hooks, the node, node hooks", () => {
    const order: string[] = [];
    const x = leaf(2);
    const y = x.mul(3);
    const node = y.gradFn;
    assert.ok(node !== null);
    node.registerPrehook(() => void order.push("pre"));
    node.registerHook(() => void order.push("post"));
    y.registerHook(() => void order.push("tensor"));
    x.registerHook(() => void order.push("leaf"));
    y.backward();
    assert.deepEqual(order, ["tensor", "pre", "post", "leaf"]);
  });

  it("[52] order at a leaf: tensor hook, accumulator's pre-hook, accumulation, post-accumulate hook, accumulator's hook", () => {
    // ((1 − 2) / 5 + 0.5) · 10 = 3
    const x = leaf(0);
    const y = x.mul(1);
    const accumulator = y.gradFn?.nextFunctions[0][0];
    assert.ok(accumulator !== null && accumulator !== undefined);
    x.registerHook((g) => g.sub(2));
    accumulator.registerPrehook(([g]) => [(g as Tensor).div(5)]);
    x.registerPostAccumulateGradHook((p) => {
      const before = p.grad as Tensor;
      p.grad = before.add(0.5);
    });
    accumulator.registerHook(() => {
      x.grad = (x.grad as Tensor).mul(10);
    });
    y.backward();
    assert.ok(Math.abs((x.grad?.item() ?? 0) - 3) < 1e-6);
  });

  it("[53] grad() with inputs runs tensor hooks of an input, but neither its node's hooks nor accumulators' hooks", () => {
    const order: string[] = [];
    const a = leaf(1);
    const b = a.mul(2);
    b.registerHook(() => void order.push("b tensor"));
    b.gradFn?.registerPrehook(() => void order.push("b pre"));
    b.gradFn?.registerHook(() => void order.push("b post"));
    a.registerHook(() => void order.push("a tensor"));
    a.registerPostAccumulateGradHook(() => void order.push("a accumulated"));
    const c = b.mul(3);
    autograd.grad(c, b, { retainGraph: true });
    assert.deepEqual(order, ["b tensor"]);
    order.length = 0;
    autograd.grad(c, a, { retainGraph: true });
    assert.deepEqual(order, ["b tensor", "b pre", "b post", "a tensor"]);
    order.length = 0;
    c.backward(null, { inputs: [b] });
    assert.equal(order.includes("a accumulated"), false);
  });

  it("[54] post-accumulate hooks belong to leaves and return nothing", () => {
    assert.throws(() => leaf(1).mul(2).registerPostAccumulateGradHook(() => {}), /post accumulate grad hooks cannot be registered on non-leaf tensors/);
    const x = leaf(1);
    x.registerPostAccumulateGradHook((() => 1) as never);
    assert.throws(() => x.mul(2).backward(), /hooks should return nothing/);
  });

  it("[55] a multi-grad hook fires once when all participating gradients are known, with null for the others", () => {
    const a = leaf(1);
    const b = leaf(2);
    const c = leaf(3);
    const seen: (number | null)[][] = [];
    const handle = autograd.graph.registerMultiGradHook([a, b, c], (grads) => {
      seen.push(grads.map((g) => g?.item() ?? null));
    });
    a.mul(b).backward();
    assert.deepEqual(seen, [[2, 1, null]]);
    handle.remove();
    a.mul(b).backward();
    assert.equal(seen.length, 1);
  });

  it("[56] a module's full backward hook sees the gradients of its inputs and outputs", () => {
    const seen: (readonly number[] | null)[] = [];
    const net = new nn.Linear(1, 1, { bias: false });
    net.weight.data.fill_(3);
    net.registerFullBackwardHook((_module, gradInput, gradOutput) => {
      seen.push(gradInput[0] === null ? null : [gradInput[0].item()], [(gradOutput[0] as Tensor).item()]);
    });
    const input = tensor([[2]], { requiresGrad: true });
    net.forward(input).sum().backward();
    assert.deepEqual(seen, [[3], [1]]);
    seen.length = 0;
    net.forward(tensor([[2]])).sum().backward();
    assert.deepEqual(seen, [null, [1]]);
  });

  it("[57] saved-tensor hooks pack at save and unpack at use; the innermost pair wins", () => {
    const packed: string[] = [];
    const x = leaf(2);
    const { savedTensorsHooks } = autograd.graph;
    const y = savedTensorsHooks(
      (t) => {
        packed.push("outer");
        return t;
      },
      (t) => t as Tensor,
      () => {
        const square = x.mul(x);
        return savedTensorsHooks(
          (t) => {
            packed.push("inner");
            return t.mul(10);
          },
          (t) => t as Tensor,
          () => square.mul(square),
        );
      },
    );
    assert.deepEqual(packed, ["outer", "outer", "inner", "inner"]);
    y.backward();
    assert.equal(x.grad?.item(), 320); // each saved square came back ten times as large
  });

  it("[57] unpack must give a tensor, and pack must not write to its input", () => {
    const x = leaf(2);
    const { savedTensorsHooks } = autograd.graph;
    const bad = savedTensorsHooks(
      (t) => t,
      () => 1 as never,
      () => x.mul(x),
    );
    assert.throws(() => bad.backward(), /Output of saved tensor unpack hook expected to be a Tensor but got result of type number/);
    assert.throws(
      () =>
        savedTensorsHooks(
          (t) => t.mul_(2),
          (t) => t as Tensor,
          () => x.mul(1).pow(2),
        ),
      /pack hook is modifying its input in place/,
    );
  });
});
