import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { inCache, run } from "./project.ts";

const version = "4.139.1";

/** Why there can be no real VS Code here, or undefined if there can. */
export function whyNoVsCode(): string | undefined {
  return process.platform === "win32" ? "code-server does not run on Windows" : undefined;
}

/**
 * Installs VS Code (as code-server, from npm) into the cache, once, and gives the program to start.
 *
 * It is far larger than the product and no part of it, which is why package.json does not name it. Install scripts stay off: they would
 * compile modules that only terminals and Kerberos need. The one that matters is compiled where a compiler is: without it, output
 * channels stay empty.
 */
export async function setUpVsCode(): Promise<string> {
  const folder = inCache("vscode");
  const server = path.join(folder, "node_modules", "code-server");
  const entry = path.join(server, "out", "node", "entry.js");
  const stamp = path.join(folder, "installed");
  const wanted = `code-server ${version}\n`;
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return entry;

  console.log(`Installing VS Code (code-server ${version}, once, about 800 MB) …`);
  const started = performance.now();
  rmSync(stamp, { force: true });
  writeFileSync(path.join(folder, "package.json"), JSON.stringify({ private: true }));
  await npm(folder, "install", `code-server@${version}`);
  // Its own postinstall would do these two.
  await npm(path.join(server, "lib", "vscode"), "install", "--omit=dev");
  await npm(path.join(server, "lib", "vscode", "extensions"), "install", "--omit=dev");
  await compileLogging(path.join(server, "lib", "vscode"));
  writeFileSync(stamp, wanted);
  console.log(`Installed in ${((performance.now() - started) / 1000).toFixed(0)} s.`);
  return entry;
}

/** Any Node's headers will do, because the module speaks Node-API; the running Node's lie beside its program. */
async function compileLogging(cwd: string): Promise<void> {
  const code = await run("npm", ["rebuild", "@vscode/spdlog", "--loglevel=error"], {
    cwd,
    env: { ...process.env, npm_config_nodedir: path.resolve(process.execPath, "..", "..") },
    onOutput: () => {},
  });
  if (code !== 0) console.log("No compiler here: output channels stay empty in this VS Code.");
}

async function npm(cwd: string, ...npmArguments: string[]): Promise<void> {
  let output = "";
  const code = await run("npm", [...npmArguments, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd,
    onOutput: (text) => {
      output += text;
    },
  });
  if (code !== 0) throw new Error(`npm ${npmArguments.join(" ")} failed in ${cwd}:\n${output}`);
}
