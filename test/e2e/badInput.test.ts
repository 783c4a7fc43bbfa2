import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { builtVsix, RealVsCode } from "../support/realVsCode.ts";
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
}

const programs: readonly BadProgram[] = [
  { what: "a syntax error", text: `${start}const = 1;\n`, line: 3, message: /Expected identifier/ },
  { what: "a module that is missing", text: `${start}import "./nowhere.ts";\n`, line: 3, message: /Cannot find/ },
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
];

/** On a busy machine everything comes late; nothing here is about how soon. */
const patienceMs = 60_000;

describe("a run that cannot go well", function () {
  this.timeout(3 * patienceMs);
  let folder: ModelFolder;
  let code: RealVsCode;
  let editor: EditorPage;

  before(async () => {
    folder = new ModelFolder({ "model.ts": good });
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

  for (const { what, text, line, message, notification } of programs) {
    it(`for ${what} ends in one clear message, with the last good run still on screen`, async () => {
      await editor.setText(text);
      await editor.run();
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
      await editor.waitForHint("const w = tensor", "leaf [2] ‖∇‖ 10.00");
    });
  }

  it("for a file that is deleted says so", async () => {
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
    await editor.status(/01-first-gradient\.ts · [\d.]+ ms/).waitFor();
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
});
