import assert from "node:assert/strict";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { setNumThreads } from "../../../engine/index.ts";
import { useKernels } from "../../../engine/kernels/switch.ts";
import { team } from "../../../engine/kernels/threads/team.ts";
import { runNode } from "../../../scripts/project.ts";
import { readCategories } from "../../golden/format.ts";
import { runCase } from "../../golden/runner.ts";

const data = path.join(import.meta.dirname, "..", "..", "golden", "data");

function failures(): string[] {
  return readCategories(data).flatMap(({ name, cases }) =>
    cases.filter((test) => runCase(test).status === "failed").map((test) => `${name}/${test.name}`),
  );
}

describe("PyTorch's answers", () => {
  for (const choice of ["wasm", "typescript"] as const) {
    it(`are ours with every kernel in ${choice === "wasm" ? "WebAssembly" : "TypeScript"}`, () => {
      try {
        useKernels(choice);
        assert.deepEqual(failures(), []);
      } finally {
        useKernels("auto");
      }
    });
  }

  it("are ours with two threads", async () => {
    try {
      setNumThreads(2);
      useKernels("wasm");
      while (team() === null) await sleep(5);
      assert.deepEqual(failures(), []);
    } finally {
      useKernels("auto");
      setNumThreads(1);
    }
  });

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
