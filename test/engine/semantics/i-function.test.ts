import assert from "node:assert/strict";
import { autograd, isGradEnabled, noGrad, type Tensor, tensor } from "../../../engine/index.ts";

type Ctx = autograd.FunctionCtx;
const leaf = (...values: number[]) => tensor(values, { requiresGrad: true });

describe("custom Functions", () => {
  it("[58] the number and shapes of gradients are checked; broadcast-compatible shapes are summed", () => {
    class Bad1 extends autograd.Function {
      static forward(_ctx: Ctx, a: Tensor, b: Tensor): Tensor {
        return a.add(b);
      }
      static backward(_ctx: Ctx, g: Tensor): Tensor {
        return g;
      }
    }
    assert.throws(
      () => Bad1.apply(leaf(1), leaf(2)).backward(),
      /function Bad1Backward returned an incorrect number of gradients \(expected 2, got 1\)/,
    );
    class Bad2 extends autograd.Function {
      static forward(_ctx: Ctx, a: Tensor): Tensor {
        return a.clone();
      }
      static backward(): Tensor {
        return tensor([1, 2, 3, 4, 5, 6, 7]);
      }
    }
    assert.throws(
      () =>
        Bad2.apply(leaf(1, 2, 3))
          .sum()
          .backward(),
      /Function Bad2Backward returned an invalid gradient at index 0 - got \[7\] but expected shape compatible with \[3\]/,
    );
    class Wide extends autograd.Function {
      static forward(_ctx: Ctx, a: Tensor): Tensor {
        return a.clone();
      }
      static backward(): Tensor {
        return tensor([
          [1, 2, 3],
          [10, 20, 30],
        ]);
      }
    }
    const x = leaf(1, 2, 3);
    Wide.apply(x).sum().backward();
    assert.deepEqual(x.grad?.tolist(), [11, 22, 33]);
  });

  it("[59] a missing backward, a gradient that is no tensor and saving what is no tensor are refused", () => {
    class NoBackward extends autograd.Function {
      static forward(_ctx: Ctx, a: Tensor): Tensor {
        return a.clone();
      }
    }
    assert.throws(() => NoBackward.apply(leaf(1)).backward(), /You must implement the static backward/);
    class GivesNumber extends autograd.Function {
      static forward(_ctx: Ctx, a: Tensor): Tensor {
        return a.clone();
      }
      static backward(): number {
        return 1;
      }
    }
    assert.throws(() => GivesNumber.apply(leaf(1)).backward(), /expected Tensor or null at index 0 \(got number\)/);
    class SavesNumber extends autograd.Function {
      static forward(ctx: Ctx, a: Tensor): Tensor {
        ctx.saveForBackward(1 as never);
        return a.clone();
      }
    }
    assert.throws(
      () => SavesNumber.apply(leaf(1)),
      /saveForBackward can only save tensors, but argument 0 is of type number/,
    );
  });

  it("[60] inputs marked dirty must be returned and must not be leaves that require grad", () => {
    class InPlaceDouble extends autograd.Function {
      static forward(ctx: Ctx, a: Tensor): Tensor {
        ctx.markDirty(a);
        a.mul_(2);
        return a;
      }
      static backward(_ctx: Ctx, g: Tensor): Tensor {
        return g.mul(2);
      }
    }
    const x = leaf(3);
    const y = x.mul(1);
    const z = InPlaceDouble.apply(y);
    assert.equal(z, y);
    z.backward();
    assert.equal(x.grad?.item(), 2);
    assert.throws(
      () => InPlaceDouble.apply(leaf(1)),
      /a leaf Variable that requires grad has been used in an in-place operation/,
    );
    class Forgets extends autograd.Function {
      static forward(ctx: Ctx, a: Tensor): Tensor {
        ctx.markDirty(a);
        return a.clone();
      }
    }
    assert.throws(() => Forgets.apply(leaf(1).mul(1)), /must all be outputs of the Function/);
  });

  it("[61] undefined output gradients are zeros unless told otherwise; non-differentiable outputs and plain values pass through; extra nulls are ignored", () => {
    const seen: (number[] | null)[] = [];
    class Two extends autograd.Function {
      static forward(ctx: Ctx, a: Tensor, materialize: boolean): [Tensor, Tensor] {
        ctx.setMaterializeGrads(materialize);
        return [a.mul(2), a.mul(3)];
      }
      static backward(_ctx: Ctx, g0: Tensor | null, g1: Tensor | null): (Tensor | null)[] {
        seen.push((g0?.tolist() as number[]) ?? null, (g1?.tolist() as number[]) ?? null);
        return [g0, null, null, null];
      }
    }
    Two.apply(leaf(1), true)[0].backward();
    Two.apply(leaf(1), false)[0].backward();
    assert.deepEqual(seen, [[1], [0], [1], null]);

    class WithIndex extends autograd.Function {
      static forward(ctx: Ctx, a: Tensor): [Tensor, Tensor, string] {
        const flag = a.mul(0);
        ctx.markNonDifferentiable(flag);
        return [a.mul(2), flag, "plain"];
      }
      static backward(_ctx: Ctx, g: Tensor, none: Tensor): Tensor {
        assert.deepEqual(none.tolist(), [0]);
        return g.mul(2);
      }
    }
    const x = leaf(1);
    const [value, flag, plain] = WithIndex.apply(x) as unknown as [Tensor, Tensor, string];
    assert.deepEqual([value.requiresGrad, flag.requiresGrad, plain], [true, false, "plain"]);
    value.backward();
    assert.equal(x.grad?.item(), 2);
  });

  it("[58] a gradient for an argument that was no tensor is refused", () => {
    class Scaled extends autograd.Function {
      static forward(_ctx: Ctx, a: Tensor, _factor: number): Tensor {
        return a.clone();
      }
      static backward(_ctx: Ctx, g: Tensor): Tensor[] {
        return [g, g];
      }
    }
    assert.throws(
      () => Scaled.apply(leaf(1), 2).backward(),
      /different from null at position 1, but the corresponding forward input was not a Tensor/,
    );
  });

  it("[60] markDirty bumps the version, whether forward wrote or not, and works without recording", () => {
    class Claims extends autograd.Function {
      static forward(ctx: Ctx, a: Tensor): Tensor {
        ctx.markDirty(a);
        return a;
      }
      static backward(_ctx: Ctx, g: Tensor): Tensor {
        return g;
      }
    }
    const y = leaf(1).mul(1);
    Claims.apply(y);
    assert.equal(y._version, 1);
    class Doubles extends Claims {
      static override forward(ctx: Ctx, a: Tensor): Tensor {
        return Claims.forward(ctx, a.mul_(2));
      }
    }
    Doubles.apply(y);
    assert.equal(y._version, 3);
    const plain = tensor([1]);
    assert.equal(Claims.apply(plain), plain);
    assert.equal(plain.gradFn, null);
    class Two extends autograd.Function {
      static forward(ctx: Ctx, a: Tensor): [Tensor, Tensor] {
        ctx.markDirty(a);
        return [a, a.mul(2)];
      }
      static backward(_ctx: Ctx, g: Tensor): Tensor {
        return g;
      }
    }
    assert.throws(() => Two.apply(leaf(1, 2).mul(1).narrow(0, 0, 1)), /cannot return more than one Tensor/);
  });

  it("[64] outputs and nulls can be saved, savedTensors is there in forward, and views of inputs may be returned", () => {
    class Exp extends autograd.Function {
      static forward(ctx: Ctx, a: Tensor): Tensor {
        const out = a.exp();
        ctx.saveForBackward(out, null);
        assert.equal(ctx.savedTensors[0], out);
        return out;
      }
      static backward(ctx: Ctx, g: Tensor): Tensor {
        assert.equal(ctx.savedTensors[1], null);
        return g.mul(ctx.savedTensors[0] as Tensor);
      }
    }
    const x = leaf(0);
    Exp.apply(x).backward();
    assert.equal(x.grad?.item(), 1);
    class Part extends autograd.Function {
      static forward(_ctx: Ctx, a: Tensor): Tensor {
        return a.narrow(0, 0, 1);
      }
      static backward(_ctx: Ctx, g: Tensor): Tensor {
        return g.expand(2);
      }
    }
    const part = Part.apply(leaf(1, 2).clone());
    assert.equal(part.gradFn?.name, "PartBackward");
  });

  it("[61] a backward runs on zeros even when nothing arrived", () => {
    const seen: unknown[] = [];
    class Cut extends autograd.Function {
      static forward(_ctx: Ctx, a: Tensor): Tensor {
        return a.clone();
      }
      static backward(): null {
        return null;
      }
    }
    class Sees extends autograd.Function {
      static forward(_ctx: Ctx, a: Tensor): Tensor {
        return a.clone();
      }
      static backward(_ctx: Ctx, g: Tensor): Tensor {
        seen.push(g.tolist());
        return g;
      }
    }
    const x = leaf(1, 2);
    Cut.apply(Sees.apply(x)).sum().backward();
    assert.deepEqual([seen, x.grad?.tolist()], [[[0, 0]], [0, 0]]);
  });

  it("[62] a once-differentiable backward can be run once and not differentiated", () => {
    class Once extends autograd.Function {
      static override readonly onceDifferentiable = true;
      static forward(ctx: Ctx, a: Tensor): Tensor {
        ctx.saveForBackward(a);
        return a.pow(2);
      }
      static backward(ctx: Ctx, g: Tensor): Tensor {
        return g.mul((ctx.savedTensors[0] as Tensor).mul(2));
      }
    }
    const x = leaf(3);
    assert.equal(autograd.grad(Once.apply(x), x)[0]?.item(), 6);
    const seed = tensor([1], { requiresGrad: true });
    const [g] = autograd.grad(Once.apply(x), x, { gradOutputs: seed, createGraph: true });
    assert.throws(
      () => (g as Tensor).backward(),
      /trying to differentiate twice a function that was marked with onceDifferentiable/,
    );
    assert.throws(() => autograd.grad(g as Tensor, x), /appears to not have been used in the graph/);
    const [plain] = autograd.grad(Once.apply(x), x, { createGraph: true });
    assert.throws(() => (plain as Tensor).backward(), /element 0 of tensors does not require grad/);
  });

  it("[63] without a graph a returned input is a plain alias, also of one that was changed", () => {
    class Same extends autograd.Function {
      static forward(_ctx: Ctx, a: Tensor): Tensor {
        return a;
      }
    }
    class Twice extends autograd.Function {
      static forward(ctx: Ctx, a: Tensor): Tensor {
        ctx.markDirty(a.mul_(2));
        return a;
      }
    }
    const x = leaf(1);
    for (const fn of [Same, Twice]) {
      const y = noGrad(() => fn.apply(x));
      assert.notEqual(y, x);
      assert.deepEqual([y.requiresGrad, y._isView(), y.storage === x.storage], [false, false, true]);
      y.add_(1);
    }
    assert.deepEqual([x.item(), x.requiresGrad], [5, true]);
  });

  it("[63] returning an input gives a new tensor of this Function; forward runs without recording", () => {
    let recording = true;
    class Same extends autograd.Function {
      static forward(_ctx: Ctx, a: Tensor): Tensor {
        recording = isGradEnabled();
        return a;
      }
      static backward(_ctx: Ctx, g: Tensor): Tensor {
        return g.mul(7);
      }
    }
    const x = leaf(1);
    const y = Same.apply(x);
    assert.notEqual(y, x);
    assert.equal(y.gradFn?.name, "SameBackward");
    assert.equal(recording, false);
    y.backward();
    assert.equal(x.grad?.item(), 7);
  });

  it("[64] saved tensors are freed and version-checked", () => {
    class Square extends autograd.Function {
      static forward(ctx: Ctx, a: Tensor): Tensor {
        ctx.saveForBackward(a);
        return a.mul(a);
      }
      static backward(ctx: Ctx, g: Tensor): Tensor {
        return g.mul(ctx.savedTensors[0] as Tensor).mul(2);
      }
    }
    const x = leaf(3);
    const y = Square.apply(x);
    y.backward();
    assert.throws(() => y.backward(), /a second time/);
    const z = Square.apply(x);
    noGrad(() => x.add_(1));
    assert.throws(() => z.backward(), /modified by an inplace operation/);
  });

  it("its backward can be differentiated again", () => {
    class Cube extends autograd.Function {
      static forward(ctx: Ctx, a: Tensor): Tensor {
        ctx.saveForBackward(a);
        return a.pow(3);
      }
      static backward(ctx: Ctx, g: Tensor): Tensor {
        return g.mul((ctx.savedTensors[0] as Tensor).pow(2).mul(3));
      }
    }
    const x = tensor([0.5, -2], { dtype: "float64", requiresGrad: true });
    assert.equal(
      autograd.gradcheck((a) => Cube.apply(a), [x]),
      true,
    );
    assert.equal(
      autograd.gradgradcheck((a) => Cube.apply(a), [x]),
      true,
    );
  });
});
