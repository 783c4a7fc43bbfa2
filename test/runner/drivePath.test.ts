import assert from "node:assert/strict";
import { withLargeDrive } from "../../extension/runner/drivePath.ts";

describe("a path with a drive", () => {
  it("is the same however its letter is written", () => {
    for (const file of ["c:\\models\\a.ts", "C:\\models\\a.ts"]) assert.equal(withLargeDrive(file), "C:\\models\\a.ts");
    assert.equal(withLargeDrive("d:/models/a.ts"), "D:/models/a.ts");
  });

  it("is told from paths without a drive", () => {
    for (const file of ["/models/c:/a.ts", "\\\\server\\c:\\a.ts", "c:a.ts", ""])
      assert.equal(withLargeDrive(file), file);
  });
});
