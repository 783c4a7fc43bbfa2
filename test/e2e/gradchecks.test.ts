import assert from "node:assert/strict";
import { builtVsix, RealVsCode } from "../support/realVsCode.ts";
import { EditorPage, eventually } from "./pages/editorPage.ts";
import { ModelFolder } from "./pages/modelFolder.ts";

const files = {
  "checks.ts": `import { autograd, gradcheck, gradgradcheck, tensor, type Tensor } from "gradlens";
class Cosine extends autograd.Function {
  static forward(ctx: autograd.FunctionCtx, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.cos();
  }
  static backward(ctx: autograd.FunctionCtx, grad: Tensor): Tensor {
    const [x] = ctx.savedTensors as [Tensor];
    return grad.mul(x.sin()); // the minus is missing
  }
}
const x = tensor([[0.5, 2, -1.2], [0.3, -0.4, 1.1]], { dtype: "float64", requiresGrad: true });
const right = (a: Tensor): Tensor => a.mul(a);
// gradcheck(right, [x]) in a comment is no test
gradcheck(right, [x]);
gradgradcheck(right, [x]);
gradcheck((a: Tensor) => Cosine.apply(a.mul(2)), [x], { raiseException: false });
`,
  "thrown.ts": 'import { gradcheck } from "gradlens";\n// none yet\n',
  "endless.ts": `import { gradcheck, tensor } from "gradlens";
gradcheck((a) => { for (;;) a.mul(2); }, [tensor([1], { dtype: "float64", requiresGrad: true })]);
`,
};

describe("gradchecks in the Test Explorer", () => {
  let folder: ModelFolder;
  let code: RealVsCode;
  let editor: EditorPage;

  const row = (text: string | RegExp) =>
    code.page.locator(".test-explorer .monaco-list-row", { hasText: text }).first();
  const state = async (text: string | RegExp): Promise<string> =>
    (await row(text).locator(".computed-state").getAttribute("class")) ?? "";

  /** A click may open the row by itself. */
  const expand = async (text: string): Promise<void> => {
    await row(text).click();
    await code.page.waitForTimeout(500);
    if ((await row(text).getAttribute("aria-expanded")) !== "true") await code.page.keyboard.press("ArrowRight");
    await eventually(
      () => row(text).getAttribute("aria-expanded"),
      (is) => is === "true",
    );
  };

  before(async () => {
    folder = new ModelFolder(files);
    // In a browser VS Code saves a second after the last edit, unlike on a desktop: then there is nothing to throw away.
    const settings = { "files.autoSave": "off" };
    code = await RealVsCode.start({ folder: folder.path, vsix: builtVsix(), settings });
    editor = new EditorPage(code);
  });

  after(async () => {
    await code?.stop();
    folder?.remove();
  });

  it("are there without anything having run, each at its line", async () => {
    await editor.open("checks.ts", 15);
    await code.execute("workbench.view.testing.focus");
    // Once all files are there, rows stay where they are.
    for (const file of ["12-gradcheck.ts", "checks.ts", "endless.ts"]) await row(file).waitFor();
    await expand("checks.ts");
    await row("gradcheck right").waitFor();
    await row("gradgradcheck right").waitFor();
    await row("Cosine.apply").waitFor();
    assert.equal(await row("in a comment").count(), 0);
  });

  it("follow edits, and forget those that are thrown away", async () => {
    // Opened as a person does it: VS Code keeps what an extension opened long after it was closed.
    await code.evaluate(async (vscode, file) => {
      await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(file));
    }, folder.file("thrown.ts"));
    await eventually(
      () => code.cursor(),
      (cursor) => cursor?.file === "thrown.ts",
    );
    await editor.replace("// none yet", "gradcheck(Math.sin, []);");
    await row("thrown.ts").waitFor();
    await code.execute("workbench.action.revertAndCloseActiveEditor");
    await row("thrown.ts").waitFor({ state: "detached" });
  });

  it("run from the editor's margin, and fail with the cause at the line of the wrong backward", async () => {
    await editor.open("checks.ts", 17);
    await code.execute("testing.runAtCursor");
    await eventually(
      () => state("Cosine.apply"),
      (text) => text.includes("failed"),
    );
    const peek = code.page
      .locator(".test-output-peek-message-container, .test-error-content-widget, .zone-widget.test-output-peek")
      .first();
    await eventually(
      () => code.page.locator("body").innerText(),
      (text) => text.replaceAll("\u00a0", " ").includes("has the wrong sign"),
    );
    assert.ok((await peek.count()) > 0);
    await code.screenshotInAllThemes("gradcheck-failed");
  });

  it("run all of a file at once, and the right ones pass", async () => {
    await editor.open("checks.ts", 15);
    await code.execute("testing.runCurrentFile");
    await eventually(
      () => state("gradgradcheck right"),
      (text) => text.includes("passed"),
    );
    assert.match(await state(/^gradcheck right/), /passed/);
    assert.match(await state("Cosine.apply"), /failed/);
  });

  it("have a panel that leads to the line of the wrong backward", async () => {
    await editor.open("checks.ts", 17);
    await code.execute("gradlens.showGradcheck");
    const panel = code.webview();
    await panel.getByText("The gradient that Cosine gives its input 0 has the wrong sign.").first().waitFor();
    await panel.locator("canvas").nth(2).waitFor();
    await code.screenshotInAllThemes("gradcheck-panel");
    await panel.locator(".finding .link-button").click();
    await eventually(
      () => editor.cursorLine(),
      (line) => line === 9,
    );
    await code.execute("workbench.action.closeEditorsInOtherGroups");
    assert.deepEqual(code.policyViolations, []);
  });

  it("follow edits", async () => {
    await editor.open("checks.ts", 15);
    await editor.replace(
      "gradcheck(right, [x]);\ngradgrad",
      "\n\ngradcheck(right, [x]);\ngradcheck(Math.abs as never, [x]);\ngradgrad",
    );
    await row("Math.abs").waitFor();
    assert.match(await state(/^gradcheck right/), /passed/);
    await editor.replace("gradcheck(Math.abs as never, [x]);\n", "");
    await eventually(
      () => row("Math.abs").count(),
      (count) => count === 0,
    );
    await code.execute("workbench.action.files.save");
  });

  it("are debugged by Gradlens' own debugger", async () => {
    await editor.open("checks.ts", 17);
    const started = await code.evaluate(async (vscode) => {
      const session = new Promise<string>((resolve) => {
        vscode.debug.onDidStartDebugSession(({ type, configuration }) =>
          resolve(`${type} ${configuration["program"]}`),
        );
      });
      void vscode.commands.executeCommand("testing.debugAtCursor");
      return Promise.race([session, new Promise<string>((resolve) => setTimeout(() => resolve("none"), 20_000))]);
    });
    assert.equal(started, `gradlens ${folder.file("checks.ts")}`);
    await eventually(
      () => code.evaluate((vscode) => vscode.debug.activeDebugSession === undefined),
      (isOver) => isOver,
      20_000,
    );
  });

  it("run whenever the file is saved, when that is switched on", async () => {
    await code.execute("workbench.view.testing.focus");
    await row("checks.ts").hover();
    await row("checks.ts").locator("[aria-label*='Continuous Run']").first().click();
    await editor.open("checks.ts", 9);
    await editor.replace("grad.mul(x.sin())", "grad.mul(x.sin().neg())");
    await code.execute("workbench.action.files.save");
    await eventually(
      () => state("Cosine.apply"),
      (text) => text.includes("passed"),
      20_000,
    );
    await editor.replace("grad.mul(x.sin().neg())", "grad.mul(x.sin())");
    await code.execute("workbench.action.files.save");
    await eventually(
      () => state("Cosine.apply"),
      (text) => text.includes("failed"),
      20_000,
    );
  });

  it("are stopped when the user cancels", async () => {
    await editor.open("endless.ts", 2);
    void code.execute("testing.runCurrentFile");
    await row("endless.ts").waitFor();
    await eventually(
      () => state("endless.ts"),
      (text) => text.includes("loading"),
    );
    await code.execute("testing.cancelRun");
    await eventually(
      () => state("endless.ts"),
      (text) => !text.includes("loading"),
    );
  });

  it("keep their results when the window is reloaded", async () => {
    await editor.open("checks.ts", 15);
    await code.page.reload();
    await code.page.locator(".monaco-workbench").waitFor();
    await code.page.locator(".activitybar .action-label[aria-label^='Testing']").first().dispatchEvent("click");
    await row("checks.ts").waitFor({ timeout: 60_000 });
    await eventually(
      () => state("checks.ts"),
      (text) => text.includes("failed"),
      30_000,
    );
  });
});
