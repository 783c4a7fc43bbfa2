import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { nn, noGrad, optim, type Tensor, tensor } from "../../../engine/index.ts";
import { near } from "../../support/near.ts";

const { AveragedModel, getEmaAvgFn, getEmaMultiAvgFn, getSwaAvgFn, SWALR, updateBn } = optim.swaUtils;

/** PyTorch's: the state dict after three updates, then the figures of the batch norm after `updateBn`. */
interface Averaged {
  readonly state: readonly number[][];
  readonly bn: readonly number[][];
}

const file = new URL("../../fixtures/pytorch/averaging.json", import.meta.url);
const { rates, ...averages } = JSON.parse(readFileSync(file, "utf8")) as {
  readonly rates: Readonly<Record<string, readonly [number, number][]>>;
} & Readonly<Record<"equal" | "equalOne" | "ema" | "emaMulti", Averaged>>;

const sines = (n: number, from: number): Tensor =>
  tensor(
    Array.from({ length: n }, (_, i) => Math.sin(i + from)),
    { dtype: "float64" },
  );

const batches = [1, 2, 3].map((from) => sines(12, from).reshape(4, 3));

function newModel(): nn.Sequential {
  const linear = new nn.Linear(3, 2);
  const model = new nn.Sequential(linear, new nn.BatchNorm1d(2)).double();
  noGrad(() => {
    linear.weight.copy_(sines(6, 0).reshape(2, 3));
    linear.bias?.copy_(sines(2, 9));
  });
  return model;
}

function trained(options: ConstructorParameters<typeof AveragedModel>[1]): optim.swaUtils.AveragedModel<nn.Sequential> {
  const model = newModel();
  const averaged = new AveragedModel(model, options);
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.5 });
  for (const batch of batches) {
    optimizer.zeroGrad();
    model.forward(batch).sin().sum().backward();
    optimizer.step();
    averaged.updateParameters(model);
  }
  return averaged;
}

const cases: readonly [keyof typeof averages, string, ConstructorParameters<typeof AveragedModel>[1]][] = [
  ["equal", "equal weights", {}],
  ["equalOne", "equal weights one by one, buffers too", { avgFn: getSwaAvgFn(), useBuffers: true }],
  ["ema", "an exponential average", { avgFn: getEmaAvgFn(0.9) }],
  [
    "emaMulti",
    "an exponential average of all at once, buffers too",
    { multiAvgFn: getEmaMultiAvgFn(0.9), useBuffers: true },
  ],
];

describe("an averaged model", () => {
  for (const [name, title, options] of cases) {
    it(`has PyTorch's numbers for ${title}, and after updateBn`, () => {
      const averaged = trained(options);
      const expected = averages[name];
      // PyTorch rounds the weight of an equal average to float32.
      const tolerance = 1e-7;
      Object.values(averaged.stateDict()).forEach((x, i) => void near(x, expected.state[i] ?? [], tolerance));
      updateBn(
        batches.map((batch) => [batch, "a label"] as const),
        averaged,
      );
      averaged
        .buffers()
        .slice(1)
        .forEach((x, i) => void near(x, expected.bn[i] ?? [], tolerance));
      assert.equal((averaged.module[1] as nn.BatchNorm1d).momentum, 0.1);
    });
  }

  it("goes on from its state dict", () => {
    const averaged = trained({});
    assert.deepEqual(Object.keys(averaged.stateDict()).slice(0, 2), ["nAveraged", "module.0.weight"]);
    const other = new AveragedModel(newModel());
    other.loadStateDict(averaged.stateDict());
    assert.equal(other.nAveraged.item(), 3);
    assert.deepEqual(other.forward(batches[0] as Tensor).tolist(), averaged.forward(batches[0] as Tensor).tolist());
  });

  it("is trained as before where updateBn has used it as it was", () => {
    const model = newModel().eval();
    updateBn(batches, model);
    assert.equal(model.training, false);
    const linear = new nn.Linear(2, 2);
    updateBn([], linear);
    assert.equal(linear.training, true);
  });

  it("takes one way to average, and a decay from 0 to 1", () => {
    assert.throws(
      () => new AveragedModel(newModel(), { avgFn: getEmaAvgFn(), multiAvgFn: getEmaMultiAvgFn() }),
      /Only one of avgFn and multiAvgFn should be provided/,
    );
    assert.throws(() => getEmaAvgFn(1.5), /Invalid decay value 1.5 provided/);
    assert.throws(() => getEmaMultiAvgFn(-1), /value in \[0,1\] range/);
  });
});

describe("SWALR", () => {
  const schedules: Readonly<Record<string, (optimizer: optim.SGD) => optim.lrScheduler.LRScheduler>> = {
    cos: (optimizer) => new SWALR(optimizer, 0.05, { annealEpochs: 5 }),
    linear: (optimizer) => new SWALR(optimizer, { swaLr: [0.05, 0.2], annealEpochs: 4, annealStrategy: "linear" }),
    zero: (optimizer) => new SWALR(optimizer, 0.05, { annealEpochs: 0 }),
    sequence: (optimizer) =>
      new optim.lrScheduler.SequentialLR(
        optimizer,
        [new optim.lrScheduler.ExponentialLR(optimizer, 0.9), new SWALR(optimizer, 0.05, { annealEpochs: 3 })],
        [3],
      ),
  };
  const newOptimizer = (): optim.SGD =>
    new optim.SGD(
      [0.1, 0.4].map((lr) => ({ params: [tensor([0], { requiresGrad: true })], lr })),
      { lr: 0.1 },
    );

  for (const [name, expected] of Object.entries(rates)) {
    it(`has PyTorch's rates (${name})`, () => {
      const optimizer = newOptimizer();
      const scheduler = schedules[name]?.(optimizer) ?? assert.fail(name);
      for (const row of expected) {
        near(
          tensor(
            optimizer.paramGroups.map(({ lr }) => lr),
            { dtype: "float64" },
          ),
          row,
          1e-11,
        );
        optimizer.step();
        scheduler.step();
      }
    });
  }

  it("refuses strategies, lengths and rates that cannot be", () => {
    const optimizer = newOptimizer();
    assert.throws(() => new SWALR(optimizer, 0.1, { annealStrategy: "sin" as never }), /one of 'cos' or 'linear'/);
    assert.throws(() => new SWALR(optimizer, 0.1, { annealEpochs: -1 }), /equal or greater than 0, got -1/);
    assert.throws(() => new SWALR(optimizer, [0.1]), /expected 2 values for swaLr/);
    assert.throws(() => new SWALR(optimizer), /'swaLr' is missing/);
  });
});
