import assert from "node:assert/strict";
import path from "node:path";
import { useKernels } from "../../../engine/kernels/switch.ts";
import { runNode } from "../../../scripts/project.ts";
import { readCategories } from "../../golden/format.ts";
import { runCase } from "../../golden/runner.ts";

const data = path.join(import.meta.dirname, "..", "..", "golden", "data");

describe("PyTorch's answers", () => {
  for (const choice of ["wasm", "typescript"] as const) {
    it(`are ours with every kernel in ${choice === "wasm" ? "WebAssembly" : "TypeScript"}`, () => {
      try {
        useKernels(choice);
        const failed = readCategories(data).flatMap(({ name, cases }) =>
          cases.filter((test) => runCase(test).status === "failed").map((test) => `${name}/${test.name}`),
        );
        assert.deepEqual(failed, []);
      } finally {
        useKernels("auto");
      }
    });
  }

  it("are ours without fused multiply-adds", async () => {
    const program = path.join(import.meta.dirname, "goldenWithout.ts");
    let output = "";
    const onOutput = (text: string): void => {
      output += text;
    };
    const code = await runNode([program, data], { onOutput });
    assert.equal(code, 0, output);
  });
});
