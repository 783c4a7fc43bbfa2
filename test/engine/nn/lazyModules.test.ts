import assert from "node:assert/strict";
import { arange, manualSeed, nn, ones, optim, type Tensor, tensor } from "../../../engine/index.ts";
import { near } from "../../support/near.ts";

/** 0, 1/n, 2/n … in a shape. */
function ramp(...shape: number[]): Tensor {
  const n = shape.reduce((product, size) => product * size, 1);
  return arange(n, { dtype: "float32" }).reshape(shape).div(n);
}

describe("lazy modules", () => {
  it("draw what PyTorch draws when they are called first, and are plain modules from then on", () => {
    manualSeed(3);
    const first = new nn.LazyLinear(3);
    const net = new nn.Sequential(first, new nn.Tanh(), new nn.LazyLinear(2, { bias: false }));
    assert.match(String(net), /LazyLinear\(inFeatures=0, outFeatures=3, bias=true\)/);
    const y = net.forward(ramp(2, 4)) as Tensor;
    near(y, [-0.12581587, -0.27084956, 0.06644607, -0.33211762]);
    y.sum().backward();
    near(first.weight.grad?.select(0, 0), [0.03700339, 0.07672539, 0.11644737, 0.15616937]);
    assert.equal(
      String(net),
      "Sequential(\n  (0): Linear(inFeatures=4, outFeatures=3, bias=true)\n  (1): Tanh()\n  (2): Linear(inFeatures=3, outFeatures=2, bias=false)\n)",
    );
    assert.equal(Object.getPrototypeOf(first), nn.Linear.prototype);
  });

  it("draw what PyTorch draws, as convolutions of every kind", () => {
    manualSeed(3);
    const made: readonly [
      nn.Conv1d | nn.Conv2d | nn.Conv3d | nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d,
      Tensor,
      number,
      number[],
    ][] = [
      [new nn.LazyConv1d(4, 2, { groups: 2 }), ramp(2, 6), 2.9189162, [4, 1, 2]],
      [new nn.LazyConv2d(3, 2, { stride: 2, padding: 1 }), ramp(2, 2, 4, 4), -19.9613018, [3, 2, 2, 2]],
      [
        new nn.LazyConv3d({ outChannels: 2, kernelSize: 2, bias: false }),
        ramp(1, 3, 3, 3, 3),
        2.2704571,
        [2, 3, 2, 2, 2],
      ],
      [new nn.LazyConvTranspose1d(4, 2, { groups: 2 }), ramp(2, 3), 0.00078252, [2, 2, 2]],
      [new nn.LazyConvTranspose2d(3, 2, 2), ramp(1, 2, 3, 3), -23.4120369, [2, 3, 2, 2]],
      [new nn.LazyConvTranspose3d(2, 2), ramp(1, 2, 2, 2, 2), 3.2253034, [2, 2, 2, 2, 2]],
    ];
    for (const [module, input, sum, shape] of made) {
      near(module.forward(input).sum(), [sum], 2e-5);
      assert.deepEqual(module.weight.shape, shape);
      assert.doesNotMatch(module.constructor.name, /Lazy/);
    }
  });

  it("find the channels of norms, with the defaults that PyTorch has for them", () => {
    const made: readonly [
      nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d | nn.InstanceNorm1d | nn.InstanceNorm2d | nn.InstanceNorm3d,
      Tensor,
      number[],
      string[],
    ][] = [
      [new nn.LazyBatchNorm1d(), ramp(3, 2), [-1.2246622, -1.2246623], ["weight", "bias"]],
      [new nn.LazyBatchNorm2d({ momentum: 0.5 }), ramp(2, 2, 3, 3), [-1.3883342, -1.2815392], ["weight", "bias"]],
      [new nn.LazyBatchNorm3d({ affine: false }), ramp(2, 2, 3, 3, 1), [-1.3883342, -1.2815392], []],
      [new nn.LazyInstanceNorm1d(), ramp(2, 2, 5), [-1.4128015, -0.7064007], ["weight", "bias"]],
      [new nn.LazyInstanceNorm2d({ affine: true }), ramp(2, 2, 3, 3), [-1.5476897, -1.1607673], ["weight", "bias"]],
      [new nn.LazyInstanceNorm3d(), ramp(2, 2, 3, 3, 2), [-1.6367806, -1.4442182], ["weight", "bias"]],
    ];
    for (const [module, input, start, parameters] of made) {
      near(module.forward(input).flatten().narrow(0, 0, 2), start, 1e-4);
      assert.deepEqual(Object.keys(module.stateDict()), [
        ...parameters,
        "runningMean",
        "runningVar",
        "numBatchesTracked",
      ]);
      assert.match(String(module), /^(Batch|Instance)Norm\dd\(2, /);
    }
    assert.match(String(new nn.LazyInstanceNorm1d({ affine: false })), /affine=false/);
    const alone = new nn.LazyInstanceNorm1d({ trackRunningStats: false });
    alone.forward(ramp(3, 5));
    assert.equal(alone.numFeatures, 3);
  });

  it("keep their parameters, so that an optimizer made before the first call trains them", () => {
    const layer = new nn.LazyLinear(3);
    const [weight, bias] = layer.parameters();
    const optimizer = new optim.Adam(layer.parameters(), { lr: 0.1 });
    layer.forward(ones(1, 2)).sum().backward();
    assert.deepEqual([layer.weight, layer.bias], [weight, bias]);
    const before = layer.weight.detach().clone();
    optimizer.step();
    near(before.sub(layer.weight), [0.1, 0.1, 0.1, 0.1, 0.1, 0.1], 1e-6);
  });

  it("stay lazy when a first input has too few dimensions, and take the next one", () => {
    const linear = new nn.LazyLinear(3);
    assert.throws(() => linear.forward(tensor(1)), /at least 1 dimension/);
    assert.deepEqual(linear.forward(ones(2, 4)).shape, [2, 3]);
    const norm = new nn.LazyBatchNorm1d();
    assert.throws(() => norm.forward(ones(4)), /at least 2 dimensions/);
    assert.deepEqual(norm.forward(ramp(2, 4)).shape, [2, 4]);
  });

  it("take another dtype before the first call", () => {
    const layer = new nn.LazyLinear(2).double();
    const norm = new nn.LazyBatchNorm1d().to("float64");
    const x = ones([3, 2], { dtype: "float64" });
    assert.deepEqual(
      [layer.forward(x).dtype, norm.forward(x).dtype, norm.runningMean?.dtype],
      ["float64", "float64", "float64"],
    );
  });

  it("load the state of one that was called, and go on without drawing", () => {
    const full = new nn.LazyLinear(3);
    full.forward(ones(1, 2));
    const lazy = new nn.LazyLinear(3);
    lazy.loadStateDict(full.stateDict());
    assert.equal(lazy.hasUninitializedParams(), false);
    assert.deepEqual(lazy.forward(ones(1, 2)).tolist(), full.forward(ones(1, 2)).tolist());
    assert.equal(lazy.inFeatures, 2);
    const fresh = new nn.LazyLinear(3);
    assert.throws(() => full.loadStateDict(fresh.stateDict()), /size mismatch for weight/);
    fresh.loadStateDict(new nn.LazyLinear(3).stateDict());
    assert.equal(fresh.hasUninitializedParams(), true);
    const norm = new nn.LazyBatchNorm2d();
    norm.forward(ramp(1, 2, 2, 2));
    const other = new nn.LazyBatchNorm2d();
    other.loadStateDict(norm.stateDict());
    assert.deepEqual(
      other
        .eval()
        .forward(ramp(1, 2, 2, 2))
        .tolist(),
      norm
        .eval()
        .forward(ramp(1, 2, 2, 2))
        .tolist(),
    );
  });

  it("are copied as they are, and each copy finds its own size", () => {
    const layer = new nn.LazyLinear(2);
    const copy = nn.utils.deepcopy(layer);
    layer.forward(ones(1, 3));
    assert.equal(copy.hasUninitializedParams(), true);
    copy.forward(ones(1, 5));
    assert.deepEqual(
      [layer.weight.shape, copy.weight.shape],
      [
        [2, 3],
        [2, 5],
      ],
    );
  });

  it("may be extended: what they become is the class that the lazy one stands for", () => {
    class Wide extends nn.LazyLinear {}
    const layer = new Wide(2);
    layer.forward(ones(1, 3));
    assert.equal(Object.getPrototypeOf(layer), nn.Linear.prototype);
    class Forgets extends nn.LazyLinear {
      override initializeParameters(): void {}
    }
    assert.throws(() => new Forgets(2).forward(ones(1, 3)), /module Forgets has not been fully initialized/);
  });

  it("refuse what would be lost before they have a size, and inputs that have none for them", () => {
    const { weight, bias } = new nn.LazyLinear(3);
    assert.ok(bias !== null);
    for (const [name, init] of [
      ["uniform_", () => nn.init.uniform_(weight)],
      ["normal_", () => nn.init.normal_(weight)],
      ["constant_", () => nn.init.zeros_(bias)],
      ["truncNormal_", () => nn.init.truncNormal_(weight)],
      ["xavierUniform_", () => nn.init.xavierUniform_(weight)],
    ] as const) {
      assert.throws(init, {
        message: new RegExp(`Attempted to use an uninitialized parameter in ${name.replace("_", "_")}\\(`),
      });
    }
    const conv = new nn.LazyConv2d(3, 2);
    assert.throws(
      () => conv.forward(ones(2, 2)),
      /Expected 3D \(unbatched\) or 4D \(batched\) input, but got .*\[2, 2\]/,
    );
    assert.throws(() => new nn.LazyConv2d(4, 2, { groups: 2 }).forward(ones(3, 4, 4)), /must be divisible by groups/);
    assert.equal(conv.hasUninitializedParams(), true);
    assert.deepEqual(conv.forward(ones(2, 4, 4)).shape, [3, 3, 3]);
    assert.throws(() => new nn.LazyLinear({ bias: true } as never), /'outFeatures' is missing/);
  });

  it("have nothing to draw before they have a size", () => {
    for (const lazy of [new nn.LazyLinear(3), new nn.LazyConv1d(3, 2), new nn.LazyBatchNorm1d()]) {
      lazy.resetParameters();
      assert.equal(lazy.hasUninitializedParams(), true);
    }
  });

  it("run hooks of the user once, the first time as well", () => {
    const layer = new nn.LazyLinear(2);
    const seen: string[] = [];
    layer.registerForwardPreHook((module) => void seen.push(module.constructor.name));
    layer.registerForwardHook((_module, _args, output) => void seen.push(String((output as Tensor).shape)));
    layer.forward(tensor([[1, 2, 3]]));
    layer.forward(tensor([[1, 2, 3]]));
    assert.deepEqual(seen, ["Linear", "1,2", "Linear", "1,2"]);
  });
});
