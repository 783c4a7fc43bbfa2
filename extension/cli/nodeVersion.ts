import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import Module from "node:module";
import { constants } from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** npm's packages that hold nothing but a Node. */
const nodePackages = [
  "node",
  `node-${process.platform}-${process.arch}`,
  `node-bin-${process.platform}-${process.arch}`,
  `node-win-${process.arch}`,
];

/** The Node to go on with: this one if it can load model files, else one that npm put beside us; null when there is none. */
export function nodeThatFits(): "this one" | string | null {
  if ("registerHooks" in Module) return "this one";
  return nodesBeside().find(canLoadModels) ?? null;
}

/** Runs the same command line under another Node and gives its exit code. */
export function startAgainUnder(node: string): Promise<number> {
  const [, program = "", ...rest] = process.argv;
  const child = spawn(node, [program, ...rest], { stdio: "inherit" });
  // Ctrl+C reaches the child from the terminal itself; this process only has to outlive it. Other signals are passed on.
  process.on("SIGINT", () => undefined);
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}

/** For a person whose Node is too old. */
export function whatIsNeeded(): string {
  return `gradlens needs Node 22.15 or later, and this is Node ${process.versions.node}. Install a newer one from https://nodejs.org and try again.`;
}

function nodesBeside(): string[] {
  const binary = process.platform === "win32" ? "node.exe" : "node";
  const found: string[] = [];
  for (let folder = path.dirname(fileURLToPath(import.meta.url)); ; folder = path.dirname(folder)) {
    for (const name of nodePackages) found.push(path.join(folder, "node_modules", name, "bin", binary));
    if (folder === path.dirname(folder)) return found.filter((file) => existsSync(file));
  }
}

function canLoadModels(node: string): boolean {
  const question = "process.exit('registerHooks' in require('node:module') ? 0 : 1)";
  return spawnSync(node, ["-e", question]).status === 0;
}
