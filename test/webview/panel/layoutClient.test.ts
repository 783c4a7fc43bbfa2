import assert from "node:assert/strict";
import { layeredLayout } from "../../../engine/recording/layout/layered/layeredLayout.ts";
import { LayoutClient } from "../../../webview/graph/layoutClient.ts";
import type { FromLayoutWorker, ToLayoutWorker } from "../../../webview/graph/layoutMessages.ts";
import { moduleChain } from "../../bench/layout.ts";

/** A worker of the test's own making: it does what the test tells it. */
class FakeWorker {
  static made: FakeWorker[] = [];
  onmessage: ((event: { data: FromLayoutWorker }) => void) | null = null;
  onerror: ((event: { message: string }) => void) | null = null;
  asked: ToLayoutWorker | null = null;
  isTerminated = false;

  constructor() {
    FakeWorker.made.push(this);
  }

  postMessage(message: ToLayoutWorker): void {
    this.asked = message;
  }

  terminate(): void {
    this.isTerminated = true;
  }

  answer(): void {
    assert.ok(this.asked);
    this.onmessage?.({ data: { kind: "result", result: layeredLayout(this.asked.input) } });
  }
}

describe("the layout's worker", () => {
  const large = moduleChain(400);
  const script = "data:text/javascript,";
  const realWorker = globalThis.Worker;

  beforeEach(() => {
    FakeWorker.made = [];
    globalThis.Worker = FakeWorker as unknown as typeof Worker;
  });

  after(() => {
    globalThis.Worker = realWorker;
  });

  it("lays out a large graph, tells how far it is, and is used again", async () => {
    const client = new LayoutClient(script);
    const told: number[] = [];
    const options = { signal: new AbortController().signal, onProgress: (done: number) => told.push(done) };
    const first = client.layout(large, options);
    const worker = await started();
    worker.onmessage?.({ data: { kind: "progress", done: 0.5 } });
    worker.answer();
    assert.equal((await first).x.length, 400);
    assert.deepEqual(told, [0.5]);

    const second = client.layout(large, options);
    await new Promise((resolve) => setTimeout(resolve, 5));
    worker.answer();
    await second;
    assert.equal(FakeWorker.made.length, 1);
  });

  it("ends when nobody waits any more, and the next layout gets a new one", async () => {
    const client = new LayoutClient(script);
    const controller = new AbortController();
    const given = client.layout(large, { signal: controller.signal, onProgress: () => {} });
    const worker = await started();
    controller.abort(new Error("folded again"));
    await assert.rejects(given, /folded again/);
    assert.ok(worker.isTerminated);

    const next = client.layout(large, { signal: new AbortController().signal, onProgress: () => {} });
    (await started(2)).answer();
    await next;
  });

  it("is not left over when nobody waits any more before it has begun", async () => {
    const client = new LayoutClient(script);
    const waits = new AbortController();
    const onProgress = (): void => {};
    const given = client.layout(large, { signal: waits.signal, onProgress });
    waits.abort(new Error("Cancelled."));
    await assert.rejects(given, /Cancelled/);
    assert.equal(FakeWorker.made.length, 1);
    const next = client.layout(large, { signal: new AbortController().signal, onProgress });
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(FakeWorker.made.length, 1, "the one that was made is used");
    FakeWorker.made[0]?.answer();
    await next;
  });

  it("is not asked for a small graph", async () => {
    const client = new LayoutClient(script);
    await client.layout(moduleChain(100), { signal: new AbortController().signal, onProgress: () => {} });
    assert.equal(FakeWorker.made.length, 0);
  });

  it("is done without when its script cannot be loaded", async () => {
    for (const client of [new LayoutClient(null), new LayoutClient("data:nonsense")]) {
      const result = await client.layout(large, { signal: new AbortController().signal, onProgress: () => {} });
      assert.equal(result.x.length, 400);
    }
  });

  it("passes on its error instead of hanging", async () => {
    const client = new LayoutClient(script);
    const given = client.layout(large, { signal: new AbortController().signal, onProgress: () => {} });
    (await started()).onerror?.({ message: "out of memory" });
    await assert.rejects(given, /out of memory/);
  });

  /** Waits until the client has started a worker and asked it. */
  async function started(count = 1): Promise<FakeWorker> {
    for (let i = 0; i < 200; i++) {
      const worker = FakeWorker.made[count - 1];
      if (worker?.asked) return worker;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return assert.fail("no worker was started");
  }
});
