import { globSync } from "node:fs";
import { createServer, type Server } from "node:http";
import path from "node:path";
import * as esbuild from "esbuild";
import type { Browser, Page } from "playwright-core";
import { panelPage } from "../../../extension/panels/panelPage.ts";
import { serveContract } from "../../../extension/panels/rpcHost.ts";
import { root } from "../../../scripts/project.ts";
import type { Contract, Handlers, MethodsOf, Senders } from "../../../webview/protocol/contract.ts";
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
export interface OpenPanel<Events extends MethodsOf<Events> = GraphEvents> {
  readonly page: Page;
  readonly send: Senders<Events>;
  /** Violations of the content security policy and errors of the page; empty when all is well. */
  readonly complaints: string[];
  /** What the page last gave VS Code to keep. */
  keptState(): Promise<unknown>;
  close(): Promise<void>;
}

type GraphHandlers = Handlers<GraphRequests, AbortSignal>;

/** A panel as a test opens it: its contract, and what answers requests that the test does not care about. */
export interface TestedPanel<Requests extends MethodsOf<Requests>, Events extends MethodsOf<Events>> {
  readonly contract: Contract<Requests, Events>;
  readonly unanswered: Handlers<Requests, AbortSignal>;
  /** `layoutWorker` where the panel starts one. */
  readonly worker?: string;
}

/** The real bundles in a real browser, served with the page and the security policy that VS Code would get. */
export class PanelBrowser {
  readonly #browser: Browser;
  readonly #server: Server;
  readonly #origin: string;
  #theme: ThemeName = "dark";
  #hasWorker = true;
  #served: { readonly name: string; readonly worker: string | undefined } = { name: "graph", worker: undefined };

  static async start(): Promise<PanelBrowser> {
    const bundle = await buildPanels();
    const browser = await launchBrowser();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new PanelBrowser(browser, server, bundle);
  }

  private constructor(browser: Browser, server: Server, bundle: Files) {
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

  /** Opens the graph panel. */
  open(handlers: Partial<GraphHandlers>, options: OpenOptions = {}): Promise<OpenPanel> {
    return this.openPanel(graphTested, handlers, options);
  }

  /** Opens any panel. */
  async openPanel<Requests extends MethodsOf<Requests>, Events extends MethodsOf<Events>>(
    tested: TestedPanel<Requests, Events>,
    handlers: Partial<Handlers<Requests, AbortSignal>>,
    options: OpenOptions = {},
  ): Promise<OpenPanel<Events>> {
    this.#served = { name: tested.contract.panel, worker: tested.worker };
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
    const host = await connectHost(page, tested, handlers, options.state ?? null);
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

  #file(pathname: string, bundle: Files): [type: string, body: string | Uint8Array | null] {
    if (pathname === "/") return ["text/html; charset=utf-8", this.#page()];
    if (pathname === "/favicon.ico") return ["image/x-icon", ""];
    if (pathname === "/theme.css") return ["text/css", themeCss(this.#theme)];
    const body = bundle.get(path.basename(pathname)) ?? null;
    return [body === null ? "text/plain" : typeOf(pathname), body];
  }

  #page(): string {
    const { name, worker } = this.#served;
    const workerFile = this.#hasWorker ? `${name}.${worker}.js` : "missing.js";
    const html = panelPage({
      title: name,
      nonce: "dGVzdA",
      cspSource: this.#origin,
      script: `${this.#origin}/${name}.js`,
      style: `${this.#origin}/${name}.css`,
      worker: worker === undefined ? null : `${this.#origin}/${workerFile}`,
    });
    return html
      .replace("<body>", `<body class="${themes[this.#theme].bodyClass}">`)
      .replace("<link ", `<link rel="stylesheet" nonce="dGVzdA" href="${this.#origin}/theme.css"><link `);
  }
}

/** Brings a message into the page as VS Code does: as JSON, with typed arrays beside it, byte by byte. */
async function deliver(page: Page, message: unknown): Promise<void> {
  const columns: { type: string; bytes: string }[] = [];
  const text = JSON.stringify(message, (_, value: unknown) => {
    if (!ArrayBuffer.isView(value)) return value;
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");
    return { $column: columns.push({ type: value.constructor.name, bytes }) - 1 };
  });
  for (const column of columns) {
    await page.evaluate(({ type, bytes }) => {
      const scope = globalThis as unknown as { arrived?: unknown[] } & Record<
        string,
        new (
          buffer: ArrayBuffer,
        ) => unknown
      >;
      const Column = scope[type];
      scope.arrived ??= [];
      const bytesOf = Uint8Array as unknown as { fromBase64(text: string): Uint8Array<ArrayBuffer> };
      if (Column) scope.arrived.push(new Column(bytesOf.fromBase64(bytes).buffer));
    }, column);
  }
  await page.evaluate((json) => {
    const scope = globalThis as unknown as { arrived?: unknown[]; postedAt?: number };
    const arrived = scope.arrived ?? [];
    delete scope.arrived;
    const message: unknown = JSON.parse(json, (_, value) =>
      value?.$column === undefined ? value : arrived[value.$column],
    );
    scope.postedAt = performance.now();
    window.postMessage(message, "*");
  }, text);
}

/** Puts `acquireVsCodeApi` into the page and the extension's own message handling behind it; messages cross as in VS Code. */
async function connectHost<Requests extends MethodsOf<Requests>, Events extends MethodsOf<Events>>(
  page: Page,
  { contract, unanswered }: TestedPanel<Requests, Events>,
  handlers: Partial<Handlers<Requests, AbortSignal>>,
  state: unknown,
) {
  const listeners = new Set<(data: unknown) => void>();
  // One after the other, as VS Code posts them: a message comes in parts, and the parts of two must not mix.
  let delivered = Promise.resolve();
  const host = serveContract(
    contract,
    {
      onDidReceiveMessage(listener) {
        const receive = (data: unknown): void => {
          listener(data);
        };
        listeners.add(receive);
        return { dispose: () => listeners.delete(receive) };
      },
      async postMessage(message) {
        delivered = delivered.then(() => deliver(page, message)).catch(() => {});
        await delivered;
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

/** The graph panel; handlers of a test that does not care. */
const graphTested: TestedPanel<GraphRequests, GraphEvents> = {
  contract: graphPanel,
  worker: "layoutWorker",
  unanswered: {
    loadGraph: () => ({ kind: "empty", reason: "No test answered.", action: null }),
    revealSource: () => {},
    saveFile: () => null,
    runModel: () => {},
  },
};

type Files = ReadonlyMap<string, Uint8Array>;

let built: Promise<Files> | undefined;

/** The panels as scripts/bundle.ts builds them, by their files' names: once in a process, and in no folder, where others would write meanwhile. */
function buildPanels(): Promise<Files> {
  built ??= esbuild
    .build({ ...panelBuild("nowhere"), write: false })
    .then(({ outputFiles }) => new Map(outputFiles.map((file) => [path.basename(file.path), file.contents])));
  return built;
}

/** How the panels are built. */
export function panelBuild(outdir: string) {
  const sources = (pattern: string) => globSync(pattern, { cwd: root }).map((file) => file.replaceAll(path.sep, "/"));
  const panelOf = (source: string) => path.basename(path.dirname(source));
  return {
    absWorkingDir: root,
    entryPoints: [
      ...sources("webview/*/main.{ts,tsx}").map((source) => ({ in: source, out: panelOf(source) })),
      ...sources("webview/*/*Worker.ts").map((source) => {
        return { in: source, out: `${panelOf(source)}.${path.basename(source, ".ts")}` };
      }),
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
