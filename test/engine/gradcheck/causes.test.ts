import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { reportOf, rightPrograms, wrongPrograms } from "./programs.ts";

describe("what gradcheck says is wrong", () => {
  for (const program of wrongPrograms) {
    it(`${program.title}: ${program.cause}${program.blame === null ? "" : `, ${program.blame} is to blame`}`, () => {
      const { passed, cause, blame, diagnosis } = reportOf(program);
      assert.equal(passed, false);
      assert.deepEqual(
        { cause: cause ?? "unknown", blame: blame?.op ?? null },
        { cause: program.cause, blame: program.blame },
        diagnosis ?? "",
      );
      assert.match(diagnosis ?? "", /^[^\n]{30,}/);
    });
  }

  for (const program of rightPrograms) {
    it(`${program.title}: nothing`, () => {
      const { passed, cause, blame, diagnosis } = reportOf(program);
      assert.deepEqual({ passed, cause, blame }, { passed: true, cause: null, blame: null }, diagnosis ?? "");
    });
  }

  it("is documented with as many programs as there are", () => {
    const text = readFileSync(new URL("../../../docs/gradcheck.md", import.meta.url), "utf8");
    assert.ok(text.includes(`${wrongPrograms.length} small wrong programs`), String(wrongPrograms.length));
    assert.ok(text.includes(`${rightPrograms.length} right ones`), String(rightPrograms.length));
  });
});
