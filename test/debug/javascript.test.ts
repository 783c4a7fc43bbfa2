import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { Client } from "./client.ts";
import { Inspector } from "./inspector.ts";
import { chain } from "./models.ts";

describe("debugging the JavaScript of the same program", () => {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "gradlens-dap-js-")));
  const model = path.join(folder, "model.ts");
  let client: Client;
  let inspector: Inspector | null = null;

  before(() => writeFileSync(model, chain));
  beforeEach(async () => {
    client = new Client();
    await client.start();
  });
  afterEach(async () => {
    inspector?.close();
    await client.stop();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function launch(supportsStartDebuggingRequest: boolean): Promise<void> {
    await client.initializeRequest({
      adapterID: "gradlens",
      pathFormat: "path",
      linesStartAt1: true,
      columnsStartAt1: true,
      supportsStartDebuggingRequest,
    });
    await client.setBreakpointsRequest({ source: { path: model }, breakpoints: [{ line: 6 }] });
    void client.launchRequest({ program: model, javascript: true } as DebugProtocol.LaunchRequestArguments);
    await client.configurationDoneRequest();
  }

  /** The request of the adapter to start another debugger, once it comes. */
  async function startRequest(): Promise<DebugProtocol.StartDebuggingRequest> {
    for (;;) {
      const found = client.messages.find(
        (one) => one.type === "request" && "command" in one && one.command === "startDebugging",
      );
      if (found !== undefined) return found as DebugProtocol.StartDebuggingRequest;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it("asks the client for its debugger, which stops at lines beside ours", async () => {
    await launch(true);
    const { seq, arguments: args } = await startRequest();
    assert.equal(args.request, "attach");
    assert.equal(args.configuration["type"], "node");
    client.respond(seq, "startDebugging");

    const url = pathToFileURL(model).href;
    inspector = new Inspector(String(args.configuration["websocketAddress"]), { url, line: 4 });
    const pause = await inspector.paused();
    assert.deepEqual(pause, { url, line: 4 });
    const map: unknown = JSON.parse(inspector.sourceMapOf(url) ?? "null");
    assert.deepEqual((map as { sources: string[] }).sources, [model]);

    inspector.resume();
    const stop = await client.stopped();
    assert.equal(stop.reason, "breakpoint");
    const { body } = await client.stackTraceRequest({ threadId: 1 });
    assert.equal(body.stackFrames[0]?.line, 6);
    assert.deepEqual(client.complaints, []);
  });

  it("says where to attach one when the client starts none", async () => {
    await launch(false);
    await client.waitForEvent("output");
    const said = client.messages.flatMap((one) =>
      one.type === "event" && "body" in one ? [JSON.stringify(one.body)] : [],
    );
    assert.match(said.join("\n"), /waits for a debugger of JavaScript at ws:\/\/127\.0\.0\.1:/);
  });

  it("ends within a second while the program still waits for that debugger", async () => {
    await launch(true);
    await startRequest();
    const before = performance.now();
    await client.disconnectRequest();
    await client.exited;
    assert.ok(performance.now() - before < 3000);
  });
});
