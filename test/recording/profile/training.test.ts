import assert from "node:assert/strict";
import { nn, optim, tensor } from "../../../engine/index.ts";
import { trainingCurves } from "../../../engine/recording/queries/profile/training.ts";
import { Recording } from "../../../engine/recording/recording.ts";
import { assertNear, recorded } from "./recordings.ts";

describe("the curves of a training", () => {
  it("have loss, learning rate, gradients and updates of every step", () => {
    const recording = recorded(() => {
      const w = new nn.Parameter(tensor([3, 4]));
      const optimizer = new optim.SGD([w], { lr: 0.5 });
      const schedule = new optim.lrScheduler.ExponentialLR(optimizer, 0.1);
      for (let step = 0; step < 3; step++) {
        optimizer.zeroGrad();
        w.pow(2).sum().div(2).backward();
        optimizer.step();
        schedule.step();
      }
    });
    const { count, loss, rate, gradNorm, time, parameters, shown } = trainingCurves(recording);
    assert.equal(count, 3);
    // w shrinks by 1 − rate at each step, and its gradient is w itself.
    const sizes = [5, 2.5, 2.5 * 0.95];
    sizes.forEach((size, step) => {
      assertNear(loss[step] ?? 0, (size * size) / 2, 1e-5);
      assertNear(rate[step] ?? 0, 0.5 * 0.1 ** step, 1e-9);
      assertNear(gradNorm[step] ?? 0, size, 1e-5);
      assertNear(parameters[0]?.grad[step] ?? 0, size, 1e-5);
      assertNear(parameters[0]?.updateRatio[step] ?? 0, 0.5 * 0.1 ** step, 1e-5);
    });
    assert.deepEqual([...shown], [0, 1, 2]);
    assert.ok((time[2] ?? 0) > (time[0] ?? 1));
    assert.deepEqual([parameters.length, parameters[0]?.shape], [1, [2]]);
  });

  it("have histograms of parameters and gradients at some steps", () => {
    const recording = recorded(() => {
      const w = new nn.Parameter(tensor([0, 1, 2, 32]));
      const optimizer = new optim.SGD([w], { lr: 0 });
      for (let step = 0; step < 40; step++) {
        optimizer.zeroGrad();
        w.sum().backward();
        optimizer.step();
      }
    });
    const { histograms } = trainingCurves(recording);
    assert.deepEqual(
      histograms.filter(({ of }) => of === "value").map(({ step }) => step),
      [0, 1, 2, 3, 4, 5, 6, 7, 15, 31],
    );
    const [value, grad] = histograms;
    assert.deepEqual([value?.of, value?.low, value?.high, value?.counts[0], value?.counts[31]], ["value", 0, 32, 1, 1]);
    assert.equal(
      value?.counts.reduce((sum, n) => sum + n, 0),
      4,
    );
    assert.deepEqual([grad?.of, grad?.low, grad?.high, grad?.counts[0]], ["grad", 1, 1, 4]);
  });

  it("of a long training show each few steps of a parameter, and all losses", () => {
    const recording = recorded(() => {
      const w = new nn.Parameter(tensor([1]));
      const optimizer = new optim.SGD([w], { lr: 0.001 });
      for (let step = 0; step < 5000; step++) {
        optimizer.zeroGrad();
        w.mul(2).backward();
        optimizer.step();
      }
    });
    const { count, loss, shown, parameters } = trainingCurves(recording);
    assert.deepEqual([count, loss.length, shown.length, shown[1]], [5000, 5000, 1667, 3]);
    assert.equal(parameters[0]?.grad.length, 1667);
    assert.ok(parameters[0]?.grad.every((norm) => norm === 2));
  });

  it("are empty where nothing was trained", () => {
    const { count, parameters, histograms } = trainingCurves(new Recording());
    assert.deepEqual([count, parameters, histograms], [0, [], []]);
  });
});
