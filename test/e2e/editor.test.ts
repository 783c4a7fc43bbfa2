import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { builtVsix, RealVsCode } from "../support/realVsCode.ts";
import { EditorPage, eventually } from "./pages/editorPage.ts";
import { ModelFolder } from "./pages/modelFolder.ts";

const imports = 'import { tensor } from "gradlens";\n';
const leaf = "const w = tensor([1, 2, 3], { requiresGrad: true });\n";

const files = {
  "plain.ts": "export const answer = 42;\n",
  "broken.ts": `${imports}${leaf}const loss = w.mul(w).sum();\nloss.backward();\n`,
  "endless.ts": `${imports}${leaf}for (;;) {}\n`,
  "hostile.ts": `${imports}const $x = { "<img src=x onerror=alert(1)>": 1 };\nconst bad\u200Dname = tensor([1, 2], { requiresGrad: true });\nthrow new Error("[click](command:workbench.action.quit) $(trash) <b>bold</b> \\u202Eback");\n`,
};

describe("a model in the editor", () => {
  let folder: ModelFolder;
  let code: RealVsCode;
  let editor: EditorPage;

  before(async () => {
    folder = new ModelFolder(files);
    code = await RealVsCode.start({ folder: folder.path, vsix: builtVsix() });
    editor = new EditorPage(code);
  });

  after(async () => {
    await code?.stop();
    folder?.remove();
  });

  it("wakes the extension", async () => {
    const took = await wakingTime(code);
    // 50 ms is the goal; how fast the machine is decides, so it is told and not asserted.
    console.log(`      loaded and activated in ${took.toFixed(0)} ms of processor time`);
    assert.ok(await code.evaluate((vscode) => vscode.extensions.getExtension("gradlens.gradlens")?.isActive));
  });

  it("has ▶ Run, Debug and Profile above it, and another file has nothing", async () => {
    await code.openFile("plain.ts");
    await code.page.waitForTimeout(500);
    assert.equal(await code.page.locator(".codelens-decoration a").count(), 0);
    await code.openFile("02-chain-rule.ts");
    await editor.lens("Run").waitFor();
    const lenses = await code.page.locator(".codelens-decoration a").allInnerTexts();
    assert.deepEqual(
      lenses.map((text) => text.trim()),
      ["Run", "Debug", "Profile"],
    );
  });

  it("runs from the lens and shows role, shape, value and gradient behind its lines", async () => {
    await editor.lens("Run").click();
    assert.match(await editor.waitForHint("const x = tensor", "‖∇‖"), /; {1,2}leaf \[\] ‖∇‖ 44\.00$/);
    assert.match(await editor.lineText("const a ="), /; {1,2}non-leaf \[\] = 6\.000 ‖∇‖ 22\.00$/);
    assert.match(await editor.lineText("const y ="), /; {1,2}non-leaf \[\] = 121\.0 ‖∇‖ 1\.000$/);
    assert.doesNotMatch(await editor.lineText("y.backward"), /leaf/);
  });

  it("shows how the run went in the status bar", async () => {
    await editor.status("02-chain-rule.ts").waitFor();
    assert.match(await editor.status("02-chain-rule.ts").innerText(), /02-chain-rule\.ts · [\d.]+ ms/);
  });

  it("shows its hints when it is run again", async () => {
    await editor.replace("tensor(3,", "tensor(4,");
    // VS Code itself asks for no hints in the first 1.25 s after an edit.
    await code.page.waitForTimeout(1300);
    const started = performance.now();
    await editor.run();
    await editor.waitForHint("const x = tensor", "‖∇‖ 52.00");
    // How soon is measured by a benchmark; here it is only told.
    console.log(`      from the command to the hints: ${(performance.now() - started).toFixed(0)} ms`);
    await editor.replace("tensor(4,", "tensor(3,");
    await editor.run();
    await editor.waitForHint("const x = tensor", "‖∇‖ 44.00");
  });

  it("shows its hints also when a run ends before all that give hints have answered", async () => {
    await editor.replace("tensor(3,", "tensor(4,");
    await code.page.waitForTimeout(1300);
    await code.evaluate((vscode) => {
      const slowly = (): Promise<[]> => new Promise((resolve) => setTimeout(() => resolve([]), 3000));
      const slow = vscode.languages.registerInlayHintsProvider("typescript", { provideInlayHints: slowly });
      const end = vscode.commands.registerCommand("test.noSlowHints", () =>
        vscode.Disposable.from(slow, end).dispose(),
      );
    });
    await code.page.waitForTimeout(500);
    await editor.run();
    await editor.waitForHint("const x = tensor", "‖∇‖ 52.00").finally(() => code.execute("test.noSlowHints"));
    await editor.replace("tensor(4,", "tensor(3,");
    await editor.run();
    await editor.waitForHint("const x = tensor", "‖∇‖ 44.00");
  });

  it("lists its tensors, and a click on one goes to its line", async () => {
    await code.execute("gradlens.tensors.focus");
    await editor.treeItem("Leaves").waitFor();
    assert.match(await editor.treeItem(/^x/).innerText(), /\[\] ‖∇‖ 44\.00 float32/);
    await editor.treeItem(/^b/).click();
    await eventually(
      () => code.cursor(),
      (cursor) => cursor?.line === 16,
    );
    await code.screenshotInAllThemes("tensors");
  });

  it("tells a tensor's values and gradient where the pointer rests", async () => {
    await code.openFile("03-leaf-and-non-leaf.ts", 7);
    await editor.run();
    await editor.waitForHint("const weights", "‖∇‖ 37.42");
    await editor.line("const weights").getByText("weights", { exact: true }).first().hover();
    const hover = code.page.locator(".monaco-hover:visible", { hasText: "mean ± std" });
    await hover.waitFor();
    const text = (await hover.innerText()).replace(/\s+/g, " ");
    assert.match(text, /weights leaf · \[3\] · float32 · requires grad/);
    assert.match(text, /elements 1, 2, 3 10, 20, 30/);
    await code.screenshotInAllThemes("hover");
  });

  it("tells why there is no gradient", async () => {
    await code.openFile("05-detach.ts", 16);
    await editor.run();
    await editor.waitForHint("const frozen", "no grad [] = 4.000");
    const hover = await code.evaluate(async (vscode) => {
      const document = vscode.window.activeTextEditor?.document;
      if (!document) return "";
      const at = document.positionAt(document.getText().indexOf("fresh ="));
      const hovers = await vscode.commands.executeCommand<import("vscode").Hover[]>(
        "vscode.executeHoverProvider",
        document.uri,
        at,
      );
      return hovers
        .flatMap(({ contents }) => contents.map((part) => (typeof part === "string" ? part : part.value)))
        .join("\n");
    });
    assert.match(hover.replaceAll("&nbsp;", " ").replaceAll("\\", ""), /No gradient: it is not a leaf/);
  });

  it("reports a NaN at the line where it was born, with the way it took", async () => {
    await code.openFile("16-birth-of-a-nan.ts");
    await code.runFromPalette("Gradlens: Run Model");
    await editor.waitForHint("const x = tensor", "‖∇‖ NaN");
    const problems = await eventually(
      () => editor.problems("16-birth-of-a-nan.ts"),
      ({ length }) => length > 0,
    );
    assert.deepEqual(
      problems.map(({ line, severity }) => [line, severity]),
      [[8, "error"]],
    );
    assert.ok((problems[0]?.related.length ?? 0) > 0);
    await code.execute("gradlens.tensors.focus");
    await editor.treeItem("Alerts").waitFor();
    await code.page.locator(".activitybar .badge", { hasText: "1" }).first().waitFor();
    await code.screenshotInAllThemes("nan");
  });

  it("keeps hints at their lines while it is edited, and takes away those of edited lines", async () => {
    await code.openFile("02-chain-rule.ts");
    await editor.run();
    await editor.waitForHint("const a =", "‖∇‖ 22.00");
    await editor.replace("import { tensor }", "// new line\nimport { tensor }");
    await editor.replace("x.mul(2)", "x.mul(2 + 0)");
    await eventually(
      () => editor.lineText("const a ="),
      (text) => !text.includes("leaf"),
    );
    assert.match(await editor.lineText("const b ="), /‖∇‖ 22\.00/);
    await editor.status(/edited since/).waitFor();
    await editor.replace("x.mul(2 + 0)", "x.mul(2)");
    await editor.waitForHint("const a =", "‖∇‖ 22.00");
    await editor.replace("// new line\n", "");
    await editor.status(/edited since/).waitFor({ state: "detached" });
  });

  it("marks the line of an error and keeps the last good run on screen", async () => {
    await code.openFile("broken.ts");
    await editor.run();
    await editor.waitForHint("const w = tensor", "‖∇‖ 7.483");
    await editor.replace("loss.backward();", "const bad = w.matmul(tensor([1, 2]));\nloss.backward();");
    await editor.run();
    const problems = await eventually(
      () => editor.problems("broken.ts"),
      ({ length }) => length > 0,
    );
    assert.deepEqual(
      problems.map(({ line, severity }) => [line, severity]),
      [[4, "error"]],
    );
    assert.match(await editor.lineText("const w = tensor"), /‖∇‖ 7\.483/);
    await editor.status(/broken\.ts · failed/).waitFor();
    await code.screenshotInAllThemes("error");
    await code.execute("gradlens.showFailedRun");
    await eventually(
      () => editor.lineText("const w = tensor"),
      (text) => text.includes("∅"),
    );
  });

  it("marks a syntax error, which ends before anything runs", async () => {
    await code.openFile("broken.ts");
    await editor.replace("const bad = w.matmul(tensor([1, 2]));", "const bad = (1;");
    await editor.run();
    const problems = await eventually(
      () => editor.problems("broken.ts"),
      (all) => all.some(({ message }) => /Expected "\)"/.test(message)),
    );
    assert.deepEqual(
      problems.map(({ line }) => line),
      [4],
    );
    await editor.replace("const bad = (1;\n", "");
    await editor.run();
    await eventually(
      () => editor.problems("broken.ts"),
      ({ length }) => length === 0,
    );
  });

  it("can be stopped in an endless loop, while the editor answers", async () => {
    await code.openFile("endless.ts");
    void editor.run();
    await editor.lens("Stop").waitFor();
    await editor.notification("Running endless.ts").waitFor();
    await code.screenshot("running");
    await code.page.locator(".editor-actions .codicon-debug-stop").first().click();
    await editor.lens("Run").waitFor();
    await editor.status(/endless\.ts · stopped/).waitFor();
    await editor.waitForHint("const w = tensor", "leaf [3] ∅");
  });

  it("does nothing that its names and messages ask for", async () => {
    await code.openFile("hostile.ts");
    await editor.run();
    const problems = await eventually(
      () => editor.problems("hostile.ts"),
      ({ length }) => length > 0,
    );
    assert.deepEqual(
      problems.map(({ line, message }) => [line, message.includes("\u202E")]),
      [[4, false]],
    );
    await code.execute("gradlens.tensors.focus");
    await editor.treeItem("[click](command").waitFor();
    assert.equal(await code.page.locator(".pane-body .codicon-trash, .statusbar .codicon-trash").count(), 0);
    assert.equal(
      await code.page.locator(".pane-body b, .pane-body a[href^='command:workbench.action.quit']").count(),
      0,
    );
  });

  it("gets its types by a quick fix, without npm install", async () => {
    await code.openFile("01-first-gradient.ts", 5);
    const missing = () =>
      code.evaluate((vscode) => {
        const { document } = vscode.window.activeTextEditor ?? {};
        return document
          ? vscode.languages.getDiagnostics(document.uri).filter(({ code: number }) => number === 2307).length
          : 0;
      });
    await eventually(missing, (count) => count === 1, 30_000);
    const titles = await code.evaluate(async (vscode) => {
      const { document } = vscode.window.activeTextEditor ?? {};
      const [diagnostic] = document
        ? vscode.languages.getDiagnostics(document.uri).filter(({ code: number }) => number === 2307)
        : [];
      if (!document || !diagnostic) return [];
      const actions = await vscode.commands.executeCommand<import("vscode").CodeAction[]>(
        "vscode.executeCodeActionProvider",
        document.uri,
        diagnostic.range,
      );
      const [fix] = actions.filter(({ title }) => /gradlens/.test(title));
      if (fix?.command) await vscode.commands.executeCommand(fix.command.command, ...(fix.command.arguments ?? []));
      return actions.map(({ title }) => title);
    });
    assert.equal(titles[0], "Set up types for gradlens");
    assert.ok(existsSync(folder.file("node_modules/gradlens/index.d.ts")));
    await eventually(missing, (count) => count === 0, 30_000);
  });

  it("can have them in tsconfig.json instead, after a look at the edit", async () => {
    await editor
      .notification("TypeScript now finds")
      .getByRole("button", { name: "Use tsconfig.json Instead" })
      .click();
    await editor.notification("Save tsconfig.json").waitFor();
    assert.doesNotMatch(readFileSync(folder.file("tsconfig.json"), "utf8"), /gradlens/);
    await code.screenshot("types-in-tsconfig");
    await code.execute("workbench.action.files.save");
    const tsconfig = () => readFileSync(folder.file("tsconfig.json"), "utf8");
    await eventually(
      async () => tsconfig(),
      (text) => text.includes('"gradlens": ["./.gradlens/types/index.d.ts"]'),
    );
    assert.ok(existsSync(folder.file(".gradlens/types/index.d.ts")));
    await code.openFile("01-first-gradient.ts");
  });

  it("runs again when it is saved, if that is wished", async () => {
    await code.evaluate((vscode) => vscode.workspace.getConfiguration("gradlens").update("run.onSave", true, true));
    await editor.run();
    await editor.waitForHint("const x = tensor", "‖∇‖ 7.000");
    await editor.replace("tensor(2,", "tensor(5,");
    await code.execute("workbench.action.files.save");
    await editor.waitForHint("const x = tensor", "‖∇‖ 13.00");
  });

  it("runs once when a command that runs it saves it first", async () => {
    await code.execute("gradlens.showOutput");
    const runs = (): Promise<number> =>
      code.evaluate((vscode) => {
        const log = vscode.workspace.textDocuments.find(
          ({ uri }) => /gradlens(?!.*Console)/i.test(uri.toString()) && uri.scheme === "output",
        );
        return log?.getText().match(/Running .*01-first-gradient/g)?.length ?? 0;
      });
    const before = await eventually(runs, (count) => count > 0);
    await code.openFile("01-first-gradient.ts");
    await editor.replace("tensor(5,", "tensor(2,");
    await editor.run();
    await editor.waitForHint("const x = tensor", "‖∇‖ 7.000");
    await code.page.waitForTimeout(500);
    // What the model prints has taken its place.
    await code.execute("gradlens.showOutput");
    assert.equal(await eventually(runs, (count) => count > before), before + 1);
    await code.execute("workbench.action.closePanel");
  });

  it("takes its results along when it is deleted", async () => {
    await code.openFile("broken.ts");
    await editor.replace("loss.backward();", "oops();");
    await editor.run();
    await eventually(
      () => editor.problems("broken.ts"),
      ({ length }) => length > 0,
    );
    await code.evaluate(async (vscode) => {
      const edit = new vscode.WorkspaceEdit();
      if (vscode.window.activeTextEditor) edit.deleteFile(vscode.window.activeTextEditor.document.uri);
      await vscode.workspace.applyEdit(edit);
    });
    await eventually(
      () => editor.problems("broken.ts"),
      ({ length }) => length === 0,
    );
  });

  it("is asked for where nothing has run yet", async () => {
    await code.openFile("02-chain-rule.ts");
    await code.execute("gradlens.clearResults");
    await code.execute("gradlens.tensors.focus");
    await code.page
      .getByRole("button", { name: "Run Model" })
      .or(code.page.locator(".welcome-view-content a"))
      .first()
      .waitFor();
    await code.screenshotInAllThemes("empty");
  });
});

/** How long the extension host's thread worked until the extension was loaded and activated, in milliseconds. */
function wakingTime(code: RealVsCode): Promise<number> {
  return code.evaluate(async (vscode) => {
    const extension = vscode.extensions.getExtension("gradlens.gradlens");
    if (extension === undefined || extension.isActive) throw new Error("It is awake already, or not there.");
    const work = async (doing: () => unknown): Promise<number> => {
      const before = process.threadCpuUsage();
      await doing();
      const { user, system } = process.threadCpuUsage(before);
      return (user + system) / 1000;
    };
    // VS Code's own extensions start in the same thread.
    const rest = () => new Promise((resolve) => setTimeout(resolve, 500));
    for (let i = 0; i < 30 && (await work(rest)) > 10; i++);
    return work(() => extension.activate());
  });
}
