import assert from "node:assert/strict";
import { nn, noGrad, type Tensor, tensor } from "../../../engine/index.ts";
import { near } from "../../support/near.ts";

const { fuseConvBnEval, fuseLinearBnEval, fuseLinearBnWeights } = nn.utils;

const sines = (shape: readonly number[], from: number): Tensor => {
  const n = shape.reduce((product, size) => product * size, 1);
  const values = Array.from({ length: n }, (_, i) => Math.sin(i + from));
  return tensor(values, { dtype: "float64" }).reshape(shape);
};

/** A norm that has seen something. */
function seen<Norm extends nn.BatchNorm1d | nn.BatchNorm2d>(norm: Norm): Norm {
  noGrad(() => {
    norm.double().runningMean?.copy_(sines([norm.numFeatures], 1));
    norm.runningVar?.copy_(sines([norm.numFeatures], 2).abs());
    norm.weight?.copy_(sines([norm.numFeatures], 3));
    norm.bias?.copy_(sines([norm.numFeatures], 4));
  });
  norm.eval();
  return norm;
}

function filled<Layer extends nn.Module>(layer: Layer): Layer {
  noGrad(() => {
    layer.parameters().forEach((p, i) => void p.copy_(sines(p.shape, i)));
  });
  return layer.double().eval();
}

describe("fusing a layer with the batch norm behind it", () => {
  it("gives a layer that does the same", () => {
    const x = sines([2, 2, 4, 4], 5);
    const norm = seen(new nn.BatchNorm2d(3));
    const conv = filled(new nn.Conv2d(2, 3, 2).double());
    const fused = fuseConvBnEval(conv, norm);
    near(fused.forward(x), norm.forward(conv.forward(x)).toArray() as unknown as number[], 1e-12);
    const bare = filled(new nn.Conv2d(2, 3, 2, { bias: false }).double());
    const fusedBare = fuseConvBnEval(bare, norm);
    near(fusedBare.forward(x), norm.forward(bare.forward(x)).toArray() as unknown as number[], 1e-12);
    assert.equal(bare.bias, null);
    assert.deepEqual([fusedBare.weight.requiresGrad, fusedBare.bias?.requiresGrad], [true, false]);
    const transposed = filled(new nn.ConvTranspose2d(2, 3, 2).double());
    const plain = seen(new nn.BatchNorm2d(3, { affine: false }));
    const fusedTransposed = fuseConvBnEval(transposed, plain, true);
    near(fusedTransposed.forward(x), plain.forward(transposed.forward(x)).toArray() as unknown as number[], 1e-12);
  });

  it("has PyTorch's weights for a linear layer", () => {
    const linear = filled(new nn.Linear(2, 3).double());
    const norm = seen(new nn.BatchNorm1d(3));
    const fused = fuseLinearBnEval(linear, norm);
    near(fused.weight, [0.0, 0.12452953572, -1.83180328822, -0.28428992228, 0.83420487046, 1.05699876161], 1e-10);
    near(fused.bias, [-0.75680249531, -0.95892427466, -0.2794154982], 1e-10);
    const figures = [norm.runningMean as Tensor, norm.runningVar as Tensor] as const;
    const [weight] = fuseLinearBnWeights(linear.weight, null, ...figures, norm.eps, norm.weight, norm.bias);
    near(weight, [0.0, 0.12452953572, -1.83180328822, -0.28428992228, 0.83420487046, 1.05699876161], 1e-10);
  });

  it("is for evaluation, sizes that fit and norms with running figures", () => {
    const norm = new nn.BatchNorm1d(3);
    assert.throws(() => fuseLinearBnEval(new nn.Linear(2, 3).eval(), norm), /Fusion only for eval!/);
    assert.throws(() => fuseConvBnEval(new nn.Conv1d(2, 3, 1), norm.eval()), /Fusion only for eval!/);
    assert.throws(() => fuseLinearBnEval(new nn.Linear(3, 2).eval(), norm), /To fuse, linear.outFeatures/);
    const forgetful = new nn.BatchNorm1d(3, { trackRunningStats: false }).eval();
    assert.throws(() => fuseLinearBnEval(new nn.Linear(2, 3).eval(), forgetful), /runningVar must not be null/);
  });
});
