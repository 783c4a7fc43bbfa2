import assert from "node:assert/strict";
import { autograd, type Tensor, tensor } from "../../../engine/index.ts";

const { profile, recordFunction } = autograd.profiler;

function profiled() {
  return profile(() => {
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    const loss = recordFunction("model", () => x.mm(x).sum());
    loss.backward();
    return x.grad as Tensor;
  });
}

interface TraceEvent {
  readonly ph: string;
  readonly name: string;
  readonly cat?: string;
  readonly ts: number;
  readonly dur: number;
  readonly tid: number;
  readonly id?: number;
  readonly args: { readonly [key: string]: unknown };
}

describe("profiler", () => {
  it("[80] the table has PyTorch's columns and its footer, with ops, backward nodes and annotations as rows", () => {
    const report = profiled();
    const lines = report.table().split("\n");
    const columns =
      /^Name +Self CPU % +Self CPU +CPU total % +CPU total +CPU time avg +CPU Mem +Self CPU Mem +# of Calls$/;
    assert.match(lines[1] ?? "", columns);
    assert.match(lines.at(-1) ?? "", /^Self CPU time total: [\d.]+(us|ms|s)$/);
    for (const name of ["mm", "sum", "MmBackward0", "SumBackward0", "model", "backward"]) {
      assert.ok(
        lines.some((line) => line.startsWith(`${name} `)),
        name,
      );
    }
    const rows = new Map(report.keyAverages().map((row) => [row.key, row]));
    assert.deepEqual([rows.get("mm")?.count, rows.get("mm")?.selfCpuMemoryUsage], [1, 16]);
    assert.deepEqual([rows.get("model")?.selfCpuMemoryUsage, rows.get("model")?.cpuMemoryUsage], [0, 20]);
    assert.ok((rows.get("model")?.cpuTimeTotal ?? 0) >= (rows.get("mm")?.cpuTimeTotal ?? 1));
    assert.match(report.keyAverages({ groupByInputShape: true }).table(), /^mm .* 1 +\[\[2, 2\], \[2, 2\]\]$/m);
    assert.throws(() => report.table({ sortBy: "cpuTimeTotl" as never }), /Did you mean 'cpuTimeTotal'/);
  });

  it("[81] the trace is the object form, with arrows from each op to its backward node and what was allocated", () => {
    const trace = JSON.parse(profiled().chromeTrace()) as { schemaVersion: number; traceEvents: TraceEvent[] };
    assert.equal(trace.schemaVersion, 1);
    const named = (name: string): TraceEvent => trace.traceEvents.find((event) => event.name === name) as TraceEvent;
    const [mm, node] = [named("mm"), named("MmBackward0")];
    assert.deepEqual(
      [mm.ph, mm.cat, mm.args["Input Dims"]],
      [
        "X",
        "cpu_op",
        [
          [2, 2],
          [2, 2],
        ],
      ],
    );
    assert.equal(mm.args["Sequence number"], node.args["Sequence number"]);
    assert.ok(node.ts >= mm.ts && mm.dur >= 0);
    assert.equal(named("model").cat, "user_annotation");
    const arrows = trace.traceEvents.filter(({ cat, id }) => cat === "fwdbwd" && id === mm.args["Sequence number"]);
    assert.deepEqual(
      arrows.map(({ ph, tid }) => [ph, tid]),
      [
        ["s", mm.tid],
        ["f", node.tid],
      ],
    );
    const memory = trace.traceEvents.filter(({ name }) => name === "[memory]");
    assert.deepEqual(memory[0]?.args, { Bytes: 16, "Total Allocated": 16 });
  });

  it("measures async functions to their end, stops after an error and changes no result", async () => {
    const report = await profile(async () => {
      await Promise.resolve();
      return tensor([1]).add(1);
    });
    assert.deepEqual([report.result.tolist(), report.keyAverages().map(({ key }) => key)], [[2], ["add"]]);
    assert.throws(() =>
      profile(() => {
        throw new Error("mine");
      }),
    );
    assert.deepEqual(profile(() => 1).keyAverages().length, 0);
  });
});
