import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import path from "node:path";
import * as esbuild from "esbuild";
import type { Browser, Page } from "playwright-core";
import { panelPage } from "../../../extension/panels/panelPage.ts";
import { serveContract } from "../../../extension/panels/rpcHost.ts";
import { inCache, root } from "../../../scripts/project.ts";
import type { Handlers, Senders } from "../../../webview/protocol/contract.ts";
import { type GraphEvents, type GraphRequests, graphPanel } from "../../../webview/protocol/graph.ts";
import { launchBrowser } from "../../support/browser.ts";
import { type ThemeName, themeCss, themes } from "./themes.ts";

/** How a test opens the panel. */
export interface OpenOptions {
  readonly theme?: ThemeName;
  readonly width?: number;
  readonly height?: number;
  readonly reducedMotion?: boolean;
  /** What VS Code kept of an earlier page. */
  readonly state?: unknown;
  /** False to let the page find no worker. */
  readonly hasWorker?: boolean;
}

/** A panel open in the browser, and the extension's end of its conversation. */
export interface OpenPanel {
  readonly page: Page;
  readonly send: Senders<GraphEvents>;
  /** Violations of the content security policy and errors of the page; empty when all is well. */
  readonly complaints: string[];
  /** What the page last gave VS Code to keep. */
  keptState(): Promise<unknown>;
  close(): Promise<void>;
}

type GraphHandlers = Handlers<GraphRequests, AbortSignal>;

/** The real bundle in a real browser, served with the page and the security policy that VS Code would get. */
export class PanelBrowser {
  readonly #browser: Browser;
  readonly #server: Server;
  readonly #origin: string;
  #theme: ThemeName = "dark";
  #hasWorker = true;

  static async start(): Promise<PanelBrowser> {
    const bundle = await buildPanel();
    const browser = await launchBrowser();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new PanelBrowser(browser, server, bundle);
  }

  private constructor(browser: Browser, server: Server, bundle: string) {
    this.#browser = browser;
    this.#server = server;
    const address = server.address();
    this.#origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
    server.on("request", (request, response) => {
      const { pathname } = new URL(request.url ?? "/", this.#origin);
      const [type, body] = this.#file(pathname, bundle);
      response.writeHead(body === null ? 404 : 200, { "content-type": type }).end(body ?? "");
    });
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async open(handlers: Partial<GraphHandlers>, options: OpenOptions = {}): Promise<OpenPanel> {
    this.#theme = options.theme ?? "dark";
    this.#hasWorker = options.hasWorker ?? true;
    const context = await this.#browser.newContext({
      viewport: { width: options.width ?? 1100, height: options.height ?? 760 },
      reducedMotion: options.reducedMotion ? "reduce" : "no-preference",
    });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(`console: ${message.text()}`);
    });
    const host = await connectHost(page, handlers, options.state ?? null);
    await page.goto(`${this.#origin}/`);
    return {
      page,
      send: host.send,
      complaints,
      keptState: () => page.evaluate(() => (globalThis as unknown as { keptState: unknown }).keptState),
      close: async () => {
        host.dispose();
        await context.close();
      },
    };
  }

  #file(pathname: string, bundle: string): [type: string, body: string | Buffer | null] {
    if (pathname === "/") return ["text/html; charset=utf-8", this.#page()];
    if (pathname === "/favicon.ico") return ["image/x-icon", ""];
    if (pathname === "/theme.css") return ["text/css", themeCss(this.#theme)];
    try {
      return [typeOf(pathname), readFileSync(path.join(bundle, path.basename(pathname)))];
    } catch {
      return ["text/plain", null];
    }
  }

  #page(): string {
    const html = panelPage({
      title: "Graph",
      nonce: "dGVzdA",
      cspSource: this.#origin,
      script: `${this.#origin}/graph.js`,
      style: `${this.#origin}/graph.css`,
      worker: `${this.#origin}/${this.#hasWorker ? "graph.layoutWorker.js" : "missing.js"}`,
    });
    return html
      .replace("<body>", `<body class="${themes[this.#theme].bodyClass}">`)
      .replace("<link ", `<link rel="stylesheet" nonce="dGVzdA" href="${this.#origin}/theme.css"><link `);
  }
}

/** Puts `acquireVsCodeApi` into the page and the extension's own message handling behind it; messages cross as JSON, as in VS Code. */
async function connectHost(page: Page, handlers: Partial<GraphHandlers>, state: unknown) {
  const listeners = new Set<(data: unknown) => void>();
  const host = serveContract(
    graphPanel,
    {
      onDidReceiveMessage(listener) {
        const receive = (data: unknown): void => {
          listener(data);
        };
        listeners.add(receive);
        return { dispose: () => listeners.delete(receive) };
      },
      async postMessage(message) {
        await page
          .evaluate((text) => window.postMessage(JSON.parse(text), "*"), JSON.stringify(message))
          .catch(() => {});
        return true;
      },
    },
    { ...unanswered, ...handlers },
  );
  await page.exposeFunction("sendToHost", (text: string) => {
    for (const listener of listeners) listener(JSON.parse(text));
  });
  await page.addInitScript((kept) => {
    const scope = globalThis as unknown as Record<string, unknown> & { sendToHost(text: string): void };
    scope["keptState"] = kept;
    scope["acquireVsCodeApi"] = () => ({
      postMessage: (message: unknown) => scope.sendToHost(JSON.stringify(message)),
      getState: () => scope["keptState"],
      setState: (next: unknown) => {
        scope["keptState"] = next;
      },
    });
  }, state);
  return host;
}

/** Handlers of a test that does not care. */
const unanswered: GraphHandlers = {
  loadGraph: () => ({ kind: "empty", reason: "No test answered.", action: null }),
  revealSource: () => {},
  saveFile: () => null,
  runModel: () => {},
};

/** Builds the panel as scripts/bundle.ts does, into a folder of the tests. */
async function buildPanel(): Promise<string> {
  const outdir = inCache("webview-test");
  await esbuild.build(panelBuild(outdir));
  return outdir;
}

/** How the panel is built. */
export function panelBuild(outdir: string) {
  return {
    absWorkingDir: root,
    entryPoints: [
      { in: "webview/graph/main.tsx", out: "graph" },
      { in: "webview/graph/layoutWorker.ts", out: "graph.layoutWorker" },
    ],
    outdir,
    bundle: true,
    platform: "browser",
    format: "iife",
    target: "chrome138",
    jsx: "automatic",
    jsxImportSource: "preact",
    loader: { ".ttf": "file" },
    assetNames: "[name]",
    minify: true,
    metafile: true,
    logLevel: "error",
  } satisfies esbuild.BuildOptions;
}

function typeOf(file: string): string {
  if (file.endsWith(".js")) return "text/javascript";
  if (file.endsWith(".css")) return "text/css";
  return "font/ttf";
}
