import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { setUpVsCode } from "../../scripts/realVsCode.ts";
import { socketVariable } from "../e2e/remote/protocol.ts";
import { installRemote } from "./remote.ts";

/** The themes that everything on screen is looked at in: what VS Code calls each, and the class its window has then. */
export const themes = {
  dark: { name: "Default Dark Modern", windowClass: "vs-dark" },
  light: { name: "Default Light Modern", windowClass: "vs" },
  "high-contrast": { name: "Default High Contrast", windowClass: "hc-black" },
  "high-contrast-light": { name: "Default High Contrast Light", windowClass: "hc-light" },
} as const;

export type Theme = keyof typeof themes;
export const themeNames = Object.keys(themes) as readonly Theme[];

export interface ServerOptions {
  /** The folder to open. A test that writes gives a copy. */
  readonly folder: string;
  readonly theme?: Theme;
  /** A VSIX to install first; without one the product is not there. */
  readonly vsix?: string;
  /** True to have VS Code ask whether the folder is trusted, which starts it in Restricted Mode. */
  readonly askForTrust?: boolean;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** True to install the test-only extension that takes functions to run. */
  readonly remote?: boolean;
}

/** The VS Code server with nothing in it from before: its folders, its process and what it prints. */
export class VsCodeServer {
  readonly folder: string;
  readonly url: string;
  readonly socketPath: string;
  readonly #home: string;
  readonly #process: ChildProcess;
  /** Settles when the server has ended, whoever ended it. */
  readonly ended: Promise<unknown>;
  readonly #printed: string[] = [];
  readonly #endAtExit = () => {
    this.#kill("SIGKILL");
    rmSync(this.#home, { recursive: true, force: true });
  };

  private constructor(home: string, folder: string, port: number, started: ChildProcess) {
    this.#home = home;
    this.folder = folder;
    this.url = `http://127.0.0.1:${port}/?folder=${encodeURIComponent(folder)}`;
    this.socketPath = path.join(home, "remote.sock");
    this.#process = started;
    this.ended = new Promise((resolve) => started.once("exit", resolve));
    for (const stream of [started.stdout, started.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => this.#printed.push(text));
    }
    process.once("exit", this.#endAtExit);
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, exitNow).once(signal, exitNow);
  }

  static async start(options: ServerOptions): Promise<VsCodeServer> {
    const { theme = "dark" } = options;
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
    if (options.vsix !== undefined) cpSync(await installed(entry, options.vsix), extensions, { recursive: true });
    if (options.remote) await installRemote(extensions);
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
    const server = new VsCodeServer(home, folder, port, started);
    await server.#answers();
    return server;
  }

  log(): string {
    return this.#printed.join("").slice(-4000);
  }

  async stop(): Promise<void> {
    process.off("exit", this.#endAtExit);
    this.#kill("SIGTERM");
    const timer = setTimeout(() => this.#kill("SIGKILL"), 3000);
    await this.ended;
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

/** Exits in the way that runs the exit handlers, which a signal left to itself does not. */
function exitNow(): void {
  process.exit(130);
}

/** What VS Code made of a VSIX, by its path: it installs each once, for all windows of a process. */
const installations = new Map<string, Promise<string>>();

/** The folder of extensions with a VSIX in it. */
function installed(entry: string, vsix: string): Promise<string> {
  const known = installations.get(vsix) ?? install(entry, vsix);
  installations.set(vsix, known);
  return known;
}

async function install(entry: string, vsix: string): Promise<string> {
  const home = mkdtempSync(path.join(os.tmpdir(), "gradlens-installed-"));
  process.once("exit", () => rmSync(home, { recursive: true, force: true }));
  const extensions = path.join(home, "extensions");
  const folders = ["--user-data-dir", path.join(home, "data"), "--extensions-dir", extensions];
  const quiet = ["--config", path.join(home, "config.yaml"), "--disable-telemetry", "--disable-update-check"];
  const env = { ...process.env, XDG_CONFIG_HOME: path.join(home, "config"), XDG_DATA_HOME: path.join(home, "share") };
  await promisify(execFile)(process.execPath, [entry, ...folders, ...quiet, "--install-extension", vsix], { env });
  return extensions;
}

function writeSettings(home: string, settings: Readonly<Record<string, unknown>>): void {
  const folder = path.join(home, "data", "User");
  mkdirSync(folder, { recursive: true });
  const quietWindow = {
    "workbench.startupEditor": "none",
    "workbench.reduceMotion": "on",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.tips.enabled": false,
    "editor.cursorBlinking": "solid",
    "chat.disableAIFeatures": true,
    "extensions.autoCheckUpdates": false,
    "extensions.ignoreRecommendations": true,
    "git.enabled": false,
    "telemetry.telemetryLevel": "off",
    // One server for TypeScript instead of three processes.
    "typescript.tsserver.useSyntaxServer": "never",
    "typescript.disableAutomaticTypeAcquisition": true,
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
