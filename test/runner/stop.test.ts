import assert from "node:assert/strict";
import { describeEnding } from "../../extension/runner/outcome.ts";
import type { Runner, RunRequest } from "../../extension/runner/runner.ts";
import { isAlive, makeRunner, type Observed, startProgram, until } from "./programs.ts";

/** A number with a `then` that never calls back, and other ways to stay where one is. */
const states: readonly (readonly [string, string])[] = [
  ["an endless loop without calls", "while (true) {}"],
  ["an endless loop with calls", "for (;;) step();"],
  ["an endless loop of promises", "for (;;) await null;"],
  ["a blocked wait", "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);"],
  ["a runaway regular expression", "/^(a+)+$/.test('a'.repeat(40) + 'b');"],
  ["an await that never resolves", "setInterval(step, 1000); await new Promise(() => {});"],
  ["an endless loop that catches everything", "for (;;) try { step(); throw 1; } catch {} finally { continue; }"],
  ["an exit handler that never returns", "process.on('exit', () => { for (;;); }); process.exit(0);"],
  [
    "a program that was started and is waited for",
    "(await import('node:child_process')).execFileSync('sleep', ['600']);",
  ],
];

describe("stopping", () => {
  const runner = makeRunner();
  after(() => runner.dispose());

  async function start(main: string, request: Partial<RunRequest> = {}): Promise<Observed> {
    const source = `import { tensor } from "gradlens";\nlet n = 0;\nfunction step() { n++; }\nconst w = tensor(1);\nconsole.log("up");\n${main}`;
    const observed = startProgram(runner, { "main.ts": source }, request);
    await observed.printed("up");
    // Long enough to be in the middle of it.
    await new Promise((resolve) => setTimeout(resolve, 150));
    return observed;
  }

  for (const [state, main] of states) {
    it(`ends ${state} within a second, with what was recorded until then`, async () => {
      const observed = await start(main);
      const before = performance.now();
      const outcome = await observed.run.stop();
      assert.ok(performance.now() - before < 1000, `took ${performance.now() - before} ms`);
      assert.deepEqual(
        { ...outcome, durationMs: 0, console: null },
        { kind: "stopped", reason: "asked", durationMs: 0, console: null },
      );
      const isBlockedAtOnce = /Atomics|RegExp|regular|sleep|started/.test(state + main);
      if (!isBlockedAtOnce) assert.deepEqual(observed.ops, ["tensor main.ts:4:11"]);
    });
  }

  it("sends what a loop without calls recorded while it still turns", async () => {
    const observed = await start("for (;;);");
    assert.deepEqual(observed.ops, ["tensor main.ts:4:11"]);
    await observed.run.stop();
  });

  it("ends the programs that were started, too", async () => {
    const observed = await start(
      "const { spawn } = await import('node:child_process'); const child = spawn('sleep', ['600']); console.log('pid', child.pid, '.'); for (;;);",
    );
    const pid = Number(/pid (\d+)/.exec(observed.stdout)?.[1]);
    assert.ok(isAlive(pid));
    await observed.run.stop();
    await until(() => !isAlive(pid), 1000);
  });
});

describe("limits of a run", () => {
  let runner: Runner;
  before(() => {
    runner = makeRunner();
  });
  after(() => runner.dispose());

  it("end a program that takes too long", async () => {
    const { run } = startProgram(runner, { "main.ts": "for (;;);" }, { limits: { timeoutMs: 200 } });
    const outcome = await run.done;
    assert.ok(outcome.kind === "timeout");
    assert.ok(outcome.durationMs < 2500);
    assert.match(describeEnding(outcome), /longer than its limit of 0\.2 s/);
  });

  it("end a program whose typed arrays need too much memory", async () => {
    const main = "const kept = [];\nfor (;;) kept.push(new Float64Array(1 << 20).fill(kept.length));";
    const { run } = startProgram(runner, { "main.ts": main }, { limits: { memoryMb: 500 } });
    const outcome = await run.done;
    assert.ok(outcome.kind === "out-of-memory", outcome.kind);
    assert.ok(outcome.limitMb === 500 && outcome.usedMb !== null && outcome.usedMb < 1500, JSON.stringify(outcome));
    assert.match(describeEnding(outcome), /more than its limit of 500 MB/);
  });

  it("end a program whose objects need too much memory", async () => {
    const main = "const kept: object[] = [];\nfor (;;) kept.push({ n: kept.length, text: [kept.length] });";
    const { run } = startProgram(runner, { "main.ts": main }, { limits: { memoryMb: 300 } });
    const outcome = await run.done;
    assert.ok(outcome.kind === "out-of-memory", outcome.kind);
    assert.equal(outcome.limitMb, 300);
  });

  it("leave an array alone that is asked for and never touched", async () => {
    const main = "const kept = new Float64Array(2 ** 28); console.log(kept.length);";
    const { run } = startProgram(runner, { "main.ts": main }, { limits: { memoryMb: 1000 } });
    assert.equal((await run.done).kind, "ok");
  });

  it("do not outlive the run", async () => {
    const { run } = startProgram(
      runner,
      { "main.ts": "await new Promise((r) => setTimeout(r, 300));" },
      { limits: { timeoutMs: 0 } },
    );
    assert.equal((await run.done).kind, "ok");
  });
});

describe("intervals that are left alive", () => {
  const runner = makeRunner();
  after(() => runner.dispose());

  it("end with a note once the program is done and they do nothing", async () => {
    const observed = startProgram(runner, { "main.ts": "setInterval(() => {}, 10); export {};" }, { quietMs: 150 });
    const outcome = await observed.run.done;
    assert.equal(outcome.kind, "ok");
    assert.deepEqual(observed.notes, [{ kind: "timers-left", count: 1, quietMs: 150 }]);
    assert.ok(outcome.durationMs < 2000);
  });

  it("go on while they do something, until they are cleared", async () => {
    const main = "let n = 0; const t = setInterval(() => { console.log(++n); if (n === 20) clearInterval(t); }, 20);";
    const observed = startProgram(runner, { "main.ts": main }, { quietMs: 100 });
    assert.equal((await observed.run.done).kind, "ok");
    assert.equal(observed.stdout.trim().split("\n").length, 20);
    assert.deepEqual(observed.notes, []);
  });

  it("do not cut a timeout short that the program waits for", async () => {
    const main =
      "setInterval(() => {}, 10).unref(); setInterval(() => {}, 10); setTimeout(() => console.log('slept'), 500);";
    const observed = startProgram(runner, { "main.ts": main }, { quietMs: 100 });
    assert.equal((await observed.run.done).kind, "ok");
    assert.equal(observed.stdout, "slept\n");
    assert.equal(observed.notes.length, 1);
  });
});
