import { manualSeed, optim, rand, randn, tensor, zeros } from "../../../engine/index.ts";
import { Recording, type RecordingChunk } from "../../../engine/recording/recording.ts";
import { startRecording } from "../../../engine/recording/runRecorder.ts";
import { TensorAnswers } from "../../../extension/panels/tensorReply.ts";
import { RunResult } from "../../../extension/results/runResult.ts";
import type { Handlers } from "../../../webview/protocol/contract.ts";
import { type TensorEvents, type TensorRequests, tensorPanel } from "../../../webview/protocol/tensor.ts";
import { goodResult, ok } from "../../extension/recordings.ts";
import type { TestedPanel } from "../support/panelBrowser.ts";

export type TensorHandlers = Handlers<TensorRequests, AbortSignal>;

/** The tensor viewer, answering nothing by itself. */
export const tensorTested: TestedPanel<TensorRequests, TensorEvents> = {
  contract: tensorPanel,
  unanswered: {
    loadTensor: () => ({ kind: "empty", reason: "No test answered.", action: null, canChoose: false }),
    loadSlice: () => null,
    loadCells: () => [],
    copySlice: () => 0,
    chooseTensor: () => {},
    revealSource: () => {},
    showInGraph: () => {},
    runModel: () => {},
  },
};

/** The extension's own answers about a tensor of a result. */
export function answersAbout(result: RunResult, name: string): TensorHandlers & { readonly copied: string[] } {
  const info = result.tensors.find((one) => one.name === name);
  if (info === undefined) throw new Error(`No tensor is called ${name}.`);
  const answers = new TensorAnswers(result, info);
  const copied: string[] = [];
  return {
    ...tensorTested.unanswered,
    copied,
    loadTensor: () => {
      const shown = answers.shown(() => "examples/model.ts");
      return { ...shown, run: { ...shown.run, startedAt: Date.UTC(2026, 10, 23, 14, 3, 22) } };
    },
    loadSlice: (view) => answers.slice(view),
    loadCells: (view) => answers.cells(view),
    copySlice: (view, format) => {
      const { text, count } = answers.text(view, format);
      copied.push(text);
      return count;
    },
  };
}

/** Tensors of several shapes, each with a gradient. */
export function shapesRun(): RunResult {
  manualSeed(1);
  return goodResult((named) => {
    const w = named(3, "w", () => randn([64, 48]).requiresGrad_());
    const conv = named(4, "conv", () => randn([16, 8, 5, 5]).requiresGrad_());
    const b = named(5, "b", () => randn([12]).requiresGrad_());
    const one = named(6, "one", () => tensor(2.5, { requiresGrad: true }));
    named(7, "odd", () =>
      tensor([
        [1, Number.NaN, -3],
        [Number.POSITIVE_INFINITY, 0, 0.25],
      ]),
    );
    named(8, "empty", () => zeros([0, 3]));
    named(9, "fixed", () => randn([6, 6]));
    const loss = named(10, "loss", () => w.pow(3).sum().add(conv.pow(2).sum()).add(b.mul(b).sum()).mul(one));
    loss.backward();
  });
}

/** A small parameter on its way through 40 steps. */
export function stepsRun(): RunResult {
  return goodResult((named) => {
    const w = named(3, "w", () =>
      tensor(
        [
          [1, -2],
          [3, 0.5],
        ],
        { requiresGrad: true },
      ),
    );
    const optimizer = new optim.SGD([w], { lr: 0.05 });
    for (let i = 0; i < 40; i++) {
      optimizer.zeroGrad();
      w.pow(2).sum().backward();
      optimizer.step();
    }
  });
}

/** A tensor of a hundred million elements, of which a sample is kept. */
export function largeRun(shape: readonly number[], keptBytes = 1000): RunResult {
  const recording = new Recording();
  recording.append({ meta: { file: "/models/model.ts", startedAt: 0, durationMs: 1, outcome: "ok" } });
  const recorder = startRecording(
    { send: (chunk: RecordingChunk) => recording.append(chunk), tick: () => {} },
    { keptBytes },
  );
  const place = {
    id: 1,
    name: "big",
    file: "/models/model.ts",
    line: 1,
    column: 1,
    assignment: "declare" as const,
    alias: false,
  };
  recording.append({ names: [place] });
  recorder.addNames(place.file, [place]);
  recorder.nameValue(1, shape.length === 1 ? zeros([...shape]) : rand([...shape]));
  recorder.finish();
  return new RunResult(recording, ok);
}

/** Names that try to be more than text. */
export function hostileRun(name: string): RunResult {
  return goodResult((named) => {
    named(3, name, () => tensor([1, 2]));
  });
}
