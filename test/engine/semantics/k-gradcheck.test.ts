import assert from "node:assert/strict";
import { autograd, gradcheck, gradgradcheck, type Tensor, tensor } from "../../../engine/index.ts";
import { setWarningHandler } from "../../../engine/autograd/warnings.ts";

type Ctx = autograd.FunctionCtx;
const double = (...values: number[]) => tensor(values, { dtype: "float64", requiresGrad: true });

class WrongSquare extends autograd.Function {
  static forward(ctx: Ctx, a: Tensor): Tensor {
    ctx.saveForBackward(a);
    return a.mul(a);
  }
  static backward(ctx: Ctx, g: Tensor): Tensor {
    return g.mul(ctx.savedTensors[0]); // the factor 2 is missing
  }
}

describe("gradcheck", () => {
  it("[68] passes right gradients, throws on wrong ones or gives false, and lets the function's own errors through", () => {
    assert.equal(gradcheck((x) => x.mul(x).sum(), [double(1, 2)]), true);
    assert.throws(() => gradcheck((x) => WrongSquare.apply(x), [double(1, 2)]), { name: "GradcheckError" });
    assert.equal(gradcheck((x) => WrongSquare.apply(x), [double(1, 2)], { raiseException: false }), false);
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
    assert.throws(() => gradcheck((x) => WrongSquare.apply(x), [double(1, 2)]), /Jacobian mismatch for output 0 with respect to input 0,\nnumerical:tensor\([\s\S]*analytical:tensor\(/);
  });

  it("[70] needs an input that requires grad, warns about float32 and refuses strides of 0", () => {
    assert.throws(() => gradcheck((x) => x.mul(2), [tensor([1], { dtype: "float64" })]), /gradcheck expects at least one input tensor to require gradient/);
    const warnings: string[] = [];
    const before = setWarningHandler((text) => warnings.push(text));
    gradcheck((x) => x.mul(2), [tensor([1], { requiresGrad: true })], { raiseException: false });
    setWarningHandler(before);
    assert.match(warnings[0], /Input #0 requires gradient and is not a double precision/);
    assert.throws(() => gradcheck((x) => x.mul(2), [tensor([1], { dtype: "float64" }).expand(3).requiresGrad_()]), /dimension with stride 0/);
  });

  it("[71] finds outputs without grad that depend on the input, and backwards that differ from run to run", () => {
    assert.throws(() => gradcheck((x) => x.detach().mul(2), [double(1)]), /Numerical gradient for function expected to be zero/);
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
    assert.equal(gradcheck((x) => Shaky.apply(x), [double(1)], { nondetTol: 1e-3 }), true);
  });

  it("[72] fails at a kink, as it must", () => {
    assert.equal(gradcheck((x) => x.relu(), [double(0)], { raiseException: false }), false);
  });

  it("[73] gradgradcheck finds a backward that is right itself and wrong to differentiate", () => {
    class Detaching extends autograd.Function {
      static forward(ctx: Ctx, a: Tensor): Tensor {
        ctx.saveForBackward(a);
        return a.mul(a);
      }
      static backward(ctx: Ctx, g: Tensor): Tensor {
        return g.mul(ctx.savedTensors[0].detach()).mul(2);
      }
    }
    assert.equal(gradcheck((x) => Detaching.apply(x), [double(1, 2)]), true);
    assert.throws(() => gradgradcheck((x) => Detaching.apply(x), [double(1, 2)]), { name: "GradcheckError" });
    assert.equal(gradgradcheck((x) => x.pow(3), [double(1, 2)]), true);
  });
});
