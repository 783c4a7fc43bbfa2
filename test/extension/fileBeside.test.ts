import assert from "node:assert/strict";
import os from "node:os";
import path from "node:path";
import { fileBeside } from "../../extension/fileBeside.ts";

describe("a file about a model", () => {
  const elsewhere = path.join(os.tmpdir(), "elsewhere");

  it("is offered beside the model", () => {
    assert.equal(
      fileBeside(path.join(os.tmpdir(), "my.model.ts"), "svg", elsewhere),
      path.join(os.tmpdir(), "my.model.svg"),
    );
  });

  it("is offered elsewhere when the model lies on another machine, whatever its system", () => {
    for (const model of ["C:\\work\\model.ts", "/no/such folder/model.ts", "\\\\server\\share\\model.ts", "model"])
      assert.equal(fileBeside(model, "gradlens", elsewhere), path.join(elsewhere, "model.gradlens"), model);
  });
});
