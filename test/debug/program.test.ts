import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { DebugClient } from "@vscode/debugadapter-testsupport";
import { capabilities } from "../../extension/debug/capabilities.ts";
import { handlers } from "../../extension/debug/requests/all.ts";
import { chain } from "./models.ts";

/** The program as it ships; `npm run build` makes it. */
const program = path.resolve(import.meta.dirname, "../../dist/debugAdapter.js");

describe("dist/debugAdapter.js", () => {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "gradlens-dap-")));
  const model = path.join(folder, "model.ts");
  let client: DebugClient;
  before(() => writeFileSync(model, chain));
  beforeEach(async () => {
    client = new DebugClient(process.execPath, program, "gradlens");
    client.defaultTimeout = 15_000;
    await client.start();
  });
  afterEach(() => client.stop());
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is driven over standard input and output by a client that knows nothing of it", async () => {
    await client.hitBreakpoint({ program: model }, { path: model, line: 5 });
    const [response] = await Promise.all([
      client.assertStoppedLocation("breakpoint", { path: model, line: 5 }),
      client.continueRequest({ threadId: 1 }),
    ]);
    assert.equal(response.body.stackFrames[0]?.name, "AddBackward0");
    await Promise.all([
      client.waitForEvent("exited"),
      client.waitForEvent("terminated"),
      client.continueRequest({ threadId: 1 }),
    ]);
  });

  it("evaluates expressions", async () => {
    await client.hitBreakpoint({ program: model }, { path: model, line: 7 });
    const { body } = await client.evaluateRequest({ expression: "y.add(b).item()" });
    assert.equal(body.result, "132");
  });

  it("lets a program run to its end that nobody wants to stop", async () => {
    await Promise.all([
      client.configurationSequence(),
      client.launch({ program: model }),
      client.assertOutput("stdout", "44"),
      client.waitForEvent("terminated"),
    ]);
  });
});

describe("what the adapter announces", () => {
  it("is what it answers", () => {
    const announced = Object.entries(capabilities()).filter(([, value]) => value === true);
    assert.ok(announced.length > 15);
    assert.ok(Object.hasOwn(handlers, "stepBack") && capabilities().supportsStepBack);
    const own = Object.keys(handlers).filter((name) => name.includes("/"));
    assert.ok(own.every((name) => name.startsWith("gradlens/")));
  });
});
