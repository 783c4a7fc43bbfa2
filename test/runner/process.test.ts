import assert from "node:assert/strict";
import { execFileSync, fork } from "node:child_process";
import { readlinkSync, rmSync } from "node:fs";
import path from "node:path";
import { cleanEnvironment } from "../../extension/runner/environment.ts";
import { whyUnfit } from "../../extension/runner/nodeVersion.ts";
import { describeEnding } from "../../extension/runner/outcome.ts";
import { isAlive, makeRunner, runProgram, startProgram, until } from "./programs.ts";

const isPosix = process.platform !== "win32";

describe("the runner's child process", () => {
  const runner = makeRunner();
  after(() => runner.dispose());

  const fine = { "main.ts": "console.log('fine');" };

  it("is kept for the next run, which gets a fresh thread", async () => {
    const first = await runProgram(runner, {
      "main.ts": "(globalThis as any).left = 1; console.log('pid', process.pid);",
    });
    const second = await runProgram(runner, {
      "main.ts": "console.log('pid', process.pid); console.log((globalThis as any).left);",
    });
    assert.equal(second.stdout, `${first.stdout}undefined\n`);
  });

  if (isPosix) {
    it("may be killed from outside while it runs a program, and is replaced", async () => {
      const observed = startProgram(runner, {
        "main.ts": 'import { tensor } from "gradlens"; tensor(1); console.log("up"); for (;;);',
      });
      await observed.printed("up");
      await until(() => observed.ops.length === 1, 2000);
      process.kill(runner.childPid ?? 0, "SIGKILL");
      const outcome = await observed.run.done;
      assert.ok(outcome.kind === "crashed" && outcome.signal === "SIGKILL");
      assert.match(describeEnding(outcome), /killed from outside/);
      assert.equal((await runProgram(runner, fine)).stdout, "fine\n");
    });

    it("may be killed while it waits, and nobody notices", async () => {
      await runner.warm();
      const pid = runner.childPid ?? 0;
      process.kill(pid, "SIGKILL");
      await until(() => runner.childPid !== pid, 2000);
      assert.equal((await runProgram(runner, fine)).stdout, "fine\n");
    });

    it("is said to have crashed in native code when it did, with its last words", async () => {
      const main =
        "import { writeSync } from 'node:fs'; writeSync(2, 'last words\\n'); process.kill(process.pid, 'SIGSEGV'); for (;;);";
      const { outcome } = await runProgram(runner, { "main.ts": main });
      assert.ok(outcome.kind === "crashed" && outcome.signal === "SIGSEGV", JSON.stringify(outcome));
      assert.match(outcome.message, /native code/);
      assert.deepEqual(outcome.stderr, ["last words"]);
    });

    it("is ended when it stops answering", async () => {
      const observed = startProgram(runner, { "main.ts": "console.log('up'); for (;;);" });
      await observed.printed("up");
      process.kill(runner.childPid ?? 0, "SIGSTOP");
      const outcome = await observed.run.done;
      assert.ok(outcome.kind === "crashed");
      assert.match(outcome.message, /stopped answering/);
    }).timeout(30_000);

    it("is left alone when it gets no processor for some seconds", async () => {
      const observed = startProgram(runner, {
        "main.ts": "console.log('up'); await new Promise((done) => setTimeout(done, 100)); console.log('still here');",
      });
      await observed.printed("up");
      const pid = runner.childPid ?? 0;
      process.kill(pid, "SIGSTOP");
      setTimeout(() => process.kill(pid, "SIGCONT"), 5000);
      const outcome = await observed.run.done;
      assert.equal(outcome.kind, "ok", describeEnding(outcome));
      assert.equal(observed.stdout, "up\nstill here\n");
    }).timeout(30_000);

    it("can be stopped within a second when even its main thread stands still", async () => {
      const observed = startProgram(runner, { "main.ts": "console.log('up'); for (;;);" });
      await observed.printed("up");
      process.kill(runner.childPid ?? 0, "SIGSTOP");
      const before = performance.now();
      assert.equal((await observed.run.stop()).kind, "stopped");
      assert.ok(performance.now() - before < 1000);
    });

    it("goes when its parent goes", async () => {
      const parent = fork(new URL("./shortLivedParent.ts", import.meta.url), {
        execArgv: ["--disable-warning=ExperimentalWarning"],
      });
      const { pid, folder } = await new Promise<{ pid: number; folder: string }>((resolve) =>
        parent.once("message", (message) => resolve(message as { pid: number; folder: string })),
      );
      assert.ok(isAlive(pid));
      parent.kill("SIGKILL");
      await until(() => !isAlive(pid), 2000);
      rmSync(folder, { recursive: true });
    }).timeout(10_000);
  }

  it("cannot be started with a program that is not there", async () => {
    const broken = makeRunner({ execPath: "/no/such/node" });
    const { outcome } = await runProgram(broken, fine);
    assert.ok(outcome.kind === "crashed");
    assert.match(outcome.message, /\/no\/such\/node could not be started/);
    broken.dispose();
  });

  it("is not started by a runner that has been disposed", async () => {
    const gone = makeRunner();
    gone.dispose();
    await gone.warm();
    assert.equal(gone.childPid, undefined);
  });

  it("says why it cannot start", async () => {
    const broken = makeRunner({ execArgv: ["--no-such-option"] });
    const { outcome } = await runProgram(broken, fine);
    assert.ok(outcome.kind === "crashed");
    assert.match(outcome.message, /could not start.*bad option/);
    broken.dispose();
  });

  it("says that the engine cannot be loaded", async () => {
    const broken = makeRunner({ enginePath: "/no/engine.js" });
    const { outcome } = await runProgram(broken, fine);
    assert.ok(outcome.kind === "crashed");
    assert.match(outcome.message, /engine could not be started.*\/no\/engine\.js/);
    broken.dispose();
  });

  it("has the environment of a terminal, not of the editor", async () => {
    const clean = cleanEnvironment(
      {
        PATH: "/bin",
        NODE_OPTIONS: "--inspect",
        VSCODE_PID: "1",
        ELECTRON_RUN_AS_NODE: "1",
        MY_VSCODE: "x",
        ESBUILD_BINARY_PATH: "/evil",
      },
      false,
    );
    assert.deepEqual(clean, { PATH: "/bin", MY_VSCODE: "x" });
    const other = makeRunner({ environment: { ...process.env, NODE_OPTIONS: "--no-such-option", VSCODE_X: "1" } });
    const { stdout } = await runProgram(other, {
      "main.ts":
        "console.log(Object.keys(process.env).filter((k) => /^(NODE_OPTIONS|NODE_CHANNEL|VSCODE|ELECTRON|ESBUILD)/.test(k)));",
    });
    assert.equal(stdout, "[]\n");
    other.dispose();
  });

  it("needs a Node whose loader has synchronous hooks", () => {
    for (const version of ["v22.15.0", "v23.5.0", "v24.0.0", "v26.1.0"]) assert.equal(whyUnfit(version), null);
    for (const version of ["v20.20.2", "v22.14.0", "v23.4.0"]) assert.match(whyUnfit(version) ?? "", /22\.15 or newer/);
  });

  if (process.platform === "linux") {
    it("works in the program's folder only while that runs, so that the folder can be moved afterwards on every system", async () => {
      const folder = (): string => readlinkSync(`/proc/${runner.childPid}/cwd`);
      const program = startProgram(runner, { "main.ts": "console.log(process.cwd()); setTimeout(() => {}, 300);" });
      await program.printed("gradlens-runner");
      assert.equal(`${folder()}\n`, program.stdout);
      await program.run.done;
      await until(() => folder() === process.cwd(), 2000);
    });

    it("starts its compiler again when that was killed", async () => {
      await runProgram(runner, fine);
      const pids = execFileSync("ps", ["-o", "pid=,args=", "--ppid", String(runner.childPid)], { encoding: "utf8" });
      const pid = /^\s*(\d+) .*esbuild/m.exec(pids)?.[1];
      process.kill(Number(pid), "SIGKILL");
      assert.equal(
        (await runProgram(runner, { "main.ts": "console.log('compiled again');" })).stdout,
        "compiled again\n",
      );
    });
  }

  it("is replaced for a run that would begin near its limit of memory", async () => {
    const other = makeRunner({ brokerPath: path.join(import.meta.dirname, "heavyBroker.ts") });
    const pidOfRun = async (memoryMb: number): Promise<number> => {
      const run = other.start({ file: "main.ts", limits: { memoryMb } });
      const pid = other.childPid ?? 0;
      assert.equal((await run.done).kind, "ok");
      return pid;
    };
    const first = await pidOfRun(2000);
    assert.equal(await pidOfRun(1000), first);
    assert.notEqual(await pidOfRun(500), first);
    other.dispose();
  });

  it("does not grow over many runs", async () => {
    const rss = async () =>
      Number((await runProgram(runner, { "main.ts": "console.log(process.memoryUsage.rss() >> 20);" })).stdout);
    for (let i = 0; i < 5; i++) await rss();
    const before = await rss();
    for (let i = 0; i < 30; i++) await rss();
    const after = await rss();
    assert.ok(after < before + 80, `from ${before} to ${after} MB`);
  }).timeout(20_000);
});

describe("two runs at once", () => {
  const runner = makeRunner();
  after(() => runner.dispose());

  const slow = {
    "main.ts": "console.log('slow up'); await new Promise((r) => setTimeout(r, 300)); console.log('slow done');",
  };
  const endless = { "main.ts": "console.log('up'); for (;;);" };
  const quick = { "main.ts": "console.log('quick');" };

  it("wait for each other", async () => {
    const first = startProgram(runner, slow);
    const second = startProgram(runner, quick);
    assert.equal((await second.run.done).kind, "ok");
    assert.equal((await first.run.done).kind, "ok");
    assert.equal(first.stdout, "slow up\nslow done\n");
    assert.equal(second.stdout, "quick\n");
  });

  it("replace each other when asked to", async () => {
    const first = startProgram(runner, endless);
    const waiting = startProgram(runner, quick);
    await first.printed("up");
    const second = startProgram(runner, quick, { whenBusy: "replace" });
    assert.equal((await second.run.done).kind, "ok");
    for (const { run } of [first, waiting]) {
      const outcome = await run.done;
      assert.ok(outcome.kind === "stopped" && outcome.reason === "replaced");
    }
  });

  it("can be stopped before they start", async () => {
    const first = startProgram(runner, endless);
    const second = startProgram(runner, quick);
    assert.equal((await second.run.stop()).kind, "stopped");
    assert.equal(second.stdout, "");
    assert.equal((await first.run.stop()).kind, "stopped");
  });

  it("end when the runner is closed", async () => {
    const closed = makeRunner();
    const first = startProgram(closed, endless);
    const second = startProgram(closed, quick);
    closed.dispose();
    assert.deepEqual([(await first.run.done).kind, (await second.run.done).kind], ["stopped", "stopped"]);
    assert.throws(() => closed.start({ file: "x.ts" }), /disposed/);
  });
});

describe("the recording", () => {
  const runner = makeRunner();
  after(() => runner.dispose());

  it("arrives in parts while the program runs, tables before the parts that speak of them", async () => {
    const observed = startProgram(
      runner,
      { "main.ts": 'import { tensor } from "gradlens"; console.log("up"); for (;;) tensor(1);' },
      { recorder: { opsPerChunk: 100 } },
    );
    await until(() => observed.chunks.length > 10, 5000);
    assert.equal(observed.ops[0], "tensor main.ts:1:64");
    await observed.run.stop();
  });

  it("does not pile up when the parent is slow", async () => {
    const main =
      'import { tensor } from "gradlens"; for (let i = 0; i < 30; i++) tensor(i);\nconsole.log(process.memoryUsage.rss() >> 20);';
    const observed = startProgram(
      runner,
      { "main.ts": main },
      { recorder: { opsPerChunk: 1, payloadBytes: 8 << 20 }, limits: { memoryMb: 2000 } },
    );
    const outcome = await observed.run.done;
    assert.equal(outcome.kind, "ok", describeEnding(outcome));
    assert.equal(observed.chunks.length, 31);
    assert.equal(observed.chunks[3]?.payload.byteLength, 8 << 20);
    assert.ok(Number(observed.stdout) < 400, observed.stdout);
  });

  it("is complete and comes with progress in order", async () => {
    const { progress, chunks, names } = await runProgram(runner, {
      "main.ts":
        'import { tensor } from "gradlens"; const params = { w1: tensor(1), b: 3 }; let h = params.w1; h = h.exp();',
    });
    assert.deepEqual([...new Set(progress.map(({ stage }) => stage))], ["starting", "running", "finishing"]);
    assert.equal(chunks.at(-1)?.isLast, true);
    assert.deepEqual(names, ["params.w1", "h", "h"]);
  });
});
