import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { setWarningHandler } from "../engine/autograd/warnings.ts";
import { parityDocument } from "../scripts/parityDocument.ts";

describe("docs/parity.md", () => {
  let written = "";

  before(async function () {
    this.timeout(120_000);
    const previous = setWarningHandler(() => {});
    written = await parityDocument();
    setWarningHandler(previous);
  });

  it("is what `npm run docs` writes", () => {
    const file = path.join(path.dirname(import.meta.dirname), "docs", "parity.md");
    const kept = readFileSync(file, "utf8").split("\n");
    const fresh = written.split("\n");
    const line = fresh.findIndex((text, i) => text !== kept[i]);
    const same = line < 0 && fresh.length === kept.length;
    assert.ok(same, `run npm run docs: line ${line + 1} should be ${fresh[line]}, but is ${kept[line]}`);
  });

  it("has a state for every row of PyTorch's behaviours, and none that fails or has no test", () => {
    const ids = [...written.matchAll(/^\| (\d+|M|O) \|/gm)].map(([, id]) => id);
    const expected = [...Array.from({ length: 81 }, (_, i) => String(i + 1)), "M", "O"];
    assert.deepEqual(ids.toSorted(), expected.toSorted());
    assert.doesNotMatch(written, /\*\*(fails|not tested)\*\*/);
  });

  it("has every category of recorded answers, all of them met", () => {
    const section = /^## Recorded[\s\S]*?(?=^## Ops)/m.exec(written)?.[0] ?? "";
    const counts = [...section.matchAll(/^\| \w+ \| (\d+) \| (\d+) \|$/gm)].map(([, passed, total]) => [passed, total]);
    assert.ok(counts.length > 15);
    for (const [passed, total] of counts) assert.equal(passed, total);
  });

  it("lists ops with their forms", () => {
    assert.match(written, /^\| exp \| yes[^|]*\| yes \| yes \|/m);
    assert.match(written, /^\| conv2d \| F \|/m);
    assert.doesNotMatch(written, /fail\*\*/);
  });
});
