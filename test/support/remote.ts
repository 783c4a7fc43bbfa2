import { mkdirSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import readline from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import * as esbuild from "esbuild";
import type { RemoteAnswer, RemoteCall } from "../e2e/remote/protocol.ts";

const manifest = {
  name: "remote",
  publisher: "gradlens-test",
  version: "0.0.1",
  engines: { vscode: "^1.104.0" },
  main: "./extension.js",
  activationEvents: ["*"],
  extensionKind: ["workspace"],
  capabilities: { untrustedWorkspaces: { supported: true } },
};

type VsCodeApi = typeof import("vscode");

/** A function that runs in the extension host. It travels as text, so it can use its arguments and nothing else from the test. */
export type InExtensionHost<Values extends unknown[], Result> = (
  vscode: VsCodeApi,
  ...values: Values
) => Result | PromiseLike<Result>;

/** Puts the test-only extension into an extensions folder, unpacked. */
export async function installRemote(extensionsFolder: string): Promise<void> {
  const folder = path.join(extensionsFolder, `${manifest.publisher}.${manifest.name}-${manifest.version}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "package.json"), JSON.stringify(manifest));
  await esbuild.build({
    entryPoints: [path.join(import.meta.dirname, "..", "e2e", "remote", "extension.ts")],
    outfile: path.join(folder, "extension.js"),
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["vscode"],
    logLevel: "warning",
  });
}

/** The test's end of the line to the extension host. */
export class Remote {
  readonly #socket: net.Socket;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #lastId = 0;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    readline.createInterface({ input: socket }).on("line", (line) => this.#take(JSON.parse(line)));
    socket.on("close", () => this.#giveUp());
    socket.on("error", () => this.#giveUp());
  }

  /** Waits for the extension host to listen. */
  static async connect(socketPath: string, timeout: number): Promise<Remote> {
    const end = Date.now() + timeout;
    for (;;) {
      const socket = await tryToConnect(socketPath);
      if (socket) return new Remote(socket);
      if (Date.now() > end) throw new Error(`The extension host did not start within ${timeout / 1000} s.`);
      await sleep(100);
    }
  }

  /** Runs a function in the extension host and gives its answer, which has to be plain data. */
  evaluate<Values extends unknown[], Result>(
    call: InExtensionHost<Values, Result>,
    ...values: Values
  ): Promise<Awaited<Result>> {
    const id = ++this.#lastId;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    const message: RemoteCall = { id, source: call.toString(), values };
    this.#socket.write(`${JSON.stringify(message)}\n`);
    return waiting.promise as Promise<Awaited<Result>>;
  }

  close(): void {
    this.#socket.destroy();
  }

  #take({ id, value, error }: RemoteAnswer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(new Error(`In the extension host: ${error}`));
  }

  #giveUp(): void {
    for (const waiting of this.#waiting.values()) waiting.reject(new Error("The extension host is gone."));
    this.#waiting.clear();
  }
}

function tryToConnect(socketPath: string): Promise<net.Socket | undefined> {
  const { promise, resolve } = Promise.withResolvers<net.Socket | undefined>();
  const socket = net.connect(socketPath);
  socket.once("connect", () => resolve(socket));
  socket.once("error", () => resolve(undefined));
  return promise;
}
