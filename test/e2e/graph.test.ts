import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import type { FrameLocator } from "playwright-core";
import { inProject, run } from "../../scripts/project.ts";
import { builtVsix, RealVsCode } from "../support/realVsCode.ts";
import { EditorPage, eventually } from "./pages/editorPage.ts";
import { ModelFolder } from "./pages/modelFolder.ts";

describe("the graph panel", () => {
  let folder: ModelFolder;
  let code: RealVsCode;
  let editor: EditorPage;
  let panel: FrameLocator;

  before(async () => {
    folder = new ModelFolder();
    code = await RealVsCode.start({
      folder: folder.path,
      vsix: builtVsix(),
      settings: { "gradlens.run.showConsole": false },
      viewport: { width: 1600, height: 900 },
    });
    editor = new EditorPage(code);
    await code.openFile("02-chain-rule.ts");
  });

  after(async () => {
    await code?.stop();
    folder?.remove();
  });

  it("says why it is empty, and its one button fills it", async () => {
    await code.execute("gradlens.showGraph");
    panel = code.webview();
    await panel.getByText("No run is open").waitFor();
    await panel.getByText("Run 02-chain-rule.ts").click();
    await panel.getByRole("application").waitFor();
    await editor.waitForHint("const x = tensor", "‖∇‖ 44.00");
  });

  it("shows every tensor and op of the run", async () => {
    await panel.getByRole("button", { name: /table/i }).click();
    const table = panel.getByRole("table", { name: "Nodes of the graph" });
    // x, a, b and y, × + and ^2, and the header.
    assert.equal(await table.getAttribute("aria-rowcount"), "8");
    await panel
      .getByRole("button", { name: /graph|table/i })
      .first()
      .click();
    await panel.getByRole("application").waitFor();
  });

  it("moves the editor's cursor to the line of a node that is clicked", async () => {
    await editor.open("02-chain-rule.ts", 1);
    const canvas = panel.locator("canvas").first();
    const box = await canvas.boundingBox();
    assert.ok(box);
    // The nodes of this graph stand below each other; somewhere on the way down is the first.
    let line = 1;
    for (let y = box.y + 10; y < box.y + box.height && line === 1; y += 12) {
      await code.page.mouse.click(box.x + box.width / 2, y);
      await code.page.waitForTimeout(60);
      line = await editor.cursorLine();
    }
    assert.equal(line, 14);
    await code.screenshotInAllThemes("graph");
  });

  it("marks the nodes of the line that the cursor is in", async () => {
    const canvas = panel.locator("canvas").first();
    await editor.open("02-chain-rule.ts", 12);
    await code.page.waitForTimeout(500);
    const before = await canvas.screenshot();
    await editor.open("02-chain-rule.ts", 16);
    await eventually(
      () => canvas.screenshot(),
      (picture) => !picture.equals(before),
    );
  });

  it("shows the nodes of a line on request", async () => {
    const canvas = panel.locator("canvas").first();
    await editor.open("02-chain-rule.ts", 16);
    await code.page.waitForTimeout(500);
    const before = await canvas.screenshot();
    await code.execute("gradlens.showInGraph");
    await eventually(
      () => canvas.screenshot(),
      (picture) => !picture.equals(before),
    );
  });

  it("shows a line's nodes where it was hidden behind another tab", async () => {
    await code.execute("workbench.action.focusSecondEditorGroup");
    await code.execute("workbench.action.files.newUntitledFile");
    await code.execute("workbench.action.focusFirstEditorGroup");
    await editor.open("02-chain-rule.ts", 16);
    await code.execute("gradlens.showInGraph");
    await panel.getByRole("application").waitFor({ state: "visible" });
  });

  it("shows the next run by itself", async () => {
    await editor.open("16-birth-of-a-nan.ts");
    await editor.run();
    await panel
      .getByText(/sqrt\(\)/)
      .first()
      .waitFor();
    await code.screenshotInAllThemes("graph-nan");
  });

  const reload = async (): Promise<void> => {
    // What is kept is written behind what is shown.
    await code.page.waitForTimeout(300);
    await code.page.reload();
    await code.page.locator(".monaco-workbench").waitFor();
  };

  it("comes back with its graph when the window is reloaded, at the file's new name", async () => {
    await code.evaluate(
      async (vscode, from, to) => {
        const edit = new vscode.WorkspaceEdit();
        edit.renameFile(vscode.Uri.file(from), vscode.Uri.file(to));
        await vscode.workspace.applyEdit(edit);
      },
      folder.file("16-birth-of-a-nan.ts"),
      folder.file("birth.ts"),
    );
    await panel.getByText("birth.ts", { exact: true }).first().waitFor();
    await reload();
    await code.webview().getByText("birth.ts", { exact: true }).first().waitFor({ timeout: 30_000 });
  });

  it("comes back empty when the results were cleared", async () => {
    await code.runFromPalette("Gradlens: Clear Results");
    await code.webview().getByText("No run is open").waitFor();
    await reload();
    await code.webview().getByText("No run is open").waitFor({ timeout: 30_000 });
  });

  it("refuses nothing by its content security policy", () => assert.deepEqual(code.policyViolations, []));
});

describe("a saved recording", () => {
  let folder: ModelFolder;
  let recording: string;

  before(async () => {
    folder = new ModelFolder({ "damaged.gradlens": "nonsense" });
    recording = folder.file("nan.gradlens");
    // As a colleague would have sent it.
    const model = folder.file("16-birth-of-a-nan.ts");
    await run(process.execPath, [inProject("dist", "cli.js"), "run", model, "--save", recording], {
      onOutput: () => {},
    });
  });

  after(() => folder?.remove());

  it("is a file", () => assert.ok(existsSync(recording)));

  describe("in Restricted Mode", () => {
    let code: RealVsCode;
    let editor: EditorPage;

    before(async () => {
      code = await RealVsCode.start({ folder: folder.path, vsix: builtVsix(), askForTrust: true });
      editor = new EditorPage(code);
      await distrust(code);
    });

    after(() => code?.stop());

    it("no model runs, and the command says so", async () => {
      await code.openFile("01-first-gradient.ts");
      await editor.lens("Run").click();
      const button = { name: "Manage Workspace Trust" };
      await editor.notification("Restricted Mode").getByRole("button", button).click({ trial: true });
      assert.doesNotMatch(await editor.lineText("const x = tensor"), /leaf/);
      await code.screenshot("restricted");
    });

    it("no types are linked, and the command says so", async () => {
      await code.runFromPalette("Gradlens: Set Up Types");
      await editor.notification("writes no types in Restricted Mode").waitFor();
      assert.equal(existsSync(folder.file("node_modules")), false);
    });

    it("it opens all the same, with its graph and its tensors", async () => {
      await open(code, recording);
      await code.webview().getByText("16-birth-of-a-nan.ts").first().waitFor();
      await code.execute("gradlens.tensors.focus");
      await editor.treeItem("Alerts").waitFor();
      assert.match(await editor.treeItem(/^x/).innerText(), /\[3\] ‖∇‖ NaN float32/);
      await code.screenshotInAllThemes("recording");
    });

    it("a damaged one says what is wrong with it", async () => {
      await open(code, folder.file("damaged.gradlens"));
      await code.webview().getByText("This is not a Gradlens recording.").waitFor();
      await code.screenshot("recording-damaged");
    });
  });
});

/** Answers VS Code's question with "no". */
async function distrust(code: RealVsCode): Promise<void> {
  const no = code.page.getByRole("button", { name: /No, I don't trust/ });
  await no
    .or(code.page.locator(".statusbar-item", { hasText: "Restricted Mode" }))
    .first()
    .waitFor();
  if (await no.isVisible()) await no.click();
}

async function open(code: RealVsCode, file: string): Promise<void> {
  await code.evaluate((vscode, path) => vscode.commands.executeCommand("vscode.open", vscode.Uri.file(path)), file);
}
