import assert from "node:assert/strict";
import type { FrameLocator, Locator } from "playwright-core";
import { builtVsix, RealVsCode } from "../support/realVsCode.ts";
import { EditorPage, eventually } from "./pages/editorPage.ts";
import { ModelFolder } from "./pages/modelFolder.ts";

describe("the panels of a run", () => {
  let folder: ModelFolder;
  let code: RealVsCode;
  let editor: EditorPage;
  let overview: FrameLocator;
  let viewer: FrameLocator;

  before(async () => {
    folder = new ModelFolder();
    code = await RealVsCode.start({
      folder: folder.path,
      vsix: builtVsix(),
      settings: { "gradlens.run.showConsole": false },
      viewport: { width: 1600, height: 900 },
    });
    editor = new EditorPage(code);
    await code.openFile("16-birth-of-a-nan.ts");
  });

  after(async () => {
    await code?.stop();
    folder?.remove();
  });

  it("the overview says why it is empty, and its one button fills it with the run's faults and tensors", async () => {
    await code.execute("gradlens.showOverview");
    overview = code.webview();
    await overview.getByText("No run is open").waitFor();
    await overview.getByText("Run 16-birth-of-a-nan.ts").click();
    await overview.locator(".card").first().waitFor();
    await overview.getByRole("grid", { name: "Tensors of the run" }).waitFor();
    assert.match(await overview.locator(".headline").innerText(), /\d errors?/);
  });

  it("the overview leads from a link of the chain to its line", async () => {
    await editor.open("16-birth-of-a-nan.ts", 1);
    const link = overview.locator(".chain-links .pill").first();
    const line = Number(/:(\d+)/.exec(await link.innerText())?.[1]);
    await link.click();
    assert.equal(
      await eventually(
        () => editor.cursorLine(),
        (at) => at === line,
      ),
      line,
    );
    await code.screenshotInAllThemes("overview-nan");
  });

  it("the overview shows the next run by itself: a training with its steps", async () => {
    await editor.open("13-training-loop.ts");
    await editor.run();
    await overview.getByRole("slider", { name: "Loss and gradient norm by step" }).waitFor();
    await code.screenshotInAllThemes("overview-training");
  });

  it("the overview keeps the good run on screen when the next one fails", async () => {
    await editor.replace("import", "throw new Error('no');\nimport");
    await code.execute("workbench.action.files.save");
    await editor.run();
    await overview.getByText(/The last run failed: Error: no/).waitFor();
    assert.ok((await overview.locator(".tensors tbody tr").count()) > 1);
    await editor.replace("throw new Error('no');\n", "");
    await code.execute("workbench.action.files.save");
    await editor.run();
    await overview.locator(".strip-error").waitFor({ state: "detached" });
  });

  it("the overview runs its own model again, whatever stands in the editor", async () => {
    await editor.replace("import", "// edited\nimport");
    await code.execute("workbench.action.files.save");
    await overview.locator(".strip").getByText("Edited since this run").waitFor();
    await editor.open("02-chain-rule.ts");
    await overview.locator(".strip").getByText("Run again").click();
    await overview.locator(".strip").waitFor({ state: "detached" });
    assert.match(await editor.status(/\.ts · /).innerText(), /13-training-loop\.ts/);
    await editor.open("13-training-loop.ts");
    await editor.replace("// edited\n", "");
    await editor.run();
    await overview.locator(".strip").waitFor({ state: "detached" });
  });

  it("the overview opens the viewer of the tensor that is walked to", async () => {
    await overview.getByRole("grid", { name: "Tensors of the run" }).focus();
    await code.page.keyboard.press("Home");
    await code.page.keyboard.press("v");
    await code.page.getByRole("tab", { name: "Gradlens Tensor" }).waitFor();
  });

  it("the tensor viewer shows the tensor at the cursor", async () => {
    await editor.open("13-training-loop.ts", 31);
    await code.execute("gradlens.viewTensor");
    viewer = code.webview();
    await viewer.locator(".tensor-name", { hasText: "loss" }).waitFor();
    await viewer.locator(".grid-cell", { hasText: /\d/ }).first().waitFor();
  });

  it("the tensor viewer goes through the steps of the training", async () => {
    await viewer.getByRole("slider", { name: "Time of the run" }).focus();
    await code.page.keyboard.press("Home");
    await viewer.locator(".step-words", { hasText: "step 0 of 200" }).waitFor();
    await viewer.locator(".grid-cell", { hasText: "0.7082" }).waitFor();
    await code.screenshotInAllThemes("tensor-viewer");
  });

  it("come back when the window is reloaded", async () => {
    await code.page.reload();
    await code.page.locator(".monaco-workbench").waitFor();
    // They stand side by side or one behind the other, and which one loads first is nobody's business.
    const isShown = (what: (panel: FrameLocator) => Locator): Promise<boolean> =>
      eventually(
        async () => (await Promise.all([0, 1].map((at) => what(code.webview(at)).isVisible()))).includes(true),
        (isThere) => isThere,
        60_000,
      );
    assert.ok(await isShown((panel) => panel.locator(".tensor-name", { hasText: "loss" })));
    // Behind the viewer it is there once its tab is chosen.
    await code.page.getByRole("tab", { name: "Gradlens Overview" }).dispatchEvent("mousedown", { button: 0 });
    assert.ok(await isShown((panel) => panel.getByRole("grid", { name: "Tensors of the run" })));
  });

  it("refuse nothing by their content security policy", () => assert.deepEqual(code.policyViolations, []));
});
