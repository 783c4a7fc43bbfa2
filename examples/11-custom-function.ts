// 11 · A custom Function
//
// When you know a better derivative than autograd would find. Here log(1 + eˣ): written naively, the gradient of large x
// is ∞/∞ = NaN; the derivative is simply the sigmoid.
import { autograd, type Tensor, tensor } from "gradlens";

class Softplus extends autograd.Function {
  static forward(ctx: autograd.FunctionCtx, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.exp().add(1).log().where(x.lt(20), x);
  }

  static backward(ctx: autograd.FunctionCtx, gradOutput: Tensor): Tensor {
    const [x] = ctx.savedTensors;
    return gradOutput.mul(x.sigmoid());
  }
}

const x = tensor([-2, 0, 2, 100], { requiresGrad: true });
const y = Softplus.apply(x);
y.sum().backward();

console.log("value:", y); // [0.1269, 0.6931, 2.1269, 100]
console.log("gradient:", x.grad); // sigmoid(x), finite everywhere
