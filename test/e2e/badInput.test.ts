import assert from "node:assert/strict";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { builtVsix, RealVsCode } from "../support/realVsCode.ts";
import type { InExtensionHost } from "../support/remote.ts";
import { EditorPage, eventually } from "./pages/editorPage.ts";
import { ModelFolder } from "./pages/modelFolder.ts";

const start = 'import { tensor } from "gradlens";\nconst w = tensor([3, 4], { requiresGrad: true });\n';
const good = `${start}w.mul(w).sum().backward();\n`;

/** A program that fails, and the one place that tells about it: a line of the file, or a notification. */
interface BadProgram {
  readonly what: string;
  readonly text: string;
  readonly line?: number;
  readonly message?: RegExp;
  readonly notification?: RegExp;
  /** The hint at the first tensor afterwards, where it is not that of the last good run. */
  readonly shows?: string;
}

const longName = "n".repeat(4000);

const programs: readonly BadProgram[] = [
  { what: "a syntax error", text: `${start}const = 1;\n`, line: 3, message: /Expected identifier/ },
  { what: "a module that is missing", text: `${start}import "./nowhere.ts";\n`, line: 3, message: /Cannot find/ },
  {
    what: "a type that is imported as a value",
    text: `${start}export { Shape } from "./shape.ts";\n`,
    line: 3,
    message: /"Shape" is a type/,
  },
  { what: "an exception", text: `${start}throw new RangeError("too far");\n`, line: 3, message: /RangeError: too far/ },
  { what: "a thrown non-Error", text: `${start}\nthrow { code: 7 };\n`, message: /code: 7/ },
  {
    what: "an unhandled rejection",
    text: `${start}void Promise.reject(new Error("nobody cares"));\nawait new Promise((done) => setTimeout(done, 500));\n`,
    line: 3,
    message: /nobody cares/,
  },
  { what: "process.exit", text: `${start}process.exit(3);\n`, notification: /exit code 3/ },
  {
    what: "a killed child",
    text: `${start}process.kill(process.pid, "SIGKILL");\n`,
    notification: /killed from outside/,
  },
  {
    what: "Windows' line ends and a byte order mark",
    text: `\uFEFF${start}throw new Error("here");\n`.replaceAll("\n", "\r\n"),
    line: 3,
    message: /here/,
  },
  {
    what: "an error in an own function",
    text: `${start}function deep() {\n  throw new Error("deep down");\n}\ndeep();\n`,
    line: 4,
    message: /deep down/,
  },
  {
    what: "a name of thousands of characters",
    text: `${start}const ${longName} = w.mul(0).sqrt().sum();\n${longName}.backward();\n`,
    line: 3,
    message: /^(?=.{0,600}$).*gradient of sqrt/s,
    shows: "leaf [2] ‖∇‖ NaN",
  },
];

/** Keeps more and more, or much at once. */
const hungry: readonly { readonly what: string; readonly text: string }[] = [
  {
    what: "typed arrays without end",
    text: "const kept = [];\nfor (;;) kept.push(new Float64Array(1 << 20).fill(kept.length));\n",
  },
  {
    what: "objects without end",
    text: "const kept = [];\nfor (;;) kept.push({ n: kept.length, text: [kept.length] });\n",
  },
  { what: "8 GB at once", text: "const large = new Float64Array(2 ** 30).fill(1);\n" },
];

/** A good program that goes on until there is a file named `go`. */
const waiting = `import { existsSync } from "node:fs";
${good}while (!existsSync("go")) await new Promise((done) => setTimeout(done, 20));
`;

/** On a busy machine everything comes late; nothing here is about how soon. */
const patienceMs = 60_000;

describe("a run that cannot go well", function () {
  this.timeout(3 * patienceMs);
  let folder: ModelFolder;
  let code: RealVsCode;
  let editor: EditorPage;

  before(async () => {
    folder = new ModelFolder({ "model.ts": good, "shape.ts": "export interface Shape { n: number }\n" });
    const settings = { "gradlens.run.showConsole": false, "files.eol": "\n" };
    code = await RealVsCode.start({ folder: folder.path, vsix: builtVsix(), settings });
    code.page.setDefaultTimeout(patienceMs);
    editor = new EditorPage(code);
    await code.openFile("model.ts");
    await editor.run();
    await editor.waitForHint("const w = tensor", "‖∇‖ 10.00");
  });

  after(async () => {
    await code?.stop();
    folder?.remove();
  });

  afterEach(async () => {
    await code.execute("notifications.clearAll");
    // Toasts fade out; one of the last test must not be taken for one of the next.
    await eventually(
      () => code.page.locator(".notification-toast").count(),
      (count) => count === 0,
      patienceMs,
    );
  });

  for (const { what, text, line, message, notification, shows = "leaf [2] ‖∇‖ 10.00" } of programs) {
    it(`for ${what} ends in one clear message, with the last good run still on screen`, async () => {
      await editor.setText(text);
      await staysResponsive(() => editor.run());
      if (notification) {
        await editor.notification(notification).waitFor();
      } else {
        const problems = await eventually(
          () => editor.problems("model.ts"),
          (all) => all.some((one) => message?.test(one.message)),
          patienceMs,
        );
        assert.equal(problems.length, 1);
        if (line !== undefined) assert.equal(problems[0]?.line, line);
        // A run that takes longer than a second shows its progress, which goes away a little after the run has ended.
        const toasts = code.page.locator(".notification-toast").filter({ hasNotText: /Running model\.ts/ });
        assert.deepEqual(await toasts.allInnerTexts(), []);
      }
      await editor.waitForHint("const w = tensor", shows);
    });
  }

  it("shows a name of thousands of characters in one short line, in the tree, too", async () => {
    await code.execute("gradlens.tensors.focus");
    const item = editor.treeItem(/^nnnn/);
    await item.waitFor();
    assert.ok((await item.innerText()).length < 120);
    await code.screenshot("long-name");
    await editor.setText(good);
    await editor.run();
    await editor.waitForHint("const w = tensor", "leaf [2] ‖∇‖ 10.00");
  });

  it("prints a gigabyte, and the console says what it left out", async () => {
    await editor.setText(
      `${good}for (let i = 0; i < 1024; i++) console.log("x".repeat(2 ** 20));\nconsole.log("the end");\n`,
    );
    await staysResponsive(() => editor.run());
    await editor.status(/model\.ts · [\d.]+ m?s/).waitFor();
    await code.execute("gradlens.showConsole");
    const printed = await eventually(
      () => code.evaluate((vscode) => vscode.workspace.textDocuments.map((document) => document.getText()).join("\n")),
      (text) => text.includes("the end\n"),
      patienceMs,
    );
    assert.match(printed, /… [\d.]+ MB of output left out …/);
    await editor.waitForHint("const w = tensor", "leaf [2] ‖∇‖ 10.00");
    await code.execute("workbench.action.closePanel");
  });

  it("is replaced by the next one, of which alone is told", async () => {
    await editor.setText(`${start}for (;;) {}\n`);
    void editor.run();
    await editor.lens("Stop").waitFor();
    await editor.setText(good.replace("[3, 4]", "[6, 8]"));
    await editor.run();
    await editor.waitForHint("const w = tensor", "leaf [2] ‖∇‖ 20.00");
    await editor.status(/model\.ts · [\d.]+ m?s/).waitFor();
    await editor.lens("Run").waitFor();
    assert.deepEqual(await editor.problems("model.ts"), []);
    const toasts = code.page.locator(".notification-toast").filter({ hasNotText: /Running model\.ts/ });
    assert.deepEqual(await toasts.allInnerTexts(), []);
  });

  it("takes the text in the editor although an auto save is at work, during which VS Code begins no other", async () => {
    await code.openFile("model.ts");
    await code.evaluate(async (vscode) => {
      // As a formatter that takes its time.
      const slow = vscode.workspace.onWillSaveTextDocument((event) =>
        event.waitUntil(new Promise((done) => setTimeout(done, 500))),
      );
      Object.assign(globalThis, { slow });
      await vscode.workspace.getConfiguration("files").update("autoSaveDelay", 50, true);
      await vscode.workspace.getConfiguration("files").update("autoSave", "afterDelay", true);
    });
    for (const [scale, waitMs] of [
      [3, 0],
      [4, 50],
      [5, 200],
    ] as const) {
      await editor.setText(good.replace("[3, 4]", `[${3 * scale}, ${4 * scale}]`));
      await sleep(waitMs);
      await editor.run();
      await editor.waitForHint("const w = tensor", `leaf [2] ‖∇‖ ${10 * scale}.00`);
    }
    await code.evaluate(async (vscode) => {
      const { slow } = globalThis as unknown as { slow: { dispose(): void } };
      slow.dispose();
      await vscode.workspace.getConfiguration("files").update("autoSave", "off", true);
    });
  });

  it("does not begin when its text cannot be saved, and says so", async () => {
    writeFileSync(folder.file("unsaved.ts"), good);
    await code.openFile("unsaved.ts");
    await editor.setText(`${good}(await import("node:fs")).writeFileSync("ran", "");\n`);
    rmSync(folder.file("unsaved.ts"));
    mkdirSync(folder.file("unsaved.ts"));
    await editor.run();
    await editor.notification(/unsaved\.ts could not be saved, so it was not run/).waitFor();
    await code.screenshot("unsaved");
    assert.equal(existsSync(folder.file("ran")), false);
    rmSync(folder.file("unsaved.ts"), { recursive: true });
    await code.execute("workbench.action.revertAndCloseActiveEditor");
    await code.execute("notifications.clearAll");
  });

  it("is shown at the new name when its file is renamed, and until its end the last good one", async () => {
    await editor.setText(good);
    await editor.run();
    await editor.waitForHint("const w = tensor", "leaf [2] ‖∇‖ 10.00");
    await editor.setText(waiting.replace("[3, 4]", "[6, 8]"));
    const run = editor.run();
    await editor.lens("Stop").waitFor();
    await code.evaluate(renameFile, folder.file("model.ts"), folder.file("renamed.ts"));
    await code.openFile("renamed.ts");
    await editor.lens("Stop").waitFor();
    assert.match(await editor.treeItem("w").innerText(), /10\.00/);
    writeFileSync(folder.file("go"), "");
    await run;
    await editor.waitForHint("const w = tensor", "leaf [2] ‖∇‖ 20.00");
    await editor.status(/renamed\.ts · [\d.]+ m?s/).waitFor();
    const toasts = code.page.locator(".notification-toast").filter({ hasNotText: /Running/ });
    assert.deepEqual(await toasts.allInnerTexts(), []);
    await code.evaluate(renameFile, folder.file("renamed.ts"), folder.file("model.ts"));
    await code.openFile("model.ts");
    await editor.waitForHint("const w = tensor", "leaf [2] ‖∇‖ 20.00");
  });

  for (const where of ["in the editor", "by another program"] as const) {
    it(`of a file that is deleted ${where} says so, and until its end the last good one is shown`, async () => {
      rmSync(folder.file("go"), { force: true });
      writeFileSync(folder.file("gone.ts"), good);
      await code.openFile("gone.ts");
      await editor.run();
      await editor.waitForHint("const w = tensor", "leaf [2] ‖∇‖ 10.00");
      await editor.setText(waiting.replace("[3, 4]", "[6, 8]"));
      const run = editor.run();
      await editor.lens("Stop").waitFor();
      if (where === "in the editor") await code.evaluate(deleteFile, folder.file("gone.ts"));
      else rmSync(folder.file("gone.ts"));
      await editor.status("gone.ts").waitFor();
      assert.match(await editor.treeItem("w").innerText(), /10\.00/);
      writeFileSync(folder.file("go"), "");
      await run;
      await editor.notification(/gone\.ts was moved or deleted while it ran/).waitFor();
      await editor.treeItem("w").filter({ hasText: "20.00" }).waitFor();
      await code.execute("workbench.action.closeActiveEditor");
    });
  }

  for (const { what, text } of hungry) {
    it(`for ${what} ends at its limit, and the message leads to the limit`, async () => {
      await code.openFile("model.ts");
      await editor.setText(good);
      await editor.run();
      await editor.waitForHint("const w = tensor", "leaf [2] ‖∇‖ 10.00");
      await setMemory(500);
      await editor.setText(start + text);
      await staysResponsive(() => editor.run());
      const told = editor.notification(/more than its limit of 500 MB/);
      await told.getByRole("button", { name: "Change Limit" }).waitFor();
      assert.deepEqual(await editor.problems("model.ts"), []);
      await editor.waitForHint("const w = tensor", "leaf [2] ‖∇‖ 10.00");
      await setMemory(0);
    });
  }

  it("for a file that is deleted says so", async () => {
    await code.openFile("model.ts");
    await editor.setText(good);
    await editor.run();
    rmSync(folder.file("model.ts"));
    await editor.run();
    await editor.status(/model\.ts · (?!\d)/).waitFor();
  });

  it("can be followed by one that does", async () => {
    await code.openFile("01-first-gradient.ts");
    await editor.run();
    await editor.waitForHint("const x = tensor", "‖∇‖ 7.000");
    await editor.status(/01-first-gradient\.ts · [\d.]+ m?s/).waitFor();
  });

  it("ends when it takes longer than its limit, and the message leads to the limit", async () => {
    await code.evaluate((vscode) => vscode.workspace.getConfiguration("gradlens").update("run.timeout", 1, true));
    await code.openFile("02-chain-rule.ts");
    await editor.replace("y.backward();", "for (;;) {}");
    await editor.run();
    await editor
      .notification(/longer than its limit of 1 s/)
      .getByRole("button", { name: "Change Limit" })
      .waitFor();
    await code.screenshot("timeout");
  });

  function setMemory(megabytes: number): Promise<void> {
    return code.evaluate(
      async (vscode, limit) => vscode.workspace.getConfiguration("gradlens").update("run.memory", limit, true),
      megabytes,
    );
  }

  /** Does something while the extension host is asked again and again, which has to answer every time. */
  async function staysResponsive(doing: () => Promise<void>): Promise<void> {
    let isDone = false;
    let longest = 0;
    const done = doing().finally(() => {
      isDone = true;
    });
    while (!isDone) {
      const asked = performance.now();
      await code.evaluate((vscode) => vscode.window.activeTextEditor?.document.lineCount);
      longest = Math.max(longest, performance.now() - asked);
      await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 50))]);
    }
    await done;
    // On a busy machine every answer takes its time; a host that is blocked is so for as long as the program runs.
    assert.ok(longest < 10_000, `no answer for ${longest.toFixed(0)} ms`);
  }
});

const renameFile: InExtensionHost<[string, string], void> = async (vscode, from, to) => {
  const edit = new vscode.WorkspaceEdit();
  edit.renameFile(vscode.Uri.file(from), vscode.Uri.file(to));
  await vscode.workspace.applyEdit(edit);
};

const deleteFile: InExtensionHost<[string], void> = async (vscode, file) => {
  const edit = new vscode.WorkspaceEdit();
  edit.deleteFile(vscode.Uri.file(file));
  await vscode.workspace.applyEdit(edit);
};
