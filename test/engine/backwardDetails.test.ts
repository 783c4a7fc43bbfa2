import assert from "node:assert/strict";
import type { Node } from "../../engine/autograd/node.ts";
import { type Observer, type OpEvent, observe } from "../../engine/autograd/observer.ts";
import { site } from "../../engine/autograd/sites.ts";
import { autograd, enableGrad, linalg, ones, type Tensor, tensor } from "../../engine/index.ts";

type Ctx = autograd.FunctionCtx;
const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });
const square = (): Tensor =>
  tensor(
    [
      [2, 1],
      [1, 3],
    ],
    { dtype: "float64", requiresGrad: true },
  );
const { savedTensorsHooks, registerMultiGradHook } = autograd.graph;

class Cut extends autograd.Function {
  static forward(_ctx: Ctx, x: Tensor): Tensor {
    return x.clone();
  }
  static backward(): null {
    return null;
  }
}

class Fails extends autograd.Function {
  static forward(_ctx: Ctx, x: Tensor): Tensor {
    return x.clone();
  }
  static backward(): never {
    throw new Error("no");
  }
}

/** What an observer hears of one kind while `run` runs. */
function heard<K extends keyof Observer>(kind: K, run: () => void): Parameters<NonNullable<Observer[K]>>[] {
  const calls: Parameters<NonNullable<Observer[K]>>[] = [];
  const get =
    (_target: object, name: string | symbol) =>
    (...args: unknown[]) => {
      if (name === kind) calls.push(args as Parameters<NonNullable<Observer[K]>>);
    };
  const before = observe(new Proxy({}, { get }) as Observer);
  try {
    run();
  } finally {
    observe(before);
  }
  return calls;
}

const opsHeard = (run: () => void): string[] => heard("op", run).map(([event]) => (event as OpEvent).name);

describe("roots and order", () => {
  it("a root that others lead to, or that is given twice, runs once and after them", () => {
    const a = leaf(2);
    const w = a.mul(5);
    const y = a.mul(3);
    const z = y.mul(y);
    autograd.backward([y, z, w]);
    assert.equal(a.grad?.item(), 3 + 2 * 6 * 3 + 5);
    const b = leaf(2);
    const v = b.mul(5);
    const u = b.mul(3);
    autograd.backward([u, u, v]);
    assert.equal(b.grad?.item(), 3 + 3 + 5);
  });

  it("a root may be any output of its op, and so may an input whose gradient is asked for", () => {
    const x = square();
    const [, r] = linalg.qr(x);
    const vector = tensor(
      [
        [1, 2],
        [0, 3],
      ],
      { dtype: "float64" },
    );
    assert.deepEqual(autograd.grad(r.mul(vector).sum(), r, { retainGraph: true })[0]?.tolist(), vector.tolist());
    const direct = autograd.grad(r, x, { gradOutputs: vector, retainGraph: true })[0];
    assert.deepEqual(direct?.tolist(), autograd.grad(r.mul(vector).sum(), x)[0]?.tolist());
  });

  it("a gradient of another dtype is converted before anybody sees it", () => {
    const x = leaf(1);
    const y = x.mul(2);
    const seen: string[] = [];
    y.registerHook((g) => void seen.push(g.dtype));
    y.backward(ones([1], { dtype: "float64" }));
    assert.deepEqual(seen, ["float32"]);
  });

  it("unknown options are refused, and the words on materializeGrads are right", () => {
    const x = leaf(1);
    assert.throws(() => autograd.grad(x.mul(2), x, { retain: true } as never), /unknown option 'retain'/);
    assert.throws(() => autograd.backward(x.mul(2), { retain: true } as never), /unknown option 'retain'/);
    assert.throws(() => x.mul(2).backward({ gradients: ones(1) } as never), /unknown option 'gradients'/);
    assert.equal(x.grad, null);
    const options = { materializeGrads: true, allowUnused: false };
    assert.throws(() => autograd.grad(x.mul(2), x, options), /when materializeGrads is true/);
  });

  it("formulas of gradients that nobody asks for do not run", () => {
    const [x, w] = [leaf(2), leaf(3)];
    let unpacked = 0;
    const count = (t: unknown): Tensor => {
      unpacked++;
      return t as Tensor;
    };
    const y = savedTensorsHooks(
      (t) => t,
      count,
      () => x.mul(w),
    );
    autograd.grad(y, x, { retainGraph: true });
    assert.equal(unpacked, 1);
    y.backward(null, { inputs: [x] });
    assert.equal(unpacked, 2);
  });

  it("an in-place op on a view of what needs no gradient gives those of its other inputs", () => {
    const w = leaf(3);
    const base = tensor([1, 2, 4]);
    base.narrow(0, 1, 1).mul_(w);
    assert.deepEqual(autograd.grad(base.sum(), w)[0]?.tolist(), [2]);
  });

  it("backward inside backward leaves the outer one as it was: its hooks, its observer, the place in the program", () => {
    const [a, b, inner] = [leaf(1), leaf(2), leaf(3)];
    const seen: (number | undefined)[][] = [];
    registerMultiGradHook([a, b], (grads) => void seen.push(grads.map((g) => g?.item())));
    const y = a.mul(b);
    y.registerHook(() => {
      site.current = 99;
      enableGrad(() => autograd.grad(inner.mul(inner), inner));
    });
    site.current = 5;
    y.backward(null, { retainGraph: true });
    assert.equal(site.current, 5);
    y.backward();
    assert.deepEqual(seen, [
      [2, 1],
      [2, 1],
    ]);
    site.current = 0;
  });
});

describe("who owns a gradient", () => {
  it("neither the caller's, nor what a hook keeps, nor a sum that two leaves get, is shared with .grad", () => {
    const given = ones(2);
    const a = leaf(1, 2);
    a.add(0).backward(given);
    a.grad?.mul_(10);
    assert.deepEqual(given.tolist(), [1, 1]);
    const alone = leaf(1, 2);
    alone.backward(given);
    alone.grad?.mul_(10);
    assert.deepEqual(given.tolist(), [1, 1]);
    let kept: Tensor | null = null;
    const b = leaf(1, 2);
    b.registerHook((g) => {
      kept = g;
    });
    b.mul(2).sum().backward();
    b.grad?.mul_(10);
    assert.deepEqual((kept as Tensor | null)?.tolist(), [2, 2]);
    const [c, d] = [leaf(1, 2), leaf(3, 4)];
    const both = c.add(d);
    both.mul(2).add(both.mul(3)).sum().backward();
    c.grad?.mul_(10);
    assert.deepEqual(d.grad?.tolist(), [5, 5]);
  });

  it("where no gradient arrives .grad stays null, also of what retains its own", () => {
    const x = leaf(1);
    Cut.apply(x).backward();
    assert.equal(x.grad, null);
    const y = x.mul(2);
    y.retainGrad();
    Cut.apply(y).backward();
    y.registerHook(() => assert.fail("there is no gradient to see"));
    Cut.apply(y).backward();
    assert.deepEqual([x.grad, y.grad], [null, null]);
  });

  it("gradients are cast to the dtype of their tensors, and those of inputs that need none are dropped", () => {
    class Wide extends autograd.Function {
      static forward(_ctx: Ctx, a: Tensor, b: Tensor): Tensor {
        return a.mul(b);
      }
      static backward(_ctx: Ctx, g: Tensor): Tensor[] {
        return [g.to("float64"), g];
      }
    }
    const x = leaf(1);
    Wide.apply(x, tensor([2])).backward();
    assert.equal(x.grad?.dtype, "float32");
  });

  it("a leaf with a tensor hook gets nothing from a backward that fails; a post-accumulate hook runs at once", () => {
    const [a, b] = [leaf(1), leaf(2)];
    b.registerHook(() => {});
    assert.throws(() => Fails.apply(a).add(b.mul(3)).backward());
    assert.equal(b.grad, null);
    const order: string[] = [];
    const first = a.mul(1);
    const other = leaf(2);
    first.registerHook(() => void order.push("node"));
    other.registerPostAccumulateGradHook(() => void order.push("accumulated"));
    first.mul(other).backward();
    assert.deepEqual(order, ["accumulated", "node"]);
  });
});

describe("what observers hear of backward", () => {
  it("its request, nodes with their times, one accumulation per leaf, and no op that only accumulates", () => {
    const [x, w] = [leaf(1, 2), leaf(3, 4)];
    const y = x.mul(w).sum();
    const [asked] = heard("backwardStart", () => autograd.grad(y, x, { retainGraph: true }));
    assert.deepEqual(asked?.[2].inputs, [x]);
    for (const [, , , start, end] of heard("node", () => y.backward(null, { retainGraph: true }))) {
      assert.ok(start > 0 && end >= start);
    }
    assert.deepEqual(
      opsHeard(() => y.backward(null, { retainGraph: true })),
      [],
    );
    assert.equal(heard("accumulate", () => y.backward()).length, 2);
  });

  it("each gradient that a hook of a node changed, before and after, and a hook that changed none once", () => {
    const [x, w] = [leaf(2), leaf(3)];
    const y = x.mul(w);
    const node = y.gradFn as Node;
    const told = (run: () => void): unknown[] =>
      heard("hook", run).map(([kind, , before, after]) => [kind, before?.item(), after?.item()]);
    node.registerPrehook(() => {});
    node.registerPrehook(([g]) => [(g as Tensor).mul(2)]);
    node.registerHook(([g]) => [null, g as Tensor]);
    node.registerHook(() => null);
    node.registerHook(([, h]) => [null, (h as Tensor).mul(2)]);
    assert.deepEqual(
      told(() => autograd.grad(y, [x, w], { allowUnused: true })),
      [
        ["prehook", 1, undefined],
        ["prehook", 1, 2],
        ["node", 6, undefined],
        ["node", 4, 6],
        ["node", 6, undefined],
        ["node", 6, 12],
      ],
    );
  });

  it("what a post-accumulate hook left of .grad, where it assigned it", () => {
    const x = leaf(2);
    x.registerPostAccumulateGradHook(() => {});
    x.registerPostAccumulateGradHook(() => {
      x.grad = ones(1);
    });
    assert.deepEqual(
      heard("hook", () => x.mul(3).backward()).map(([kind, , before, after]) => [kind, before?.item(), after?.item()]),
      [
        ["postAccumulate", 3, undefined],
        ["postAccumulate", 3, 1],
      ],
    );
  });

  it("the ops of a custom backward, and those of formulas when a graph of the gradient is made", () => {
    class Twice extends autograd.Function {
      static forward(_ctx: Ctx, a: Tensor): Tensor {
        return a.mul(2);
      }
      static backward(_ctx: Ctx, g: Tensor): Tensor {
        return g.exp();
      }
    }
    const x = leaf(1);
    const custom = Twice.apply(x);
    assert.deepEqual(
      opsHeard(() => custom.backward()),
      ["exp"],
    );
    const y = x.mul(x);
    assert.ok(opsHeard(() => autograd.grad(y, x, { createGraph: true })).includes("mul"));
    const z = x.exp();
    assert.deepEqual(
      opsHeard(() => autograd.grad(z, x)),
      [],
    );
  });

  it("an in-place op as one op with what it reads, also after one that was refused", () => {
    const [x, other] = [leaf(1).mul(1), tensor([2])];
    const events = heard("op", () => {
      assert.throws(() => x.add_(ones(2, 2)));
      x.addcmul_(other, other);
    }).map(([event]) => event as OpEvent);
    assert.deepEqual(
      events.map(({ name }) => name),
      ["addcmul_"],
    );
    assert.ok(events[0]?.inputs.includes(other));
  });
});

describe("in-place ops on outputs of ops with several, and on views", () => {
  const { gradcheck, gradgradcheck } = autograd;
  const checked = (fn: (x: Tensor) => Tensor): void => {
    assert.equal(gradcheck(fn, [square()]), true);
    assert.equal(gradgradcheck(fn, [square()]), true);
  };

  it("gradients and their gradients go to the right output", () => {
    class Two extends autograd.Function {
      static forward(_ctx: Ctx, a: Tensor): [Tensor, Tensor] {
        return [a.mul(2), a.mul(3)];
      }
      static backward(_ctx: Ctx, g0: Tensor, g1: Tensor): Tensor {
        return g0.mul(2).add(g1.mul(3));
      }
    }
    checked((x) => {
      const [, second] = Two.apply(x);
      second.square_();
      return second.square().sum();
    });
    checked((x) => {
      const [, second] = Two.apply(x);
      second.narrow(0, 0, 1).square_();
      return second.square().sum();
    });
    checked((x) => {
      const [, r] = linalg.qr(x);
      return savedTensorsHooks(
        (t) => t,
        (t) => t as Tensor,
        () => r.square().sum(),
      );
    });
  });

  it("an op may overwrite what it needs more than once", () => {
    const x = leaf(3);
    const y = x.mul(1);
    y.pow_(2);
    y.pow_(2);
    y.backward();
    assert.equal(x.grad?.item(), 4 * 27);
  });

  it("views of views keep what forbids in-place ops, and views without a graph allow them", () => {
    const [part] = leaf(1, 2).clone().unbind() as [Tensor, Tensor];
    assert.throws(() => part.view(1).mul_(2), /multiple views/);
    const [inner] = leaf(1, 2).clone().view(2).unbind() as [Tensor, Tensor];
    assert.throws(() => inner.mul_(2), /multiple views/);
    const [plain] = tensor([1, 2]).unbind() as [Tensor, Tensor];
    assert.equal(plain.mul_(2).item(), 2);
    assert.equal(tensor(1).expand(1).add_(1).item(), 2);
  });

  it("a view that was one of several outputs is read off its base after an in-place op, by one node", () => {
    const x = leaf(1, 2);
    const base = x.clone();
    const [, second] = base.unbind() as [Tensor, Tensor];
    base.mul_(5);
    assert.equal(second.gradFn, second.gradFn);
    second.backward();
    assert.deepEqual(x.grad?.tolist(), [0, 5]);
  });

  it("what an in-place op on a view saved is freed by backward", () => {
    const [x, w] = [leaf(1, 2), leaf(3)];
    const base = x.clone();
    base.narrow(0, 0, 1).mul_(w);
    const y = base.sum();
    y.backward();
    assert.throws(() => y.backward(), /a second time/);
  });

  it("unpack hooks must give tensors, not null or another object", () => {
    for (const wrong of [null, {}]) {
      const x = leaf(2);
      const y = savedTensorsHooks(
        (t) => t,
        () => wrong as never,
        () => x.mul(x),
      );
      assert.throws(() => y.backward(), /Output of saved tensor unpack hook expected to be a Tensor/);
    }
  });
});
