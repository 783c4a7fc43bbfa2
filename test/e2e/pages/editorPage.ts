import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Locator } from "playwright-core";
import type { RealVsCode } from "../../support/realVsCode.ts";

/** A fault or error as it stands in the Problems view. */
export interface ShownProblem {
  readonly line: number;
  readonly message: string;
  readonly severity: "error" | "warning" | "info" | "hint";
  readonly related: readonly number[];
}

/** What a person sees and does around a model in the editor. */
export class EditorPage {
  readonly code: RealVsCode;

  constructor(code: RealVsCode) {
    this.code = code;
  }

  /** Opens a file on the left, so that a panel beside it stays in sight. */
  async open(file: string, line = 1): Promise<void> {
    await this.code.execute("workbench.action.focusFirstEditorGroup");
    await this.code.openFile(file, line);
  }

  /** The line of the cursor in the editor on the left, which need not have the focus. */
  async cursorLine(): Promise<number> {
    return this.code.evaluate((vscode) => {
      const [editor] = vscode.window.visibleTextEditors;
      return (editor?.selection.active.line ?? -1) + 1;
    });
  }

  /** The line on screen that begins like this, with the hints behind it. */
  line(beginning: string): Locator {
    return this.code.page.locator(".editor-instance .view-line", { hasText: beginning }).first();
  }

  /** The text of that line, hints included, with plain spaces. */
  async lineText(beginning: string): Promise<string> {
    const text = await this.line(beginning).innerText();
    return text.replaceAll("\u00A0", " ");
  }

  /** Waits until a line shows a hint, and gives the whole line. */
  async waitForHint(beginning: string, hint: string | RegExp): Promise<string> {
    await this.line(beginning).filter({ hasText: hint }).waitFor();
    return this.lineText(beginning);
  }

  lens(title: string): Locator {
    return this.code.page.locator(".codelens-decoration a", { hasText: title }).first();
  }

  /** The item of the status bar that speaks of a model. */
  status(text: string | RegExp): Locator {
    return this.code.page.locator(".statusbar-item", { hasText: text }).first();
  }

  /** A line of the tensors view. */
  treeItem(text: string | RegExp): Locator {
    return this.code.page.locator(".pane-body .monaco-list-row", { hasText: text }).first();
  }

  notification(text: string | RegExp): Locator {
    return this.code.page.locator(".notification-toast", { hasText: text }).first();
  }

  /** What Gradlens says about a file of the folder. */
  problems(file: string): Promise<ShownProblem[]> {
    return this.code.evaluate((vscode, name) => {
      const severities = ["error", "warning", "info", "hint"] as const;
      return vscode.languages
        .getDiagnostics()
        .filter(([uri]) => uri.path.endsWith(`/${name}`))
        .flatMap(([, diagnostics]) => diagnostics)
        .filter(({ source }) => source === "gradlens")
        .map(({ range, message, severity, relatedInformation }) => ({
          line: range.start.line + 1,
          message,
          severity: severities[severity],
          related: (relatedInformation ?? []).map(({ location }) => location.range.start.line + 1),
        }));
    }, file);
  }

  /** Runs the file in the editor, and waits for the end of the run. */
  async run(): Promise<void> {
    await this.code.execute("gradlens.runModel");
  }

  /** Makes this the whole text of the editor. */
  async setText(text: string): Promise<void> {
    await this.code.evaluate(async (vscode, whole) => {
      const editor = vscode.window.activeTextEditor;
      if (!editor) return;
      const { document } = editor;
      await editor.edit((edit) => edit.replace(new vscode.Range(0, 0, document.lineCount, 0), whole));
    }, text);
  }

  /** Puts a text in place of another in the editor, as typing would. */
  async replace(before: string, after: string): Promise<void> {
    const isDone = await this.code.evaluate(
      async (vscode, wanted, text) => {
        const editor = vscode.window.activeTextEditor;
        const at = editor?.document.getText().indexOf(wanted) ?? -1;
        if (!editor || at < 0) return false;
        const { document } = editor;
        const range = new vscode.Range(document.positionAt(at), document.positionAt(at + wanted.length));
        return editor.edit((edit) => edit.replace(range, text));
      },
      before,
      after,
    );
    assert.ok(isDone, `"${before}" is not in the editor`);
  }
}

/** Asks again and again until the answer is right, and gives it. */
export async function eventually<T>(ask: () => Promise<T>, isRight: (answer: T) => boolean, ms = 10_000): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    if (Date.now() > end) assert.fail(`It stayed at ${JSON.stringify(answer)}.`);
    await sleep(100);
  }
}
