import assert from "node:assert/strict";
import { eye, manualSeed, nn, type Tensor, zeros } from "../../../engine/index.ts";
import { near } from "../../support/near.ts";

/** The literals are what PyTorch 1.13 gives after the same seed. */
describe("nn.init", () => {
  const { init } = nn;
  const drawn: readonly [name: string, fill: () => Tensor, expected: readonly number[]][] = [
    [
      "xavierUniform_",
      () => init.xavierUniform_(zeros(3, 2)),
      [0.7235456, -0.81915, 0.8927214, 0.7009251, 0.9204006, -0.8398883],
    ],
    [
      "xavierNormal_ with a gain",
      () => init.xavierNormal_(zeros(3, 2), { gain: 2 }),
      [-0.6157343, -0.7637806, -0.7059421, 0.8443589, -0.2497125, 2.457448],
    ],
    [
      "kaimingUniform_ for ReLU",
      () => init.kaimingUniform_(zeros(3, 2), { nonlinearity: "relu" }),
      [1.144026, -1.29519, 1.411516, 1.10826, 1.455281, -1.32798],
    ],
    [
      "kaimingUniform_ of a kernel",
      () => init.kaimingUniform_(zeros(2, 1, 2, 2), { a: 0.1 }),
      [0.8049339, -0.9112923, 0.9931394, 0.7797688, 1.023932, -0.9343634, -0.8179898, 0.5798889],
    ],
    [
      "kaimingNormal_ by fan_out",
      () => init.kaimingNormal_(zeros(3, 2), { mode: "fan_out" }),
      [-0.3974548, -0.4930183, -0.4556837, 0.5450313, -0.1611888, 1.586276],
    ],
    [
      "orthogonal_ of a tall matrix",
      () => init.orthogonal_(zeros(3, 2)),
      [-0.6351358, -0.4803135, -0.7281859, 0.1111851, -0.2575808, 0.8700213],
    ],
    [
      "orthogonal_ of a wide one",
      () => init.orthogonal_(zeros(2, 3)),
      [-0.5094382, -0.6319267, -0.584073, -0.01296483, -0.6730407, 0.7394918],
    ],
    [
      "truncNormal_",
      () => init.truncNormal_(zeros(3, 2), 0, 0.5, -0.4, 0.6),
      [0.3705394, -0.2669035, 0.4627567, 0.3591726, 0.4793677, -0.2761573],
    ],
    [
      "sparse_",
      () => init.sparse_(zeros(4, 2), 0.4),
      [-0.004867807, 0, 0, 0, -0.001974151, 0.01942784, 0, -0.007625571],
    ],
    ["dirac_", () => init.dirac_(zeros(2, 2, 3)), [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]],
    ["dirac_ in groups", () => init.dirac_(zeros(4, 1, 3), 2), [0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]],
  ];
  for (const [name, fill, expected] of drawn) {
    it(`draws with ${name} what PyTorch draws`, () => {
      manualSeed(5);
      near(fill(), expected, 2e-6);
    });
  }

  it("makes orthogonal columns of the length asked for", () => {
    const q = init.orthogonal_(zeros([5, 3], { dtype: "float64" }), 2);
    const product = q.transpose(0, 1).matmul(q);
    assert.ok(
      product
        .sub(eye(3, { dtype: "float64" }).mul(4))
        .abs()
        .max()
        .item() < 1e-12,
    );
  });

  it("fills with constants and with the identity", () => {
    assert.deepEqual(init.constant_(zeros(2), 0.5).tolist(), [0.5, 0.5]);
    assert.deepEqual(init.ones_(zeros(2)).tolist(), [1, 1]);
    assert.deepEqual(init.zeros_(init.ones_(zeros(2))).tolist(), [0, 0]);
    assert.deepEqual(init.eye_(zeros(2, 3)).tolist(), [
      [1, 0, 0],
      [0, 1, 0],
    ]);
  });

  it("fills parameters in place, outside the graph, and gives them back", () => {
    const layer = new nn.Linear(2, 2);
    const { weight } = layer;
    assert.equal(init.normal_(weight, 3, 0.1), weight);
    assert.equal(weight.isLeaf && weight.requiresGrad, true);
    assert.ok(weight.mean().item() > 2);
  });

  it("knows the gains of nonlinearities", () => {
    assert.equal(init.calculateGain("tanh"), 5 / 3);
    assert.equal(init.calculateGain("relu"), Math.SQRT2);
    assert.equal(init.calculateGain("leaky_relu", 1), 1);
    assert.equal(init.calculateGain("selu"), 0.75);
    assert.equal(init.calculateGain("conv2d"), 1);
    assert.throws(() => init.calculateGain("softsign"), /Unsupported nonlinearity softsign/);
  });

  it("says what it can't do", () => {
    assert.throws(
      () => init.xavierUniform_(zeros(3)),
      /Fan in and fan out can not be computed for tensor with fewer than 2 dimensions/,
    );
    assert.throws(() => init.kaimingUniform_(zeros(2, 2), { mode: "fan" as "fan_in" }), /Mode fan not supported/);
    assert.throws(() => init.eye_(zeros(2, 2, 2)), /only tensors with 2 dimensions/);
    assert.throws(() => init.dirac_(zeros(3, 1, 3), 2), /divisible by groups/);
  });
});
