import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { arePlain } from "../../extension/types/plainFiles.ts";

const files = ["node_modules/gradlens/package.json", "node_modules/gradlens/index.d.ts"];

describe("files to be written below a folder", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "gradlens-plain-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const make = (...below: string[]): string => {
    const made = path.join(folder, ...below);
    mkdirSync(made, { recursive: true });
    return made;
  };

  it("are plain when nothing is there, or plain folders and files", async () => {
    assert.equal(await arePlain(folder, files), true);
    writeFileSync(path.join(make("node_modules", "gradlens"), "package.json"), "{}");
    assert.equal(await arePlain(folder, files), true);
  });

  it("are not plain behind a folder that is a link", async () => {
    symlinkSync(make("elsewhere"), path.join(make("node_modules"), "gradlens"), "junction");
    assert.equal(await arePlain(folder, files), false);
  });

  it("are not plain where copied types would go through a link", async () => {
    const copied = [".gradlens/types", "tsconfig.json"];
    assert.equal(await arePlain(folder, copied), true);
    symlinkSync(make("elsewhere"), path.join(folder, ".gradlens"), "junction");
    assert.equal(await arePlain(folder, copied), false);
  });

  it("are not plain when one of them is a link, even to nothing", async function () {
    if (process.platform === "win32") this.skip();
    symlinkSync(path.join(folder, "nowhere"), path.join(make("node_modules", "gradlens"), "index.d.ts"));
    assert.equal(await arePlain(folder, files), false);
  });
});
