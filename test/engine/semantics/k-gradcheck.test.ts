import assert from "node:assert/strict";
import { setWarningHandler } from "../../../engine/autograd/warnings.ts";
import { unitVector } from "../../../engine/gradcheck/pseudoRandom.ts";
import { autograd, gradcheck, gradgradcheck, type Tensor, tensor } from "../../../engine/index.ts";

type Ctx = autograd.FunctionCtx;
const double = (...values: number[]) => tensor(values, { dtype: "float64", requiresGrad: true });

class WrongSquare extends autograd.Function {
  static forward(ctx: Ctx, a: Tensor): Tensor {
    ctx.saveForBackward(a);
    return a.mul(a);
  }
  static backward(ctx: Ctx, g: Tensor): Tensor {
    return g.mul(ctx.savedTensors[0] as Tensor); // the factor 2 is missing
  }
}

describe("gradcheck", () => {
  it("[68] passes right gradients, throws on wrong ones or gives false, and lets the function's own errors through", () => {
    assert.equal(
      gradcheck((x) => x.mul(x).sum(), [double(1, 2)]),
      true,
    );
    assert.throws(() => gradcheck((x) => WrongSquare.apply(x), [double(1, 2)]), { name: "GradcheckError" });
    assert.equal(
      gradcheck((x) => WrongSquare.apply(x), [double(1, 2)], { raiseException: false }),
      false,
    );
    assert.throws(
      () =>
        gradcheck(
          () => {
            throw new TypeError("mine");
          },
          [double(1)],
          { raiseException: false },
        ),
      /mine/,
    );
  });

  it("[69] says which output and input differ and shows both Jacobians", () => {
    assert.throws(
      () => gradcheck((x) => WrongSquare.apply(x), [double(1, 2)]),
      /Jacobian mismatch for output 0 with respect to input 0,\nnumerical:tensor\([\s\S]*analytical:tensor\(/,
    );
  });

  it("[70] needs an input that requires grad, warns about float32 and refuses strides of 0", () => {
    assert.throws(
      () => gradcheck((x) => x.mul(2), [tensor([1], { dtype: "float64" })]),
      /gradcheck expects at least one input tensor to require gradient/,
    );
    const warnings: string[] = [];
    const before = setWarningHandler((text) => warnings.push(text));
    gradcheck((x) => x.mul(2), [tensor([1], { requiresGrad: true })], { raiseException: false });
    setWarningHandler(before);
    assert.match(warnings[0] ?? "", /Input #0 requires gradient and is not a double precision/);
    assert.throws(
      () => gradcheck((x) => x.mul(2), [tensor([1], { dtype: "float64" }).expand(3).requiresGrad_()]),
      /dimension with stride 0/,
    );
  });

  it("[71] finds outputs without grad that depend on the input, and backwards that differ from run to run", () => {
    assert.throws(
      () => gradcheck((x) => x.detach().mul(2), [double(1)]),
      /Numerical gradient for function expected to be zero/,
    );
    let run = 0;
    class Shaky extends autograd.Function {
      static forward(_ctx: Ctx, a: Tensor): Tensor {
        return a.mul(2);
      }
      static backward(_ctx: Ctx, g: Tensor): Tensor {
        return g.mul(2 + 1e-9 * run++);
      }
    }
    assert.throws(() => gradcheck((x) => Shaky.apply(x), [double(1)]), /Backward is not reentrant/);
    assert.equal(
      gradcheck((x) => Shaky.apply(x), [double(1)], { nondetTol: 1e-3 }),
      true,
    );
  });

  it("[69] fast mode passes what slow mode passes, and shows both modes where it fails", () => {
    const fn = (x: Tensor, w: Tensor) => [x.mm(w).tanh().sum(1), x.pow(2).mean()];
    const x = tensor(
      [
        [0.5, -1, 2],
        [1, 0.3, -0.2],
      ],
      { dtype: "float64", requiresGrad: true },
    );
    const w = tensor(
      [
        [0.1, 2],
        [1, -1],
        [0.4, 0.6],
      ],
      { dtype: "float64", requiresGrad: true },
    );
    assert.equal(gradcheck(fn, [x, w], { fastMode: true }), true);
    assert.equal(gradgradcheck(fn, [x, w], null, { fastMode: true, genNonContigGradOutputs: true }), true);
    assert.throws(
      () => gradcheck((a) => WrongSquare.apply(a), [double(1, 2)], { fastMode: true }),
      /^GradcheckError: Jacobian mismatch for output 0 with respect to input 0,\nnumerical:tensor\([\d.]+\)\nanalytical:tensor\([\d.]+\)\n\nThe above quantities relating the numerical and analytical jacobians are computed\nin fast mode[\s\S]*Numerical:\ntensor\([\s\S]*Analytical:\ntensor\([\s\S]*The max per-element difference \(slow mode\) is: 2\.0/,
    );
    assert.throws(() => gradcheck((a) => a.detach().mul(2), [double(1)], { fastMode: true }), /expected to be zero/);
    assert.deepEqual(x.tolist(), [
      [0.5, -1, 2],
      [1, 0.3, -0.2],
    ]);
  });

  it("[69] fast mode says so when slow mode would pass", () => {
    // Two slopes that cancel along the direction that fast mode takes; one is off by half of what rtol allows.
    const [u0 = 0, u1 = 0] = unitVector(2, 1);
    class Cancels extends autograd.Function {
      static forward(_ctx: Ctx, a: Tensor): Tensor {
        return a.mul(tensor([1e6 * u1, -1e6 * u0], { dtype: "float64" })).sum();
      }
      static backward(_ctx: Ctx, g: Tensor): Tensor {
        return g.mul(tensor([1.0005e6 * u1, -1e6 * u0], { dtype: "float64" }));
      }
    }
    assert.equal(
      gradcheck((a) => Cancels.apply(a), [double(1, 1)]),
      true,
    );
    assert.throws(() => gradcheck((a) => Cancels.apply(a), [double(1, 1)], { fastMode: true }), /slow mode would pass/);
  });

  it("[71] finds a backward that can't do without one of its output gradients, or adds something of its own", () => {
    class NeedsIt extends autograd.Function {
      static forward(ctx: Ctx, a: Tensor): Tensor {
        ctx.setMaterializeGrads(false);
        return a.mul(2);
      }
      static backward(_ctx: Ctx, g: Tensor): Tensor {
        return g.mul(2);
      }
    }
    const words = /Expected backward function to handle undefined output grads/;
    assert.throws(() => gradcheck((x) => NeedsIt.apply(x), [double(1)]), words);
    assert.throws(() => gradcheck((x) => [x.mul(3), NeedsIt.apply(x)], [double(1)]), words);
    assert.equal(
      gradcheck((x) => NeedsIt.apply(x), [double(1)], { checkUndefinedGrad: false }),
      true,
    );
    class AddsOwn extends autograd.Function {
      static forward(_ctx: Ctx, a: Tensor): Tensor {
        return a.mul(2);
      }
      static backward(_ctx: Ctx, g: Tensor): Tensor {
        return g.mul(2).add(1e-9);
      }
    }
    assert.throws(
      () => gradcheck((x) => AddsOwn.apply(x), [double(1)]),
      /Expected all input grads to be undefined or zero/,
    );
  });

  it("[71] outputs must keep their shapes when inputs are perturbed", () => {
    const changing = (x: Tensor): Tensor => (x.item() > 1 ? x.expand(2).mul(1) : x.mul(1));
    for (const fastMode of [false, true]) {
      assert.throws(
        () => gradcheck(changing, [double(1)], { fastMode }),
        /outputs with the same shape when inputs are perturbed/,
      );
    }
  });

  it("[68] NaN on one side only is a mismatch, on both sides it is none; output gradients may be given", () => {
    class NanBackward extends autograd.Function {
      static forward(_ctx: Ctx, a: Tensor): Tensor {
        return a.mul(2);
      }
      static backward(_ctx: Ctx, g: Tensor): Tensor {
        return g.mul(Number.NaN);
      }
    }
    for (const fastMode of [false, true]) {
      const options = { fastMode, raiseException: false, checkUndefinedGrad: false };
      assert.equal(
        gradcheck((x) => NanBackward.apply(x), [double(1)], options),
        false,
      );
      assert.equal(
        gradcheck((x) => x.mul(Number.NaN), [double(1)], { ...options, nondetTol: 1 }),
        true,
      );
    }
    assert.equal(
      gradgradcheck((x) => x.pow(3), double(1, 2), double(1, 1)),
      true,
    );
    assert.equal(
      gradgradcheck((x) => x.pow(3), [double(1, 2)], [double(1, 1)]),
      true,
    );
    assert.equal(
      gradcheck((x) => x.sum(), [tensor([], { dtype: "float64", requiresGrad: true })], { fastMode: true }),
      true,
    );
  });

  it("[72] fails at a kink, as it must", () => {
    assert.equal(
      gradcheck((x) => x.relu(), [double(0)], { raiseException: false }),
      false,
    );
  });

  it("[73] gradgradcheck finds a backward that is right itself and wrong to differentiate", () => {
    class Detaching extends autograd.Function {
      static forward(ctx: Ctx, a: Tensor): Tensor {
        ctx.saveForBackward(a);
        return a.mul(a);
      }
      static backward(ctx: Ctx, g: Tensor): Tensor {
        return g.mul((ctx.savedTensors[0] as Tensor).detach()).mul(2);
      }
    }
    assert.equal(
      gradcheck((x) => Detaching.apply(x), [double(1, 2)]),
      true,
    );
    assert.throws(() => gradgradcheck((x) => Detaching.apply(x), [double(1, 2)]), { name: "GradcheckError" });
    // Options may stand right behind the inputs.
    assert.equal(
      gradgradcheck((x) => Detaching.apply(x), [double(1, 2)], { raiseException: false }),
      false,
    );
    assert.equal(
      gradgradcheck((x) => x.pow(3), [double(1, 2)]),
      true,
    );
  });
});
