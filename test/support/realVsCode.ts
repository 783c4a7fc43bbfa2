import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Browser, FrameLocator, Page } from "playwright-core";

import { inProject } from "../../scripts/project.ts";
import { thisTarget } from "../../scripts/vsix.ts";
import { launchBrowser } from "./browser.ts";
import { type ServerOptions, type Theme, themes, VsCodeServer } from "./realVsCodeServer.ts";
import { type InExtensionHost, Remote } from "./remote.ts";

export interface StartOptions extends Omit<ServerOptions, "remote"> {
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** The VSIX that `npm run package` and `npm test` make for this system. */
export function builtVsix(): string {
  const { version } = JSON.parse(readFileSync(inProject("package.json"), "utf8"));
  return inProject(`gradlens-${thisTarget}-${version}.vsix`);
}

const pictureThemes: readonly Theme[] = ["dark", "light", "high-contrast"];

const running = new Set<RealVsCode>();

/** A VS Code with its real extension host, nothing in it from before, seen through a browser. */
export class RealVsCode {
  /** Those that are started and not yet stopped. */
  static readonly running: ReadonlySet<RealVsCode> = running;
  readonly page: Page;
  /** Where a person's own browser finds it. */
  readonly url: string;
  /** What a content security policy refused, in any frame; a test that opens a panel looks that this stays empty. */
  readonly policyViolations: string[] = [];
  readonly #browser: Browser;
  readonly #server: VsCodeServer;
  readonly #remote: Remote;
  #theme: Theme;

  private constructor(server: VsCodeServer, browser: Browser, page: Page, remote: Remote, theme: Theme) {
    this.#server = server;
    this.#browser = browser;
    this.#remote = remote;
    this.#theme = theme;
    this.page = page;
    this.url = server.url;
    running.add(this);
    page.on("console", (message) => {
      if (/Content Security Policy/i.test(message.text())) this.policyViolations.push(message.text());
    });
  }

  /** Starts VS Code on a folder and waits until its extension host runs. Whoever starts it stops it. */
  static async start(options: StartOptions): Promise<RealVsCode> {
    const { theme = "dark", viewport = { width: 1440, height: 900 } } = options;
    const server = await VsCodeServer.start({ ...options, theme, remote: true });
    let browser: Browser | undefined;
    try {
      browser = await launchBrowser();
      const page = await browser.newPage({ viewport });
      await page.goto(server.url, { timeout: 60_000 });
      await page.locator(".monaco-workbench").waitFor({ timeout: 60_000 });
      const remote = await Remote.connect(server.socketPath, 60_000);
      return new RealVsCode(server, browser, page, remote, theme);
    } catch (error) {
      await browser?.close();
      await server.stop();
      throw new Error(`VS Code did not start.\n${server.log()}`, { cause: error });
    }
  }

  /** Runs a function in the extension host: `evaluate((vscode, uri) => …, uri)`. */
  evaluate<Values extends unknown[], Result>(
    call: InExtensionHost<Values, Result>,
    ...values: Values
  ): Promise<Awaited<Result>> {
    return this.#remote.evaluate(call, ...values);
  }

  /** Runs a command by its id, and gives what it returns. */
  execute(command: string, ...values: unknown[]): Promise<unknown> {
    return this.evaluate((vscode, id, given) => vscode.commands.executeCommand(id, ...given), command, values);
  }

  /** Runs a command as a person would: by its title in the palette. */
  async runFromPalette(title: string): Promise<void> {
    await this.page.keyboard.press("F1");
    const input = this.page.locator(".quick-input-widget input[type=text]");
    await input.fill(`>${title}`);
    const first = this.page.locator(".quick-input-list .monaco-list-row").first();
    await first
      .getByText(title.split(": ").at(-1) ?? title)
      .first()
      .waitFor();
    await input.press("Enter");
    await this.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
  }

  /** Opens a file of the folder in an editor, with the cursor at the start of a line that counts from 1. */
  async openFile(file: string, line = 1): Promise<void> {
    await this.evaluate(
      async (vscode, fullPath, at) => {
        const document = await vscode.workspace.openTextDocument(fullPath);
        const editor = await vscode.window.showTextDocument(document, { preview: false });
        const position = new vscode.Position(at - 1, 0);
        editor.selection = new vscode.Selection(position, position);
        editor.revealRange(new vscode.Range(position, position));
      },
      path.join(this.#server.folder, file),
      line,
    );
    await this.page.locator(".monaco-editor .view-line").first().waitFor();
  }

  /** Where the cursor is: the file, relative to the folder, and the line, counted from 1. */
  cursor(): Promise<{ file: string; line: number } | undefined> {
    return this.evaluate((vscode) => {
      const editor = vscode.window.activeTextEditor;
      if (!editor) return undefined;
      return {
        file: vscode.workspace.asRelativePath(editor.document.uri),
        line: editor.selection.active.line + 1,
      };
    });
  }

  /** The content of a webview that is to be seen, the last one if not told which; it sits two frames deep. */
  webview(index = -1): FrameLocator {
    return this.page.locator("iframe.webview.ready:visible").nth(index).contentFrame().frameLocator("iframe");
  }

  /** Changes the colour theme, as a person can at any time. */
  async useTheme(theme: Theme): Promise<void> {
    this.#theme = theme;
    const { name, windowClass } = themes[theme];
    await this.evaluate(async (vscode, value) => {
      const settings = vscode.workspace.getConfiguration("workbench");
      await settings.update("colorTheme", value, vscode.ConfigurationTarget.Global);
    }, name);
    await this.page.locator(`.monaco-workbench.${windowClass}`).waitFor();
    // Colours fade from one theme to the next.
    await this.page.waitForTimeout(400);
  }

  /** Keeps a picture of the window in test/e2e/.shots, in a folder for the theme. */
  async screenshot(name: string): Promise<string> {
    const file = inProject("test", "e2e", ".shots", this.#theme, `${name}.png`);
    mkdirSync(path.dirname(file), { recursive: true });
    await this.page.screenshot({ path: file });
    return file;
  }

  /** The same in dark, light and high contrast, beginning with the theme that the window has; it stays in the last. Panels' own tests have all four. */
  async screenshotInAllThemes(name: string): Promise<void> {
    // Trees and panels follow a moment after what a test has waited for.
    await this.page.waitForTimeout(400);
    await this.screenshot(name);
    for (const theme of pictureThemes.filter((other) => other !== this.#theme)) {
      await this.useTheme(theme);
      await this.screenshot(name);
    }
  }

  /** Ends VS Code and the browser and removes everything they wrote. */
  async stop(): Promise<void> {
    running.delete(this);
    this.#remote.close();
    await this.#browser.close();
    await this.#server.stop();
  }
}
