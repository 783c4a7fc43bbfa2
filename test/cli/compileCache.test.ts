import assert from "node:assert/strict";
import { globSync } from "node:fs";
import path from "node:path";
import { folderWith, gradlens } from "./program.ts";

/** Where the program looks for the user's cache folder on this system. */
const variable =
  process.platform === "win32" ? "LOCALAPPDATA" : process.platform === "darwin" ? "HOME" : "XDG_CACHE_HOME";

describe("what Node compiled of Gradlens", () => {
  const folder = folderWith({
    "model.ts": 'import { ones } from "gradlens";\nconsole.log(ones(2).sum().item());\n',
    "cache/kept": "",
    "no-folder": "a file",
  });

  it("is kept in the user's cache folder, and used again", async () => {
    const kept = [];
    for (let runs = 0; runs < 2; runs++) {
      const env = { NODE_COMPILE_CACHE: undefined, [variable]: path.join(folder, "cache") };
      const { code, stdout, stderr } = await gradlens(["run", "model.ts"], { cwd: folder, env });
      assert.deepEqual([code, stderr], [0, ""]);
      assert.match(stdout, /^2$/m);
      kept.push(globSync("cache/**/gradlens/compiled/*/*", { cwd: folder }).sort());
    }
    assert.notEqual(kept[0]?.length, 0);
    assert.deepEqual(kept[1], kept[0]);
  });

  it("is not missed where it can't be kept", async () => {
    const env = { NODE_COMPILE_CACHE: undefined, [variable]: path.join(folder, "no-folder") };
    const { code, stdout, stderr } = await gradlens(["run", "model.ts"], { cwd: folder, env });
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^2$/m);
  });
});
