import assert from "node:assert/strict";
import type { OpNode } from "../../../engine/autograd/opNode.ts";
import { autograd, nn, noGrad, ones, type Tensor, tensor, where } from "../../../engine/index.ts";

const leaf = (...values: number[]) => tensor(values, { requiresGrad: true });

describe("hooks", () => {
  it("[50] a tensor hook sees the gradient, may replace it or change it in place, runs in order and can be removed", () => {
    assert.throws(
      () => tensor([1]).registerHook(() => {}),
      /cannot register a hook on a tensor that doesn't require gradient/,
    );
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
    assert.equal((x as Tensor).grad?.item(), 30);
  });

  it("[51] a hook must keep the size and give a tensor", () => {
    const y = leaf(1, 2).mul(2);
    y.registerHook(() => tensor([1]));
    assert.throws(() => y.sum().backward(), /has changed the size of value/);
    const z = leaf(1).mul(2);
    z.registerHook(() => 5 as never);
    assert.throws(() => z.backward(), /expected Tensor, but hook returned 'number'/);
  });

  it("[50] a hook may change in place what arrives at the operand of a mean", () => {
    const x = leaf(1, 2);
    const y = x.mul(3);
    y.registerHook((g) => void g.mul_(2));
    y.mean().backward();
    assert.deepEqual(x.grad?.tolist(), [3, 3]);
  });

  it("[51] a hook must keep the dtype", () => {
    const y = leaf(1, 2).mul(2);
    y.registerHook((g) => g.to("float64"));
    assert.throws(() => y.sum().backward(), /has changed the type of value: float32 became float64/);
  });

  it("[51] errors name the hook, and an object is no tensor", () => {
    const y = leaf(1, 2).mul(2);
    const handle = y.registerHook(function halve() {
      return tensor([1]);
    });
    assert.throws(() => y.sum().backward({ retainGraph: true }), /hook 'halve' has changed the size of value/);
    handle.remove();
    y.registerHook(() => ({}) as never);
    assert.throws(() => y.sum().backward(), /expected Tensor, but hook returned 'object'/);
  });

  it("[51] hooks of nodes give as many gradients as they see, each of the same kind or null", () => {
    type Given = (seen: readonly (Tensor | null)[]) => unknown;
    const run = (how: "before" | "after" | "leafBefore" | "leafAfter", given: Given): Tensor | null => {
      const a = leaf(1, 2);
      const b = a.mul(2);
      const node = how.startsWith("leaf") ? autograd.graph.getGradientEdge(a).node : (b.gradFn as autograd.graph.Node);
      if (how.endsWith("efore")) node.registerPrehook((grads) => given(grads) as Tensor[]);
      else node.registerHook((grads) => given(grads) as Tensor[]);
      b.sum().backward();
      return a.grad;
    };
    const wrong: readonly [Given, RegExp][] = [
      [() => tensor([1, 2]), /expected a list of gradients, but hook returned 'object'/],
      [(seen) => [...seen, null], /has returned an incorrect number of values \(got \d, but expected \d\)/],
      [(seen) => seen.map(() => 5), /expected Tensor, but hook returned 'number'/],
      [(seen) => [ones([5]), ...seen.slice(1)], /has changed the size of value: \[2\] became \[5\]/],
      [(seen) => [ones([1]), ...seen.slice(1)], /has changed the size of value: \[2\] became \[1\]/],
      [(seen) => [ones([2], { dtype: "float64" }), ...seen.slice(1)], /has changed the type of value/],
    ];
    for (const [given, message] of wrong) {
      for (const how of ["before", "after", "leafBefore"] as const) assert.throws(() => run(how, given), message);
    }
    assert.throws(
      () => run("after", (seen) => seen.map(() => ones([2]))),
      /can't replace a null gradient with a non-null/,
    );
    assert.throws(() => run("leafAfter", () => [ones([2])]), /incorrect number of values \(got 1, but expected 0\)/);
    assert.equal(
      run("before", () => [null]),
      null,
    );
    assert.deepEqual(run("leafBefore", () => [ones([2])])?.tolist(), [1, 1]);
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
    y.retainGrad();
    node.registerPrehook(() => void order.push(`retained ${y.grad?.item()}`));
    y.backward();
    assert.deepEqual(order, ["tensor", "pre", "retained 1", "post", "leaf"]);
  });

  it("[52] order at a leaf: tensor hook, accumulator's pre-hook, accumulation, post-accumulate hook, accumulator's hook", () => {
    // ((1 − 2) / 5 + 0.5) · 10 = 3
    const x = leaf(0);
    const y = x.mul(1);
    const accumulator = y.gradFn?.nextFunctions[0]?.[0];
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

  it("[52] a gradient that is retained belongs to its tensor alone", () => {
    const y = leaf(2).mul(3);
    y.retainGrad();
    const [g] = autograd.grad(y.mul(y), y);
    g?.mul_(10);
    assert.equal(y.grad?.item(), 12);
  });

  it("[52] what retains its gradient goes on doing so after in-place ops, its own, on its base or on a view of it", () => {
    const x = leaf(1, 2);
    const base = x.mul(1);
    const view = base.narrow(0, 0, 1);
    base.retainGrad();
    view.retainGrad();
    base.mul_(3);
    view.mul_(5);
    base.sum().backward(null, { retainGraph: true });
    assert.deepEqual([base.grad?.tolist(), view.grad], [[1, 1], null]);
    view.backward();
    assert.deepEqual([view.grad?.tolist(), x.grad?.tolist()], [[1], [30, 3]]);
  });

  it("[52] [53] hooks of a tensor whose gradient nobody asked for do not run", () => {
    class Both extends autograd.Function {
      static forward(_ctx: autograd.FunctionCtx, a: Tensor, b: Tensor): Tensor {
        return a.add(b);
      }
      static backward(_ctx: autograd.FunctionCtx, g: Tensor): [Tensor, Tensor] {
        return [g, g];
      }
    }
    const [a, b] = [leaf(1), leaf(2)];
    b.registerHook(() => assert.fail("nobody asked"));
    assert.equal(autograd.grad(Both.apply(a, b), a)[0]?.item(), 1);
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

  it("[50] [54] hooks of a leaf stay when it gets other data, another dtype or another shape", () => {
    const changes: ((x: Tensor) => void)[] = [
      (x) => {
        x.data = tensor([5, 6]);
      },
      (x) => {
        x.data = tensor([5, 6], { dtype: "float64" });
      },
      (x) => noGrad(() => void x.unsqueeze_(0)),
    ];
    for (const change of changes) {
      const x = leaf(1, 2);
      const seen: string[] = [];
      x.registerHook(() => void seen.push("hook"));
      const late = x.registerPostAccumulateGradHook(() => void seen.push("post"));
      change(x);
      x.sum().backward();
      assert.deepEqual(seen, ["hook", "post"]);
      assert.deepEqual([x.grad?.shape, x.grad?.dtype], [x.shape, x.dtype]);
      late.remove();
      x.sum().backward();
      assert.deepEqual(seen, ["hook", "post", "hook"]);
    }
    const module = new nn.Linear(1, 1);
    let count = 0;
    module.weight.registerHook(() => void count++);
    module.to("float64");
    module.weight.sum().backward();
    assert.equal(count, 1);
  });

  it("[54] post-accumulate hooks belong to leaves and return nothing", () => {
    assert.throws(
      () =>
        leaf(1)
          .mul(2)
          .registerPostAccumulateGradHook(() => {}),
      /post accumulate grad hooks cannot be registered on non-leaf tensors/,
    );
    assert.throws(() => tensor([1]).registerPostAccumulateGradHook(() => {}), /doesn't require gradient/);
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

  it("[55] it stays with the gradient of what the tensors were, also when they are written to later", () => {
    const x = leaf(1, 2);
    const c = x.mul(2);
    const before = c.mul(3);
    const seen: (number[] | undefined)[] = [];
    autograd.graph.registerMultiGradHook([c], ([g]) => void seen.push(g?.tolist() as number[]));
    c.narrow(0, 0, 1).copy_(tensor([5]));
    before.sum().backward();
    assert.deepEqual(seen, [[3, 3]]);
  });

  it("[55] it waits neither for tensors whose gradient nobody asked for nor for outputs that none reaches", () => {
    class Two extends autograd.Function {
      static forward(_ctx: autograd.FunctionCtx, x: Tensor): [Tensor, Tensor] {
        return [x.mul(2), x.mul(3)];
      }
      static backward(_ctx: autograd.FunctionCtx, g: Tensor): Tensor {
        return g.mul(2);
      }
    }
    const seen: (number | null)[][] = [];
    const note = (grads: (Tensor | null)[]): void => void seen.push(grads.map((g) => g?.item() ?? null));
    const a = leaf(1);
    const y = a.mul(2);
    const handle = autograd.graph.registerMultiGradHook([a, y], note);
    autograd.grad(y.mul(3), y);
    assert.deepEqual(seen.splice(0), [[null, 3]]);
    handle.remove();
    const [first, second] = Two.apply(a);
    autograd.graph.registerMultiGradHook([first, second], note);
    first.backward();
    assert.deepEqual(seen, [[1, null]]);
  });

  it("[56] a module's full backward hook sees the gradients of its inputs and outputs", () => {
    const seen: (readonly number[] | null)[] = [];
    const net = new nn.Linear(1, 1, { bias: false });
    net.weight.data.fill_(3);
    net.registerFullBackwardHook((_module, gradInput, gradOutput) => {
      const shown = (g: Tensor | null | undefined) => (g === null || g === undefined ? null : [g.item()]);
      seen.push(shown(gradInput[0]), shown(gradOutput[0]));
    });
    const input = tensor([[2]], { requiresGrad: true });
    net.forward(input).sum().backward();
    assert.deepEqual(seen, [[3], [1]]);
    seen.length = 0;
    net
      .forward(tensor([[2]]))
      .sum()
      .backward();
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

  it("[57] pack gets the very tensor and records nothing; unpack runs once each time its node runs", () => {
    const [x, w] = [leaf(2), leaf(3)];
    const packed: unknown[] = [];
    let unpacked = 0;
    const y = autograd.graph.savedTensorsHooks(
      (t) => {
        packed.push(t);
        return t.mul(t).sqrt();
      },
      (t) => {
        unpacked++;
        return t as Tensor;
      },
      () => x.maximum(w),
    );
    assert.deepEqual(packed, [x, w]);
    y.backward(null, { retainGraph: true });
    assert.equal(unpacked, 2);
    y.backward();
    assert.equal(unpacked, 4);
  });

  it("[56] an in-place activation behind a module with a backward hook is refused", () => {
    const net = new nn.Linear(2, 2);
    net.registerFullBackwardHook(() => {});
    const out = net.forward(tensor([[1, 2]], { requiresGrad: true }));
    assert.throws(
      () => out.relu_(),
      /Output 0 of BackwardHookFunctionBackward is a view and is being modified inplace.*custom Function/,
    );
  });

  it("[57] hooks on saved tensors can be forbidden, with a message of one's own", () => {
    const { disableSavedTensorsHooks, savedTensorsHooks } = autograd.graph;
    const x = leaf(2);
    const hooked = (): unknown =>
      savedTensorsHooks(
        (t) => t,
        (t) => t as Tensor,
        () => x.mul(x),
      );
    assert.throws(() => disableSavedTensorsHooks("not here", hooked), /^AutogradError: not here$/);
    assert.throws(
      () =>
        savedTensorsHooks(
          (t) => t,
          (t) => t as Tensor,
          () => disableSavedTensorsHooks("nor inside", () => x.mul(x)),
        ),
      /^AutogradError: nor inside$/,
    );
    assert.throws(
      () =>
        disableSavedTensorsHooks("outer", () => {
          disableSavedTensorsHooks("inner", () => x.mul(x));
          hooked();
        }),
      /^AutogradError: outer$/,
    );
    assert.equal(
      disableSavedTensorsHooks("given back", () => 3),
      3,
    );
    hooked();
  });

  it("[57] what is packed is what backward can need, as in PyTorch", () => {
    const { savedTensorsHooks } = autograd.graph;
    const packs = (run: (a: Tensor, constant: Tensor) => Tensor): number => {
      let count = 0;
      const a = tensor(
        [
          [1, 2],
          [3, 5],
        ],
        { requiresGrad: true },
      );
      const constant = tensor([
        [2, 1],
        [1, 3],
      ]);
      const pack = (x: Tensor): Tensor => {
        count++;
        return x;
      };
      savedTensorsHooks(
        pack,
        (x) => x as Tensor,
        () => run(a, constant),
      );
      return count;
    };
    const expected: readonly [number, (a: Tensor, constant: Tensor) => Tensor][] = [
      [2, (a) => a.mul(a)],
      [1, (a, c) => a.mul(c)],
      [0, (a) => a.mul(2)],
      [1, (a, c) => a.div(c)],
      [2, (a, c) => c.div(a)],
      [0, (a, c) => a.add(c)],
      [0, (a) => a.neg().sub(1).sum().mean()],
      [0, (a) => a.t().reshape(4).unsqueeze(0)],
      [1, (a) => a.exp()],
      [1, (a) => a.log()],
      [1, (a) => a.relu()],
      [1, (a) => a.sigmoid()],
      [1, (a) => a.tanh()],
      [1, (a) => a.pow(2)],
      [1, (a) => a.abs()],
      [1, (a) => a.softmax(1)],
      [1, (a) => a.logSoftmax(1)],
      [1, (a, c) => a.mm(c)],
      [2, (a) => a.mm(a)],
      [1, (a) => a.max(1).values],
      [2, (a) => a.norm()],
      [2, (a) => a.logsumexp(1)],
      [2, (a, c) => a.maximum(c)],
      [1, (a, c) => where(c.gt(1), a, 0)],
      [1, (a) => a.indexSelect(0, tensor([0], { dtype: "int64" }))],
      [1, (a) => a.gather(0, tensor([[0, 1]], { dtype: "int64" }))],
    ];
    for (const [count, run] of expected) assert.equal(packs(run), count, String(run));
  });

  it("[57] hooks on a single saved tensor; a second pair is refused", () => {
    const a = leaf(3);
    const y = a.pow(2);
    const saved = (y.gradFn as OpNode)._rawSaved("a");
    saved.registerHooks(
      (x) => x.mul(10),
      (x) => x as Tensor,
    );
    assert.throws(
      () =>
        saved.registerHooks(
          (x) => x,
          (x) => x as Tensor,
        ),
      /Calling registerHooks on a saved tensor whose hooks have already been set/,
    );
    y.backward();
    assert.equal(a.grad?.item(), 60);
    const product = a.mul(tensor([2]));
    const unsaved = (product.gradFn as OpNode)._rawSaved("a");
    assert.throws(
      () =>
        unsaved.registerHooks(
          (x) => x,
          (x) => x as Tensor,
        ),
      /value null is forbidden/,
    );
    product.backward();
    assert.throws(
      () =>
        (product.gradFn as OpNode)._rawSaved("b").registerHooks(
          (x) => x,
          (x) => x as Tensor,
        ),
      /a second time/,
    );
  });

  it("[57] hooks on a single saved tensor see it cut from its graph; those of a scope see it as it is", () => {
    const seen: [requiresGrad: boolean, node: string | undefined][] = [];
    const note = (x: Tensor): Tensor => {
      seen.push([x.requiresGrad, x.gradFn?.name]);
      return x;
    };
    const a = leaf(3);
    const b = a.mul(2);
    const own = [b.mul(b), b.exp(), a.tanh()].map((y) => y.gradFn as OpNode);
    for (const node of own)
      for (const name of node.op.saves) node._rawSaved(name).registerHooks(note, (x) => x as Tensor);
    assert.deepEqual(seen, [
      [false, undefined],
      [false, undefined],
      [false, undefined],
      [false, undefined],
    ]);
    seen.length = 0;
    const ys = autograd.graph.savedTensorsHooks(
      note,
      (x) => x as Tensor,
      () => [b.mul(b), b.exp(), a.tanh()],
    );
    assert.deepEqual(seen, [
      [true, "MulBackward0"],
      [true, "MulBackward0"],
      [true, "ExpBackward0"],
      [true, "TanhBackward0"],
    ]);
    // Backward finds the place in the graph again.
    const [g] = autograd.grad(ys[0] as Tensor, a, { createGraph: true });
    assert.equal(autograd.grad(g, a)[0].item(), 8);
  });

  it("[57] what unpack gives for a tensor without a graph has none", () => {
    const w = leaf(1);
    const a = leaf(2);
    const k = tensor(3);
    const y = autograd.graph.savedTensorsHooks(
      (x) => x,
      (x) => (x === k ? w.mul(x as Tensor) : (x as Tensor)),
      () => a.mul(k),
    );
    const [g] = autograd.grad(y, a, { createGraph: true });
    assert.equal(g.item(), 3);
    assert.equal(g.requiresGrad, false);
  });

  it("[57] what unpack gives keeps its place in the graph, and its version is not checked", () => {
    const x = tensor([2], { requiresGrad: true });
    const y = autograd.graph.savedTensorsHooks(
      (t) => t.toArray(),
      (v) => tensor(v as Float32Array),
      () => x.pow(3),
    );
    noGrad(() => x.add_(1));
    const [g] = autograd.grad(y, x, { createGraph: true });
    assert.equal(g?.item(), 12);
    assert.equal(autograd.grad(g as Tensor, x)[0]?.item(), 12);
  });

  it("[57] unpack must give a tensor, and pack must not write to its input", () => {
    const x = leaf(2);
    const { savedTensorsHooks } = autograd.graph;
    const bad = savedTensorsHooks(
      (t) => t,
      () => 1 as never,
      () => x.mul(x),
    );
    assert.throws(
      () => bad.backward(),
      /Output of saved tensor unpack hook expected to be a Tensor but got result of type number/,
    );
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
