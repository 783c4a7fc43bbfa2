import assert from "node:assert/strict";
import { type GradcheckReport, observe } from "../../../engine/autograd/observer.ts";
import { site } from "../../../engine/autograd/sites.ts";
import { SilentObserver } from "../../../engine/gradcheck/blame/tape.ts";
import { autograd, cat, gradcheck, noGrad, type Tensor, tensor } from "../../../engine/index.ts";
import { check, checkTwice, custom, Detaching, double, fixed, negatedCos, reportOf, vector } from "./programs.ts";

type Ctx = autograd.FunctionCtx;

const many = (n: number): Tensor => double(Array.from({ length: n }, (_, i) => 0.3 + 0.01 * i));

/** Cause, blamed op and text of one check. */
function verdict(run: () => unknown): { cause: string | null; op: string | null; says: string } {
  const { passed, cause, blame, diagnosis } = reportOf({ run });
  assert.equal(passed, false);
  return { cause: cause ?? null, op: blame?.op ?? null, says: diagnosis ?? "" };
}

const square = (backward: (g: Tensor, x: Tensor) => Tensor): ((x: Tensor) => Tensor) =>
  custom("Square", (x) => x.mul(x), backward);

describe("whom gradcheck blames", () => {
  it("an op too large for its Jacobian, by a few directions through it", () => {
    const { cause, op } = verdict(
      check(
        (x) => negatedCos(x.mul(2)).sum(),
        () => [many(150)],
      ),
    );
    assert.equal(op, "NegatedCosine");
    assert.notEqual(cause, null);
  });

  it("nobody for second derivatives of an op that is too large to look at", () => {
    const { op, says } = verdict(
      checkTwice(
        (x) => Detaching.apply(x),
        () => [many(60)],
      ),
    );
    assert.equal(op, null);
    assert.match(says, /^The gradient of the gradient /);
  });

  it("hooks of a node, before and after it, and of one output among several", () => {
    const before = verdict(
      check(
        (x) => {
          const y = x.mul(3);
          y.gradFn?.registerPrehook((grads) => grads.map((g) => g?.mul(2) ?? null));
          return y.tanh();
        },
        () => [vector()],
      ),
    );
    assert.deepEqual({ cause: before.cause, op: before.op }, { cause: "factor", op: "hook" });
    const after = verdict(
      check(
        (x) => {
          const y = x.sin().mul(fixed([1, 2, 3]));
          y.gradFn?.registerHook((grads) => grads.map((g) => g?.neg() ?? null));
          return y.tanh();
        },
        () => [vector()],
      ),
    );
    assert.deepEqual({ cause: after.cause, op: after.op }, { cause: "sign", op: "hook" });
    const second = verdict(
      check(
        (x) => {
          const [a, b] = x.split([1, 2]) as [Tensor, Tensor];
          b.registerHook((g) => g.mul(4));
          return cat([a, b]).sin();
        },
        () => [vector()],
      ),
    );
    assert.equal(second.op, "hook");
  });

  it("hooks that only look are not blamed for what an op does", () => {
    const looks = check(
      (x) => {
        const y = x.mul(3);
        y.gradFn?.registerPrehook(() => undefined);
        y.gradFn?.registerHook(() => undefined);
        return negatedCos(y);
      },
      () => [vector()],
    );
    assert.equal(verdict(looks).op, "NegatedCosine");
  });

  it("the cut, when all the ops of a long run are right by themselves", () => {
    const index = tensor([2, 0, 0, 1], { dtype: "int64" });
    const { cause, op } = verdict(
      check(
        (x) => {
          const picked = x.indexSelect(0, index).reshape(2, 2);
          const mixed = picked.matmul(picked.t()).add(1).sub(picked.mul(0.5)).clamp({ min: -50 });
          const parts = mixed.cumsum(0).sort().values.mul(x.gt(0).to("float64").sum());
          return parts.sum().mul(x.detach().pow(2)).add(x.detach().mul(0));
        },
        () => [vector()],
      ),
    );
    assert.deepEqual({ cause, op }, { cause: "missing-term", op: "detach" });
  });

  it("not a cut that the result does not depend on", () => {
    const { op } = verdict(
      check(
        (x) => {
          const idle = x.detach().mul(0);
          return x.add(idle).mul(noGrad(() => x.exp()));
        },
        () => [vector()],
      ),
    );
    assert.equal(op, "exp");
  });

  it("a Function with arguments that are no tensors", () => {
    class Power extends autograd.Function {
      static forward(ctx: Ctx, x: Tensor, exponent: number, _label: string): Tensor {
        ctx.saveForBackward(x);
        return x.pow(exponent);
      }
      static backward(ctx: Ctx, g: Tensor): [Tensor, null, null] {
        return [g.mul((ctx.savedTensors[0] as Tensor).pow(2)), null, null];
      }
    }
    const { cause, op, says } = verdict(
      check(
        (x) => Power.apply(x, 3, "cube").sum(),
        () => [vector()],
      ),
    );
    assert.deepEqual({ cause, op }, { cause: "factor", op: "Power" });
    assert.match(says, /lacks the factor 3/);
  });

  it("nobody when a Function gives another result each time it runs by itself, or throws", () => {
    let calls = 0;
    class Once extends autograd.Function {
      static forward(ctx: Ctx, x: Tensor): Tensor {
        ctx.saveForBackward(x);
        calls++;
        if (!inside) throw new Error("only from the function that is checked");
        return x.mul(x);
      }
      static backward(ctx: Ctx, g: Tensor): Tensor {
        return g.mul(ctx.savedTensors[0] as Tensor);
      }
    }
    let inside = false;
    const { op, cause } = verdict(
      check(
        (x) => {
          inside = true;
          const y = Once.apply(x);
          inside = false;
          return y;
        },
        () => [vector()],
      ),
    );
    assert.ok(calls > 0);
    assert.deepEqual({ op, cause }, { op: null, cause: "factor" });

    let toggle = 0;
    class Alternating extends autograd.Function {
      static forward(ctx: Ctx, x: Tensor): Tensor {
        ctx.saveForBackward(x);
        return x.mul(inside ? x : x.mul(++toggle));
      }
      static backward(ctx: Ctx, g: Tensor): Tensor {
        return g.mul(ctx.savedTensors[0] as Tensor);
      }
    }
    const again = verdict(
      check(
        (x) => {
          inside = true;
          const y = Alternating.apply(x);
          inside = false;
          return y;
        },
        () => [vector()],
      ),
    );
    assert.equal(again.op, null);
  });

  it("a backward that cannot run again, by the place of its call", () => {
    let runs = 0;
    class Tiring extends autograd.Function {
      static forward(_ctx: Ctx, x: Tensor): Tensor {
        return x.mul(2);
      }
      static backward(_ctx: Ctx, g: Tensor): Tensor {
        if (g.toArray().every((value) => value === 0)) throw new Error("no gradient, no answer");
        return g.mul(2 + 1e-9 * runs++);
      }
    }
    const { cause, op } = verdict(
      check(
        (x) => Tiring.apply(x),
        () => [vector()],
      ),
    );
    assert.deepEqual({ cause, op }, { cause: "nondeterministic", op: "Tiring" });
  });

  it("a Function, not the right ones before it, for a backward that differs from run to run", () => {
    let runs = 0;
    const right = square((g, x) => g.mul(x).mul(2));
    const shaky = custom(
      "Shaky",
      (x) => x.mul(2),
      (g) => g.mul(2 + 1e-9 * runs++),
    );
    assert.equal(
      verdict(
        check(
          (x) => shaky(right(x)),
          () => [vector()],
        ),
      ).op,
      "Shaky",
    );
  });

  it("nobody for a hook that gives other gradients each time", () => {
    let runs = 0;
    const { cause, op } = verdict(
      check(
        (x) => {
          const y = x.mul(3);
          y.registerHook((g) => g.mul(1 + 1e-9 * runs++));
          return y;
        },
        () => [vector()],
      ),
    );
    assert.deepEqual({ cause, op }, { cause: "nondeterministic", op: null });
  });

  it("the call inside the backward that makes the wrong gradient, or inside the hook that changes it", () => {
    const [forward, inside, hook] = [41, 42, 43];
    const wrong = custom(
      "Wrong",
      (x) => x.sin(),
      (g, x) => {
        site.current = inside;
        return g.mul(x.cos().neg());
      },
    );
    const siteOf = (fn: (x: Tensor) => Tensor): number | undefined =>
      reportOf({
        run: check(
          (x) => {
            site.current = forward;
            return fn(x);
          },
          () => [vector()],
        ),
      }).blame?.site;
    try {
      assert.equal(siteOf(wrong), inside);
      assert.equal(
        siteOf((x) => negatedCos(x)),
        forward,
      );
      const hooked = siteOf((x) => {
        const y = x.mul(3);
        y.registerHook((g) => {
          site.current = hook;
          return g.mul(2);
        });
        return y;
      });
      assert.equal(hooked, hook);
    } finally {
      site.current = 0;
    }
  });

  it("nobody in a run of more numbers than can be kept", () => {
    const { op, cause } = verdict(
      check(
        (x) =>
          negatedCos(x)
            .unsqueeze(1)
            .expand(3, 3 << 19)
            .select(1, 0),
        () => [vector()],
      ),
    );
    assert.deepEqual({ op, cause }, { op: null, cause: "sign" });
  });

  it("a Function of several outputs that cannot do without all of its gradients", () => {
    class Both extends autograd.Function {
      static forward(ctx: Ctx, x: Tensor): [Tensor, Tensor] {
        ctx.setMaterializeGrads(false);
        return [x.mul(2), x.mul(3)];
      }
      static backward(_ctx: Ctx, g0: Tensor | null, g1: Tensor | null): Tensor | null {
        if (g0 === null && g1 === null) throw "no gradient"; // anything can be thrown
        const first = g0 === null ? 0 : g0.mul(2);
        return g1 === null ? (first as Tensor) : g1.mul(3).add(first);
      }
    }
    const { cause, op, says } = verdict(
      check(
        (x) => Both.apply(x),
        () => [vector()],
      ),
    );
    assert.deepEqual({ cause, op }, { cause: "undefined-grad", op: "Both" });
    assert.match(says, /handle undefined output grads, but it threw: no gradient/);
  });

  it("nobody where the inputs change in the first run alone", () => {
    let isFirst = true;
    const { says, op } = verdict(
      check(
        (x) => {
          if (isFirst) noGrad(() => x.add_(0.5));
          isFirst = false;
          return x.mul(x);
        },
        () => [vector()],
      ),
    );
    assert.deepEqual({ says, op }, { says: "The function changes its inputs in place.", op: null });
  });

  it("an op in a function that refuses double precision, as well as single precision can tell", () => {
    const { cause, op } = verdict(
      check(
        (x) => {
          if (x.dtype !== "float32") throw new Error("float32 only");
          return negatedCos(x);
        },
        () => [tensor([0.6, -1.3, 2.1], { requiresGrad: true })],
      ),
    );
    assert.deepEqual({ cause, op }, { cause: "sign", op: "NegatedCosine" });
  });

  it("a backward that reads its gradient transposed, where the input has one dimension alone", () => {
    const { cause, op, says } = verdict(
      check(
        custom(
          "Folded",
          (x) => x.mul(2).reshape(2, 3),
          (g) => g.t().reshape(6).mul(2),
        ),
        () => [double([1, 2, 3, 4, 5, 6])],
      ),
    );
    assert.deepEqual({ cause, op }, { cause: "transposed", op: "Folded" });
    assert.match(says, /is made of the transposed gradOutput/);
  });
});

describe("gradcheck", () => {
  it("takes one input as it is, without a list", () => {
    assert.equal(
      gradcheck((x) => x.sin(), vector()),
      true,
    );
  });
});

describe("the factor that gradcheck names", () => {
  const says = (backward: (g: Tensor, x: Tensor) => Tensor): string =>
    verdict(check(square(backward), () => [vector()])).says;

  it("is negative, too, and one that nobody has a name for when all entries agree on it", () => {
    assert.match(
      says((g, x) => g.mul(x).mul(-1)),
      /lacks the factor −2\. Multiply by −2/,
    );
    assert.match(
      says((g, x) => g.mul(x).mul(-8)),
      /has the factor −4 too much\. Divide by −4/,
    );
    assert.match(
      says((g, x) => g.mul(x).mul(2 / 0.7371)),
      /lacks the factor 0\.7371/,
    );
    assert.match(
      says((g, x) => g.mul(x).mul(-2 / 0.7371)),
      /lacks the factor −0\.7371/,
    );
  });

  it("is a value of the op, missing or too much", () => {
    assert.match(
      says((g, x) => g.mul(x).mul(x).mul(2)),
      /has a factor too much: its input/,
    );
    assert.match(
      says((g) => g.mul(2)),
      /factor/,
    );
  });
});

describe("what gradcheck tells whoever listens", () => {
  function listened(run: () => unknown): { started: string[]; reports: GradcheckReport[]; error: unknown } {
    const started: string[] = [];
    const reports: GradcheckReport[] = [];
    const before = observe(
      Object.assign(new SilentObserver(), {
        gradcheckStart: (name: string) => started.push(name),
        gradcheck: (report: GradcheckReport) => reports.push(report),
      }),
    );
    try {
      run();
      return { started, reports, error: null };
    } catch (error) {
      return { started, reports, error };
    } finally {
      observe(before);
    }
  }

  it("of a function that throws: that the check could not be made, and the error passes through", () => {
    const broken = new RangeError("out of cheese");
    const { started, reports, error } = listened(() =>
      gradcheck(
        function cheese() {
          throw broken;
        },
        [vector()],
        { eps: 1e-4 },
      ),
    );
    assert.equal(error, broken);
    assert.deepEqual(started, ["gradcheck cheese"]);
    assert.equal(reports.length, 1);
    assert.deepEqual(
      { passed: reports[0]?.passed, eps: reports[0]?.eps, atol: reports[0]?.atol, diagnosis: reports[0]?.diagnosis },
      { passed: false, eps: 1e-4, atol: 1e-5, diagnosis: "The check could not be made. RangeError: out of cheese" },
    );
    const thrown = listened(() =>
      gradcheck(() => {
        throw "a text";
      }, [vector()]),
    );
    assert.equal(thrown.reports[0]?.diagnosis, "The check could not be made. a text");
  });

  it("of a function that changes its inputs: the op that wrote, and the inputs have their numbers again", () => {
    const x = vector();
    const { reports, error } = listened(() =>
      gradcheck(
        (y) => {
          noGrad(() => y.mul_(2));
          return y.mul(y);
        },
        [x],
      ),
    );
    assert.match(String(error), /changes its input 0 in place/);
    assert.equal(reports[0]?.blame?.op, "mul_");
    assert.deepEqual([...x.toArray()], [0.6, -1.3, 2.1]);
  });

  it("of an input written to by other means than ops: that it changed, and nobody is to blame", () => {
    const x = vector();
    const { reports } = listened(() =>
      gradcheck(
        (y) => {
          y.data.storage.values.fill(7);
          return y.mul(y);
        },
        [x],
        { raiseException: false },
      ),
    );
    assert.match(reports[0]?.diagnosis ?? "", /changes its input 0 in place/);
    assert.equal(reports[0]?.blame, null);
    assert.equal(x.toArray()[0], 0.6);
  });

  it("of results that are NaN: the same in every run is no randomness", () => {
    const { reports } = listened(() => gradcheck((x) => x.log(), [double([-1, 2])], { raiseException: false }));
    assert.equal(reports[0]?.passed, false);
    assert.notEqual(reports[0]?.cause, "nondeterministic");
  });

  it("of functions that give another number of results: that they are not deterministic", () => {
    let calls = 0;
    const { reports } = listened(() =>
      gradcheck((x) => (calls++ % 2 === 0 ? [x.sin(), x.cos().detach()] : [x.sin()]), [vector()], {
        raiseException: false,
      }),
    );
    assert.equal(reports.length, 1);
    assert.equal(reports[0]?.passed, false);
  });
});
