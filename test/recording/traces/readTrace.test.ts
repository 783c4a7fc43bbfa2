import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { nn, optim, randn } from "../../../engine/index.ts";
import { opTable } from "../../../engine/recording/queries/profile/opTable.ts";
import { SpanKind, type Timeline, timelineOf } from "../../../engine/recording/queries/profile/timeline.ts";
import { chromeTraceParts } from "../../../engine/recording/traces/chromeTrace.ts";
import { readTrace, TraceError, TraceReader } from "../../../engine/recording/traces/readTrace.ts";
import { recorded } from "../profile/recordings.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (trace: unknown) => readTrace(bytes(typeof trace === "string" ? trace : JSON.stringify(trace)));
const span = (name: string, ts: unknown, dur: unknown, more: object = {}) => ({
  ...{ ph: "X", name, ts, dur, pid: 1, tid: 1 },
  ...more,
});
const whole = bytes(
  JSON.stringify({ traceEvents: Array.from({ length: 50 }, (_, i) => span(`op ${i % 5}`, 10 * i, 9)) }),
);

/** Depth, name and times of every span. */
const rowsOf = (timeline: Timeline): string[] =>
  Array.from(timeline.start, (start, i) => {
    const name = timeline.names[timeline.name[i] ?? -1];
    return `${timeline.depth[i]} ${name} ${start}-${timeline.end[i]}`;
  });

/** As PyTorch 2 writes it, in short. */
const kineto = {
  schemaVersion: 1,
  deviceProperties: [{ id: 0, traceEvents: [{ ph: "X", name: "not this", ts: 0, dur: 1 }] }],
  displayTimeUnit: "ms",
  traceEvents: [
    { ph: "M", name: "process_name", pid: 77, tid: 0, args: { name: "python" } },
    { ph: "M", name: "thread_name", pid: 77, tid: 77, args: { name: "thread 77 (python)" } },
    span("aten::linear", 1000.5, 40, { cat: "cpu_op", pid: 77, tid: 77, args: { "Sequence number": 5 } }),
    span("aten::addmm", 1010.5, 20, { cat: "cpu_op", pid: 77, tid: 77 }),
    span("autograd::engine::evaluate_function: AddmmBackward0", 1100.5, 50, { cat: "cpu_op", pid: 77, tid: 78 }),
    span("AddmmBackward0", 1110.5, 20, { cat: "cpu_op", pid: 77, tid: 78 }),
    { ph: "s", id: 1, pid: 77, tid: 77, ts: 1010.5, cat: "fwdbwd", name: "fwdbwd" },
    { ph: "f", bp: "e", id: 1, pid: 77, tid: 78, ts: 1110.5, cat: "fwdbwd", name: "fwdbwd" },
    { ph: "i", s: "t", name: "[memory]", pid: 77, tid: 77, ts: 1001, args: { Bytes: 4 } },
    span("PyTorch Profiler (0)", 990.5, 200, { cat: "Trace", pid: "Spans", tid: "PyTorch Profiler" }),
  ],
};

describe("a trace in Chrome's format", () => {
  it("of PyTorch 1.13 opens: its spans nest, its backward nodes are known", () => {
    const file = readFileSync(new URL("../../fixtures/traces/pytorch-1.13.json", import.meta.url));
    const { timeline, problems } = readTrace(file);
    assert.deepEqual([problems, timeline.count, timeline.lanes.length], [[], 141, 1]);
    assert.equal(timeline.lanes[0]?.name, "CPU functions · thread 1");
    const rows = new Map(opTable(timeline, null).map((row) => [row.name, row]));
    // What PyTorch's own table said of the same run.
    assert.deepEqual([rows.get("aten::pow")?.count, rows.get("aten::pow")?.total], [2, 0.806]);
    assert.equal(rows.get("TanhBackward0")?.kind, SpanKind.backward);
    assert.equal(rows.get("Optimizer.step#SGD.step")?.kind, SpanKind.optimizer);
    assert.equal(rows.get("one step")?.count, 1, "what the user named is in the table, too");
  });

  it("of PyTorch 2 opens with its threads' names, and with arrows as links", () => {
    const { timeline, problems } = read(kineto);
    assert.deepEqual(problems, []);
    assert.deepEqual(rowsOf(timeline), [
      "0 aten::linear 0.01-0.05",
      "1 aten::addmm 0.02-0.04",
      "0 autograd::engine::evaluate_function: AddmmBackward0 0.11-0.16",
      "1 AddmmBackward0 0.12-0.14",
      "0 PyTorch Profiler (0) 0-0.2",
    ]);
    assert.equal(timeline.lanes[0]?.name, "python · thread 77 (python)");
    assert.deepEqual([...timeline.link], [-1, -1, -1, 1, -1]);
  });

  it("of our own comes back as it was", () => {
    const net = new nn.Sequential(new nn.Linear(3, 4), new nn.Tanh());
    const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
    const recording = recorded(() => {
      net.forward(randn(2, 3)).sum().backward();
      optimizer.step();
    });
    const written = timelineOf(recording);
    const { timeline, problems } = readTrace(bytes([...chromeTraceParts(written, { recording })].join("")));
    assert.deepEqual(problems, []);
    const names = (one: Timeline): unknown => Array.from(one.name, (name, i) => [one.names[name], one.depth[i]]);
    assert.deepEqual(names(timeline), names(written));
    assert.deepEqual([timeline.kind, timeline.link], [written.kind, written.link]);
    assert.deepEqual(
      timeline.lanes.map(({ name }) => name),
      written.lanes.map(({ name }) => `Gradlens · ${name}`),
    );
    assert.ok(written.start.every((start, i) => Math.abs(start - written.begin - (timeline.start[i] ?? -1)) < 1e-5));
  });

  it("may have begins and ends apart, in several threads, and be a bare list that nobody closed", () => {
    const { timeline, problems } = read(
      '[{"ph":"B","name":"a","ts":0,"tid":1},{"ph":"B","name":"b","ts":1000,"tid":2},\n{"ph":"E","ts":2000,"tid":1},{"ph":"E","ts":5000,"tid":2},',
    );
    assert.deepEqual([rowsOf(timeline), problems], [["0 a 0-2", "0 b 1-5"], []]);
  });

  it("is read the same in parts of any size", () => {
    const expected = readTrace(whole);
    for (const size of [1, 7, 100]) {
      const reader = new TraceReader();
      for (let at = 0; at < whole.length; at += size) reader.push(whole.subarray(at, at + size));
      assert.deepEqual(reader.finish(), expected);
    }
  });
});

describe("a trace that is damaged", () => {
  const refusals: readonly (readonly [string, string | object, RegExp])[] = [
    ["empty", "", /^The file is empty\.$/],
    ["no JSON", "\x7fELF and so on", /not JSON/],
    ["an image", "GIF89a", /not JSON/],
    ["compressed", "\x1f\x8b\x08", /compressed.*gunzip/],
    ["another JSON", { nodes: [], head: {} }, /no list of traceEvents/],
    ["a list of numbers", [1, 2, 3], /nothing to show/],
    ["without events", { traceEvents: [] }, /nothing to show/],
    ["only metadata", { traceEvents: [{ ph: "M", name: "thread_name", args: { name: "x" } }] }, /nothing to show/],
  ];
  for (const [what, file, message] of refusals)
    it(`is refused when it is ${what}, and says so`, () => {
      const content =
        typeof file === "string" ? Uint8Array.from(file, (c) => c.charCodeAt(0)) : bytes(JSON.stringify(file));
      assert.throws(
        () => readTrace(content),
        (error) => error instanceof TraceError && message.test(error.message),
      );
    });

  it("is shown up to where it was cut off, wherever that is", () => {
    for (let end = 100; end < whole.length - 2; end += 13) {
      const { timeline, problems } = readTrace(whole.subarray(0, end));
      assert.ok(timeline.count >= 1 && timeline.count <= 50);
      assert.match(problems.join(" "), /cut off/, `cut at ${end}`);
    }
  });

  it("with a bit turned over is refused with a sentence or can be shown", () => {
    let shown = 0;
    for (let i = 0; i < 8 * whole.length; i += 37) {
      const damaged = whole.slice();
      damaged[i >> 3] = (damaged[i >> 3] ?? 0) ^ (1 << (i & 7));
      try {
        const { timeline } = readTrace(damaged);
        assert.ok(timeline.end.every((end, span) => end >= (timeline.start[span] ?? 0)));
        shown++;
      } catch (error) {
        assert.ok(error instanceof TraceError, String(error));
      }
    }
    assert.ok(shown > 100);
  });

  it("shows what is readable of events that make no sense, and counts the others", () => {
    const { timeline, problems } = read({
      schemaVersion: 99,
      traceEvents: [
        span("good", 0, 1000),
        span("backwards", 2000, -5),
        span("no time", null, 1),
        span("never", "soon", 1),
        span("as text", "3000", "500"),
        { ph: "E", ts: 5, pid: 1, tid: 1 },
        { ph: "B", name: "open", ts: 3600, pid: 1, tid: 1 },
        7,
        null,
        [{}],
        span("negative", -4000, 1000),
        { ph: "?", ts: {}, name: [] },
      ],
    });
    assert.deepEqual(rowsOf(timeline), [
      "0 negative 0-1",
      "0 good 4-5",
      "0 backwards 6-6",
      "0 as text 7-7.5",
      "0 open 7.6-7.6",
    ]);
    const said = problems.join("\n");
    for (const words of [
      /later layout \(99\)/,
      /^1 elements of the list/m,
      /^2 events have no usable time/m,
      /^1 events end before they begin/m,
      /^1 ends have no beginning/m,
      /^1 spans never end/m,
    ])
      assert.match(said, words);
  });

  it("with arrows in a circle, without end, and from nowhere draws what it can", () => {
    const arrow = (ph: string, id: string, ts: number) => ({ ph, id, ts, pid: 1, tid: 1, cat: "c" });
    const { timeline } = read([
      ...[span("a", 0, 10), span("b", 20, 10)],
      ...[arrow("s", "x", 0), arrow("f", "x", 20), arrow("s", "y", 20), arrow("f", "y", 0)],
      ...[arrow("f", "nowhere", 5), arrow("s", "lost", 999), arrow("f", "lost", 0)],
    ]);
    assert.deepEqual([...timeline.link], [1, 0]);
  });

  it("with a hundred thousand threads shows the first thousand and says so", () => {
    const { timeline, problems } = read(Array.from({ length: 100_000 }, (_, tid) => span("a", tid, 1, { tid })));
    assert.deepEqual([timeline.lanes.length, timeline.count], [1000, 1000]);
    assert.match(problems.join(), /^99,000 events are of further threads/);
  });

  it("with names of a megabyte shortens them, and leaves out what is longer than any event is", () => {
    const { timeline, problems } = read([
      span("n".repeat(1 << 20), 0, 1),
      span("x".repeat(5 << 20), 1, 1),
      span("a", 2, 1),
    ]);
    assert.deepEqual(
      timeline.names.map(({ length }) => length),
      [301, 1],
    );
    assert.match(problems.join(" "), /1 event is too long.*1 names were shortened/);
  });

  it("with brackets as deep as you like is no danger", () => {
    const deep = "[".repeat(200_000);
    const { timeline } = read(`[{"ph":"X","name":"a","ts":1,"dur":1},{"args":${deep}${deep.replaceAll("[", "]")}}]`);
    assert.equal(timeline.count, 1);
    assert.throws(() => read(`{"x":${deep}`), TraceError);
  });

  it("of a file without end takes what can be shown, and no more memory than that", () => {
    const reader = new TraceReader();
    const part = bytes(Array.from({ length: 10_000 }, (_, i) => JSON.stringify(span(`op ${i}`, i, 1))).join());
    reader.push(bytes("["));
    let parts = 0;
    while (reader.push(part) && parts < 1000) {
      reader.push(bytes(","));
      parts++;
    }
    assert.equal(parts, 199);
    const { timeline, problems } = reader.finish();
    assert.equal(timeline.count, 2_000_000);
    assert.match(problems.join(), /^2,000,000 spans are shown/);
  });
});
