import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";

const root = path.dirname(import.meta.dirname);
const documents = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", ".github/**/*.yml"];
const files = globSync(documents, { cwd: root }).sort();

describe("the documents", () => {
  it("are there", () => assert.ok(files.includes("README.md") && files.includes("CONTRIBUTING.md")));

  for (const file of files) {
    const text = readFileSync(path.join(root, file), "utf8");

    it(`of which ${file} names no file that is not there`, () => {
      const missing = pathsIn(text).filter((named) => globSync(named, { cwd: root }).length === 0);
      assert.deepEqual(missing, []);
    });

    it(`of which ${file} names no npm script that is not there`, () => {
      const { scripts } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
      const named = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script ?? "");
      const missing = named.filter((script) => !(script in scripts));
      assert.deepEqual(missing, []);
    });
  }

  it("name every setting with its default, and no other", () => {
    const readme = readFileSync(path.join(root, "README.md"), "utf8");
    const rows = [...readme.matchAll(/^\| `(gradlens\.[\w.]+)` \| (\w*) ?\|/gm)];
    const written = Object.fromEntries(rows.map(([, name = "", value = ""]) => [name, value]));
    const { contributes } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
    const settings: [string, { default: unknown }][] = [contributes.configuration]
      .flat()
      .flatMap((one) => Object.entries<{ default: unknown }>(one.properties));
    const words: Readonly<Record<string, string>> = { true: "on", false: "off" };
    const own = settings.map(([name, { default: value }]) => {
      const text = typeof value === "object" ? "" : `${value}`;
      return [name, words[text] ?? text];
    });
    assert.deepEqual(written, Object.fromEntries(own));
  });

  it("are read for paths in links and in code", () => {
    const text = "see [here](docs/a.md#top), `engine/ops/op.ts`, `webview/*/main.ts` and `not a path`";
    assert.deepEqual(pathsIn(text), ["docs/a.md", "engine/ops/op.ts", "webview/*/main.ts"]);
  });
});

/** Relative links, and code that starts with a room's name and a slash; `*` stands for any name. */
function pathsIn(text: string): string[] {
  const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(([, link]) => link ?? "");
  const rooms = "engine|extension|webview|test|scripts|examples|docs|resources";
  const code = [...text.matchAll(new RegExp(`\`((?:${rooms})/[\\w./*-]+)\``, "g"))].map(([, named]) => named ?? "");
  return [...links, ...code];
}
