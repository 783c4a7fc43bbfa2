import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { stubPackage, stubTarget } from "../../extension/types/stubPackage.ts";
import { newTsconfig } from "../../extension/types/tsconfigPath.ts";
import { inProject, packageProgram, runNode } from "../../scripts/project.ts";

const model =
  'import { type Tensor, tensor } from "gradlens";\nconst x: Tensor = tensor(2, { requiresGrad: true });\nx.nonsense;\n';
// Without the types of a browser, which take longer to read than all others.
const settings = ["--noEmit", "--strict", "--target", "es2023", "--lib", "es2023"];

describe("types for gradlens", function () {
  this.timeout(60_000);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "gradlens-types-"));
    writeFileSync(path.join(folder, "model.ts"), model);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function link(): void {
    const target = path.join(folder, "node_modules", "gradlens");
    mkdirSync(target, { recursive: true });
    for (const file of stubPackage(inProject("dist", "types", "index.d.ts"))) {
      writeFileSync(path.join(target, file.path), file.text);
    }
  }

  /** What a compiler says about the model, without the ends of lines. */
  async function check(compiler: string, ...options: string[]): Promise<string> {
    let output = "";
    await runNode([packageProgram(compiler, "bin/tsc"), ...options], {
      cwd: folder,
      onOutput: (text) => {
        output += text;
      },
    });
    return output.trim();
  }

  // The one error that is in the model shows that the types are there, and not `any`.
  const onlyNonsense = /^model\.ts\(3,3\): error TS2339: Property 'nonsense' does not exist on type 'Tensor/;

  for (const [compiler, name] of [
    ["typescript", "TypeScript 7"],
    ["typescript6", "TypeScript 6"],
  ] as const) {
    it(`are missing before they are set up, says ${name}`, async () => {
      assert.match(await check(compiler, ...settings, "--module", "nodenext", "model.ts"), /TS2307.*'gradlens'/);
    });

    for (const module of ["nodenext", "preserve"]) {
      it(`are found by ${name} with module ${module} and no tsconfig, once linked`, async () => {
        link();
        const output = await check(compiler, ...settings, "--module", module, "model.ts");
        assert.match(output, onlyNonsense);
        assert.equal(output.split("\n").length, 1, output);
      });
    }

    it(`are found by ${name} through a path in tsconfig.json`, async () => {
      cpSync(inProject("dist", "types"), path.join(folder, ".gradlens", "types"), { recursive: true });
      writeFileSync(path.join(folder, "tsconfig.json"), newTsconfig("./.gradlens/types/index.d.ts"));
      assert.match(await check(compiler), onlyNonsense);
    });
  }

  it("are marked as ours, so that they may be written again and nobody else's package is", () => {
    const [manifest] = stubPackage("/extension/dist/types/index.d.ts");
    assert.equal(stubTarget(manifest?.text ?? ""), "/extension/dist/types/index.d.ts");
    assert.equal(stubTarget('{ "name": "gradlens" }'), null);
    assert.equal(stubTarget("damaged"), null);
  });

  it("are found on Windows too, where paths have backslashes", () => {
    const entry = stubPackage("C:\\Users\\ada\\dist\\types\\index.d.ts").find(
      ({ path: file }) => file === "index.d.ts",
    );
    assert.equal(entry?.text, 'export * from "C:/Users/ada/dist/types/index.js";\n');
  });
});
