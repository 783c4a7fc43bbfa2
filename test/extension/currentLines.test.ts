import assert from "node:assert/strict";
import { compareTexts } from "../../extension/editor/currentLines.ts";

const ran = "if (true) {\n  a.log();\n  b.sqrt();\n}\n";

describe("the places of a run in a text that was edited since", () => {
  it("are the same in the same text, whatever ends its lines", () => {
    const lines = compareTexts(ran, ran.replaceAll("\n", "\r\n"));
    assert.equal(lines.isEdited, false);
    assert.deepEqual(lines.find({ line: 2, column: 3 }), { line: 1, character: 2 });
  });

  it("move with their lines, also to another indentation", () => {
    const lines = compareTexts(ran, `function f() {\n${ran.replace(/^(?=.)/gm, "    ")}}\n`);
    assert.equal(lines.isEdited, true);
    assert.deepEqual(lines.find({ line: 2, column: 5 }), { line: 2, character: 8 });
    assert.deepEqual(compareTexts(ran, "a.log();\n").find({ line: 2, column: 5 }), { line: 0, character: 2 });
  });

  it("are gone with lines that were changed", () => {
    assert.equal(compareTexts(ran, ran.replace("log", "exp")).find({ line: 2, column: 3 }), null);
  });
});
