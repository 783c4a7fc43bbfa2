import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { type Browser, chromium, type FrameLocator, type Page } from "playwright-core";
import { browserArguments, setUpBrowser } from "../../scripts/browser.ts";
import { inProject } from "../../scripts/project.ts";
import { setUpVsCode } from "../../scripts/realVsCode.ts";
import { thisTarget } from "../../scripts/vsix.ts";
import { socketVariable } from "../e2e/remote/protocol.ts";
import { type InExtensionHost, installRemote, Remote } from "./remote.ts";

/** The themes that everything on screen is looked at in: what VS Code calls each, and the class its window has then. */
const themes = {
  dark: { name: "Default Dark Modern", windowClass: "vs-dark" },
  light: { name: "Default Light Modern", windowClass: "vs" },
  "high-contrast": { name: "Default High Contrast", windowClass: "hc-black" },
  "high-contrast-light": { name: "Default High Contrast Light", windowClass: "hc-light" },
} as const;

export type Theme = keyof typeof themes;
export const themeNames = Object.keys(themes) as readonly Theme[];

export interface StartOptions {
  /** The folder to open. A test that writes gives a copy. */
  readonly folder: string;
  readonly theme?: Theme;
  /** A VSIX to install first; without one the product is not there. */
  readonly vsix?: string;
  /** True to have VS Code ask whether the folder is trusted, which starts it in Restricted Mode. */
  readonly askForTrust?: boolean;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** The VSIX that `npm run package` and `npm test` make for this system. */
export function builtVsix(): string {
  const { version } = JSON.parse(readFileSync(inProject("package.json"), "utf8"));
  return inProject(`gradlens-${thisTarget}-${version}.vsix`);
}

/** A VS Code with its real extension host, nothing in it from before, seen through a browser. */
export class RealVsCode {
  readonly page: Page;
  /** Where a person's own browser finds it. */
  readonly url: string;
  /** What a content security policy refused, in any frame; a test that opens a panel looks that this stays empty. */
  readonly policyViolations: string[] = [];
  readonly #browser: Browser;
  readonly #server: Server;
  readonly #remote: Remote;
  #theme: Theme;

  private constructor(server: Server, browser: Browser, page: Page, remote: Remote, theme: Theme) {
    this.#server = server;
    this.#browser = browser;
    this.#remote = remote;
    this.#theme = theme;
    this.page = page;
    this.url = server.url;
    page.on("console", (message) => {
      if (/Content Security Policy/i.test(message.text())) this.policyViolations.push(message.text());
    });
  }

  /** Starts VS Code on a folder and waits until its extension host runs. Whoever starts it stops it. */
  static async start(options: StartOptions): Promise<RealVsCode> {
    const { theme = "dark", viewport = { width: 1440, height: 900 } } = options;
    const executablePath = await setUpBrowser();
    const server = await Server.start(options, theme);
    let browser: Browser | undefined;
    try {
      browser = await chromium.launch({ executablePath, args: [...browserArguments] });
      const page = await browser.newPage({ viewport });
      await page.goto(server.url);
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

  /** The content of the webview that is to be seen; it sits two frames deep. */
  webview(): FrameLocator {
    return this.page.locator("iframe.webview.ready:visible").last().contentFrame().frameLocator("iframe");
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
  }

  /** Keeps a picture of the window in test/e2e/.shots, in a folder for the theme. */
  async screenshot(name: string): Promise<string> {
    const file = inProject("test", "e2e", ".shots", this.#theme, `${name}.png`);
    mkdirSync(path.dirname(file), { recursive: true });
    await this.page.screenshot({ path: file });
    return file;
  }

  /** The same in each theme; the window stays in the one it had. */
  async screenshotInAllThemes(name: string): Promise<void> {
    const before = this.#theme;
    for (const theme of themeNames) {
      await this.useTheme(theme);
      await this.screenshot(name);
    }
    await this.useTheme(before);
  }

  /** Ends VS Code and the browser and removes everything they wrote. */
  async stop(): Promise<void> {
    this.#remote.close();
    await this.#browser.close();
    await this.#server.stop();
  }
}

/** The VS Code server: its folders, its process and what it prints. */
class Server {
  readonly folder: string;
  readonly url: string;
  readonly socketPath: string;
  readonly #home: string;
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #printed: string[] = [];
  readonly #killAtExit = () => this.#kill("SIGKILL");

  private constructor(home: string, folder: string, port: number, started: ChildProcess) {
    this.#home = home;
    this.folder = folder;
    this.url = `http://127.0.0.1:${port}/?folder=${encodeURIComponent(folder)}`;
    this.socketPath = path.join(home, "remote.sock");
    this.#process = started;
    this.#exited = new Promise((resolve) => started.once("exit", resolve));
    for (const stream of [started.stdout, started.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => this.#printed.push(text));
    }
    process.once("exit", this.#killAtExit);
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, exitNow);
  }

  static async start(options: StartOptions, theme: Theme): Promise<Server> {
    const entry = await setUpVsCode();
    const folder = realpathSync(options.folder);
    // Short, because the path of a socket may have about a hundred characters.
    const home = mkdtempSync(path.join(os.tmpdir(), "gradlens-"));
    writeSettings(home, { "workbench.colorTheme": themes[theme].name, ...options.settings });

    const extensions = path.join(home, "extensions");
    const common = ["--user-data-dir", path.join(home, "data"), "--extensions-dir", extensions];
    const quiet = ["--config", path.join(home, "config.yaml"), "--disable-telemetry", "--disable-update-check"];
    const env = {
      ...process.env,
      XDG_CONFIG_HOME: path.join(home, "config"),
      XDG_DATA_HOME: path.join(home, "share"),
      [socketVariable]: path.join(home, "remote.sock"),
    };
    if (options.vsix !== undefined) {
      await promisify(execFile)(process.execPath, [entry, ...common, ...quiet, "--install-extension", options.vsix], {
        env,
      });
    }
    await installRemote(extensions);
    // VS Code looks through the folder again when its list is gone.
    rmSync(path.join(extensions, "extensions.json"), { force: true });

    const port = await freePort();
    const address = ["--auth", "none", "--bind-addr", `127.0.0.1:${port}`];
    const trust = options.askForTrust ? [] : ["--disable-workspace-trust"];
    // In a process group of its own, so that its extension hosts end with it.
    const started = spawn(process.execPath, [entry, ...common, ...quiet, ...address, ...trust, folder], {
      env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const server = new Server(home, folder, port, started);
    await server.#answers();
    return server;
  }

  log(): string {
    return this.#printed.join("").slice(-4000);
  }

  async stop(): Promise<void> {
    process.off("exit", this.#killAtExit);
    this.#kill("SIGTERM");
    const timer = setTimeout(() => this.#kill("SIGKILL"), 3000);
    await this.#exited;
    clearTimeout(timer);
    this.#kill("SIGKILL");
    rmSync(this.#home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  async #answers(): Promise<void> {
    const end = Date.now() + 60_000;
    while (Date.now() < end && this.#process.exitCode === null) {
      const response = await fetch(this.url).catch(() => undefined);
      if (response?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await this.stop();
    throw new Error(`VS Code's server did not start.\n${this.log()}`);
  }

  #kill(signal: NodeJS.Signals): void {
    try {
      if (this.#process.pid !== undefined) process.kill(-this.#process.pid, signal);
    } catch {
      // The group is gone already.
    }
  }
}

function exitNow(): void {
  process.exit(1);
}

function writeSettings(home: string, settings: Readonly<Record<string, unknown>>): void {
  const folder = path.join(home, "data", "User");
  mkdirSync(folder, { recursive: true });
  const quietWindow = {
    "workbench.startupEditor": "none",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.tips.enabled": false,
    "chat.disableAIFeatures": true,
    "extensions.autoCheckUpdates": false,
    "extensions.ignoreRecommendations": true,
    "git.enabled": false,
    "telemetry.telemetryLevel": "off",
  };
  writeFileSync(path.join(folder, "settings.json"), JSON.stringify({ ...quietWindow, ...settings }, null, 2));
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert.ok(address !== null && typeof address === "object");
  return address.port;
}
