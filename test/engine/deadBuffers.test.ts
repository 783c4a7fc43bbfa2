import assert from "node:assert/strict";
import { constants, PerformanceObserver } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { ones } from "../../engine/index.ts";

/** How often the host looked for what had died young while `run` ran. */
async function youngCollections(run: () => void): Promise<number> {
  const kinds: unknown[] = [];
  const take = (entries: readonly PerformanceEntry[]): void => {
    for (const { detail } of entries as readonly { readonly detail?: { readonly kind?: number } }[]) {
      kinds.push(detail?.kind);
    }
  };
  const observer = new PerformanceObserver((list) => take(list.getEntries()));
  observer.observe({ entryTypes: ["gc"] });
  run();
  await sleep(50);
  take(observer.takeRecords());
  observer.disconnect();
  return kinds.filter((kind) => kind === constants.NODE_PERFORMANCE_GC_MINOR).length;
}

describe("buffers that died with the graph of a step", () => {
  const steps = (size: number, count: number) => {
    const w = ones(size, { requiresGrad: true });
    return () => {
      for (let i = 0; i < count; i++) {
        w.grad = null;
        w.mul(0.5).tanh().add(1).pow(2).sum().backward();
      }
    };
  };

  it("are freed when the next backward begins, in a loop that never ends its turn, too, where they are large", async () => {
    const young = await youngCollections(steps(1 << 20, 30));
    assert.ok(young >= 8, `${young} times in 30 steps that make 20 MB each`);
  });

  it("are left to the host where they are small", async () => {
    const young = await youngCollections(steps(1 << 10, 30));
    assert.ok(young <= 3, `${young} times`);
  });
});
