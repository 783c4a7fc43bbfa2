// Runs the golden cases in a host whose WebAssembly has no relaxed SIMD: `node goldenWithout.ts DIR`.

const { Module } = WebAssembly;
let asked = 0;
// The kernels with fused multiply-adds are tried first.
WebAssembly.Module = new Proxy(Module, {
  construct(target, [bytes]: [Uint8Array<ArrayBuffer>]) {
    if (++asked === 1) throw new WebAssembly.CompileError("no relaxed SIMD");
    return new target(bytes);
  },
});

const { machine, useKernels } = await import("../../../engine/kernels/switch.ts");
const { readCategories } = await import("../../golden/format.ts");
const { runCase } = await import("../../golden/runner.ts");

useKernels("wasm");
if (machine()?.fused !== false) throw new Error("the kernels without fused multiply-adds did not start");
const failed = readCategories(process.argv[2] ?? "").flatMap(({ cases }) =>
  cases.filter((test) => runCase(test).status === "failed"),
);
if (failed.length > 0) throw new Error(`${failed.length} failed: ${failed.map(({ name }) => name).join(", ")}`);
