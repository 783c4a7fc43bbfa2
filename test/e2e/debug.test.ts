import assert from "node:assert/strict";
import type { Locator } from "playwright-core";
import { builtVsix, RealVsCode } from "../support/realVsCode.ts";
import { EditorPage, eventually } from "./pages/editorPage.ts";
import { ModelFolder } from "./pages/modelFolder.ts";

const model = `import { tensor } from "gradlens";

const w = tensor([2, 3], { requiresGrad: true });
const y = w.mul(w);
const loss = y.sum();
loss.backward();
console.log("done", w.grad);
`;

describe("the gradient debugger", () => {
  let folder: ModelFolder;
  let code: RealVsCode;
  let editor: EditorPage;

  before(async () => {
    folder = new ModelFolder({ "squares.ts": model });
    code = await RealVsCode.start({
      folder: folder.path,
      vsix: builtVsix(),
      settings: {
        "gradlens.run.showConsole": false,
        "debug.inlineValues": "on",
        "debug.openDebug": "openOnDebugBreak",
        "debug.toolBarLocation": "docked",
      },
      viewport: { width: 1600, height: 950 },
    });
    editor = new EditorPage(code);
  });

  after(async () => {
    await code?.stop();
    folder?.remove();
  });

  afterEach(async () => {
    await code.execute("workbench.action.debug.stop");
    await eventually(isDebugging, (yes) => !yes);
  });

  const isDebugging = (): Promise<boolean> => code.evaluate((vscode) => vscode.debug.activeDebugSession !== undefined);

  /** Clicks where breakpoints are set: left of a line's number. */
  async function clickGutter(line: number): Promise<void> {
    // The numbers of lines that the cursor left or came to are drawn anew, and for a moment have no place.
    const place = await eventually(
      () =>
        code.page.locator(".editor-instance .line-numbers").evaluateAll((all, wanted) => {
          const boxes = all
            .filter((one) => one.textContent?.trim() === wanted)
            .map((one) => one.getBoundingClientRect());
          return boxes.find(({ width }) => width > 0)?.toJSON();
        }, String(line)),
      (box) => box !== undefined,
    );
    await code.page.mouse.click(place.x - 8, place.y + place.height / 2);
    await code.page.locator(".codicon-debug-breakpoint, .codicon-debug-breakpoint-unverified").first().waitFor();
  }

  /** A row of the Run and Debug side. */
  const row = (text: string | RegExp): Locator =>
    code.page.locator(".debug-viewlet .monaco-list-row", { hasText: text }).first();

  /** The line that the editor marks as where the debugger stands. */
  const standsAt = (line: number): Promise<unknown> =>
    eventually(
      () =>
        code.evaluate(async (vscode) => {
          const item = vscode.debug.activeStackItem;
          const session = vscode.debug.activeDebugSession;
          if (!session || !item || !("frameId" in item)) return null;
          // Refused while the program runs.
          const answer = await session.customRequest("stackTrace", { threadId: 1 }).then(undefined, () => null);
          const [frame] = answer?.stackFrames ?? [];
          return frame === undefined ? null : `${frame.line} ${frame.name}`;
        }),
      (where) => where?.startsWith(`${line} `) ?? false,
    );

  async function pressF5(): Promise<void> {
    await code.page.keyboard.press("F5");
    // Other debuggers of TypeScript may be there; a person picks ours.
    const choice = code.page.locator(".quick-input-list .monaco-list-row", { hasText: "Gradlens" }).first();
    const toolbar = code.page.locator(".debug-toolbar, .debug-docked-toolbar").first();
    await choice.or(toolbar).first().waitFor();
    if (await choice.isVisible()) await choice.click();
  }

  it("stops at a breakpoint forward, and again when the gradient comes through its line", async () => {
    await code.openFile("squares.ts", 4);
    await clickGutter(4);
    await code.page.locator(".view-line", { hasText: "const y" }).first().click();
    await pressF5();
    await standsAt(4);
    await row(/^mul|\(main\)/).waitFor();
    await code.screenshot("debug-forward");
    await code.page.keyboard.press("F5");
    await eventually(
      () => code.page.locator(".debug-viewlet .monaco-list-row", { hasText: "MulBackward0" }).count(),
      (n) => n > 0,
    );
    await standsAt(4);
  });

  it("steps into backward and back, and shows gradients, watches and values behind lines", async () => {
    await code.openFile("squares.ts", 5);
    await code.execute("gradlens.debugModel");
    // The breakpoint of before is still there.
    await standsAt(4);
    await code.execute("gradlens.debugNextNode");
    await standsAt(5);
    await code.execute("gradlens.debugNextNode");
    await standsAt(4);
    await row("outgoing 0").waitFor();
    await editor.waitForHint("const w = tensor", "w = ");
    await code.execute("workbench.action.debug.stepInto");
    await row("grad after").waitFor();
    await code.screenshotInAllThemes("debug-backward");
    await code.execute("workbench.action.debug.stepBack");
    await standsAt(4);
    const watched = await code.evaluate(async (vscode) => {
      const session = vscode.debug.activeDebugSession;
      const item = vscode.debug.activeStackItem;
      const frameId = item && "frameId" in item ? item.frameId : 0;
      return session?.customRequest("evaluate", {
        expression: "loss.item() + w.norm().item()",
        frameId,
        context: "watch",
      });
    });
    assert.equal(Number(watched.result).toFixed(4), (13 + Math.sqrt(13)).toFixed(4));
  });

  it("lets the graph follow: done, at work, to come", async () => {
    await code.openFile("squares.ts", 5);
    await code.execute("gradlens.showGraph");
    await code.execute("gradlens.debugModel");
    await standsAt(4);
    await code.execute("gradlens.debugNextNode");
    const panel = code.webview();
    await panel.getByRole("application").waitFor();
    await panel.getByText("1 of", { exact: false }).first().waitFor();
    await code.screenshotInAllThemes("debug-graph");
    // Of two sessions it follows the one whose variables are shown, and with its end the other.
    await editor.open("16-birth-of-a-nan.ts");
    await code.execute("gradlens.debugModel");
    await row("Is Born").waitFor();
    await panel.getByText("1 of", { exact: false }).first().waitFor();
    await code.execute("workbench.action.debug.stop");
    await panel.getByText("16-birth-of-a-nan.ts", { exact: true }).first().waitFor();
    await code.execute("workbench.action.closeAllEditors");
  });

  it("lets the tensor viewer follow, until the debugger ends", async () => {
    await code.execute("gradlens.clearResults");
    await code.openFile("squares.ts", 5);
    await code.execute("gradlens.debugModel");
    await standsAt(4);
    const leaves = await code.evaluate(async (vscode) => {
      const session = vscode.debug.activeDebugSession;
      if (session === undefined) return 0;
      const { stackFrames } = await session.customRequest("stackTrace", { threadId: 1 });
      const { scopes } = await session.customRequest("scopes", { frameId: stackFrames[0].id });
      const { variablesReference } = scopes.find(({ name }: { name: string }) => name === "Leaves");
      await session.customRequest("variables", { variablesReference });
      return variablesReference;
    });
    // As the menu of that row does.
    const variable = { name: "w", evaluateName: "w" };
    await code.execute("gradlens.viewTensor", { container: { variablesReference: leaves }, variable });
    const viewer = code.webview();
    const noGradient = viewer.getByText("Gradient ∅");
    await noGradient.waitFor();
    await code.execute("gradlens.debugNextNode");
    await standsAt(5);
    await code.execute("gradlens.debugNextNode");
    await standsAt(4);
    await code.execute("workbench.action.debug.stepInto");
    await noGradient.waitFor({ state: "detached" });
    await code.execute("workbench.action.debug.stop");
    await viewer.getByText("No run is open").waitFor();
    await code.execute("workbench.action.closeAllEditors");
  });

  it("stops where a NaN or Inf is born, and says so", async () => {
    await code.openFile("16-birth-of-a-nan.ts");
    await code.execute("gradlens.debugModel");
    await standsAt(8);
    await code.page.getByText("Inf is born").first().waitFor();
    await code.screenshotInAllThemes("debug-nan");
  });

  it("debugs the JavaScript of the same program, and stops both with one", async () => {
    await code.openFile("squares.ts", 4);
    const isStarted = await code.evaluate(async (vscode) => {
      const program = vscode.window.activeTextEditor?.document.uri.fsPath;
      const configuration = { type: "gradlens", request: "launch", name: "both", program, javascript: true };
      return vscode.debug.startDebugging(undefined, configuration);
    });
    assert.ok(isStarted);
    // The line breakpoint of the first test holds for both: JavaScript stops before the line, ours once its op has run.
    const sessionType = (): Promise<string | undefined> =>
      code.evaluate((vscode) => (vscode.debug.activeStackItem ? vscode.debug.activeDebugSession?.type : undefined));
    await eventually(sessionType, (type) => type === "pwa-node" || type === "node", 30_000);
    await row(/squares\.ts/).waitFor();
    await code.screenshot("debug-javascript");
    await code.execute("workbench.action.debug.continue");
    await eventually(sessionType, (type) => type === "gradlens", 20_000);
    await code.evaluate(async (vscode) => {
      const session = vscode.debug.activeDebugSession;
      if (session) await vscode.debug.stopDebugging(session);
    });
    await eventually(isDebugging, (yes) => !yes, 5000);
  });

  it("shows what a debugged run left as it shows a run", async () => {
    await code.openFile("02-chain-rule.ts");
    await code.execute("gradlens.debugModel");
    await eventually(isDebugging, (yes) => !yes);
    await editor.waitForHint("const x = tensor", "‖∇‖ 44.00");
  });
});
