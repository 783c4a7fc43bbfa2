import assert from "node:assert/strict";
import { importsEngine } from "../../extension/editor/modelFiles.ts";

describe("a model file", () => {
  const models: readonly [what: string, text: string][] = [
    ["names", 'import { tensor } from "gradlens";'],
    ["names on several lines", "import {\n  tensor,\n  nn,\n} from 'gradlens';"],
    ["everything", 'import * as gl from "gradlens";'],
    ["for its effects", 'import "gradlens";'],
    ["types and values", 'import { type Tensor, tensor } from "gradlens";'],
    ["behind a comment", '/* a model */\n// of mine\nimport { tensor } from "gradlens";'],
    ["types first and values after that", 'import type { T } from "gradlens";\nimport { tensor } from "gradlens";'],
    ["without semicolons", 'export type Size = number\nimport { tensor } from "gradlens"'],
    ["to export it again", 'export { tensor } from "gradlens";'],
    ["with Windows' line ends", 'import fs from "node:fs";\r\nimport { tensor } from "gradlens";\r\n'],
  ];
  for (const [what, text] of models) it(`is one that imports ${what}`, () => assert.equal(importsEngine(text), true));

  it("is found in no time, whatever the text", () => {
    for (const part of ["/*", "import ", "\nimport a", "export ", " from", "\n \t", "'gradlens"]) {
      const started = performance.now();
      importsEngine(part.repeat(50_000));
      assert.ok(performance.now() - started < 300, JSON.stringify(part));
    }
  });

  const others: readonly [what: string, text: string][] = [
    ["that imports types only", 'import type { Tensor } from "gradlens";'],
    ["that speaks of it in a comment", '// import { tensor } from "gradlens";\nconst a = 1;'],
    ["that speaks of it in a block comment", '/*\nimport { tensor } from "gradlens";\n*/'],
    ["that imports something of a like name", 'import { x } from "gradlens-extra";'],
    ["that mentions it", 'const name = "gradlens";'],
    ["that is empty", ""],
  ];
  for (const [what, text] of others) it(`is not one ${what}`, () => assert.equal(importsEngine(text), false));
});
