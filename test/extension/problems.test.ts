import assert from "node:assert/strict";
import { tensor } from "../../engine/index.ts";
import { problemsOf, remarksOf } from "../../extension/editor/problems.ts";
import { RunResult } from "../../extension/results/runResult.ts";
import { failedResult, goodResult, modelFile, ok, recordingOf } from "./recordings.ts";

describe("the problems of a run", () => {
  it("are none when it went well", () => {
    assert.deepEqual(problemsOf(goodResult((named) => void named(1, "x", () => tensor(1)))), []);
  });

  it("are the error that ended it, at its line, with the way it was called", () => {
    const stack = [
      { function: "inner", file: modelFile, line: 3, column: 5 },
      { function: "outer", file: modelFile, line: 9, column: 1 },
      { function: "lib", file: "/models/node_modules/lib/index.js", line: 1, column: 1 },
    ];
    const [problem, ...more] = problemsOf(failedResult(() => {}, { name: "TypeError", message: "x is null", stack }));
    assert.equal(more.length, 0);
    assert.equal(problem?.message, "TypeError: x is null");
    assert.deepEqual(problem?.place, { file: modelFile, line: 3, column: 5 });
    assert.deepEqual(
      problem?.related.map(({ place, message }) => [place.line, message]),
      [[9, "called in outer"]],
    );
  });

  it("are what the runner noticed in a file, and the rest is remarked about the run as a whole", () => {
    const recording = recordingOf(() => {});
    recording.append({ meta: { truncated: "only the first 10 events were recorded" } });
    const problem = { file: modelFile, line: 4, column: 2, length: 3, text: "never true" };
    const result = new RunResult(recording, ok, new Map(), [
      { kind: "compile-warning", problem },
      { kind: "bad-tsconfig", file: "/models/tsconfig.json", text: "no JSON" },
      { kind: "not-instrumented", file: "/models/old.ts", text: "too new" },
      { kind: "recorder-failed", text: "no memory" },
      { kind: "timers-left", count: 2, quietMs: 2000 },
    ]);
    assert.deepEqual(
      problemsOf(result).map(({ severity, message, place: { file, line } }) => [severity, message, file, line]),
      [
        ["warning", "never true", modelFile, 4],
        ["warning", "no JSON", "/models/tsconfig.json", 1],
        ["warning", "too new", "/models/old.ts", 1],
      ],
    );
    assert.deepEqual(remarksOf(result), [
      "The recording is not whole: no memory",
      "The run was ended although 2 timers were left, which did nothing for 2 s.",
      "Only the first 10 events were recorded.",
    ]);
  });

  it("tell an error of autograd once", () => {
    const message = "Trying to backward through the graph a second time";
    const problems = problemsOf(failedResult(() => {}, { message }));
    assert.deepEqual(
      problems.map(({ kind }) => kind),
      ["double-backward"],
    );
    assert.match(problems[0]?.message ?? "", /retainGraph/);
  });

  it("are a NaN at the line where it was born, with its way", () => {
    const problems = problemsOf(
      goodResult((named) => {
        const x = named(1, "x", () => tensor([-1, 1], { requiresGrad: true }));
        const y = named(2, "y", () => x.log());
        named(3, "loss", () => y.sum()).backward();
      }),
    );
    const [first] = problems;
    assert.equal(first?.severity, "error");
    assert.equal(first?.place.line, 2);
    assert.ok(
      first?.related.some(({ place }) => place.line === 3),
      "the sum it surfaced in",
    );
  });

  it("are every place where a file does not compile", () => {
    const place = { file: modelFile, line: 2, column: 4, length: 3, text: "Unexpected" };
    const result = new RunResult(
      recordingOf(() => {}),
      {
        kind: "compile-error",
        ...place,
        others: [{ ...place, line: 7 }],
        durationMs: 1,
        console: { bytes: 0, droppedBytes: 0 },
      },
    );
    result.recording.append({ error: { ...place, name: "SyntaxError", message: place.text, stack: [] } });
    assert.deepEqual(
      problemsOf(result).map(({ place: { line }, length, message }) => [line, length, message]),
      [
        [2, 3, "Unexpected"],
        [7, 3, "Unexpected"],
      ],
    );
  });
});
