import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { isAlive, until } from "../runner/programs.ts";
import { Client } from "./client.ts";

const model = `import { tensor } from "gradlens";
const x = tensor([1, 2], { requiresGrad: true });
const h = x.mul(2);
h.registerHook((g) => g.mul(2));
h.sum().backward();
console.log("done");
`;

/** A state to be left, and how it is come to. */
interface State {
  readonly source?: string;
  readonly launch?: object;
  readonly filters?: readonly string[];
  /** Waits until the state is there. */
  readonly reach: (client: Client) => Promise<unknown>;
}

const states: Readonly<Record<string, State>> = {
  "paused before anything happened": { launch: { stopOnEntry: true }, reach: (client) => client.stopped() },
  "paused in forward": { launch: { stopOn: ["forward"] }, reach: (client) => client.stopped() },
  "paused in backward": { launch: { stopOn: ["node"] }, reach: (client) => client.stopped() },
  "paused in a hook": { launch: { stopOn: ["hook"] }, reach: (client) => client.stopped() },
  "paused at the exception that ended the program": {
    source: `${model}throw new Error("over");`,
    filters: ["uncaught"],
    reach: (client) => client.stopped(),
  },
  "in an endless loop": { source: `${model}for (;;);`, reach: printed },
  "in an endless loop of ops": { source: `${model}for (;;) x.mul(2);`, reach: printed },
  "waiting for a timer": { source: `${model}setInterval(() => undefined, 1000);`, reach: printed },
  "stuck in native code": {
    source: `${model}Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`,
    reach: printed,
  },
  ended: { reach: (client) => client.waitForEvent("terminated") },
};

async function printed(client: Client): Promise<void> {
  await client.assertOutput("stdout", "done");
  // Long enough to be in the middle of it.
  await new Promise((resolve) => setTimeout(resolve, 100));
}

describe("ending a debug session", () => {
  let folder: string;
  const clients: Client[] = [];
  before(() => {
    folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "gradlens-ending-")));
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.stop();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function start({ source = model, launch = {}, filters = [], reach }: State): Promise<Client> {
    const client = new Client();
    clients.push(client);
    const program = path.join(folder, `model${clients.length}.ts`);
    writeFileSync(program, source);
    await client.start();
    const initialized = client.waitForEvent("initialized");
    await client.initializeRequest({ adapterID: "gradlens" });
    await initialized;
    await client.launchRequest({ program, ...launch } as DebugProtocol.LaunchRequestArguments);
    await client.ask("setExceptionBreakpoints", { filters });
    const there = reach(client);
    await client.configurationDoneRequest();
    await there;
    return client;
  }

  for (const [name, state] of Object.entries(states)) {
    it(`takes less than a second when the program is ${name}, and leaves no process`, async () => {
      const client = await start(state);
      const children = childrenOf(client.pid);
      const before = performance.now();
      await client.disconnectRequest();
      assert.equal(await client.exited, 0);
      assert.ok(performance.now() - before < 1000, `took ${performance.now() - before} ms`);
      await until(() => !children.some(isAlive), 1000);
    });

    it(`can be a restart and then a termination when the program is ${name}`, async () => {
      const client = await start(state);
      const there = state.reach(client);
      const before = performance.now();
      await client.ask("restart");
      assert.ok(performance.now() - before < 1000, `took ${performance.now() - before} ms`);
      await there;

      const again = performance.now();
      const terminated = name === "ended" ? Promise.resolve() : client.waitForEvent("terminated");
      await client.ask("terminate");
      await terminated;
      assert.ok(performance.now() - again < 1000, `took ${performance.now() - again} ms`);
    });
  }

  it("happens by itself when the editor is gone", async () => {
    const client = await start({ launch: { stopOnEntry: true }, reach: (one) => one.stopped() });
    const children = childrenOf(client.pid);
    assert.ok(children.length > 0);
    await client.stop();
    await until(() => !children.some(isAlive), 1000);
  });

  it("is told when the program's process is killed while it is paused", async () => {
    const client = await start({ launch: { stopOn: ["node"] }, reach: (one) => one.stopped() });
    const [child = 0] = childrenOf(client.pid);
    const told = client.assertOutput("stderr", "The program's process was killed from outside");
    process.kill(child, "SIGKILL");
    await told;
    // What was recorded can still be looked at.
    await client.moved(client.ask("stepBack", { threadId: 1 }));
    await client.moved(client.ask("continue", { threadId: 1 }));
    const ended = client.waitForEvent("terminated");
    await client.ask("continue", { threadId: 1 });
    await ended;
  });

  it("pauses a loop without ops, and lets it go on", async () => {
    const source = `${model}const end = Date.now() + 400; while (Date.now() < end); console.log("through");`;
    const client = await start({ source, reach: printed });
    await client.moved(client.ask("pause", { threadId: 1 }));
    const { body } = await client.stackTraceRequest({ threadId: 1 });
    assert.ok(body.stackFrames.length > 0);
    const ended = client.waitForEvent("terminated");
    await client.ask("continue", { threadId: 1 });
    await ended;
  });

  it("takes new breakpoints while the program runs", async () => {
    const source = `${model}for (let i = 0; i < 1e9; i++)\n  x.mul(3);`;
    const client = await start({ source, reach: printed });
    const stopped = client.stopped();
    await client.setBreakpointsRequest({
      source: { path: path.join(folder, `model${clients.length}.ts`) },
      breakpoints: [{ line: 8 }],
    });
    assert.equal((await stopped).reason, "breakpoint");
  });

  it("leaves another session alone", async () => {
    const state = { launch: { stopOn: ["node"] }, reach: (one: Client) => one.stopped() };
    const [first, second] = await Promise.all([start(state), start(state)]);
    await first.disconnectRequest();
    await first.exited;
    await second.moved(second.ask("next", { threadId: 1 }));
  });

  it("says of a breakpoint why it is not bound", async () => {
    const source = `${model}// the end\n`;
    const client = await start({ source, launch: { stopOnEntry: true }, reach: (one) => one.stopped() });
    const program = path.join(folder, `model${clients.length}.ts`);
    const messageFor = async (file: string, line: number): Promise<string | undefined> => {
      const { body } = await client.setBreakpointsRequest({ source: { path: file }, breakpoints: [{ line }] });
      return body.breakpoints[0]?.message;
    };
    assert.equal(await messageFor(program, 3), undefined);
    assert.match((await messageFor(program, 7)) ?? "", /nothing is called in it/);
    assert.match((await messageFor(program, 9)) ?? "", /There is no line 9: the file has 7/);
    assert.match((await messageFor(path.join(folder, "other.ts"), 1)) ?? "", /not part of the run/);
    writeFileSync(program, `\n${model}`);
    assert.match((await messageFor(program, 3)) ?? "", /edited since/);
  });
});

/** Processes that a process started, on systems with /proc. */
function childrenOf(pid: number): number[] {
  const text = execFileSync("ps", ["-o", "pid=", "--ppid", String(pid)], { encoding: "utf8" });
  return text
    .split("\n")
    .map(Number)
    .filter((child) => child > 0 && isAlive(child));
}
