import assert from "node:assert/strict";
import { watch } from "../../engine/autograd/observer.ts";
import { autograd, F, nn, optim, randn, type Tensor, tensor } from "../../engine/index.ts";

const { profile, recordFunction, schedule } = autograd.profiler;

const names = (report: { keyAverages(): Iterable<{ readonly key: string }> }): string[] =>
  [...report.keyAverages()].map(({ key }) => key).sort();

describe("a profiler's schedule", () => {
  const actionsOf = (options: Parameters<typeof schedule>[0], steps: number): string => {
    const letters = { none: "-", warmup: "w", record: "r", recordAndSave: "S" };
    const plan = schedule(options);
    return Array.from({ length: steps }, (_, step) => letters[plan(step)]).join("");
  };
  // What torch.profiler.schedule gives for the same arguments.
  const cases: readonly (readonly [Parameters<typeof schedule>[0], string])[] = [
    [{ wait: 1, warmup: 1, active: 2 }, "-wrS-wrS-wrS"],
    [{ wait: 1, warmup: 1, active: 2, repeat: 1 }, "-wrS--------"],
    [{ wait: 0, warmup: 0, active: 1 }, "SSSSSSSSSSSS"],
    [{ wait: 2, warmup: 1, active: 1, repeat: 2, skipFirst: 3 }, "-----wS--wS-"],
  ];
  for (const [options, actions] of cases)
    it(`of ${JSON.stringify(options)} is ${actions}`, () => assert.equal(actionsOf(options, 12), actions));

  it("refuses what is no number of steps, and options it does not know", () => {
    assert.throws(() => schedule({ wait: 0, warmup: 0, active: 0 }), /Invalid profiler schedule arguments: 'active'/);
    assert.throws(() => schedule({ wait: -1, warmup: 0, active: 1 }), /'wait' must be a whole number/);
    assert.throws(() => schedule({ wait: 0.5, warmup: 0, active: 1 }), /Invalid profiler schedule arguments/);
    assert.throws(() => schedule({ wait: 0, warmup: 0, active: 1, repeats: 1 } as never), /Did you mean 'repeat'/);
  });
});

describe("a profiler with a schedule", () => {
  /** Step n adds n times and ends. */
  function run(steps: number, options: Parameters<typeof schedule>[0]): { counts: number[][]; last: number } {
    const counts: number[][] = [];
    const report = profile(
      (profiler) => {
        for (let step = 0; step < steps; step++) {
          for (let i = 0; i < step; i++) tensor(1).add(1);
          profiler.step();
        }
      },
      {
        schedule: schedule(options),
        onTraceReady: (profiler) => {
          const rows = profiler.keyAverages();
          const add = rows.find(({ key }) => key === "add")?.count ?? 0;
          counts.push([profiler.stepNumber, add, rows.filter(({ key }) => key.startsWith("ProfilerStep#")).length]);
        },
      },
    );
    return { counts, last: report.keyAverages().find(({ key }) => key === "add")?.count ?? 0 };
  }

  it("hands out each cycle's active steps at their end, without waiting and warm-up", () => {
    const { counts, last } = run(9, { wait: 1, warmup: 1, active: 2 });
    assert.deepEqual(counts, [
      [4, 2 + 3, 2],
      [8, 6 + 7, 2],
    ]);
    assert.equal(last, 13, "at the end, the latest cycle is still there");
  });

  it("stops after its repetitions, and hands out what it has when the program ends in an active step", () => {
    assert.deepEqual(run(9, { wait: 0, warmup: 1, active: 1, repeat: 2 }).counts, [
      [2, 1, 1],
      [4, 3, 1],
    ]);
    const { counts } = run(2, { wait: 0, warmup: 1, active: 3 });
    assert.deepEqual(counts, [[2, 1, 2]]);
  });

  it("does not listen while it waits", () => {
    let listening: boolean[] = [];
    profile(
      (profiler) => {
        for (let step = 0; step < 4; step++) {
          listening = [...listening, watch.observer !== null];
          profiler.step();
        }
      },
      { schedule: schedule({ wait: 1, warmup: 1, active: 1, repeat: 1 }) },
    );
    assert.deepEqual(listening, [false, true, true, false]);
    assert.equal(watch.observer, null);
  });
});

describe("a profile", () => {
  it("counts the FLOPs of PyTorch with withFlops: products exactly, backward once for each gradient", () => {
    const x = randn([16, 4], { requiresGrad: true });
    const w = randn([8, 4], { requiresGrad: true });
    const report = profile(() => F.linear(x, w, randn(8)).sum().backward(), { withFlops: true });
    const rows = new Map(report.keyAverages().map((row) => [row.key, row]));
    assert.equal(rows.get("linear")?.flops, 2 * 16 * 4 * 8);
    assert.equal(rows.get("AddmmBackward0")?.flops, 2 * 2 * 16 * 4 * 8);
    const table = report.table();
    assert.match(table, /# of Calls +Total FLOPs$/m);
    assert.match(table, /^linear .* 1 +1024\.000$/m);
    assert.match(table, /^backward .* 1 +--$/m);
    assert.doesNotMatch(profile(() => x.mm(w.t())).table(), /FLOPs/);
  });

  it("leaves out shapes and memory where they are not wanted", () => {
    const report = profile(() => randn(2, 2).mm(randn(2, 2)), { recordShapes: false, profileMemory: false });
    const [row] = report.keyAverages({ groupByInputShape: true });
    assert.deepEqual([row?.inputShapes, row?.cpuMemoryUsage], ["[]", 0]);
  });

  it("groups by the user's calls with withStack; a backward node has its op's", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    function first(): Tensor {
      return x.exp();
    }
    function second(): Tensor {
      return x.exp();
    }
    const report = profile(() => first().add(second()).sum().backward(), { withStack: true });
    const rows = report.keyAverages({ groupByStack: 1 }).filter(({ key }) => /exp/i.test(key));
    const places = rows.map(({ key, count, stack }) => `${key} ${count} ${stack?.[0]?.split(" ")[0]}`).sort();
    assert.deepEqual(places, ["ExpBackward0 1 first", "ExpBackward0 1 second", "exp 1 first", "exp 1 second"]);
    assert.match(rows[0]?.stack?.[0] ?? "", /profiler\.test\.ts:\d+:\d+/);
    assert.match(report.keyAverages({ groupByStack: true }).table(), /Source Location/);
    assert.equal(report.keyAverages().filter(({ key }) => key === "exp").length, 1);
  });

  it("counts the time and memory of what runs inside an op once", () => {
    class Twice extends autograd.Function {
      static forward(_ctx: autograd.FunctionCtx, x: Tensor): Tensor {
        return x.mul(2).clone();
      }
    }
    const rows = new Map(
      profile(() => Twice.apply(randn(100)))
        .keyAverages()
        .map((row) => [row.key, row]),
    );
    const outer = rows.get("Twice");
    const inside = (rows.get("mul")?.cpuTimeTotal ?? 0) + (rows.get("clone")?.cpuTimeTotal ?? 0);
    assert.ok(Math.abs((outer?.selfCpuTimeTotal ?? 0) + inside - (outer?.cpuTimeTotal ?? 0)) < 1e-9);
    assert.deepEqual([rows.get("mul")?.selfCpuMemoryUsage, rows.get("clone")?.selfCpuMemoryUsage], [400, 400]);
    const self = [...rows.values()].reduce((sum, row) => sum + row.selfCpuTimeTotal, 0);
    const most = Math.max(...[...rows.values()].map(({ cpuTimeTotal }) => cpuTimeTotal));
    assert.ok(self >= most);
  });

  it("counts no memory for views and for what changes in place", () => {
    const x = randn(10, 10);
    const rows = new Map(
      profile(() => x.t().detach().narrow(0, 0, 5).add_(1))
        .keyAverages()
        .map((row) => [row.key, row]),
    );
    assert.deepEqual(
      [rows.get("t")?.cpuMemoryUsage, rows.get("detach")?.cpuMemoryUsage, rows.get("add_")?.cpuMemoryUsage],
      [0, 0, 0],
    );
  });

  it("may run inside another, and both see what is inside the inner one", () => {
    let inner: string[] = [];
    const outer = profile(() => {
      tensor(1).add(1);
      inner = names(profile(() => tensor(1).mul(2)));
      tensor(1).sub(1);
    });
    assert.deepEqual(inner, ["mul"]);
    assert.deepEqual(names(outer), ["add", "mul", "sub"]);
    assert.equal(watch.observer, null);
  });

  it("may overlap with another that ends first, and nobody is left listening", async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    const first = profile(() => gates[0].promise.then(() => tensor(1).add(1)));
    const second = profile(() => gates[1].promise.then(() => tensor(1).mul(1)));
    gates[0].resolve();
    const one = await first;
    gates[1].resolve();
    const two = await second;
    assert.deepEqual([names(one), names(two)], [["add"], ["add", "mul"]]);
    assert.equal(watch.observer, null);
  });

  it("of something that throws, now or later, hands out what it has and lets the error through", async () => {
    const seen: string[][] = [];
    const onTraceReady = (profiler: { keyAverages(): Iterable<{ readonly key: string }> }): void => {
      seen.push(names(profiler));
    };
    const fail = (): never => {
      recordFunction("part", () => {
        tensor(1).add(1);
        throw new Error("mine");
      });
      throw new Error("not reached");
    };
    assert.throws(() => profile(fail, { onTraceReady }), /mine/);
    await assert.rejects(
      profile(async () => fail(), { onTraceReady }),
      /mine/,
    );
    assert.deepEqual(seen, [
      ["add", "part"],
      ["add", "part"],
    ]);
    assert.equal(watch.observer, null);
  });

  it("closes what is still open at its end, and hears nothing of what began before it", () => {
    const report = recordFunction("outside", () => profile(() => tensor(1).add(1)));
    assert.deepEqual(names(report), ["add"]);
    let middle: ReturnType<typeof profile> | null = null;
    const x = tensor(1, { requiresGrad: true });
    const y = x.mul(2);
    y.registerHook(() => {
      middle = profile(() => recordFunction("in a hook", () => 1));
    });
    y.backward();
    assert.deepEqual(middle === null ? null : names(middle), ["in a hook"]);
  });

  it("measures recordFunction to the end of an async function", async () => {
    const report = await profile(() =>
      recordFunction("slow", async () => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return tensor(1).add(1);
      }),
    );
    const rows = new Map(report.keyAverages().map((row) => [row.key, row]));
    const [slow, add] = [rows.get("slow"), rows.get("add")];
    assert.ok((slow?.cpuTimeTotal ?? 0) >= (add?.cpuTimeTotal ?? 1));
    assert.ok(Math.abs((slow?.cpuTimeTotal ?? 0) - (slow?.selfCpuTimeTotal ?? 0) - (add?.cpuTimeTotal ?? 0)) < 1e-9);
  });

  it("sorts and cuts its table, and refuses options it does not know", () => {
    const net = new nn.Linear(4, 4);
    const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
    const report = profile(() => {
      for (let i = 0; i < 3; i++) {
        net.forward(randn(2, 4)).sum().backward();
        optimizer.step();
      }
    });
    assert.equal(report.table({ sortBy: "self_cpu_time_total" }), report.table({ sortBy: "selfCpuTimeTotal" }));
    const lines = report.table({ sortBy: "count", rowLimit: 2 }).split("\n");
    assert.equal(lines.length, 3 + 2 + 2);
    assert.ok(report.keyAverages().some(({ key }) => key === "Optimizer.step#SGD.step"));
    assert.throws(() => report.keyAverages({ groupByInputShapes: true } as never), /Did you mean 'groupByInputShape'/);
    assert.throws(() => profile(() => 1, { recordShape: true } as never), /Did you mean 'recordShapes'/);
  });
});
