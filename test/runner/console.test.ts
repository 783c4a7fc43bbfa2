import assert from "node:assert/strict";
import { ConsoleValve } from "../../extension/runner/consoleValve.ts";
import type { ConsoleText } from "../../extension/runner/protocol.ts";
import { makeRunner, runProgram, startProgram } from "./programs.ts";

describe("the console", () => {
  const runner = makeRunner();
  after(() => runner.dispose());

  it("shows tensors as the engine wants them shown, in log, error, warn, table and dir", async () => {
    const { stdout, stderr } = await runProgram(runner, {
      "main.ts":
        'import { tensor } from "gradlens"; import { log } from "node:console"; const w = tensor([1, 2]);\nconsole.log(w, { w }); console.dir({ w: 1 }); console.table([{ w: 1 }]); console.error(w); console.warn("%s!", "warned"); log("named"); process.stdout.write(new Uint8Array([104, 105, 10]));',
    });
    assert.match(stdout, /^tensor\(1, 2\) { w: tensor\(1, 2\) }\n{ w: 1 }\n┌.*named\nhi\n$/s);
    assert.equal(stderr, "tensor(1, 2)\nwarned!\n");
  });

  it("puts letters together that are written in parts", async () => {
    const { stdout } = await runProgram(runner, {
      "main.ts": "for (const byte of new TextEncoder().encode('∇ ö\\n')) process.stdout.write(new Uint8Array([byte]));",
    });
    assert.equal(stdout, "∇ ö\n");
  });

  it("arrives while a program is busy", async () => {
    const observed = startProgram(runner, {
      "main.ts":
        "const f = (n: number) => n; console.log('first'); const end = Date.now() + 60_000; while (Date.now() < end) f(1);",
    });
    await observed.printed("first");
    const outcome = await observed.run.stop();
    assert.ok(outcome.durationMs < 5000);
  });

  it("shows what goes around it while the program is still busy", async () => {
    const observed = startProgram(runner, {
      "main.ts":
        "import { writeSync } from 'node:fs';\nconst f = () => {}; const pause = (ms: number) => { const end = Date.now() + ms; while (Date.now() < end) f(); };\nwriteSync(1, 'one\\n'); pause(5); writeSync(1, 'two\\n'); pause(60_000);",
    });
    await observed.printed("one\ntwo\n");
    assert.equal((await observed.run.stop()).kind, "stopped");
  }).timeout(10_000);

  it("survives a gigabyte: the newest part is kept, what was left out is counted and said", async () => {
    const main =
      "const line = 'x'.repeat(2 ** 20);\nfor (let i = 0; i < 1024; i++) console.log(line);\nconsole.log('the end');";
    const { stdout, outcome, console: outputs } = await runProgram(runner, { "main.ts": main });
    assert.equal(outcome.kind, "ok");
    assert.ok(stdout.length < 8 << 20, `${stdout.length}`);
    assert.ok(stdout.endsWith("the end\n"));
    assert.match(stdout, /… \d+\.\d MB of output left out …/);
    assert.equal(outcome.console.bytes, 1024 * (2 ** 20 + 1) + 8);
    const dropped = outputs.reduce((sum, { droppedBytes }) => sum + droppedBytes, 0);
    assert.equal(dropped, outcome.console.droppedBytes);
    assert.ok(dropped > 1000 * 2 ** 20);
  });

  it("survives a flood of short lines", async () => {
    const main = "for (let i = 0; i < 700_000; i++) console.log('line', i);";
    const { stdout, outcome } = await runProgram(runner, { "main.ts": main });
    assert.equal(outcome.kind, "ok");
    assert.ok(stdout.endsWith("line 699999\n"));
    assert.ok(outcome.console.droppedBytes > 0);
  });

  it("carries text that goes around it, and none of it reaches the runner's own channel", async () => {
    const main =
      'import { writeSync } from "node:fs"; writeSync(1, "raw out\\n"); writeSync(2, "raw err\\n");\nfor (let i = 0; i < 100; i++) writeSync(1, "y".repeat(100_000)); await new Promise((r) => setTimeout(r, 200));';
    const { stdout, stderr, outcome } = await runProgram(runner, { "main.ts": main });
    assert.equal(outcome.kind, "ok");
    assert.match(stdout, /raw out/);
    assert.match(stderr, /raw err/);
    assert.ok(outcome.console.bytes > 1e7 && outcome.console.droppedBytes > 0);
  });
});

describe("the console's valve", () => {
  const limits = { burstBytes: 100, bytesPerSecond: 1000, keptBytes: 20, gatherMs: 10 };

  function makeValve() {
    const sent: ConsoleText[] = [];
    let time = 0;
    const valve = new ConsoleValve(
      (output) => sent.push(output),
      limits,
      () => time,
    );
    const wait = (ms: number) => {
      time += ms;
    };
    return { valve, sent, wait };
  }

  it("sends the first write at once and gathers the next ones", () => {
    const { valve, sent, wait } = makeValve();
    valve.write("stdout", "a");
    valve.write("stdout", "b");
    valve.write("stdout", "c");
    wait(10);
    valve.write("stdout", "d");
    assert.deepEqual(
      sent.map(({ text }) => text),
      ["a", "bcd"],
    );
  });

  it("keeps the order of the two streams", () => {
    const { valve, sent } = makeValve();
    valve.write("stdout", "a");
    valve.write("stdout", "b");
    valve.write("stderr", "c");
    valve.flush(true);
    assert.deepEqual(
      sent.map(({ stream, text }) => `${stream} ${text}`),
      ["stdout a", "stdout b", "stderr c"],
    );
  });

  it("drops what comes too fast, from the start of a line, and lets more pass later", () => {
    const { valve, sent, wait } = makeValve();
    for (let i = 0; i < 50; i++) valve.write("stdout", `line ${i}\n`);
    valve.flush(true);
    assert.match(sent.at(-1)?.text ?? "", /left out …\n(line \d+\n)+line 48\nline 49\n$/);
    const all = sent.reduce((sum, { text }) => sum + text.replace(/\n….*…\n/, "").length, 0);
    assert.equal(all + valve.totals.droppedBytes, valve.totals.bytes);
    wait(1000);
    valve.write("stdout", "x".repeat(90));
    assert.equal(sent.at(-1)?.droppedBytes, 0);
  });
});
