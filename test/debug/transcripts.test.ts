import assert from "node:assert/strict";
import path from "node:path";
import { handlers } from "../../extension/debug/requests/all.ts";
import * as models from "./models.ts";
import { assertGolden, Transcript } from "./transcript.ts";

// Whole sessions as text, beside this file in golden/. UPDATE_GOLDEN=1 writes them anew; the difference is what to review.

describe("a debug session", () => {
  let session: Transcript;
  const asked = new Set<string>();
  afterEach(async () => {
    for (const message of session.client.messages) {
      if (message.type === "request" && "command" in message) asked.add(message.command);
    }
    await session.dispose();
  });
  // Last, when the whole suite has run.
  after(function () {
    const isWhole = this.test?.parent?.tests.every(({ state }) => state === "passed") ?? false;
    if (isWhole)
      assert.deepEqual(
        [...Object.keys(handlers)].filter((name) => !asked.has(name)),
        [],
      );
  });

  it("stops at a line when its op runs, and again when the gradient flows through it", async () => {
    session = new Transcript(models.chain);
    await session.launch({ breakpoints: [{ line: 5 }, { line: 3 }] });
    await session.where();
    await session.show("This op");
    await session.go("continue");
    await session.where();
    await session.show("This op");
    await session.show("Gradients");
    await session.show("Leaves", 1);
    await session.show("Changed since the last stop");
    await session.go("continue");
    assertGolden("forward-and-backward", await session.end());
  });

  it("steps forth and back through backward", async () => {
    session = new Transcript(models.chain);
    await session.launch({ stopOnEntry: true });
    await session.where();
    await session.go("next");
    await session.go("next");
    await session.go("next");
    await session.go("next");
    await session.go("stepIn");
    await session.where();
    await session.go("next");
    await session.show("Gradients");
    await session.go("next");
    await session.go("next");
    await session.show("Gradients");
    await session.show("Leaves", 1);
    await session.go("stepBack");
    await session.show("Leaves");
    await session.go("stepBack");
    await session.go("gradlens/reverseStepOut");
    await session.go("gradlens/reverseNext");
    await session.go("reverseContinue");
    await session.go("gradlens/nextNode");
    await session.go("gradlens/nextNode");
    await session.go("gradlens/previousNode");
    await session.go("stepOut");
    assertGolden("stepping", await session.end());
  });

  it("goes over a module, into it and out of it", async () => {
    session = new Transcript(models.training);
    await session.launch({ breakpoints: [{ line: 20 }] });
    await session.where();
    await session.go("next");
    await session.go("gradlens/reverseNext");
    await session.go("stepIn");
    await session.where();
    await session.go("stepIn");
    await session.where();
    await session.show("This op", 1);
    await session.go("stepOut");
    await session.go("stepOut");
    await session.go("next");
    await session.go("next");
    await session.go("next");
    await session.show("This op");
    await session.go("next");
    await session.show("Changed since the last stop");
    await session.setBreakpoints([]);
    await session.go("continue");
    assertGolden("modules", await session.end());
  });

  it("shows old parameters and gradients as they were when it goes back", async () => {
    session = new Transcript(models.training);
    await session.launch({ breakpoints: [{ line: 22, hitCondition: "2" }] });
    await session.evaluate("net.hidden.weight");
    await session.evaluate("loss");
    await session.show("Leaves");
    await session.go("next");
    await session.evaluate("net.hidden.weight");
    await session.go("reverseContinue");
    await session.go("gradlens/runToLine", { file: session.program, line: 22 });
    await session.evaluate("net.hidden.weight");
    await session.show("Leaves");
    await session.go("gradlens/runToLine", { file: session.program, line: 19 });
    await session.show("Leaves");
    assertGolden("going-back-through-training", await session.end());
  });

  it("stops where NaN is born, and says how", async () => {
    session = new Transcript(models.nan);
    await session.launch({ filters: ["nan-forward", "nonfinite-gradient"] });
    await session.where();
    await session.show("Gradients");
    await session.ask("exceptionInfo", { threadId: 1 });
    await session.go("continue");
    await session.ask("exceptionInfo", { threadId: 1 });
    await session.go("reverseContinue");
    await session.go("continue");
    await session.go("continue");
    assertGolden("nan", await session.end());
  });

  it("stops at an autograd error, and at the exception that ends the program", async () => {
    session = new Transcript(models.failing);
    await session.launch({ filters: ["autograd-error", "uncaught"] });
    await session.where();
    await session.ask("exceptionInfo", { threadId: 1 });
    await session.go("continue");
    await session.where();
    await session.ask("exceptionInfo", { threadId: 1 });
    await session.go("stepBack");
    await session.where();
    await session.show("Tensors");
    await session.go("continue");
    assertGolden("errors", await session.end());
  });

  it("stops at ops, nodes, modules, hooks and gradients by name", async () => {
    session = new Transcript(models.training);
    await session.launch({ stopOnEntry: true });
    await session.ask("setFunctionBreakpoints", {
      breakpoints: [{ name: "tanh" }, { name: "TanhBackward" }, { name: "Linear" }],
    });
    await session.go("continue");
    await session.go("continue");
    await session.go("continue");
    await session.go("continue");
    await session.go("reverseContinue");
    await session.ask("setFunctionBreakpoints", { breakpoints: [] });
    await session.ask("dataBreakpointInfo", { name: "net.hidden.weight" });
    assertGolden("function-breakpoints", await session.end());
  });

  it("watches a tensor and its gradient", async () => {
    session = new Transcript(models.hooks);
    await session.launch({ breakpoints: [{ line: 6 }] });
    await session.ask("dataBreakpointInfo", { name: "w.grad" });
    await session.ask("dataBreakpointInfo", { name: "nothing" });
    await session.ask("setDataBreakpoints", {
      breakpoints: [
        { dataId: "grad:w" },
        { dataId: "grad-hook:h" },
        { dataId: "value:v" },
        { dataId: "grad-set:w" },
        { dataId: "what" },
      ],
    });
    await session.setBreakpoints([]);
    await session.go("continue");
    await session.show("Gradients");
    await session.go("continue");
    await session.show("Gradients");
    await session.go("continue");
    await session.show("This op");
    await session.show("Tensors");
    await session.go("reverseContinue");
    await session.go("reverseContinue");
    assertGolden("data-breakpoints", await session.end());
  });

  it("evaluates conditions, hit counts and log points over tensors", async () => {
    session = new Transcript(models.training);
    await session.launch({
      breakpoints: [
        { line: 20, logMessage: "loss before step: {value}" },
        { line: 21, condition: "loss.item() < 0.2" },
        { line: 8, hitCondition: "% 2", mode: "forward" },
        { line: 9, condition: "no.such" },
        { line: 1, hitCondition: "many" },
      ],
    });
    for (let i = 0; i < 4; i++) await session.go("continue");
    await session.evaluate("loss");
    await session.evaluate("net.hidden.weight.norm()");
    await session.evaluate("input[0]");
    await session.evaluate("input.shape");
    await session.evaluate("input.zero_()");
    await session.evaluate("input");
    await session.evaluate("matmul(input, input)");
    await session.evaluate("x = 3");
    await session.evaluate("process.exit()");
    await session.evaluate("1 +");
    await session.evaluate("(() => { for (;;); })()");
    await session.evaluate("isNaN(input)");
    assertGolden("conditions", await session.end());
  });

  it("lets the program go on with a value and a gradient that were set", async () => {
    session = new Transcript(models.chain);
    await session.launch({ breakpoints: [{ line: 4 }] });
    await session.set(["This op", "output", "[0]"], "100");
    await session.show("This op");
    await session.go("continue");
    await session.set(["Gradients", "incoming", "[0]"], "1");
    await session.go("gradlens/previousNode");
    await session.set(["Tensors", "x", "[0]"], "1");
    await session.go("continue");
    await session.set(["Gradients", "outgoing 0 to x", "[0]"], "7");
    await session.show("Gradients");
    await session.go("next");
    await session.show("Leaves");
    await session.go("continue");
    assertGolden("setting-values", await session.end());
  });

  it("goes to what wrote a gradient or a version", async () => {
    session = new Transcript(models.hooks);
    await session.launch({ stopOn: ["end"] });
    await session.ask("gradlens/gradientWriter", { expression: "w" });
    await session.where();
    await session.go("continue");
    await session.ask("gradlens/versionWriter", { expression: "v" });
    await session.ask("gradlens/versionWriter", { expression: "nothing" });
    await session.ask("gotoTargets", { source: { path: session.program }, line: 4 });
    await session.go("goto", { targetId: 1 });
    await session.ask("gradlens/inlineValues", { file: session.program });
    assertGolden("writers", await session.end());
  });

  it("replays a recording without running anything", async () => {
    session = new Transcript(models.training);
    const kept = path.join(session.folder, "kept.gradlens");
    await session.launch({ record: kept, breakpoints: [{ line: 22, hitCondition: "2" }] });
    await session.evaluate("net.output.bias");
    await session.setBreakpoints([]);
    await session.go("continue");
    await session.launchAgain({ replay: kept, stopOnEntry: true, breakpoints: [{ line: 22 }] });
    await session.go("continue");
    await session.go("continue");
    await session.where();
    await session.evaluate("net.output.bias");
    await session.evaluate("loss");
    await session.show("Leaves");
    await session.set(["Tensors", "loss", "[0]"], "1");
    await session.go("reverseContinue");
    await session.evaluate("net.output.bias");
    await session.go("gradlens/nextNode");
    await session.show("Gradients");
    await session.go("continue");
    await session.go("continue");
    await session.go("continue");
    await session.go("stepBack");
    await session.go("continue");
    await session.go("continue");
    assertGolden("recording", await session.end());
  });

  it("stops at gradients that explode or vanish, once in each backward", async () => {
    session = new Transcript(models.deep);
    await session.launch({ stopOnEntry: true });
    await session.ask("setExceptionBreakpoints", {
      filters: ["vanishing"],
      filterOptions: [{ filterId: "exploding", condition: "> 500" }],
    });
    await session.go("continue");
    await session.ask("exceptionInfo", { threadId: 1 });
    await session.go("continue");
    await session.where();
    await session.go("reverseContinue");
    assertGolden("exploding-and-vanishing", await session.end());
  });

  it("stops at a line of a loop each time that it runs, in both directions", async () => {
    session = new Transcript(models.deep);
    await session.launch({ breakpoints: [{ line: 6, hitCondition: ">= 11" }] });
    await session.evaluate("y");
    await session.go("continue");
    await session.go("continue");
    await session.show("Gradients");
    await session.go("reverseContinue");
    await session.setBreakpoints([{ line: 6, mode: "backward", condition: "grad.item() > 50 && grad.item() < 2000" }]);
    await session.go("continue");
    await session.go("continue");
    await session.go("continue");
    await session.go("reverseContinue");
    assertGolden("loops", await session.end());
  });

  it("shows the derivative of every kind of op, and says where it can't", async () => {
    session = new Transcript(models.derivatives);
    await session.launch({ breakpoints: [{ line: 18 }], stopOn: ["node"] });
    await session.go("next");
    await session.show("This op", 1);
    await session.setBreakpoints([]);
    await session.go("continue");
    for (let node = 0; node < 13; node++) {
      await session.show("Gradients");
      await session.go("gradlens/nextNode");
    }
    await session.show("Gradients");
    await session.show("This op", 1);
    await session.go("gradlens/previousNode");
    await session.show("This op");
    await session.go("gradlens/previousNode");
    await session.show("Gradients", 1);
    assertGolden("derivatives", await session.end());
  });

  it("stops at hooks of every kind, and at those that change a gradient", async () => {
    session = new Transcript(models.manyHooks);
    await session.launch({ stopOn: ["hook"] });
    for (let hook = 0; hook < 8; hook++) {
      await session.show("Gradients");
      await session.go("continue");
    }
    await session.launchAgain({ stopOnEntry: true });
    await session.ask("setDataBreakpoints", { breakpoints: [{ dataId: "grad-hook:h" }, { dataId: "grad-hook:w" }] });
    for (let hook = 0; hook < 3; hook++) {
      await session.go("continue");
      await session.where();
    }
    assertGolden("hooks", await session.end());
  });

  it("tells two optimizers apart", async () => {
    session = new Transcript(models.twoOptimizers);
    await session.launch({ stopOn: ["optimizer"] });
    await session.show("This op");
    await session.show("Leaves");
    await session.go("next");
    await session.show("Changed since the last stop");
    await session.go("continue");
    await session.go("next");
    await session.show("Changed since the last stop");
    await session.ask("setDataBreakpoints", {
      breakpoints: [
        { dataId: "value:maker.weight" },
        { dataId: "grad:maker.weight" },
        { dataId: "grad-set:judge.bias" },
      ],
    });
    for (let stop = 0; stop < 5; stop++) await session.go("continue");
    await session.go("reverseContinue");
    assertGolden("two-optimizers", await session.end());
  });

  it("follows backward of backward, gradchecks, and a graph that is used twice", async () => {
    session = new Transcript(models.nested);
    await session.launch({
      breakpoints: [{ line: 4 }, { line: 6 }, { line: 9 }],
      filters: ["autograd-error", "uncaught"],
    });
    for (let stop = 0; stop < 6; stop++) {
      await session.where();
      await session.show("Gradients");
      await session.go("continue");
    }
    await session.where();
    await session.ask("exceptionInfo", { threadId: 1 });
    assertGolden("nested", await session.end());
  });

  it("has all of a tensor that was too large to be kept whole, while the program holds it", async () => {
    session = new Transcript(models.large);
    await session.launch({
      breakpoints: [
        { line: 6, mode: "forward", condition: "value.abs().max().item() > 5 && w.norm() > 1" },
        { line: 6, mode: "backward", condition: "h.norm() < 400" },
      ],
    });
    await session.evaluate("w.norm()");
    await session.evaluate("w[399]");
    await session.evaluate("h");
    await session.evaluate("h.norm()");
    await session.go("next");
    await session.evaluate("h.norm()");
    const { body } = await session.client.evaluateRequest({ expression: "w", context: "watch" });
    const rows = { variablesReference: body.variablesReference, filter: "indexed" as const };
    session.write(`w: ${body.indexedVariables} indexed`);
    await session.ask("variables", { ...rows, start: 398, count: 2 });
    await session.ask("readMemory", { memoryReference: body.memoryReference, offset: 479_992, count: 100 });
    await session.go("continue");
    await session.go("stepBack");
    await session.evaluate("w.norm()");
    await session.evaluate("i");
    await session.evaluate("w.norm(");
    assertGolden("large-tensors", await session.end());
  });

  it("stops in other files and in async code, and says of each breakpoint why it is not bound", async () => {
    session = new Transcript(models.spread);
    const helper = session.addFile(
      "helper.ts",
      `import type { Tensor } from "gradlens";\nexport const helper = (x: Tensor) =>\n  x.mul(2);\n`,
    );
    session.addFile("node_modules/lib/package.json", `{ "name": "lib", "type": "module", "main": "index.js" }`);
    const library = session.addFile("node_modules/lib/index.js", `export function lib(x) {\n  return x.pow(2);\n}\n`);
    await session.launch({ stopOnEntry: true, breakpoints: [{ line: 10 }] });
    await session.ask("setBreakpoints", { source: { path: helper }, breakpoints: [{ line: 3 }] });
    await session.ask("setBreakpoints", { source: { path: library }, breakpoints: [{ line: 2 }] });
    await session.ask("setFunctionBreakpoints", {
      breakpoints: [{ name: "nothing" }, { name: "PowBackward0" }, { name: "grad-set:x" }, { name: "grad:nobody" }],
    });
    await session.go("continue");
    await session.where();
    await session.ask("loadedSources");
    for (let stop = 0; stop < 5; stop++) await session.go("continue");
    session.tellBreakpointEvents();
    assertGolden("other-files", await session.end());
  });

  it("tells of its threads, sources, places, names, memory and pages of elements", async () => {
    session = new Transcript(models.training);
    await session.launch({ breakpoints: [{ line: 20 }] });
    await session.ask("threads");
    await session.ask("loadedSources");
    await session.ask("breakpointLocations", { source: { path: session.program }, line: 1, endLine: 10 });
    await session.ask("completions", { text: "net.hid", column: 8, frameId: 1 });
    await session.ask("gradlens/position");
    await session.ask("gradlens/handOver");
    await session.ask("pause", { threadId: 1 });
    const { body } = await session.client.evaluateRequest({ expression: "input", context: "hover" });
    const rows = { variablesReference: body.variablesReference, filter: "indexed" as const };
    session.write(`input: ${body.namedVariables} named, ${body.indexedVariables} indexed, ${body.memoryReference}`);
    await session.ask("variables", { ...rows, start: 1, count: 1 });
    await session.ask("variables", { ...rows, start: 1, count: 100 });
    await session.ask("variables", { ...rows, start: 9, count: 1 });
    await session.ask("readMemory", { memoryReference: body.memoryReference, count: 8 });
    await session.ask("readMemory", { memoryReference: body.memoryReference, offset: 12, count: 100 });
    await session.ask("gradlens/tensor", { expression: "input" });
    await session.ask("gradlens/tensor", { expression: "nothing" });
    const { scopes } = (await session.client.scopesRequest({ frameId: 1 })).body;
    const leaves = scopes.find(({ name }) => name === "Leaves")?.variablesReference ?? 0;
    const [leaf] = (await session.client.variablesRequest({ variablesReference: leaves })).body.variables;
    session.write(`${leaf?.name}: ${leaf?.evaluateName}, ${leaf?.memoryReference}`);
    await session.ask("gradlens/tensor", { variablesReference: leaves, name: leaf?.name });
    await session.ask("terminate");
    assertGolden("other-requests", await session.end());
  });

  it("answers what it does not know, what is wrong, and what comes too early", async () => {
    session = new Transcript(models.chain);
    await session.client.start();
    for (const command of ["threads", "stackTrace", "next", "evaluate", "no/such/request", "__proto__", "toString"]) {
      await session.ask(command);
    }
    await session.ask("initialize", { adapterID: "gradlens" });
    await session.ask("launch", {});
    await session.ask("launch", { program: path.join(session.folder, "gone.ts") });
    await session.ask("launch", { program: session.folder });
    await session.ask("launch", { program: 5 });
    await session.ask("launch", { program: session.program, stopOn: ["dawn"] });
    await session.ask("launch", { replay: session.program });
    await session.ask("restart");
    await session.ask("variables", { variablesReference: 99 });
    await session.ask("setVariable", { variablesReference: 99, name: "x", value: "1" });
    await session.ask("readMemory", { memoryReference: "x", count: 1 });
    await session.ask("setExceptionBreakpoints", {
      filters: ["none"],
      filterOptions: [{ filterId: "exploding", condition: "big" }],
    });
    assertGolden("refusals", await session.end());
  });
});
