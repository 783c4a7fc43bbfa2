import assert from "node:assert/strict";
import { globSync } from "node:fs";
import * as esbuild from "esbuild";
import { root } from "../../../scripts/project.ts";
import { importsOf } from "../../support/imports.ts";
import { panelBuild } from "../support/panelBrowser.ts";

describe("the panel's bundle", () => {
  let metafile: esbuild.Metafile;

  before(async () => {
    ({ metafile } = await esbuild.build({ ...panelBuild("nowhere"), write: false }));
  });

  it("holds no React, which the toolkit asks for and does not need", () => {
    const packages = Object.keys(metafile.inputs).filter((file) => /node_modules\/(react|react-dom)\//.test(file));
    assert.deepEqual(packages, []);
  });

  it("gives the worker the layout and nothing of the page", () => {
    const worker = metafile.outputs["nowhere/graph.layoutWorker.js"];
    assert.ok(worker);
    const inputs = Object.keys(worker.inputs);
    assert.ok(inputs.every((file) => /^(engine\/recording\/layout\/layered|webview\/(protocol|graph))\//.test(file)));
    assert.ok(worker.bytes < 60_000, `${worker.bytes} bytes`);
  });

  it("stays small enough to open at once", () => {
    const page = metafile.outputs["nowhere/graph.js"];
    assert.ok((page?.bytes ?? Number.POSITIVE_INFINITY) < 400_000, `${page?.bytes} bytes`);
  });

  it("knows the toolkit in one file", () => {
    const files = globSync("webview/**/*.{ts,tsx}", { cwd: root }).map((file) => file.replaceAll("\\", "/"));
    const users = files.filter((file) =>
      importsOf(root, file).some(({ what }) => what.startsWith("@vscode/webview-ui-toolkit")),
    );
    assert.deepEqual(users, ["webview/ui/kit.ts"]);
  });
});
