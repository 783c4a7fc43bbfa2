import { autograd, gradcheck, manualSeed, nn, optim, randn, type Tensor, tensor } from "../../../engine/index.ts";
import { overviewReply } from "../../../extension/panels/overviewReply.ts";
import type { RunResult } from "../../../extension/results/runResult.ts";
import {
  type OverviewEvents,
  type OverviewRequests,
  type OverviewShown,
  overviewPanel,
} from "../../../webview/protocol/overview.ts";
import { failedResult, goodResult } from "../../extension/recordings.ts";
import type { TestedPanel } from "../support/panelBrowser.ts";

/** What the panel is told of a result by the extension's own code. */
export function overviewOf(result: RunResult, more: Partial<OverviewShown> = {}): OverviewShown {
  const reply = overviewReply(result, () => "examples/model.ts");
  const startedAt = Date.UTC(2026, 10, 23, 14, 3, 22);
  return {
    ...reply,
    run: { ...reply.run, startedAt, durationMs: 124 },
    failure: null,
    running: null,
    isEdited: false,
    ...more,
  };
}

/** The overview, answering nothing by itself. */
export const overviewTested: TestedPanel<OverviewRequests, OverviewEvents> = {
  contract: overviewPanel,
  unanswered: {
    loadOverview: () => ({ kind: "empty", reason: "No test answered.", action: null, running: null }),
    revealSource: () => {},
    offerFix: () => {},
    showInGraph: () => {},
    viewTensor: () => {},
    showGradcheck: () => {},
    runModel: () => {},
    stopRun: () => {},
    showGraph: () => {},
    showFailedRun: () => {},
  },
};

/** A NaN that is born in a logarithm and goes a long way to the loss. */
export function nanRun(): RunResult {
  return goodResult((named) => {
    const x = named(3, "features", () =>
      tensor([
        [0.5, -1.25, 2],
        [1, 3, 0.25],
      ]),
    );
    const w = named(4, "w", () => tensor([[0.2], [0.4], [-0.1]], { requiresGrad: true }));
    const b = named(5, "bias", () => tensor([0.1], { requiresGrad: true }));
    const logs = named(7, "logs", () => x.log());
    const scores = named(8, "scores", () => logs.matmul(w).add(b));
    const loss = named(9, "loss", () => scores.pow(2).mean());
    named(10, "nothing", () => {
      loss.backward();
      return x.detach();
    });
  });
}

/** A net trained for 60 steps, with a frozen layer, a head that the optimizer does not hold, and a gradcheck that fails. */
export function trainingRun(steps = 60): RunResult {
  manualSeed(3);
  return goodResult((named) => {
    const net = named(
      5,
      "net",
      () =>
        new nn.Sequential(
          new nn.Linear(8, 16),
          new nn.Tanh(),
          new nn.Linear(16, 16),
          new nn.ReLU(),
          new nn.Linear(16, 3),
        ),
    );
    const head = named(6, "head", () => new nn.Linear(3, 1));
    const frozen = named(7, "embedding", () => new nn.Linear(4, 8));
    for (const p of frozen.parameters()) p.requiresGrad_(false);
    const unused = named(8, "unused", () => randn([12], { requiresGrad: true }));
    const x = named(10, "x", () => randn([32, 4]));
    const y = named(11, "y", () => randn([32, 1]));
    void unused;
    const optimizer = new optim.Adam(net.parameters(), { lr: 0.02 });
    for (let i = 0; i < steps; i++) {
      optimizer.zeroGrad();
      const hidden = named(15, "hidden", () => net.forward(frozen.forward(x)));
      const loss = named(16, "loss", () => head.forward(hidden).sub(y).pow(2).mean());
      named(17, "after", () => {
        loss.backward();
        return x.detach();
      });
      optimizer.step();
    }
    const f = (v: Tensor): Tensor => v.sin().mul(v);
    named(20, "checked", () => {
      gradcheck(f, [tensor([0.3, 0.7], { requiresGrad: true, dtype: "float64" })]);
      return x.detach();
    });
    named(21, "wrong", () => {
      gradcheck(
        (v: Tensor) => WrongSquare.apply(v) as Tensor,
        [tensor([0.3, 0.7], { requiresGrad: true, dtype: "float64" })],
        { raiseException: false },
      );
      return x.detach();
    });
  });
}

/** A square whose derivative forgot the factor 2. */
class WrongSquare extends autograd.Function {
  static forward(ctx: autograd.FunctionCtx, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.mul(x);
  }

  static backward(ctx: autograd.FunctionCtx, grad: Tensor): Tensor {
    const [x] = ctx.savedTensors as [Tensor];
    return grad.mul(x);
  }
}

export const hostile = {
  markup: '<img src=x onerror="globalThis.wasRun = true">',
  turned: "gnp.\u202Eexe\u2066\u0000name",
  long: "w".repeat(4000),
};

/** Names that try to be more than text. */
export function hostileRun(): RunResult {
  return failedResult(
    (named) => {
      for (const [i, name] of Object.values(hostile).entries()) {
        named(3 + i, name, () => tensor([1, 2], { requiresGrad: true }))
          .log()
          .sum()
          .backward();
      }
    },
    { message: hostile.markup.repeat(3) },
  );
}
