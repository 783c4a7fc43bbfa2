import assert from "node:assert/strict";
import { addTsconfigPath, newTsconfig } from "../../extension/types/tsconfigPath.ts";

const target = "./.gradlens/types/index.d.ts";

/** The text with the edit in it. */
function edited(text: string): string | null {
  const edit = addTsconfigPath(text, target);
  return edit && text.slice(0, edit.start) + edit.text + text.slice(edit.end);
}

/** Comments and trailing commas taken out, as far as these examples have them. */
function parse(text: string): { compilerOptions: Record<string, unknown> } {
  return JSON.parse(text.replace(/\/\/.*|\/\*[\s\S]*?\*\//g, "").replace(/,(\s*[}\]])/g, "$1"));
}

describe("the path in tsconfig.json", () => {
  const configs: readonly [what: string, text: string][] = [
    ["an empty object", "{}"],
    ["an empty object with space", "{\n}\n"],
    ["no compiler options", '{\n  "include": ["src"]\n}\n'],
    ["empty compiler options", '{ "compilerOptions": {} }'],
    ["compiler options", '{\n  "compilerOptions": {\n    "strict": true\n  }\n}\n'],
    [
      "comments and trailing commas",
      '{\n  // "paths": {\n  "compilerOptions": {\n    /* { */ "strict": true, // }\n  },\n}\n',
    ],
    ["other paths", '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }'],
    ["empty paths", '{ "compilerOptions": { "paths": {} } }'],
    ["another target", '{ "compilerOptions": { "paths": { "gradlens": ["./old.d.ts"], "b": ["./b"] } } }'],
    ["strings that look like braces", '{ "a": "}{\\"", "compilerOptions": { "b": "//" } }'.replace('"//"', '"/ /"')],
    ["tabs and Windows' line ends", '{\r\n\t"compilerOptions": {\r\n\t\t"strict": true\r\n\t}\r\n}\r\n'],
  ];
  for (const [what, text] of configs) {
    it(`is added to a file with ${what}`, () => {
      const result = edited(text);
      assert.ok(result !== null);
      const { paths } = parse(result).compilerOptions as { paths: Record<string, string[]> };
      assert.deepEqual(paths["gradlens"], [target]);
    });

    it(`is added once to a file with ${what}`, () => assert.equal(edited(edited(text) ?? ""), null));
  }

  it("leaves the rest of the file as it was", () => {
    const text = '{\n  "compilerOptions": {\n    "strict": true // of course\n  }\n}\n';
    assert.equal(
      edited(text),
      text.replace('{\n    "strict"', `{\n    "paths": { "gradlens": ["${target}"] },\n    "strict"`),
    );
  });

  for (const text of ["", "[]", "{", '{ "compilerOptions": { "paths": [ }', "not json"]) {
    it(`is not added to ${JSON.stringify(text)}`, () => assert.equal(edited(text), null));
  }

  it("stands in a new file", () => assert.equal(edited(newTsconfig(target)), null));
});
