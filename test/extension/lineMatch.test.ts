import assert from "node:assert/strict";
import fc from "fast-check";
import { matchLines } from "../../extension/results/lineMatch.ts";

const model = ["import x", "", "const a = 1;", "const b = 2;", "const c = a + b;", "", "end"];

describe("lines that ran", () => {
  it("keep their place in a text that is the same", () => {
    assert.deepEqual(matchLines(model, model), [0, 1, 2, 3, 4, 5, 6]);
  });

  it("move with lines that are added above", () => {
    assert.deepEqual(matchLines(model, ["// new", ...model]), [1, 2, 3, 4, 5, 6, 7]);
  });

  it("are gone when they were edited, and only they", () => {
    const edited = model.with(3, "const b = 3;");
    assert.deepEqual(matchLines(model, edited), [0, 1, 2, null, 4, 5, 6]);
  });

  it("come back when the edit is undone", () => {
    const edited = model.with(3, "const b = 3;");
    assert.equal(matchLines(model, edited)[3], null);
    assert.equal(matchLines(model, edited.with(3, "const b = 2;"))[3], 3);
  });

  it("are found between edits above and below", () => {
    const edited = ["import y", "", "", "const a = 1;", "const b = 2;", "const c = a * b;", "end"];
    assert.deepEqual(matchLines(model, edited).slice(2, 5), [3, 4, null]);
  });

  it("keep their place when only their indentation changed", () => {
    assert.deepEqual(matchLines(["a", "b"], ["a", "    b"]), [0, 1]);
  });

  it("never change their order, and only meet lines of the same text", () => {
    const text = fc.array(fc.constantFrom("a", "b", "c", "const x = 1;", "}", ""), { maxLength: 40 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const found = matchLines(before, after);
        let last = -1;
        found.forEach((at, i) => {
          if (at === null) return;
          assert.equal(after[at], before[i]);
          assert.ok(at > last);
          last = at;
        });
      }),
    );
  });

  it("are all found after lines were only added", () => {
    const lines = fc.uniqueArray(
      fc.string({ minLength: 1 }).filter((line) => line.trim() === line),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(lines, fc.nat(), (before, where) => {
        const at = where % (before.length + 1);
        const after = before.toSpliced(at, 0, "/* added */", "/* and more */");
        assert.deepEqual(
          matchLines(before, after),
          before.map((_, i) => (i < at ? i : i + 2)),
        );
      }),
    );
  });
});
