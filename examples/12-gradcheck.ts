// 12 · gradcheck: is my backward right?
//
// gradcheck compares a backward with finite differences. Cube is right; WrongCube has a sign error that no training curve
// would show you. Inputs are float64, because differences of float32 are mostly noise.
import { autograd, gradcheck, type Tensor, tensor } from "gradlens";

class Cube extends autograd.Function {
  static forward(ctx: autograd.FunctionCtx, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.pow(3);
  }

  static backward(ctx: autograd.FunctionCtx, gradOutput: Tensor): Tensor {
    const [x] = ctx.savedTensors;
    return gradOutput.mul(x.pow(2).mul(3));
  }
}

class WrongCube extends Cube {
  static override backward(ctx: autograd.FunctionCtx, gradOutput: Tensor): Tensor {
    const [x] = ctx.savedTensors;
    return gradOutput.mul(x.pow(2).mul(-3)); // the sign is wrong
  }
}

// gradcheck is told a function; its name is what the report calls it.
const cube = (input: Tensor): Tensor => Cube.apply(input);
const wrongCube = (input: Tensor): Tensor => WrongCube.apply(input);
const x = tensor([0.5, -1.2, 2], { dtype: "float64", requiresGrad: true });

console.log("Cube:", gradcheck(cube, [x])); // true
console.log("WrongCube:", gradcheck(wrongCube, [x], { raiseException: false })); // false
