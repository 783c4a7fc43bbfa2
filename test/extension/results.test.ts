import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { tensor } from "../../engine/index.ts";
import type { Parts } from "../../engine/recording/queries/parts.ts";
import { fileMove } from "../../extension/results/fileMove.ts";
import { inTurns } from "../../extension/results/inTurns.ts";
import { Results } from "../../extension/results/results.ts";
import { RunResult } from "../../extension/results/runResult.ts";
import { failedResult, goodResult, modelFile, type NameValue, ok, recordingOf, stopped } from "./recordings.ts";

const program = (named: NameValue): void => {
  named(1, "x", () => tensor(2, { requiresGrad: true }));
};

describe("the results of a session", () => {
  it("show the run that came last", () => {
    const results = new Results();
    const [first, second] = [goodResult(program), goodResult(program)];
    results.add(first);
    results.add(second);
    assert.equal(results.current, second);
  });

  it("tell how they ended, also those that are only known from their recording", () => {
    const failed = failedResult(program);
    assert.equal(failed.ending, "Error: no (model.ts:3)");
    assert.equal(new RunResult(failed.recording, null).ending, "Error: no (model.ts:3)");
    assert.equal(new RunResult(goodResult(program).recording, null).ending, "The run that was kept went to its end.");
  });

  it("have their alerts worked out before they are shown, in turns with others", async () => {
    const turns: string[] = [];
    function* parts(): Parts<string> {
      for (const part of ["first", "second"]) {
        turns.push(part);
        setImmediate(() => turns.push("others"));
        yield;
      }
      return "result";
    }
    assert.equal(await inTurns(parts(), 0), "result");
    assert.deepEqual(turns, ["first", "others", "second", "others"]);

    const results = new Results();
    await results.chooseAlerts({ rules: { nan: "warning" } });
    const result = goodResult((named) => {
      named(1, "x", () => tensor(-1, { requiresGrad: true }));
      named(2, "y", () => tensor(-1, { requiresGrad: true }).log());
    });
    const ofOthers: string[] = [];
    setImmediate(() => ofOthers.push("turn"));
    await results.prepare(result);
    assert.deepEqual(ofOthers, ["turn"]);
    const { alerts } = result;
    assert.deepEqual(
      alerts.map(({ kind, severity }) => [kind, severity]),
      [["nan", "warning"]],
    );
    results.add(result);
    assert.equal(result.alerts, alerts);
  });

  it("have other alerts when the user wishes so, once these are worked out in turns with others", async () => {
    const results = new Results();
    const result = goodResult((named) => {
      named(1, "x", () => tensor(-1, { requiresGrad: true }));
      named(2, "y", () => tensor(-1, { requiresGrad: true }).log());
    });
    results.add(result);
    const { alerts } = result;
    assert.equal(alerts.length, 1);
    let changes = 0;
    results.onDidChange(() => changes++);
    const ofOthers: string[] = [];
    setImmediate(() => ofOthers.push("turn"));
    const overtaken = results.chooseAlerts({ rules: { nan: "warning" } });
    const last = results.chooseAlerts({ rules: { nan: false } });
    const late = goodResult(program);
    results.add(late);
    assert.equal(result.alerts, alerts);
    assert.equal(changes, 1);
    await Promise.all([overtaken, last]);
    assert.deepEqual(ofOthers, ["turn"]);
    assert.deepEqual(result.alerts, []);
    assert.deepEqual(result.graph.alerts, []);
    assert.equal(changes, 2);
  });

  it("have the alerts that were wished for last, whatever was begun before", async () => {
    const result = goodResult((named) => {
      named(1, "x", () => tensor(-1, { requiresGrad: true }));
      named(2, "y", () => tensor(-1, { requiresGrad: true }).log());
    });
    const begun = result.prepare({ rules: { nan: "info" } });
    result.chooseAlerts({ rules: { nan: "warning" } });
    await begun;
    assert.deepEqual(
      result.alerts.map(({ severity }) => severity),
      ["warning"],
    );

    const results = new Results();
    const late = goodResult(program);
    const prepared = results.prepare(late);
    await results.chooseAlerts({ rules: { nan: "warning" } });
    await prepared;
    const { alerts, graph } = late;
    results.add(late);
    assert.equal(late.alerts, alerts, "worked out a second time");
    assert.equal(late.graph, graph);
  });

  it("keep the last good run on screen when a run fails, and tell of the failure", () => {
    const results = new Results();
    const [good, bad] = [goodResult(program), failedResult(program)];
    results.add(good);
    results.add(bad);
    assert.equal(results.current, good);
    assert.equal(results.hiddenFailure, bad);
    assert.deepEqual(results.lastRuns, [bad]);
  });

  it("show the failed run when asked to", () => {
    const results = new Results();
    const bad = failedResult(program);
    results.add(goodResult(program));
    results.add(bad);
    results.showFailure();
    assert.equal(results.current, bad);
    assert.equal(results.hiddenFailure, null);
  });

  it("show a failed run when there is nothing better", () => {
    const results = new Results();
    const bad = failedResult(program);
    results.add(bad);
    assert.equal(results.current, bad);
  });

  it("keep a failed run on screen when the next one comes to nothing, as with a syntax error", () => {
    const results = new Results();
    const [bad, empty] = [failedResult(program), failedResult(() => {})];
    results.add(bad);
    results.add(empty);
    assert.equal(results.current, bad);
    assert.equal(results.hiddenFailure, empty);
    results.add(failedResult(program));
    assert.notEqual(results.current, bad);
    assert.equal(results.hiddenFailure, null);
  });

  it("forget a failure when the next run goes well", () => {
    const results = new Results();
    const good = goodResult(program);
    results.add(goodResult(program));
    results.add(failedResult(program));
    results.add(good);
    assert.equal(results.current, good);
    assert.equal(results.hiddenFailure, null);
  });

  it("show what a run that was stopped had recorded, but not one that had come to nothing", () => {
    const results = new Results();
    const good = goodResult(program);
    results.add(good);
    results.add(
      new RunResult(
        recordingOf(() => {}),
        stopped,
      ),
    );
    assert.equal(results.current, good);
    const partly = new RunResult(recordingOf(program), stopped);
    results.add(partly);
    assert.equal(results.current, partly);
  });

  it("find the result that speaks of a file the model imports", () => {
    const results = new Results();
    const result = goodResult(program, new Map([["/models/layers.ts", ""]]));
    results.add(result);
    assert.equal(results.about(modelFile), result);
    assert.equal(results.about("/models/layers.ts"), result);
    assert.equal(results.about("/models/other.ts"), null);
  });

  it("speak of a file as of the latest run that came across it, be it its own or another model's", () => {
    const results = new Results();
    const texts = new Map([[modelFile, ""]]);
    const [own, other] = [
      goodResult(program, texts),
      new RunResult(recordingOf(program, "/models/other.ts"), ok, texts),
    ];
    results.add(own);
    results.add(other);
    assert.equal(results.about(modelFile), other);
    results.add(own);
    assert.equal(results.about(modelFile), own);
    results.clear(own.key);
    assert.equal(results.about(modelFile), other);
  });

  it("show an opened recording until it is closed", () => {
    const results = new Results();
    const [run, opened] = [goodResult(program), new RunResult(recordingOf(program), null)];
    results.add(run);
    results.open(opened);
    assert.equal(results.current, opened);
    results.close(opened);
    assert.equal(results.current, run);
  });

  it("keep an opened recording on screen when a model is deleted", () => {
    const results = new Results();
    const run = goodResult(program);
    const opened = new RunResult(recordingOf(program, "/models/other.ts"), null);
    results.add(run);
    results.open(opened);
    results.clear(run.key);
    assert.equal(results.current, opened);
    assert.deepEqual(results.lastRuns, []);
  });

  it("go with their file when it is renamed, with every place they speak of", () => {
    const results = new Results();
    const texts = new Map([[modelFile, "one\n"]]);
    const [good, bad] = [goodResult(program, texts), failedResult(program)];
    results.add(good);
    results.add(bad);
    results.move(fileMove([{ from: modelFile, to: "/models/better.ts" }]));
    const { current, hiddenFailure } = results;
    assert.equal(current?.key, "/models/better.ts");
    assert.equal(current.texts.get("/models/better.ts"), "one\n");
    assert.deepEqual(
      current.tensors.map(({ name, place }) => [name, place?.file]),
      [["x", "/models/better.ts"]],
    );
    assert.equal(current.linesOf("/models/better.ts").length, 1);
    assert.equal(results.about(modelFile), null);
    assert.equal(hiddenFailure?.recording.error?.file, "/models/better.ts");
    assert.ok(hiddenFailure.outcome?.kind === "error" && hiddenFailure.outcome.error.file === "/models/better.ts");
  });

  it("go with the folder that their file is in, and stay the same when another is renamed", () => {
    const results = new Results();
    const run = goodResult(program);
    results.add(run);
    let changes = 0;
    results.onDidChange(() => changes++);
    results.move(fileMove([{ from: "/model", to: "/elsewhere" }]));
    assert.equal(results.current, run);
    assert.equal(changes, 0);
    results.move(fileMove([{ from: "/models", to: "/elsewhere/models" }]));
    assert.equal(results.current?.key, "/elsewhere/models/model.ts");
  });

  it("take along what was worked out of them", async () => {
    const results = new Results();
    const run = goodResult((named) => {
      const x = named(1, "x", () => tensor(-1, { requiresGrad: true }));
      named(2, "y", () => x.log()).backward();
    });
    await results.prepare(run);
    results.add(run);
    results.move(fileMove([{ from: modelFile, to: "/models/better.ts" }]));
    const moved = results.current;
    assert.ok(moved);
    const { alerts, graph } = moved;
    await results.prepare(moved);
    assert.equal(moved.alerts, alerts, "worked out a second time");
    assert.deepEqual(
      alerts.map(({ kind, place }) => [kind, place?.file]),
      [["nan-loss", "/models/better.ts"]],
    );
    assert.equal(moved.graph, graph);
    assert.equal(graph.nodes.length, run.graph.nodes.length);
    assert.ok(!JSON.stringify(graph).includes(modelFile));
  });

  it("go with a folder that is reached by a link, and is there no more under its old name", () => {
    const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "gradlens-moved-")));
    const [real, link] = [path.join(folder, "real"), path.join(folder, "link")];
    mkdirSync(path.join(real, "nets"), { recursive: true });
    symlinkSync(real, link, "junction");
    try {
      const move = fileMove([{ from: path.join(link, "models"), to: path.join(link, "nets") }]);
      assert.equal(move(path.join(real, "models", "a.ts")), path.join(link, "nets", "a.ts"));
      assert.equal(move(path.join(real, "other", "a.ts")), path.join(real, "other", "a.ts"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("of a run that went on while its file was renamed stand at the new name", () => {
    const results = new Results();
    results.move(fileMove([{ from: modelFile, to: "/models/better.ts" }]));
    const added = results.add(goodResult(program));
    assert.equal(added.key, "/models/better.ts");
    assert.equal(results.current, added);

    const later = recordingOf(program);
    later.append({ meta: { startedAt: Date.now() + 1 } });
    assert.equal(results.add(new RunResult(later, ok)).key, modelFile);
  });

  it("tell when another run is on screen, and not when its file or the settings are others", async () => {
    const results = new Results();
    const [first, second] = [goodResult(program), goodResult(program)];
    let replaced = 0;
    results.onDidReplace(() => replaced++);
    const counts: number[] = [];
    for (const change of [
      () => results.add(first),
      () => results.chooseAlerts({ mode: "first" }),
      () => results.move(fileMove([{ from: modelFile, to: "/models/better.ts" }])),
      () => results.chooseAlerts({}),
      () => results.add(second),
      () => results.clear(),
    ]) {
      await change();
      counts.push(replaced);
    }
    assert.deepEqual(counts, [1, 1, 1, 1, 2, 3]);
  });

  it("tell when they change", () => {
    const results = new Results();
    let changes = 0;
    const listening = results.onDidChange(() => changes++);
    results.add(goodResult(program));
    results.clear();
    listening.dispose();
    results.add(goodResult(program));
    assert.equal(changes, 2);
  });
});
