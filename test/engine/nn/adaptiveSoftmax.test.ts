import assert from "node:assert/strict";
import { manualSeed, nn, noGrad, type Tensor, tensor } from "../../../engine/index.ts";
import { near } from "../../support/near.ts";

// The literals are PyTorch's.

const sines = (shape: readonly number[], from: number): Tensor => {
  const n = shape.reduce((product, size) => product * size, 1);
  const values = Array.from({ length: n }, (_, i) => Math.sin(i + from));
  return tensor(values, { dtype: "float64" }).reshape(shape);
};

const int = (data: number | number[] | number[][]): Tensor => tensor(data, { dtype: "int64" });

function newModule(): nn.AdaptiveLogSoftmaxWithLoss {
  const module = new nn.AdaptiveLogSoftmaxWithLoss(4, 10, [3, 6], { divValue: 2, headBias: true }).double();
  noGrad(() => {
    module.parameters().forEach((p, i) => void p.copy_(sines(p.shape, i).mul(2)));
  });
  return module;
}

describe("nn.AdaptiveLogSoftmaxWithLoss", () => {
  it("has PyTorch's log probabilities, loss and gradients", () => {
    const module = newModule();
    const x = sines([5, 4], 3).requiresGrad_();
    const { output, loss } = module.forward(x, int([0, 9, 4, 2, 7]));
    near(output, [-4.8894350445, -24.2259728042, -4.2422861218, -0.0720854414, -13.1674549969], 1e-9);
    near(loss, [9.3194468818], 1e-9);
    loss.backward();
    near(
      x.grad,
      [
        -0.1865746164, -0.6355118016, -0.5001623672, 0.095034041, 1.4043234974, 2.1617762944, 0.9317019359,
        -1.1549748857, -0.0784682214, -0.524914369, -0.4887566665, -0.0032383389, -0.0437095259, -0.0316408917,
        0.0095182324, 0.0419263375, 0.5120924778, 1.2155693135, 0.8014573282, -0.3495108285,
      ],
      1e-9,
    );
    const [, bias, , , projection, layer] = module.parameters();
    near(bias?.grad, [0.1430932751, 0.3581688928, 0.0747805215, -0.1927424761, -0.3833002132], 1e-9);
    near(projection?.grad, [-0.5503317208, -1.0089567462, -0.5399515921, 0.4254825656], 1e-9);
    near(layer?.grad, [-1.2376017573, 0.4704088004, -0.0001720528, 0.7673650097], 1e-9);
  });

  it("gives all log probabilities, which the targets' are among", () => {
    const module = newModule();
    const x = sines([5, 4], 3);
    const all = module.logProb(x);
    near(all.exp().sum(1), [1, 1, 1, 1, 1], 1e-12);
    for (let target = 0; target < 10; target++) {
      const { output } = module.forward(x.select(0, 1), int(target));
      assert.equal(output.ndim, 0);
      near(output, [all.index(1, target).item()], 1e-12);
    }
  });

  it("predicts from the head, and from clusters where that points to one", () => {
    const module = newModule();
    noGrad(() => module.head.bias?.copy_(tensor([0, 0, 0, 2, 3], { dtype: "float64" })));
    assert.deepEqual(module.predict(sines([6, 4], 0)).tolist(), [5, 9, 2, 4, 9, 2]);
    noGrad(() => module.head.bias?.copy_(tensor([9, 0, 0, 2, 3], { dtype: "float64" })));
    assert.deepEqual(module.predict(sines([2, 4], 0)).tolist(), [0, 0]);
  });

  it("begins with PyTorch's parameters, and with others after resetParameters", () => {
    manualSeed(5);
    const module = new nn.AdaptiveLogSoftmaxWithLoss({ inFeatures: 8, nClasses: 9, cutoffs: [2, 5] });
    near(tensor(module.parameters().map((p) => p.sum().item())), [0.402074, 1.094837, 0.342436, 0, 0]);
    assert.deepEqual(Object.keys(module.stateDict())[2], "tail.0.1.weight");
    const before = module.tail[0]?.parameters()[0]?.tolist();
    module.resetParameters();
    assert.notDeepEqual(module.tail[0]?.parameters()[0]?.tolist(), before);
  });

  it("refuses cutoffs that do not rise, targets that are no classes, and shapes that do not fit", () => {
    const make = (cutoffs: number[]) => new nn.AdaptiveLogSoftmaxWithLoss(4, 10, cutoffs);
    assert.throws(() => make([]), /cutoffs should be a sequence of length larger than 0/);
    for (const cutoffs of [[3, 3], [0, 2], [4, 10], [5, 2], [1.5]])
      assert.throws(() => make(cutoffs), /unique, positive integers sorted in an increasing order/);
    const module = make([3, 6]);
    const x = sines([2, 4], 0).float();
    assert.throws(() => module.forward(x, int([1, 10])), /should be in \[0, 9\], but values in range \[1, 10\] were/);
    assert.throws(() => module.forward(x, int([1])), /the same size in the batch dimension/);
    assert.throws(() => module.forward(x, int(1)), /0D target tensor expects 1D input tensors/);
    assert.throws(() => module.forward(x, int([[1], [2]])), /multi-target not supported/);
    assert.throws(() => module.forward(x, tensor([1, 2])), /Expected dtype int64/);
  });
});
