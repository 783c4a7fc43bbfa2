import assert from "node:assert/strict";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { FrameLocator, Locator } from "playwright-core";
import { builtVsix, RealVsCode } from "../support/realVsCode.ts";
import { EditorPage, eventually } from "./pages/editorPage.ts";
import { ModelFolder } from "./pages/modelFolder.ts";

const model = `import { nn, optim, tensor } from "gradlens";

const net = new nn.Sequential(new nn.Linear(2, 8), new nn.Tanh(), new nn.Linear(8, 1));
const sgd = new optim.SGD(net.parameters(), { lr: 0.05 });
const x = tensor([[0, 1], [1, 0], [1, 1], [0, 0]]);
const y = tensor([[1], [1], [0], [0]]);
for (let step = 0; step < 20; step++) {
  sgd.zeroGrad();
  const out = net.forward(x);
  const loss = out.sub(y).pow(2).mean();
  loss.backward();
  sgd.step();
}
`;

describe("the profiler panel", () => {
  let folder: ModelFolder;
  let code: RealVsCode;
  let editor: EditorPage;
  let panel: FrameLocator;

  before(async () => {
    folder = new ModelFolder({ "xor.ts": model });
    code = await RealVsCode.start({
      folder: folder.path,
      vsix: builtVsix(),
      settings: { "gradlens.run.showConsole": false },
      viewport: { width: 1600, height: 900 },
    });
    editor = new EditorPage(code);
    await code.openFile("xor.ts");
  });

  after(async () => {
    await code?.stop();
    folder?.remove();
  });

  it("says why it is empty, and its one button fills it", async () => {
    await code.execute("gradlens.showProfile");
    panel = code.webview();
    await panel.getByText("No run is open").waitFor();
    await panel.getByText("Profile xor.ts").click();
    await panel.getByRole("application", { name: /Timeline/ }).waitFor();
    await eventually(
      () => panel.locator(".flame canvas").getAttribute("data-spans"),
      (spans) => Number(spans) > 20 * 15, // steps, and what each has at least: modules, ops, nodes
    );
  });

  it("writes what each line cost behind it", async () => {
    const behind = await eventually(
      () => decorationsOf(editor, "const out = net.forward"),
      (texts) => texts.some((text) => text.includes("↓")),
    );
    assert.match(behind.join(" "), /█/);
    assert.match(behind.join(" "), /↓ \S+ [mµ]?s {2}↑ \S+ [mµ]?s {2}.* saved {2}[\d,]+×/);
    await code.screenshotInAllThemes("profiler");
    for (const isOn of [true, undefined]) {
      await code.evaluate(async (vscode, value) => {
        await vscode.workspace.getConfiguration("gradlens").update("costs.enabled", value, true);
      }, isOn);
    }
    await eventually(
      () => decorationsOf(editor, "const out = net.forward"),
      (texts) => !texts.some((text) => text.includes("↓")),
    );
  });

  it("moves the editor's cursor to the line of an op that is chosen", async () => {
    await editor.open("xor.ts", 1);
    await panel.getByRole("tab", { name: "Lines" }).click();
    await panel.getByRole("button", { name: "xor.ts:10" }).click();
    await eventually(
      () => editor.cursorLine(),
      (line) => line === 10,
    );
  });

  it("selects the line that the cursor is in", async () => {
    await editor.open("xor.ts", 11);
    await panel.locator("tr.selected", { hasText: "xor.ts:11" }).waitFor();
  });

  it("shows the chosen line in the graph, where it is selected, too", async () => {
    await panel.getByRole("button", { name: "xor.ts:10" }).click();
    await panel.getByRole("button", { name: "Details" }).click();
    await panel.getByText("Show in graph").click();
    const graph = code.webview();
    await graph.getByRole("button", { name: "Show as table" }).click();
    await graph.locator("tr.selected").first().waitFor();
    await code.execute("gradlens.showProfile");
    await panel.getByRole("tab", { name: "Lines", selected: true }).waitFor();
  });

  it("shows ops, modules, memory and what is kept for backward", async () => {
    await panel.getByRole("tab", { name: "Ops" }).click();
    await panel.getByRole("table", { name: "Ops" }).getByText("TanhBackward0").waitFor();
    await panel.getByRole("tab", { name: "Modules" }).click();
    await panel.getByRole("table", { name: "Modules" }).getByText("Sequential").waitFor();
    await panel.getByRole("tab", { name: "Memory" }).click();
    await panel.getByText(/^Peak /).waitFor();
    await panel.getByRole("tab", { name: "Kept for backward" }).click();
    await panel.getByRole("table", { name: "Kept for backward, by line" }).waitFor();
    const checkpoints = panel.getByRole("table", { name: /checkpoint/i });
    await checkpoints.getByRole("button", { name: "net" }).first().waitFor();
    assert.match((await checkpoints.textContent()) ?? "", /[KM]?B\s*\+/, "what it saves, and what it costs");
  });

  it("compares with the run before", async () => {
    await editor.open("xor.ts");
    await editor.run();
    await panel.getByRole("tab", { name: "Compare" }).click();
    await panel.getByRole("table", { name: "What changed" }).waitFor();
    await panel.getByText(/ms before, .* now/).waitFor();
  });

  it("shows one view after the other, by the arrow keys", async () => {
    await panel.getByRole("tab", { name: "Timeline" }).click();
    await panel.getByRole("tab", { name: "Timeline", selected: true }).focus();
    for (const next of ["Left-heavy", "Sandwich", "Ops"]) {
      await code.page.keyboard.press("ArrowRight");
      await panel.getByRole("tab", { name: next, selected: true }).waitFor();
    }
    await panel.getByRole("table", { name: "Ops" }).getByText("TanhBackward0").first().waitFor();
  });

  it("compares with a saved recording that is chosen from the disk", async () => {
    const saved = folder.file("before.gradlens");
    await code.evaluate(
      (vscode, path) => vscode.commands.executeCommand("gradlens.saveRecording", vscode.Uri.file(path)),
      saved,
    );
    await panel.getByRole("tab", { name: "Compare" }).click();
    await panel.getByRole("button", { name: "Compare with a saved recording" }).click();
    await answerFileDialog(code, saved);
    const choice = panel.getByRole("combobox", { name: "Compared with" });
    await eventually(
      () => choice.textContent(),
      (text) => text?.includes("before.gradlens") ?? false,
    );
    await panel.getByText("Every number is the same.").waitFor();
  });

  it("says what is wrong with recordings that nobody can compare with, one of 4 GB included", async () => {
    for (const [name, content, sentence] of [
      ["empty.gradlens", "", "The file is empty."],
      ["junk.gradlens", "not a recording at all", "This is not a Gradlens recording."],
      ["huge.gradlens", null, "huge.gradlens is too large to be opened"],
    ] as const) {
      const file = folder.file(name);
      writeFileSync(file, content ?? "GRADLENS");
      // A file with a hole takes no room on the disk.
      if (content === null) truncateSync(file, 4 * 2 ** 30);
      await panel.getByRole("button", { name: "Compare with a saved recording" }).click();
      await answerFileDialog(code, file);
      await panel.getByText(sentence).waitFor();
    }
    await panel.getByText("Every number is the same.").waitFor();
  });

  it("is exported for Perfetto, for speedscope, as CSV and as a page", async () => {
    const files = [
      ["Trace, for Perfetto", "xor.trace.json", '"traceEvents"'],
      ["Profile, for speedscope", "xor.speedscope.json", "speedscope.app/file-format-schema"],
      ["CSV, the table of ops", "xor.csv", "TanhBackward0,backward"],
      ["HTML, a report", "xor.html", "<!doctype html>"],
    ] as const;
    for (const [label, name, content] of files) {
      await panel.getByRole("button", { name: "Export" }).click();
      await panel.getByRole("menuitem", { name: label }).click();
      await answerFileDialog(code, folder.file(name));
      await panel.getByText(`Saved ${name}`).waitFor();
      assert.ok(readFileSync(folder.file(name), "utf8").includes(content), name);
    }
  });

  it("opens a trace of another program, and says what is wrong with a broken one", async () => {
    const event = { ph: "X", name: "aten::mm", ts: 10, dur: 5, pid: 1, tid: 1 };
    writeFileSync(folder.file("torch.json"), JSON.stringify({ schemaVersion: 1, traceEvents: [event] }));
    writeFileSync(folder.file("broken.json"), "not a trace");
    await openTrace(code, folder.file("torch.json"));
    await panel.getByText("torch.json").first().waitFor();
    await panel.getByRole("tab", { name: "Ops" }).click();
    await panel.getByText("aten::mm").first().waitFor();
    for (const mode of ["first", undefined]) {
      await code.evaluate(
        (vscode, value) => vscode.workspace.getConfiguration("gradlens").update("alerts.mode", value, true),
        mode,
      );
    }
    await code.page.waitForTimeout(500);
    assert.ok(await panel.getByText("torch.json").first().isVisible(), "other settings closed the trace");
    await openTrace(code, folder.file("broken.json"));
    await panel.getByText("it is not JSON").waitFor();
    await panel.getByText("Back to the run").click();
    await panel.getByText("xor.ts").first().waitFor();
  });

  it("comes back with its profile when the window is reloaded", async () => {
    await code.page.reload();
    await code.page.locator(".monaco-workbench").waitFor();
    await code.webview().getByText("xor.ts").first().waitFor({ timeout: 30_000 });
  });

  it("refuses nothing by its content security policy", () => assert.deepEqual(code.policyViolations, []));
});

describe("the training panel", () => {
  let folder: ModelFolder;
  let code: RealVsCode;

  before(async () => {
    folder = new ModelFolder({ "xor.ts": model });
    code = await RealVsCode.start({ folder: folder.path, vsix: builtVsix(), viewport: { width: 1600, height: 900 } });
    await code.openFile("xor.ts");
  });

  after(async () => {
    await code?.stop();
    folder?.remove();
  });

  it("shows the curves of a run that its one button started", async () => {
    await code.execute("gradlens.showTraining");
    const panel = code.webview();
    await panel.getByText("Run xor.ts").click();
    await panel.getByText("20 steps").waitFor();
    await panel.getByRole("figure", { name: "Loss" }).waitFor();
    await panel.getByRole("table", { name: "Parameters" }).getByText("0.weight").waitFor();
    await code.screenshotInAllThemes("training");
    await panel.getByRole("table", { name: "Parameters" }).getByText("0.weight").click();
    await panel
      .getByRole("img", { name: /histograms over steps/ })
      .first()
      .waitFor();
    assert.deepEqual(code.policyViolations, []);
  });
});

/** What stands behind a line besides hints: style sheets hold it. */
function decorationsOf(editor: EditorPage, beginning: string): Promise<string[]> {
  return editor
    .line(beginning)
    .locator("span")
    .evaluateAll((spans) =>
      spans
        .map((span) => getComputedStyle(span, "::after").content)
        .filter((content) => content !== "none" && content !== "normal")
        .map((content) => content.replaceAll("\u00A0", " ")),
    );
}

/** Picks a file in the dialog that VS Code shows for files which are not on the user's own machine, or types the path of a new one. */
async function answerFileDialog({ page }: RealVsCode, file: string): Promise<void> {
  const dialog = page.locator(".quick-input-widget");
  const name = path.basename(file);
  // Once it has listed the folder it writes the folder's path over what was typed, and while it still looks for a path it takes no answer.
  await dialog.locator(".monaco-list-row").first().waitFor();
  const row = dialog.locator(".monaco-list-row", { hasText: name });
  await eventually(
    async () => {
      if (await row.isVisible()) await row.click({ timeout: 1000 }).catch(() => undefined);
      else await type(dialog, file).catch(() => undefined);
      return dialog.waitFor({ state: "hidden", timeout: 3000 }).then(
        () => false,
        () => true,
      );
    },
    (isThere) => !isThere,
    30_000,
  );
}

/** Slowly enough to be heard: a path that was there before counts as a new one only when another came between. */
async function type(dialog: Locator, file: string): Promise<void> {
  const input = dialog.locator("input[type=text]");
  await input.fill(`${path.dirname(file)}/`, { timeout: 1000 });
  await input.fill(file, { timeout: 1000 });
  await dialog.page().waitForTimeout(500);
  await dialog.locator(".quick-input-action", { hasText: "OK" }).click({ timeout: 1000 });
}

async function openTrace(code: RealVsCode, file: string): Promise<void> {
  await code.evaluate(
    (vscode, path) => vscode.commands.executeCommand("gradlens.openTrace", vscode.Uri.file(path)),
    file,
  );
}
