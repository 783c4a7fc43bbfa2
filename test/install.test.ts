import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

// The npm of these tests is a shell script.
(process.platform === "win32" ? describe.skip : describe)("scripts/run.mjs", () => {
  let root: string;
  let temporary: string;
  let lock: string;

  beforeEach(() => {
    root = realpathSync(mkdtempSync(path.join(os.tmpdir(), "install-")));
    temporary = path.join(root, "tmp");
    for (const folder of ["scripts", "bin", "tmp"]) mkdirSync(path.join(root, folder));
    copyFileSync(path.join(import.meta.dirname, "../scripts/run.mjs"), path.join(root, "scripts/run.mjs"));
    writeFileSync(path.join(root, "package.json"), "{}");
    writeFileSync(path.join(root, "package-lock.json"), "{}");
    writeFileSync(path.join(root, "scripts/hello.ts"), 'console.log("hello" as string);');
    const hash = createHash("sha256").update(root).digest("hex").slice(0, 12);
    lock = path.join(temporary, `gradlens-install-${hash}.lock`);
    npm("mkdir -p node_modules");
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function npm(script: string): void {
    writeFileSync(path.join(root, "bin/npm"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  function start(): ChildProcess {
    const searchPath = `${path.join(root, "bin")}${path.delimiter}${process.env["PATH"]}`;
    return spawn(process.execPath, [path.join(root, "scripts/run.mjs"), "hello"], {
      env: { ...process.env, PATH: searchPath, TMPDIR: temporary },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  async function ended(child: ChildProcess): Promise<{ code: number | null; text: string }> {
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (text += chunk));
    const [code] = await once(child, "close");
    return { code, text };
  }

  const left = (): string[] => readdirSync(temporary);

  it("installs once, and starts the task", async () => {
    const first = await ended(start());
    assert.equal(first.code, 0, first.text);
    assert.match(first.text, /Installed.*hello/s);
    assert.deepEqual(await ended(start()), { code: 0, text: "hello\n" });
    assert.deepEqual(left(), []);
  });

  it("leaves no lock behind when npm fails", async () => {
    npm("exit 3");
    const { code, text } = await ended(start());
    assert.equal(code, 1);
    assert.match(text, /npm ci failed, see above\. It needs a way to the npm registry\.\n$/);
    assert.deepEqual(left(), []);
  });

  it("leaves no lock behind when it is interrupted", async () => {
    npm("echo up >&2; exec sleep 20");
    const child = start();
    const end = ended(child);
    await once(child.stderr ?? child, "data");
    process.kill(-(child.pid ?? 0), "SIGINT");
    assert.notEqual((await end).code, 0);
    assert.deepEqual(left(), []);
  });

  it("takes the lock of a process that is gone", async () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    writeFileSync(lock, String(pid));
    assert.match((await ended(start())).text, /hello/);
    assert.deepEqual(left(), []);
  });

  it("waits for the install of a process that is there", async () => {
    writeFileSync(lock, String(process.pid));
    const child = start();
    const end = ended(child);
    await sleep(800);
    assert.equal(child.exitCode, null);
    assert.deepEqual(left(), [path.basename(lock)]);
    rmSync(lock);
    assert.match((await end).text, /hello/);
    assert.deepEqual(left(), []);
  });
});
