import assert from "node:assert/strict";
import * as engine from "../engine/index.ts";
import { expected } from "./bench/support/spec.ts";
import { workloads } from "./bench/support/workloads.ts";

describe("a benchmark's workload computes what it computes in other engines:", () => {
  for (const [name, { check, within }] of Object.entries(expected)) {
    it(name, () => {
      const found = workloads[name]?.(engine)() ?? Number.NaN;
      assert.ok(Math.abs(found - check) <= within * Math.abs(check), `${found} is not ${check}`);
    });
  }

  it("and none is missing", () => {
    // W3_1024 is W3_512 at another size.
    const unchecked = Object.keys(workloads).filter((name) => !(name in expected));
    assert.deepEqual(unchecked, ["W3_1024"]);
  });
});
