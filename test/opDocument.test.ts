import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { opDocument } from "../scripts/opDocument.ts";

describe("docs/ops.md", () => {
  const written = opDocument();

  it("is what `npm run docs` writes", () => {
    const file = path.join(path.dirname(import.meta.dirname), "docs", "ops.md");
    const kept = readFileSync(file, "utf8").split("\n");
    const fresh = written.split("\n");
    const line = fresh.findIndex((text, i) => text !== kept[i]);
    const found = line < 0 ? fresh.length === kept.length : false;
    assert.ok(found, `run npm run docs: line ${line + 1} should be ${fresh[line]}, but is ${kept[line]}`);
  });

  it("gives each op its node, its formulas and what it was tried with", () => {
    const [section = ""] = /^### sub\n[\s\S]*?(?=\n\n###)/m.exec(written) ?? [];
    assert.match(section, /^- node `SubBackward0`/m);
    assert.match(section, /^- ∂`a`: `[^`]*grad/m);
    assert.match(section, /^- ∂`b`: `[^`]*grad[^`]*neg\(\)/m);
    assert.match(section, /^- tried with `\(\[2, 3\]/m);
  });

  it("links only to headings that are there, and has each op once", () => {
    const headings = [...written.matchAll(/^### (.+)$/gm)].map(([, title = ""]) => title);
    assert.equal(new Set(headings).size, headings.length);
    const anchors = new Set(
      headings.map((title) =>
        title
          .toLowerCase()
          .replaceAll(" ", "-")
          .replace(/[^\w-]/g, ""),
      ),
    );
    const links = [...written.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = ""]) => anchor);
    assert.deepEqual(
      links.filter((anchor) => !anchors.has(anchor)),
      [],
    );
    assert.ok(links.length > 100);
  });

  it("holds no trace of types or of how the sources are laid out", () => {
    assert.doesNotMatch(written, /`[^`\n]*(: Tensor| as Tensor|\breadonly\b)[^`\n]*`/);
    assert.doesNotMatch(written, / {3,}\S.*`$/m);
  });
});
