import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import path from "node:path";
import { cli, folderWith, gradlens } from "./program.ts";

/** Makes any Node look as if it were older than 22.15. */
const forgetHooks = 'delete require("node:module").registerHooks;';
const model = 'import { tensor } from "gradlens";\nconsole.log(tensor(2).item(), process.versions.node);\n';

describe("gradlens on an older Node", () => {
  const folder = folderWith({ "old.cjs": forgetHooks, "model.ts": model, "package.json": '{ "type": "module" }' });
  const pretendOld = ["--require", path.join(folder, "old.cjs")];

  it("starts again under the Node that npm put beside it, and passes on the exit code", async () => {
    const run = await gradlens(["run", "model.ts"], { cwd: folder, nodeArguments: pretendOld });
    assert.equal(run.code, 0);
    assert.match(run.stdout, /^2 24\./);
    const wrong = await gradlens(["rum"], { cwd: folder, nodeArguments: pretendOld });
    assert.equal(wrong.code, 2);
  });

  it("says which Node it needs where there is none", async () => {
    const alone = path.join(folder, "cli.js");
    copyFileSync(cli, alone);
    const { code, stderr } = await gradlens(["--help"], { program: alone, nodeArguments: pretendOld });
    assert.equal(code, 2);
    assert.match(stderr, /^gradlens needs Node 22\.15 or later, and this is Node \d+\.\d+\.\d+\. Install a newer one/);
  });

  const oldNode = nodesOnPath().find((node) => versionOf(node) < 22);
  // Only where a machine has an old Node besides ours.
  (oldNode === undefined ? it.skip : it)("works when a real one starts it", async () => {
    const { code, stdout } = await gradlens(["run", "model.ts"], { cwd: folder, node: oldNode ?? "" });
    assert.equal(code, 0);
    assert.match(stdout, /^2 24\./);
  });
});

function nodesOnPath(): string[] {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter);
  return [...folders, "/usr/bin", "/usr/local/bin"].map((folder) =>
    path.join(folder, process.platform === "win32" ? "node.exe" : "node"),
  );
}

function versionOf(node: string): number {
  const { status, stdout } = spawnSync(node, ["--version"], { encoding: "utf8" });
  return status === 0 ? Number.parseInt(stdout.slice(1), 10) : Number.POSITIVE_INFINITY;
}
