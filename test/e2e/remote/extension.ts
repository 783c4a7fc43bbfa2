// Installed beside the product in tests only: runs functions that a test sends it in the extension host, where the VS Code API is.

import net from "node:net";
import readline from "node:readline";
import { runInThisContext } from "node:vm";
import * as vscode from "vscode";
import { type RemoteAnswer, type RemoteCall, socketVariable } from "./protocol.ts";

/** Called by VS Code at its start. */
export function activate(context: vscode.ExtensionContext): void {
  const socketPath = process.env[socketVariable];
  if (socketPath === undefined) return;

  const server = net.createServer((socket) => {
    readline.createInterface({ input: socket }).on("line", async (line) => {
      socket.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
    });
  });
  server.listen(socketPath);
  context.subscriptions.push({ dispose: () => server.close() });
}

async function answer({ id, source, values }: RemoteCall): Promise<RemoteAnswer> {
  try {
    const call: (api: typeof vscode, ...values: unknown[]) => unknown = runInThisContext(`(${source})`);
    return { id, value: await call(vscode, ...values) };
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
