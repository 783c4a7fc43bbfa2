import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { inCache, runQuietly } from "../../../scripts/project.ts";

/** Other engines, at the versions that are compared. They belong to nobody but the benchmarks. */
const packages = {
  "@jax-js/jax": "0.1.25",
  "@tensorflow/tfjs": "4.22.0",
  "@tensorflow/tfjs-backend-wasm": "4.22.0",
  "js-pytorch": "0.7.2",
};

/** Installs the peers into a folder of their own, once, and gives that. */
export async function installPeers(): Promise<string> {
  const folder = inCache("bench-peers");
  const manifest = JSON.stringify({ name: "bench-peers", private: true, type: "module", dependencies: packages });
  const stamp = path.join(folder, "node_modules", ".installed.json");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === manifest) return folder;

  console.error("Installing the peers (once) …");
  writeFileSync(path.join(folder, "package.json"), manifest);
  // js-pytorch names a native package that it does not need without a graphics card and whose install script fails.
  const options = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  await runQuietly("npm", options, { cwd: folder, shell: process.platform === "win32" });
  writeFileSync(stamp, manifest);
  return folder;
}

/** A Python that has PyTorch, or null. On Debian: `apt-get install python3-torch`. */
export function findTorch(): string | null {
  const hasTorch = (python: string): boolean => spawnSync(python, ["-c", "import torch"]).status === 0;
  return ["python3", "/usr/bin/python3", "python"].find(hasTorch) ?? null;
}
