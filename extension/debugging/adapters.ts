import path from "node:path";
import * as vscode from "vscode";
import { cleanEnvironment } from "../runner/environment.ts";
import { readSettings } from "../settings.ts";

/** Starts the debug adapter as a process of its own, so that a long recording never holds up the editor. */
export class Adapters implements vscode.DebugAdapterDescriptorFactory {
  readonly #program: string;

  constructor(extensionFolder: string) {
    this.#program = path.join(extensionFolder, "dist", "debugAdapter.js");
  }

  createDebugAdapterDescriptor(): vscode.DebugAdapterDescriptor {
    const { runtimePath } = readSettings();
    const node = path.isAbsolute(runtimePath) ? runtimePath : process.execPath;
    const isElectron = node === process.execPath && process.versions["electron"] !== undefined;
    const env = Object.entries(cleanEnvironment(process.env, isElectron)).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    );
    return new vscode.DebugAdapterExecutable(node, [this.#program], { env: Object.fromEntries(env) });
  }
}
