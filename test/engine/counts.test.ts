import assert from "node:assert/strict";
import { binomial, Generator, manualSeed, poisson, type Tensor, tensor } from "../../engine/index.ts";

const dtypes = ["float32", "float64"] as const;

/** So that every number and its place count. */
const mixture = (x: Tensor): number =>
  Array.from(x.toArray(), Number).reduce((sum, value, i) => sum + value * ((i % 7) + 1), 0);

// The literals are PyTorch's, of both dtypes: rates and numbers of trials for each way of drawing.
describe("random counts after the same seed", () => {
  for (const dtype of dtypes) {
    it(`are PyTorch's Poisson numbers (${dtype})`, () => {
      manualSeed(11);
      const rates = tensor([0, 0.3, 1.5, 7.25, 9.99, 10, 13.7, 55.5, 200.1, 1234.5, 1e5, 1e7], { dtype });
      const drawn = poisson(rates.repeat(100, 1));
      assert.deepEqual(drawn.index(1).tolist(), [0, 0, 0, 10, 16, 15, 15, 62, 203, 1227, 99660, 9993605]);
      assert.equal(mixture(drawn), 4040462649);
    });

    it(`are PyTorch's binomial numbers (${dtype})`, () => {
      manualSeed(12);
      const counts = tensor([0, 1, 9, 21, 100, 1000, 1e6, 12.5], { dtype }).unsqueeze(1);
      const drawn = binomial(counts, tensor([0, 0.01, 0.1, 0.3, 0.5, 0.55, 0.7, 0.99, 1], { dtype }).repeat(40));
      assert.deepEqual(drawn.index(4).narrow(0, 0, 9).tolist(), [0, 1, 11, 34, 56, 52, 72, 98, 100]);
      assert.equal(mixture(drawn), dtype === "float32" ? 667961233 : 667977041);
    });
  }
});

describe("poisson", () => {
  it("takes the numbers of a generator, and has no slope", () => {
    const rate = tensor([3, 30], { requiresGrad: true });
    const draw = (): Tensor => poisson(rate, { generator: new Generator(4) });
    assert.deepEqual(draw().tolist(), draw().tolist());
    draw().sum().backward();
    assert.deepEqual(rate.grad?.tolist(), [0, 0]);
    assert.equal(draw().gradFn?.name, "PoissonBackward0");
  });

  it("refuses rates below 0, NaN and integers", () => {
    assert.throws(() => poisson(tensor([1, -1])), /invalid Poisson rate, expected rate to be non-negative/);
    assert.throws(() => poisson(tensor([Number.NaN])), /invalid Poisson rate/);
    assert.throws(() => poisson(tensor([1]).long()), /not implemented for 'int64'/);
    assert.throws(() => poisson(tensor([1]), { seed: 1 } as never), /seed/);
  });
});

describe("binomial", () => {
  it("has certain answers at the ends", () => {
    const probabilities = tensor([-1, 0, 1, 2, Number.NaN]);
    assert.deepEqual(binomial(tensor(5), probabilities).tolist(), [0, 0, 5, 5, Number.NaN]);
    assert.deepEqual(binomial(tensor([-3]), tensor([0.5])).tolist(), [0]);
  });

  it("refuses other dtypes, shapes that do not broadcast, and a derivative", () => {
    const half = tensor([0.5, 0.5]);
    assert.throws(
      () => binomial(tensor([1]).long(), half),
      /only supports floating-point dtypes for count, got: int64/,
    );
    assert.throws(() => binomial(tensor([1]).double(), half), /Found dtype float32 but expected float64/);
    assert.throws(() => binomial(tensor([1, 2, 3]), half), /must match the size/);
    const count = tensor([5], { requiresGrad: true });
    assert.throws(() => binomial(count, half).sum().backward(), /derivative for binomial is not implemented/);
  });
});
