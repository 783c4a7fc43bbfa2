import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { inProject } from "../../../scripts/project.ts";

const engine = JSON.stringify(inProject("engine", "index.ts"));
const kernels = JSON.stringify(inProject("engine", "kernels", "switch.ts"));

/** Runs a program in a process of its own, in which nothing of the engine has been loaded yet. */
function run(text: string): { readonly stdout: string; readonly stderr: string } {
  const nodeArguments = ["--disable-warning=ExperimentalWarning", "--input-type=module-typescript", "--eval", text];
  const { stdout, stderr, status } = spawnSync(process.execPath, nodeArguments, { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return { stdout, stderr };
}

const twoProducts = `
  const { ones } = await import(${engine});
  const x = ones(64, 64);
  console.log(x.matmul(x).matmul(x).sum().item());`;

describe("a runtime without WebAssembly", () => {
  const ways: readonly [what: string, how: string][] = [
    ["no WebAssembly", "delete globalThis.WebAssembly;"],
    ["no vectors in it", "WebAssembly.Module = class { constructor() { throw new WebAssembly.CompileError(); } };"],
    ["no memory for it", "WebAssembly.Memory = class { constructor() { throw new RangeError(); } };"],
  ];
  for (const [what, how] of ways) {
    it(`computes the same with ${what}, and says once that it is slower`, () => {
      const { stdout, stderr } = run(how + twoProducts);
      assert.equal(stdout.trim(), String(64 ** 4));
      assert.deepEqual(stderr.trim().split("\n"), [
        "Gradlens computes in plain TypeScript, which is slower: this runtime has no WebAssembly with SIMD.",
      ]);
    });
  }

  it("computes the same without fused multiply-adds where there are none, and says so once", () => {
    const { stdout, stderr } = run(`
      const { Module } = WebAssembly;
      let asked = 0;
      WebAssembly.Module = new Proxy(Module, {
        construct(target, [bytes]) {
          if (++asked === 1) throw new WebAssembly.CompileError("no relaxed SIMD");
          return new target(bytes);
        },
      });
      ${twoProducts}
      console.log(asked);`);
    assert.deepEqual(stdout.trim().split("\n"), [String(64 ** 4), "2"]);
    assert.equal(
      stderr.trim(),
      "Gradlens computes without fused multiply-adds, which is slower: this runtime has no relaxed SIMD.",
    );
  });

  it("says nothing when WebAssembly is there", () => {
    assert.equal(run(twoProducts).stderr, "");
  });
});

describe("small tensors", () => {
  it("never start the compiled kernels", () => {
    const { stdout } = run(`
      WebAssembly.Module = class { constructor() { console.log("started"); } };
      const { ones } = await import(${engine});
      const x = ones(4, 4, { requiresGrad: true });
      x.matmul(x).add(1).relu().sum().backward();
      console.log(x.grad.sum().item());`);
    assert.equal(stdout.trim(), "128");
  });
});

describe("useKernels", () => {
  it("says whether there is WebAssembly to run", () => {
    const { stdout } = run(`
      const { useKernels } = await import(${kernels});
      console.log(useKernels("wasm"));`);
    assert.equal(stdout.trim(), "true");
  });
});
