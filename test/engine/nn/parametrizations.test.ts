import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { arange, eye, manualSeed, nn, noGrad, ones, optim, type Tensor, tensor } from "../../../engine/index.ts";
import { near } from "../../support/near.ts";

const { parametrize, parametrizations } = nn.utils;
const { registerParametrization, removeParametrizations, isParametrized, cached } = parametrize;

/** Only what stands on and above the diagonal is trained. */
class Symmetric extends nn.Module {
  calls = 0;

  override forward(x: Tensor): Tensor {
    this.calls++;
    return x.triu().add(x.triu(1).t());
  }
  rightInverse(value: Tensor): Tensor {
    return value.triu();
  }
}

class Doubled extends nn.Module {
  override forward(x: Tensor): Tensor {
    return x.mul(2);
  }
}

const originalOf = (module: nn.utils.parametrize.Parametrized, name = "weight"): Tensor => {
  const [original] = module.parametrizations.get(name).originals;
  assert.ok(original);
  return original;
};

describe("nn.utils.parametrize", () => {
  it("computes a parameter from what is trained, whenever it is read", () => {
    const layer = registerParametrization(new nn.Linear(2, 2), "weight", new Symmetric());
    assert.deepEqual(layer.weight.tolist(), layer.weight.t().tolist());
    assert.equal(layer.weight.gradFn?.name, "AddBackward0");
    assert.deepEqual(
      layer.namedParameters().map(([name]) => name),
      ["bias", "parametrizations.weight.original"],
    );
    assert.equal(
      String(layer),
      "ParametrizedLinear(\n  inFeatures=2, outFeatures=2, bias=true\n  (parametrizations): ModuleDict(\n    (weight): ParametrizationList(\n      (0): Symmetric()\n    )\n  )\n)",
    );
    layer
      .forward(tensor([[1, 10]]))
      .sum()
      .backward();
    assert.deepEqual(originalOf(layer).grad?.tolist(), [
      [1, 11],
      [0, 10],
    ]);
  });

  it("keeps the parameter object, so that an optimizer made before goes on training it", () => {
    const layer = new nn.Linear(2, 2);
    const { weight } = layer;
    const optimizer = new optim.SGD(layer.parameters(), { lr: 1 });
    registerParametrization(layer, "weight", new Symmetric());
    const before = layer.weight.detach().clone();
    layer.forward(ones(1, 2)).sum().backward();
    optimizer.step();
    assert.notDeepEqual(layer.weight.tolist(), before.tolist());
    const after = layer.weight.tolist();
    removeParametrizations(layer, "weight");
    assert.equal(layer.weight, weight);
    assert.deepEqual(layer.weight.tolist(), after);
    assert.equal(Object.getPrototypeOf(layer), nn.Linear.prototype);
    assert.deepEqual(Object.keys(layer.stateDict()).sort(), ["bias", "weight"]);
    layer.forward(ones(1, 2)).sum().backward();
    assert.ok(weight.grad !== null);
  });

  it("takes several, one after the other, and assigns through their inverses", () => {
    const layer = registerParametrization(new nn.Linear(2, 2), "weight", new Symmetric());
    const value = tensor([
      [1, 2],
      [2, 5],
    ]);
    layer.weight = value as nn.Parameter;
    assert.deepEqual(originalOf(layer).tolist(), [
      [1, 2],
      [0, 5],
    ]);
    registerParametrization(layer, "weight", new Doubled());
    assert.deepEqual(layer.weight.tolist(), value.mul(2).tolist());
    assert.throws(() => {
      layer.weight = value as nn.Parameter;
    }, /parametrization Doubled does not implement rightInverse/);
    assert.deepEqual(originalOf(layer).tolist(), value.triu().tolist());
  });

  it("parametrizes buffers, and several parameters of a module", () => {
    const norm = new nn.BatchNorm1d(2);
    registerParametrization(norm, "runningMean", new Doubled());
    const both = registerParametrization(norm, "bias", new Doubled());
    noGrad(() => originalOf(both, "runningMean").fill_(3));
    assert.deepEqual(norm.runningMean?.tolist(), [6, 6]);
    assert.ok(isParametrized(norm) && isParametrized(norm, "bias") && !isParametrized(norm, "weight"));
    removeParametrizations(norm, "runningMean", { leaveParametrized: false });
    assert.deepEqual(norm.runningMean?.tolist(), [3, 3]);
    assert.deepEqual(
      norm
        .namedBuffers()
        .map(([name]) => name)
        .sort(),
      ["numBatchesTracked", "runningMean", "runningVar"],
    );
    assert.ok(isParametrized(norm, "bias") && !isParametrized(norm, "runningMean"));
    removeParametrizations(norm, "bias");
    assert.ok(!isParametrized(norm));
  });

  it("loads, converts and copies: a copy trains by itself", () => {
    const layer = registerParametrization(new nn.Linear(2, 2), "weight", new Symmetric());
    const other = registerParametrization(new nn.Linear(2, 2), "weight", new Symmetric());
    other.loadStateDict(layer.stateDict());
    assert.deepEqual(other.weight.tolist(), layer.weight.tolist());
    const copy = nn.utils.deepcopy(layer);
    noGrad(() => originalOf(copy).fill_(0));
    assert.deepEqual(copy.weight.tolist(), [
      [0, 0],
      [0, 0],
    ]);
    assert.notDeepEqual(layer.weight.tolist(), copy.weight.tolist());
    removeParametrizations(layer, "weight");
    assert.ok(isParametrized(copy, "weight"));
    assert.deepEqual(copy.forward(ones(1, 2)).tolist(), [copy.bias?.tolist()]);
    assert.equal(copy.double().weight.dtype, "float64");
    copy.eval();
    assert.equal(copy.parametrizations.get("weight").at(0).training, false);
  });

  it("computes only once inside cached(), sync and async", async () => {
    const symmetric = new Symmetric();
    const layer = registerParametrization(new nn.Linear(2, 2), "weight", symmetric);
    const counted = (run: () => unknown): number => {
      symmetric.calls = 0;
      run();
      return symmetric.calls;
    };
    assert.equal(
      counted(() => [layer.weight, layer.weight]),
      2,
    );
    assert.equal(
      counted(() => cached(() => [layer.weight, cached(() => layer.weight), layer.weight])),
      1,
    );
    assert.equal(
      counted(() => assert.throws(() => cached(() => assert.fail("stops")))),
      0,
    );
    assert.equal(
      counted(() => [layer.weight, layer.weight]),
      2,
    );
    symmetric.calls = 0;
    await cached(async () => {
      assert.equal(layer.weight.requiresGrad, true);
      await null;
      return layer.weight;
    });
    assert.equal(symmetric.calls, 1);
    assert.equal(
      counted(() => [layer.weight, layer.weight]),
      2,
    );
  });

  it("refuses what would not stand for the parameter, before anything was changed", () => {
    class Cut extends nn.Module {
      override forward(x: Tensor): Tensor {
        return x.narrow(0, 0, 1);
      }
    }
    class Widened extends nn.Module {
      override forward(x: Tensor): Tensor {
        return x.double();
      }
    }
    class Nothing extends nn.Module {
      override forward(): Tensor {
        return 1 as never;
      }
    }
    class Narrowing extends nn.Module {
      override forward(x: Tensor): Tensor {
        return x.float();
      }
      rightInverse(x: Tensor): Tensor {
        return x.double();
      }
    }
    const layer = new nn.Linear(2, 2);
    const { weight } = layer;
    const cases: readonly [nn.utils.parametrize.Parametrization, RegExp][] = [
      [
        new Cut(),
        /may not change the shape of the tensor, unless the unsafe flag is enabled: \[2, 2\] became \[1, 2\]/,
      ],
      [new Widened(), /may not change the dtype.*float32 became float64/],
      [new Nothing(), /A parametrization must return a tensor. Got number/],
      [new Narrowing(), /When rightInverse outputs one tensor, it may not change the dtype/],
    ];
    for (const [parametrization, message] of cases) {
      assert.throws(() => registerParametrization(layer, "weight", parametrization), message);
      assert.equal(layer.weight, weight);
      assert.equal(isParametrized(layer), false);
    }
    assert.throws(
      () => registerParametrization(layer, "w", new Symmetric()),
      /does not have a parameter, a buffer, or a parametrized element with name 'w'/,
    );
    assert.throws(() => removeParametrizations(layer, "weight"), /does not have a parametrization on weight/);
    const half = registerParametrization(layer, "weight", new Cut(), { unsafe: true });
    assert.deepEqual(half.weight.shape, [1, 2]);
    assert.throws(() => registerParametrization(half, "weight", new Widened()), /may not change the dtype/);
    assert.equal(half.parametrizations.get("weight").length, 1);
  });
});

describe("nn.utils.parametrizations", () => {
  it("spectralNorm divides by the largest singular value, as PyTorch does", () => {
    manualSeed(11);
    const layer = parametrizations.spectralNorm(new nn.Linear(3, 2));
    const x = ones(1, 3);
    const y = layer.forward(x);
    near(y, [0.26919335, -0.50628018]);
    y.sum().backward();
    near(originalOf(layer).grad, [1.3055709, 1.23264909, 1.16330671, 1.27994585, 1.23443758, 1.1911633]);
    assert.deepEqual(Object.keys(layer.stateDict()), [
      "bias",
      "parametrizations.weight.original",
      "parametrizations.weight.0._u",
      "parametrizations.weight.0._v",
    ]);
    const frozen = layer.eval().forward(x).tolist();
    assert.deepEqual(layer.forward(x).tolist(), frozen);
    near(
      nn.utils.parametrizations
        .spectralNorm(new nn.ConvTranspose2d(2, 3, 2), { nPowerIterations: 2 })
        .weight.flatten()
        .narrow(0, 0, 4),
      [0.36367446, 0.21870774, 0.32987714, 0.08042506],
    );
    near(parametrizations.spectralNorm(new nn.Linear(3, 2), "bias").bias, [0.99042904, 0.13802271]);
    assert.throws(
      () => parametrizations.spectralNorm(new nn.Linear(2, 2), { nPowerIterations: 0 }),
      /Expected nPowerIterations to be positive/,
    );
    assert.throws(() => parametrizations.spectralNorm(new nn.Linear(2, 2), { dim: 2 }), /[Dd]imension out of range/);
    assert.throws(
      () => parametrizations.spectralNorm(new nn.Linear(2, 2), "w"),
      /no parameter or buffer with name 'w'/,
    );
  });

  it("spectralNorm can be differentiated, and its numbers survive a second forward before backward", () => {
    const layer = parametrizations.spectralNorm(new nn.Linear(3, 2));
    const loss = layer.forward(ones(1, 3)).sum();
    layer.forward(ones(1, 3));
    loss.backward();
    assert.ok(originalOf(layer).grad !== null);
  });

  it("weightNorm trains length and direction apart, and the whole is assigned to both", () => {
    manualSeed(4);
    const plain = nn.utils.weightNorm(new nn.Linear(3, 2));
    manualSeed(4);
    const layer = parametrizations.weightNorm(new nn.Linear(3, 2));
    assert.deepEqual(
      layer.namedParameters().map(([name]) => name),
      ["bias", "parametrizations.weight.original0", "parametrizations.weight.original1"],
    );
    for (const each of [plain, layer]) each.forward(ones(1, 3)).sum().backward();
    const [lengths, directions] = layer.parametrizations.get("weight").originals;
    assert.deepEqual(lengths?.grad?.tolist(), plain.getParameter("weightG").grad?.tolist());
    assert.deepEqual(directions?.grad?.tolist(), plain.getParameter("weightV").grad?.tolist());
    layer.weight = tensor([
      [3, 4, 0],
      [0, 0, 2],
    ]) as nn.Parameter;
    assert.deepEqual(lengths?.tolist(), [[5], [2]]);
    near(layer.weight, [3, 4, 0, 0, 0, 2]);
    assert.throws(
      () => removeParametrizations(layer, "weight", { leaveParametrized: false }),
      /Cannot leave unparametrized .* in terms of a sequence of tensors/,
    );
    removeParametrizations(layer, "weight");
    assert.ok(layer.weight instanceof nn.Parameter);
    near(layer.weight, [3, 4, 0, 0, 0, 2]);
    const whole = parametrizations.weightNorm(new nn.Linear(2, 2), { dim: null });
    assert.deepEqual(whole.parametrizations.get("weight").originals[0]?.shape, []);
  });

  interface OrthogonalCase {
    readonly shape: readonly [number, number];
    readonly options: Parameters<typeof parametrizations.orthogonal>[1];
    readonly before: readonly number[];
    readonly grad: readonly number[];
    readonly after: readonly number[];
  }
  const file = new URL("../../fixtures/pytorch/orthogonal.json", import.meta.url);
  const cases = JSON.parse(readFileSync(file, "utf8")) as OrthogonalCase[];

  for (const { shape, options, before, grad, after } of cases) {
    it(`orthogonal of ${shape.join(" × ")}, ${JSON.stringify(options)}, trains as in PyTorch`, () => {
      manualSeed(5);
      const [rows, columns] = shape;
      const layer = parametrizations.orthogonal(
        new nn.Linear(columns, rows, { bias: false }).double(),
        options as never,
      );
      near(layer.weight, before, 1e-7);
      const factors = arange(1, rows * columns + 1, { dtype: "float64" }).reshape(rows, columns);
      layer.weight.mul(factors).sum().backward();
      near(originalOf(layer).grad, grad, 1e-7);
      new optim.SGD(layer.parameters(), { lr: 0.05 }).step();
      near(layer.weight, after, 1e-7);
      const tall = rows < columns ? layer.weight.t() : layer.weight;
      near(tall.t().matmul(tall), eye(Math.min(rows, columns)).flatten().tolist() as number[], 1e-12);
    });
  }

  it("orthogonal takes an orthogonal matrix as it is, batches, and refuses the rest", () => {
    const rotation = tensor([
      [0, -1],
      [1, 0],
    ]);
    const layer = parametrizations.orthogonal(new nn.Linear(2, 2));
    layer.weight = rotation as nn.Parameter;
    assert.deepEqual(layer.weight.tolist(), rotation.tolist());
    class Batch extends nn.Module {
      weight = new nn.Parameter(arange(18, { dtype: "float64" }).sin().reshape(3, 2, 3));
    }
    const batch = parametrizations.orthogonal(new Batch());
    near(batch.weight.matmul(batch.weight.mT), [1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1], 1e-12);
    assert.throws(() => {
      layer.weight = ones(3, 2) as nn.Parameter;
    }, /Expected a matrix or batch of matrices of shape \[2, 2\]. Got a tensor of shape \[3, 2\]/);
    assert.throws(() => parametrizations.orthogonal(new nn.Linear(2, 2), "bias"), /Got a tensor of 1 dimensions/);
    assert.throws(
      () => parametrizations.orthogonal(new nn.Linear(2, 2), { orthogonalMap: "qr" as never }),
      /orthogonalMap has to be one of/,
    );
    const free = parametrizations.orthogonal(new nn.Linear(2, 2), {
      orthogonalMap: "cayley",
      useTrivialization: false,
    });
    assert.throws(() => {
      free.weight = rotation as nn.Parameter;
    }, /does not implement rightInverse/);
  });
});
