import assert from "node:assert/strict";
import { setWarningHandler } from "../../../engine/autograd/warnings.ts";
import { optim, tensor } from "../../../engine/index.ts";

const { lrScheduler } = optim;

const parameter = () => tensor([0], { requiresGrad: true });
const sgd = (momentum = 0): optim.SGD => new optim.SGD([parameter()], { lr: 0.1, momentum });
const rate = (optimizer: optim.Optimizer<object>): number => (optimizer.paramGroups[0] as unknown as { lr: number }).lr;

interface Steps {
  step(): void;
}

/** The rates before each of `n` steps. */
function rates(optimizer: optim.Optimizer<object>, scheduler: Steps, n = 8): number[] {
  return Array.from({ length: n }, () => {
    const now = rate(optimizer);
    optimizer.step();
    scheduler.step();
    return now;
  });
}

function assertClose(got: readonly number[], want: readonly number[]): void {
  assert.equal(got.length, want.length);
  want.forEach((value, i) => {
    assert.ok(Math.abs((got[i] ?? Number.NaN) - value) < 1e-9, `step ${i}: ${got[i]}, not ${value}`);
  });
}

/** The literals are PyTorch 1.13's. */
describe("learning rate schedules", () => {
  it("multiply by a function of the epoch", () => {
    const optimizer = sgd();
    const scheduler = new lrScheduler.MultiplicativeLR(optimizer, (epoch) => (epoch < 4 ? 0.9 : 0.5));
    assertClose(rates(optimizer, scheduler), [0.1, 0.09, 0.081, 0.0729, 0.03645, 0.018225, 0.0091125, 0.00455625]);
  });

  it("cycle, the momentum the other way", () => {
    const optimizer = sgd(0.9);
    const scheduler = new lrScheduler.CyclicLR(optimizer, 0.01, 0.1, {
      stepSizeUp: 2,
      stepSizeDown: 3,
      mode: "exp_range",
      gamma: 0.9,
    });
    const momenta: number[] = [];
    const seen = rates(optimizer, {
      step() {
        momenta.push(optimizer.paramGroups[0]?.momentum ?? Number.NaN);
        scheduler.step();
      },
    });
    assertClose(seen, [0.01, 0.0505, 0.0829, 0.05374, 0.029683, 0.01, 0.033914845, 0.053046721]);
    assertClose(momenta, [0.9, 0.855, 0.819, 0.8514, 0.87813, 0.9, 0.87342795, 0.85217031]);
  });

  it("make one cycle, with the first beta as momentum of Adam", () => {
    const optimizer = new optim.Adam([parameter()], { lr: 0.1 });
    const scheduler = new lrScheduler.OneCycleLR(optimizer, 0.5, { totalSteps: 8 });
    const betas: number[] = [];
    const seen = Array.from({ length: 8 }, (_, i) => {
      if (i > 0) scheduler.step();
      betas.push(optimizer.paramGroups[0]?.betas[0] ?? Number.NaN);
      optimizer.step();
      return rate(optimizer);
    });
    assertClose(seen, [0.02, 0.409637552, 0.485970889, 0.405872827, 0.277992007, 0.141530499, 0.0383207969, 2e-6]);
    assertClose(betas.slice(0, 3), [0.95, 0.8688255099070633, 0.8528058334845816]);
    scheduler.step();
    assert.throws(() => scheduler.step(), /Tried to step 9 times. The specified number of total steps is 8/);
  });

  it("act one upon the other when chained", () => {
    const optimizer = sgd();
    const scheduler = new lrScheduler.ChainedScheduler([
      new lrScheduler.ConstantLR(optimizer, { factor: 0.1, totalIters: 2 }),
      new lrScheduler.ExponentialLR(optimizer, 0.9),
    ]);
    assertClose(rates(optimizer, scheduler), [0.01, 0.009, 0.081, 0.0729, 0.06561, 0.059049, 0.0531441, 0.04782969]);
  });

  it("follow one another", () => {
    const optimizer = sgd();
    const scheduler = new lrScheduler.SequentialLR(
      optimizer,
      [
        new lrScheduler.ConstantLR(optimizer, 0.1, 2),
        new lrScheduler.StepLR(optimizer, 2, { gamma: 0.5 }),
        new lrScheduler.PolynomialLR(optimizer, 4),
      ],
      [2, 5],
    );
    assertClose(rates(optimizer, scheduler, 10), [0.01, 0.01, 0.1, 0.1, 0.05, 0.1, 0.075, 0.05, 0.025, 0]);
  });

  it("restart between epochs too", () => {
    const optimizer = sgd();
    const scheduler = new lrScheduler.CosineAnnealingWarmRestarts(optimizer, 3, 2);
    const seen = [0.5, 1, 2.5, 3, 4.25, 8.9, 9, 20].map((epoch) => {
      scheduler.step(epoch);
      return rate(optimizer);
    });
    assertClose(seen, [0.0933012702, 0.075, 0.00669872981, 0.1, 0.089667667, 6.85232623e-5, 0.1, 0.00170370869]);
  });

  it("go on from a state dict", () => {
    const make = (optimizer: optim.SGD) => new lrScheduler.CosineAnnealingLR(optimizer, { tMax: 10 });
    const straight = sgd();
    const expected = rates(straight, make(straight), 8).slice(4);
    const optimizer = sgd();
    const before = make(optimizer);
    rates(optimizer, before, 4);
    const after = make(sgd());
    after.loadStateDict(before.stateDict());
    assert.equal(after.lastEpoch, 4);
    assert.deepEqual(after.getLastLr(), before.getLastLr());
    assertClose(rates(optimizer, before, 4), expected);
  });

  it("hold for each group by its own rate", () => {
    const optimizer = new optim.SGD([{ params: [parameter()] }, { params: [parameter()], lr: 1 }], { lr: 0.1 });
    const scheduler = new lrScheduler.LambdaLR(optimizer, [(epoch) => 1 / (epoch + 1), () => 2]);
    assert.deepEqual(scheduler.getLastLr(), [0.1, 2]);
    optimizer.step();
    scheduler.step();
    assert.deepEqual(scheduler.getLastLr(), [0.05, 2]);
    assert.throws(() => new lrScheduler.LambdaLR(optimizer, [() => 1]), /expected 2 values for lrLambda/);
  });

  it("lower the rate when a metric no longer improves", () => {
    const optimizer = sgd();
    const scheduler = new lrScheduler.ReduceLROnPlateau(optimizer, "min", { patience: 1, factor: 0.5 });
    for (const metric of [1, 0.9, 0.9, 0.9, tensor([0.9])]) scheduler.step(metric);
    assert.deepEqual([rate(optimizer), scheduler.best], [0.05, 0.9]);
    assert.throws(() => scheduler.step(undefined as never), /step\(\) takes the metric/);
    assert.throws(
      () => new lrScheduler.ReduceLROnPlateau(optimizer, { mode: "least" as "min" }),
      /mode least is unknown/,
    );
  });

  it("warn when they step before the optimizer", () => {
    const texts: string[] = [];
    const before = setWarningHandler((text) => texts.push(text));
    const optimizer = sgd();
    const scheduler = new lrScheduler.StepLR(optimizer, 2);
    scheduler.step();
    scheduler.step();
    setWarningHandler(before);
    assert.equal(texts.length, 1);
    assert.match(texts[0] ?? "", /lrScheduler\.step\(\) was called before optimizer\.step\(\)/);
  });

  it("say what is missing or does not fit", () => {
    const optimizer = sgd();
    assert.throws(() => new lrScheduler.StepLR(optimizer), /the argument 'stepSize' is missing/);
    assert.throws(() => new lrScheduler.StepLR(optimizer, 2, { gama: 1 } as object), /Did you mean 'gamma'\?/);
    assert.throws(
      () => new lrScheduler.OneCycleLR(optimizer, 1),
      /You must define either totalSteps OR \(epochs AND stepsPerEpoch\)/,
    );
    assert.throws(
      () => new lrScheduler.CyclicLR(new optim.Adagrad([parameter()]), 0.1, 1),
      /must support momentum or beta1/,
    );
    assert.throws(() => new lrScheduler.LinearLR(optimizer, { startFactor: 2 }), /Starting multiplicative factor/);
    assert.throws(
      () => new lrScheduler.SequentialLR(optimizer, [new lrScheduler.StepLR(optimizer, 1)], [3]),
      /one more than the number of milestone points/,
    );
    assert.throws(
      () =>
        new lrScheduler.SequentialLR(
          optimizer,
          [new lrScheduler.StepLR(optimizer, 1), new lrScheduler.StepLR(sgd(), 1)],
          [3],
        ),
      /the one at index 1 belongs to another/,
    );
  });
});
