import assert from "node:assert/strict";
import { leftOut } from "./leftOut.ts";
import { countOfNames, missingNames } from "./pytorchNames.ts";

describe("PyTorch's public names", () => {
  it("are here, or have a reason not to be", () => {
    const unexplained = missingNames().filter(({ why }) => why === null);
    assert.deepEqual(
      unexplained.map(({ home, name }) => `${home}.${name}`),
      [],
    );
    assert.ok(countOfNames() > 1500);
  });

  it("are left out for reasons that each fit some name", () => {
    const given = new Set(missingNames().map(({ why }) => why));
    for (const { why } of leftOut) assert.ok(given.has(why), why);
  });
});
