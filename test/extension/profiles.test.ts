import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { nn, optim, tensor } from "../../engine/index.ts";
import { encodeRecording } from "../../engine/recording/file.ts";
import { timelineOf } from "../../engine/recording/queries/profile/timeline.ts";
import { Recording } from "../../engine/recording/recording.ts";
import { startRecording } from "../../engine/recording/runRecorder.ts";
import { costBar, costText } from "../../extension/editor/costText.ts";
import { Profiles } from "../../extension/profiles/profiles.ts";
import { RunHistory } from "../../extension/profiles/runHistory.ts";
import { SharedRecording } from "../../extension/profiles/sharedRecording.ts";
import { fileMove } from "../../extension/results/fileMove.ts";
import type { RunResult } from "../../extension/results/runResult.ts";
import { inProject } from "../../scripts/project.ts";
import { type ProfileFormat, profilerPanel } from "../../webview/protocol/profiler.ts";
import { trainingPanel } from "../../webview/protocol/training.ts";
import { goodResult, modelFile, recordingOf } from "./recordings.ts";

/** A few training steps with names at lines. */
function training(steps: number): Recording {
  return recordingOf((named) => {
    const layer = named(1, "layer", () => new nn.Linear(4, 3));
    const sgd = new optim.SGD(layer.parameters(), { lr: 0.1 });
    const x = named(2, "x", () => tensor([[1, 2, 3, 4]]));
    for (let step = 0; step < steps; step++) {
      const hidden = named(3, "hidden", () => layer.forward(x).tanh());
      const loss = named(4, "loss", () => hidden.sum());
      sgd.zeroGrad();
      loss.backward();
      sgd.step();
    }
  });
}

describe("profiles, worked out in a thread of their own", () => {
  let profiles: Profiles;

  before(() => {
    profiles = new Profiles(inProject("extension", "profiles", "profileWorker.ts"));
  });

  after(() => profiles.dispose());

  it("answers every question the panels ask in the way they understand", async () => {
    const recording = training(3);
    const { requests } = profilerPanel;
    const grouping = { byShape: true, bySite: true, byModule: true };
    assert.ok(requests.loadTimeline.answer(await profiles.of(recording, "timeline")));
    assert.ok(requests.loadMerged.answer(await profiles.of(recording, "merged")));
    assert.ok(requests.loadSandwich.answer(await profiles.of(recording, "sandwich", "tanh")));
    assert.ok(requests.loadOps.answer(await profiles.of(recording, "ops", grouping)));
    assert.ok(requests.loadModules.answer(await profiles.of(recording, "modules")));
    assert.ok(requests.loadLines.answer(await profiles.of(recording, "lines")));
    assert.ok(requests.loadMemory.answer(await profiles.of(recording, "memory")));
    assert.ok(requests.loadComparison.answer(await profiles.compare(recording, training(2), "before")));
    const curves = await profiles.of(recording, "training");
    assert.equal(curves.count, 3);
    const run = { file: "model.ts", startedAt: 0, durationMs: 1, outcome: "ok" } as const;
    assert.ok(trainingPanel.requests.loadTraining.answer({ kind: "training", run, training: curves }));
  });

  it("gives the same timeline as the recording itself, and the line of each span", async () => {
    const recording = training(2);
    const { place, places, calls, ...timeline } = await profiles.of(recording, "timeline");
    assert.deepEqual(timeline, timelineOf(recording));
    assert.equal(calls.length, 0);
    const tanh = timeline.name.indexOf(timeline.names.indexOf("tanh"));
    assert.deepEqual(places[place[tanh] ?? -1], { file: modelFile, line: 3, column: 11 });
    const backward = timeline.name.indexOf(timeline.names.indexOf("TanhBackward0"));
    assert.equal(place[backward], place[tanh], "a backward node stands at the line of its forward op");
  });

  it("can be asked twice, though the first answer's columns were handed over", async () => {
    const recording = training(1);
    const first = await profiles.of(recording, "merged");
    assert.deepEqual(await profiles.of(recording, "merged"), first);
    const again = await profiles.of(recording, "timeline");
    assert.deepEqual(await profiles.of(recording, "timeline"), again);
  });

  it("follows a recording that grows", async () => {
    const recording = new Recording();
    const recorder = startRecording({ send: (chunk) => recording.append(chunk), tick: () => {} }, undefined);
    const sgd = new optim.SGD([tensor([1], { requiresGrad: true })], { lr: 0.1 });
    try {
      sgd.step();
      recorder.flush();
      assert.equal((await profiles.of(recording, "training")).count, 1);
      sgd.step();
      sgd.step();
      recorder.flush();
      assert.equal((await profiles.of(recording, "training")).count, 3);
    } finally {
      recorder.finish();
    }
  });

  it("forgets a recording and learns it anew", async () => {
    const recording = training(1);
    const before = await profiles.of(recording, "lines");
    profiles.keepOnly([]);
    assert.deepEqual(await profiles.of(recording, "lines"), before);
  });

  it("writes files for other programs and a page for people, and reads its own trace again", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "profiles-"));
    const written = async (format: ProfileFormat, subject: Recording | number): Promise<string> => {
      const file = path.join(folder, `profile.${format}.json`);
      const facts = { name: "model.ts", folder: path.dirname(modelFile), alerts: [] };
      await (typeof subject === "number"
        ? profiles.ofTrace(subject, "file", format, file, facts)
        : profiles.of(subject, "file", format, file, facts));
      return readFileSync(file, "utf8");
    };
    try {
      const recording = training(3);
      const { traceEvents } = JSON.parse(await written("trace", recording)) as { traceEvents: { name: string }[] };
      assert.ok(traceEvents.some(({ name }) => name === "TanhBackward0"));
      const { shared } = JSON.parse(await written("speedscope", recording)) as { shared: { frames: unknown[] } };
      assert.ok(shared.frames.length > 5);
      const csv = (await written("csv", recording)).split("\r\n");
      assert.ok(csv[0]?.startsWith("name,kind,shapes"));
      assert.ok(csv.some((line) => line.startsWith("tanh,forward,")));
      assert.match(await written("report", recording), /<!doctype html>[\s\S]*model\.ts[\s\S]*<\/html>/);
      const { subject, problems } = await profiles.openTrace(path.join(folder, "profile.trace.json"));
      assert.deepEqual(problems, []);
      assert.ok((await written("csv", subject)).includes("\r\ntanh,"));
      await assert.rejects(written("report", subject), /a report needs more/);
      await assert.rejects(profiles.of(recording, "file", "csv", folder, { name: "", folder: null, alerts: [] }));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("opens a trace, and says of one that is none what it is", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "traces-"));
    const write = (name: string, text: string): string => {
      const file = path.join(folder, name);
      writeFileSync(file, text);
      return file;
    };
    try {
      const event = { ph: "X", name: "aten::mm", ts: 10, dur: 5, pid: 1, tid: 1 };
      const text = JSON.stringify({ traceEvents: [event] });
      const { subject, durationMs, problems } = await profiles.openTrace(write("a.json", text));
      assert.deepEqual(problems, []);
      assert.ok(Math.abs(durationMs - 0.005) < 1e-9, String(durationMs));
      assert.deepEqual((await profiles.ofTrace(subject, "timeline")).names, ["aten::mm"]);
      await assert.rejects(profiles.ofTrace(subject, "lines"), /A trace has times and names/);
      // The thread ends when it is not used; the next one reads the file again.
      profiles.dispose();
      assert.deepEqual((await profiles.ofTrace(subject, "timeline")).names, ["aten::mm"]);
      await assert.rejects(profiles.openTrace(write("b.json", "")), /The file is empty/);
      await assert.rejects(profiles.openTrace(write("c.json", "hello")), /not JSON/);
      await assert.rejects(profiles.openTrace(path.join(folder, "d.json")), /d\.json is not there/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("a recording that another thread looks at", () => {
  /** As a message brings it to the other thread. */
  function look(copy: Recording, shared: SharedRecording): void {
    const news = structuredClone(shared.take());
    if (news === null) return;
    copy.append(news.lists);
    copy.adopt(news.tables);
  }

  it("is whole on the other side, without a copy", () => {
    const recording = training(4);
    const copy = new Recording();
    look(copy, new SharedRecording(recording));
    assert.deepEqual(encodeRecording(copy), encodeRecording(recording));
    const [mine, theirs] = [recording.tables.events.column.start, copy.tables.events.column.start];
    mine[1] = 4711;
    assert.equal(theirs[1], 4711, "both look at the same memory");
  });

  it("is what it was when it was shown, also while it grows", () => {
    const recording = new Recording();
    const rows = (from: number, count: number): Uint32Array => Uint32Array.from({ length: count }, (_, i) => from + i);
    const add = (from: number, count: number): void => {
      const columns = { tensor: rows(from, count), value: new Float64Array(count) };
      recording.append({ tables: { refs: { rows: count, columns } } });
    };
    const copy = new Recording();
    const shared = new SharedRecording(recording);
    add(0, 10);
    look(copy, shared);
    add(10, 1000);
    assert.equal(copy.tables.refs.rows, 10);
    look(copy, shared);
    assert.deepEqual(copy.tables.refs.column.tensor.slice(0, 1010), rows(0, 1010));
    assert.equal(shared.take(), null, "nothing is shown twice");
  });
});

describe("the runs that can be compared with", () => {
  let clock = 0;
  const model = () => {
    const result = goodResult((named) => named(1, "x", () => tensor([1])));
    result.recording.append({ meta: { startedAt: ++clock } });
    return result;
  };

  function history(): { history: RunHistory; end: (result: RunResult) => void } {
    let told: (result: RunResult) => void = () => {};
    const onDidEnd = (listener: (result: RunResult) => void) => {
      told = listener;
      return { dispose: () => {} };
    };
    return { history: new RunHistory({ onDidEnd }), end: (result) => told(result) };
  }

  it("are those of the same model, without the one on screen", () => {
    const { history: runs, end } = history();
    const results = [model(), model(), model()];
    for (const result of results) end(result);
    assert.deepEqual(
      runs.before(results[2] ?? model()).map(({ result }) => result),
      results.slice(0, 2),
    );
  });

  it("are none of those that came after the one on screen, which may have failed", () => {
    const { history: runs, end } = history();
    const [first, shown, failed] = [model(), model(), model()];
    for (const result of [first, shown, failed]) end(result);
    assert.deepEqual(
      runs.comparable(shown).map(({ result }) => result),
      [first],
    );
  });

  it("are those of before its file was renamed, too, and it is itself none of them", () => {
    const { history: runs, end } = history();
    const [before, shown] = [model(), model()];
    end(before);
    end(shown);
    const move = fileMove([{ from: modelFile, to: "/models/better.ts" }]);
    runs.move(move);
    assert.deepEqual(
      runs.before(shown.movedBy(move)).map(({ result }) => result),
      [before.movedBy(move)],
    );
  });

  it("are saved recordings of any model besides, each file once", () => {
    const { history: runs, end } = history();
    const [shown, saved, again] = [model(), model(), model()];
    end(shown);
    runs.addSaved(saved, "/before.gradlens");
    const { id } = runs.addSaved(again, "/before.gradlens");
    assert.deepEqual(runs.comparable(shown), [{ id, result: again, file: "/before.gradlens" }]);
    assert.deepEqual(runs.before(shown), [], "the run before was none of them");
  });

  it("are a few, and keep their numbers", () => {
    const { history: runs, end } = history();
    for (let i = 0; i < 20; i++) end(model());
    const last = model();
    end(last);
    const kept = runs.before(last);
    assert.deepEqual(
      kept.map(({ id }) => id),
      [16, 17, 18, 19, 20],
    );
    assert.equal(runs.get(20), kept.at(-1)?.result);
    assert.equal(runs.get(1), null);
  });

  it("never take the place of the one on screen, however many are opened", () => {
    const { history: runs, end } = history();
    const [shown, next] = [model(), model()];
    end(shown);
    for (let i = 0; i < 20; i++) runs.addSaved(model(), `/saved-${i}.gradlens`);
    assert.equal(runs.comparable(shown).at(-1)?.file, "/saved-19.gradlens");
    end(next);
    assert.deepEqual(
      runs.before(next).map(({ result }) => result),
      [shown],
    );
  });
});

describe("what a line cost, behind it", () => {
  const cost = { file: modelFile, line: 3, forward: 1.24, backward: 3.1, saved: 4_194_304, calls: 1200 };

  it("is forward, the backward it caused, what it saved and its calls", () => {
    assert.equal(costText(cost), "↓ 1.240 ms  ↑ 3.100 ms  4.000 MB saved  1,200×");
    assert.equal(costText({ ...cost, backward: 0, saved: 0, calls: 1 }), "↓ 1.240 ms  1×");
  });

  it("has a bar as long as its share of the most expensive line", () => {
    assert.equal(costBar(cost, 4.34), "█████");
    assert.equal(costBar(cost, 8.68), "██▌");
    assert.equal(costBar({ ...cost, forward: 0, backward: 0 }, 8), "");
    assert.equal(costBar(cost, 0), "");
  });
});
