import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { builtVsix, RealVsCode } from "../support/realVsCode.ts";
import { EditorPage, eventually } from "./pages/editorPage.ts";
import { ModelFolder } from "./pages/modelFolder.ts";

const nan = `import { tensor, where } from "gradlens";

const x = tensor([-1, 4], { requiresGrad: true });
const root = x.sqrt();
const safe = where(x.gt(0), root, 0);
const loss = safe.sum();
loss.backward();
`;

const training = `import { F, manualSeed, nn, optim, randn } from "gradlens";

manualSeed(1);
const model = new nn.Linear(3, 1);
const optimizer = new optim.SGD(model.parameters(), { lr: 0.01 });
const x = randn(16, 3);
const y = randn(16, 1);
for (let step = 0; step < 5; step++) {
  const loss = F.mseLoss(model.forward(x), y);
  loss.backward();
  optimizer.step();
}
`;

const helper = `import { type Tensor, where } from "gradlens";

export function risky(x: Tensor): Tensor {
  const root = x.sqrt();
  return where(x.gt(0), root, 0);
}
`;

const callsHelper = `import { tensor } from "gradlens";
import { risky } from "./helper.ts";

risky(tensor([-1, 4], { requiresGrad: true })).sum().backward();
`;

const chain = `import { tensor } from "gradlens";

const x = tensor(3, { requiresGrad: true });
const y = x.mul(x).add(x.mul(4));
y.backward();
`;

describe("alerts in the editor", () => {
  let folder: ModelFolder;
  let code: RealVsCode;
  let editor: EditorPage;

  before(async () => {
    folder = new ModelFolder({
      "nan.ts": nan,
      "training.ts": training,
      "chain.ts": chain,
      "helper.ts": helper,
      "one.ts": callsHelper,
      "two.ts": callsHelper,
    });
    code = await RealVsCode.start({ folder: folder.path, vsix: builtVsix() });
    editor = new EditorPage(code);
  });

  after(async () => {
    await code?.stop();
    folder?.remove();
  });

  /** The titles of Gradlens' actions at a line, the preferred one first. */
  function actionsAt(line: number): Promise<string[]> {
    return code.evaluate(async (vscode, at) => {
      const uri = vscode.window.activeTextEditor?.document.uri;
      if (!uri) return [];
      const range = new vscode.Range(at - 1, 0, at - 1, 200);
      const actions = await vscode.commands.executeCommand<import("vscode").CodeAction[]>(
        "vscode.executeCodeActionProvider",
        uri,
        range,
        vscode.CodeActionKind.QuickFix.value,
      );
      return actions.map(({ title }) => title);
    }, line);
  }

  /** Applies the action of this title at a line, as choosing it in the menu does. */
  function apply(line: number, title: string): Promise<boolean> {
    return code.evaluate(
      async (vscode, at, wanted) => {
        const uri = vscode.window.activeTextEditor?.document.uri;
        if (!uri) return false;
        const actions = await vscode.commands.executeCommand<import("vscode").CodeAction[]>(
          "vscode.executeCodeActionProvider",
          uri,
          new vscode.Range(at - 1, 0, at - 1, 200),
        );
        const edit = actions.find((action) => action.title === wanted)?.edit;
        return edit ? vscode.workspace.applyEdit(edit) : false;
      },
      line,
      title,
    );
  }

  /** Puts the cursor on `x` in chain.ts, where that is declared. */
  const pointAtX = (): Promise<void> =>
    code.evaluate(async (vscode) => {
      const [file] = await vscode.workspace.findFiles("chain.ts");
      if (!file) return;
      const selection = new vscode.Range(2, 6, 2, 6);
      await vscode.window.showTextDocument(file, { viewColumn: vscode.ViewColumn.One, selection });
    });

  /** The two pages of a comparison. */
  const bothPages = (model: string): Promise<string[]> =>
    eventually(
      () =>
        code.evaluate(
          (vscode, name) =>
            vscode.workspace.textDocuments
              .filter(({ uri }) => uri.path.includes(`${name},`))
              .map((document) => document.getText()),
          model,
        ),
      (found) => found.length === 2,
    );

  const text = (): Promise<string> =>
    code.evaluate((vscode) => vscode.window.activeTextEditor?.document.getText() ?? "");

  it("name the cause at the origin's line, with the way to where it surfaced", async () => {
    await code.openFile("nan.ts");
    await editor.run();
    const [problem] = await eventually(
      () => editor.problems("nan.ts"),
      (problems) => problems.length === 1,
    );
    assert.equal(problem?.line, 4);
    assert.match(problem?.message ?? "", /in a branch that where\(\) did not take/);
    assert.ok((problem?.related.length ?? 0) >= 1);
    await code.execute("gradlens.tensors.focus");
    await editor.treeItem("in a branch").waitFor();
    await editor.treeItem("in a branch").locator(".monaco-tl-twistie").click();
    await editor.treeItem("backward of sqrt()").waitFor();
  });

  it("offer the double where, which one undo takes back and after which the alert is gone", async () => {
    await code.openFile("nan.ts", 4);
    const title = "Make the input safe where it is not taken (double where)";
    assert.deepEqual(await actionsAt(4), [title, "This one is intended: silence it here", "Show in Graph"]);
    assert.ok(await apply(4, title));
    assert.match(await text(), /const root = x\.where\(x\.gt\(0\), 1\)\.sqrt\(\);/);
    await eventually(
      () => editor.problems("nan.ts"),
      (problems) => problems.length === 0,
    );
    await code.execute("undo");
    assert.equal(await text(), nan);
    await eventually(
      () => editor.problems("nan.ts"),
      (problems) => problems.length === 1,
    );
    assert.ok(await apply(4, title));
    await editor.run();
    await eventually(
      () => editor.problems("nan.ts"),
      (problems) => problems.length === 0,
    );
    await code.execute("undo");
    await editor.run();
  });

  it("are told no more where a comment says that they are meant", async () => {
    await code.openFile("nan.ts", 4);
    await eventually(
      () => editor.problems("nan.ts"),
      (problems) => problems.length === 1,
    );
    assert.ok(await apply(4, "This one is intended: silence it here"));
    assert.match(await text(), /sqrt\(\); \/\/ gradlens-ignore: nan masked-where/);
    await editor.run();
    await eventually(
      () => editor.problems("nan.ts"),
      (problems) => problems.length === 0,
    );
    await editor.replace("nan masked-where", "nan masked-were");
    await editor.run();
    const problems = await eventually(
      () => editor.problems("nan.ts"),
      (found) => found.length === 2,
    );
    assert.ok(problems.some(({ message }) => message.includes("Did you mean 'masked-where'?")));
    await code.execute("undo");
    await code.execute("undo");
    await code.execute("workbench.action.files.save");
  });

  it("put zeroGrad where it is missing", async () => {
    await code.openFile("training.ts");
    await editor.run();
    await eventually(
      () => editor.problems("training.ts"),
      (problems) => problems.length === 1,
    );
    await code.screenshotInAllThemes("alerts-training");
    const title = "Call optimizer.zeroGrad() before backward";
    assert.equal((await actionsAt(10))[0], title);
    assert.ok(await apply(10, title));
    assert.match(await text(), / {2}optimizer\.zeroGrad\(\);\n {2}loss\.backward\(\);/);
    await editor.run();
    await eventually(
      () => editor.problems("training.ts"),
      (problems) => problems.length === 0,
    );
  });

  it("are switched off and changed by settings, without another run", async () => {
    await code.openFile("nan.ts");
    await editor.setText(nan);
    await editor.run();
    await eventually(
      () => editor.problems("nan.ts"),
      (problems) => problems.length === 1,
    );
    const set = (value: unknown): Promise<void> =>
      code.evaluate(async (vscode, rules) => {
        const { Global } = vscode.ConfigurationTarget;
        await vscode.workspace.getConfiguration("gradlens").update("alerts.rules", rules, Global);
      }, value);
    await set({ nan: "warning" });
    await eventually(
      () => editor.problems("nan.ts"),
      ([problem]) => problem?.severity === "warning",
    );
    await set({ nan: "off" });
    await eventually(
      () => editor.problems("nan.ts"),
      (problems) => problems.length === 0,
    );
    await set(undefined);
  });

  it("are told once where two models come across one, and stay away when the file that was mended is closed", async () => {
    const told = (): Promise<number[]> => editor.problems("helper.ts").then((all) => all.map(({ line }) => line));
    for (const file of ["one.ts", "two.ts"]) {
      await code.openFile(file);
      await editor.run();
      assert.deepEqual(await eventually(told, ({ length }) => length > 0), [4]);
    }
    // Opened as a person does it: VS Code keeps what an extension opened long after it was closed.
    await code.evaluate(async (vscode, file) => {
      await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(file));
    }, folder.file("helper.ts"));
    await eventually(text, (shown) => shown === helper);
    await editor.replace("x.sqrt()", "x.abs().sqrt()");
    await code.execute("workbench.action.files.save");
    await eventually(told, ({ length }) => length === 0);
    await code.execute("workbench.action.closeActiveEditor");
    await eventually(
      () =>
        code.evaluate((vscode) => vscode.workspace.textDocuments.some(({ uri }) => uri.path.endsWith("/helper.ts"))),
      (isHeld) => !isHeld,
    );
    await editor.replace("import", " import");
    await code.execute("undo");
    await code.page.waitForTimeout(500);
    await editor.status(/two\.ts .* edited since/).waitFor();
    await code.openFile("chain.ts");
    await editor.run();
    await editor.status(/chain\.ts/).waitFor();
    assert.deepEqual(await told(), []);
    // It goes back to what ran while nobody has it open, as git does it.
    writeFileSync(folder.file("helper.ts"), helper);
    assert.deepEqual(await eventually(told, ({ length }) => length > 0), [4]);
    rmSync(folder.file("helper.ts"));
    await eventually(told, ({ length }) => length === 0);
  });

  it("of a run that failed lead to their line, also while a good run of an earlier text is on screen", async () => {
    await code.openFile("chain.ts");
    const failing = `// one\n// two\n${chain.replace("y.backward();", "y.matmul(x);")}${"// more\n".repeat(3)}`;
    await editor.setText(`${chain}${"// more\n".repeat(3)}`);
    await editor.run();
    await editor.setText(failing);
    await editor.run();
    await editor.status(/chain\.ts · failed/).click();
    await eventually(
      () => code.cursor(),
      (cursor) => cursor?.line === 7,
    );
    await code.openFile("chain.ts", 1);
    await code.execute("gradlens.tensors.focus");
    await editor.treeItem("chain.ts:7").click();
    await eventually(
      () => code.cursor(),
      (cursor) => cursor?.line === 7,
    );
    await editor.setText(chain);
  });

  it("show the lines that a person sees, in all themes", async () => {
    await editor.open("nan.ts", 4);
    await eventually(
      () => editor.problems("nan.ts"),
      (problems) => problems.length === 1,
    );
    // As Ctrl+. does, wherever the focus is by now; once more where the editor was still on its way to this file.
    const fixes = code.page.locator(".action-widget").first();
    await eventually(
      async () => {
        void code.execute("editor.action.quickFix");
        await fixes.waitFor({ timeout: 5000 }).catch(() => {});
        return fixes.isVisible();
      },
      (isOpen) => isOpen,
      30_000,
    );
    await code.screenshotInAllThemes("alerts-fixes");
    await code.page.keyboard.press("Escape");
  });

  it("come with the chain rule, written out along every way", async () => {
    await code.openFile("chain.ts");
    await editor.run();
    await editor.waitForHint("const x = tensor", "‖∇‖ 10.00");
    await pointAtX();
    await code.execute("gradlens.explainGradient");
    const page = await eventually(
      () =>
        code.evaluate((vscode) => {
          const documents = vscode.window.visibleTextEditors.map(({ document }) => document);
          return documents.find(({ uri }) => uri.scheme === "gradlens-text")?.getText() ?? "";
        }),
      (shown) => shown !== "",
    );
    assert.match(page, /∂y\/∂x = 10/);
    assert.match(page, /3 ways from y to x:/);
    assert.match(page, /chain\.ts:4/);
    await code.screenshotInAllThemes("explained-gradient");
  });

  it("lead to the lines where a tensor is used", async () => {
    await pointAtX();
    await code.execute("gradlens.findTensorUses");
    await code.page.locator(".peekview-widget", { hasText: "chain.ts" }).waitFor();
    await code.page.keyboard.press("Escape");
  });

  it("can be compared with those of the run before", async () => {
    await editor.open("chain.ts");
    await editor.replace("tensor(3,", "tensor(5,");
    await editor.run();
    await editor.waitForHint("const x = tensor", "‖∇‖ 14.00");
    await code.execute("gradlens.compareWithPrevious");
    const texts = await bothPages("chain.ts");
    assert.ok(texts.some((one) => one.includes("‖∇‖ 10.00")));
    assert.ok(texts.some((one) => one.includes("‖∇‖ 14.00")));
  });

  it("are those that the settings want, on both sides of a comparison", async () => {
    await editor.open("nan.ts");
    await editor.run();
    await editor.run();
    await code.evaluate((vscode) =>
      vscode.workspace.getConfiguration("gradlens").update("alerts.rules", { nan: "off" }, true),
    );
    await eventually(
      () => editor.problems("nan.ts"),
      (problems) => problems.length === 0,
    );
    await code.execute("gradlens.compareWithPrevious");
    for (const page of await bothPages("nan.ts")) assert.doesNotMatch(page, /in a branch/);
    await code.evaluate((vscode) =>
      vscode.workspace.getConfiguration("gradlens").update("alerts.rules", undefined, true),
    );
  });
});
