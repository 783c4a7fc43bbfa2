import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { binaryFile, binaryModule, compileKernels } from "../../../scripts/wasm.ts";

describe("the compiled kernels", () => {
  it("are those that the sources give, to the byte, each time (npm run wasm makes them)", async function () {
    this.timeout(300_000);
    const [first, second] = [await compileKernels(), await compileKernels()];
    assert.deepEqual(first, second);
    assert.ok(readFileSync(binaryFile, "utf8") === binaryModule(first), "engine/kernels/wasm/binary.ts is out of date");
  });
});
