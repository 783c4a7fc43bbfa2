import assert from "node:assert/strict";
import { arange, F, manualSeed, nn, rand, type Tensor, zeros } from "../../../engine/index.ts";
import { near } from "../../support/near.ts";

// PyTorch's numbers for windows that are given stand in test/fixtures/golden/pooling.json.

const sines = (...shape: number[]): Tensor =>
  arange(shape.reduce((product, size) => product * size, 1))
    .float()
    .sin()
    .reshape(shape);

describe("fractional max pooling", () => {
  it("draws the windows that PyTorch draws after the same seed", () => {
    manualSeed(5);
    near(
      new nn.FractionalMaxPool2d(2, 3).forward(sines(1, 1, 7, 7)),
      [
        0.9893582463, 0.9092974067, 0.4201670289, 0.9906073809, -0.2879033089, 0.9563759565, -0.4281826615, 0.850903511,
        0.7451131344,
      ],
    );
    manualSeed(5);
    const volumes = new nn.FractionalMaxPool3d(2, { outputRatio: 0.5 }).forward(sines(1, 6, 6, 6));
    near(
      volumes,
      [
        0.8414709568, 0.9893582463, 0.9017883539, 0.4201670289, 0.9906073809, 0.9928726554, -0.0265511535, 0.9999118447,
        0.9510546327, 0.9454353452, 0.2366613895, 0.9995201826, 0.9988152385, 0.7210376859, 0.8600693941, 0.9948267937,
        0.9802396894, 0.4520258009, 0.4677451551, 0.9964691401, 0.9977992773, -0.0795485452, 0.9977972507, 0.9395300746,
        0.4677185118, 0.9765908718, 0.9964666367,
      ],
    );
  });

  it("keeps given windows, and gives places where these are asked for", () => {
    const samples = rand(1, 2, 2);
    const module = new nn.FractionalMaxPool2d(2, { outputSize: [3, 2], returnIndices: true, _randomSamples: samples });
    assert.deepEqual(Object.keys(module.stateDict()), ["_randomSamples"]);
    const x = sines(2, 6, 6);
    const [output, indices] = module.forward(x) as unknown as [Tensor, Tensor];
    assert.deepEqual(x.flatten(1).gather(1, indices.flatten(1)).tolist(), output.flatten(1).tolist());
    const again = F.fractionalMaxPool2d(x, { kernelSize: 2, outputSize: [3, 2], _randomSamples: samples });
    assert.deepEqual(again.tolist(), output.tolist());
  });

  it("refuses windows, sizes and samples that do not fit", () => {
    const x = zeros(2, 3, 6, 7);
    const refused: readonly [options: F.FractionalPoolOptions, says: RegExp][] = [
      [{}, /requires specifying either an outputSize or an outputRatio/],
      [{ outputRatio: [0.5] }, /either be a number or a list of 2/],
      [{ outputSize: 6 }, /pool height 2 too large relative to input height 6/],
      [{ outputSize: [3, 7] }, /pool width 2 too large relative to input width 7/],
      [{ outputSize: 3, _randomSamples: rand(1, 3, 2) }, /batch size, its channels and 2 as sizes, got \[1, 3, 2\]/],
      [{ outputSize: 3, _randomSamples: rand(2, 3) }, /to have 3 dimensions, got 2/],
      [{ outputSize: 3, _randomSamples: rand(2, 3, 2).double() }, /to have the same dtype as input/],
    ];
    for (const [options, says] of refused) assert.throws(() => F.fractionalMaxPool2d(x, 2, options), says);
    assert.throws(() => F.fractionalMaxPool2d(x.long(), 2, 3), /not implemented for 'int64'/);
    assert.throws(
      () => F.fractionalMaxPool3d(zeros(1, 4, 5, 6), 2, 3),
      /pool time 2 too large relative to input time 4/,
    );
    assert.throws(() => new nn.FractionalMaxPool2d(2), /requires specifying either an output size, or a pooling ratio/);
    assert.throws(() => new nn.FractionalMaxPool2d(2, 3, 0.5), /only one of outputSize and outputRatio/);
    assert.throws(() => new nn.FractionalMaxPool3d(2, null, 1.5), /outputRatio must be between 0 and 1 \(got 1.5\)/);
  });
});
