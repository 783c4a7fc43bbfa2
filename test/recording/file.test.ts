import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { nn, optim, tensor } from "../../engine/index.ts";
import { decodeRecording, encodeRecording, RecordingFileError } from "../../engine/recording/file.ts";
import { buildGraph } from "../../engine/recording/queries/graph.ts";
import { runReport } from "../../engine/recording/queries/report.ts";
import { Recording, type RecordingChunk } from "../../engine/recording/recording.ts";
import { startRecording } from "../../engine/recording/runRecorder.ts";

/** Something of everything: modules, steps, a NaN, names, sites, console, a cycle, a gradcheck and an error. */
function fullRecording(): Recording {
  const recording = new Recording();
  const host = { send: (chunk: RecordingChunk) => recording.append(chunk), tick: () => undefined };
  const recorder = startRecording(host, undefined);
  try {
    const place = { file: "/work/model.ts", line: 3, column: 1 };
    const names = [{ id: 1, name: "net", ...place, assignment: "declare" as const, alias: false }];
    recorder.addNames(place.file, names);
    recording.append({ names });
    const site = { id: 7, ...place, endLine: 3, endColumn: null, functionName: null };
    recording.append({ sites: [site], console: [{ stream: "stdout", text: "loss ∞\n" }] });
    recorder.site.current = 7;
    const net = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU(), new nn.Linear(3, 1));
    recorder.nameValue(1, net);
    const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
    for (let step = 0; step < 2; step++) {
      optimizer.zeroGrad();
      net
        .forward(
          tensor([
            [1, 2],
            [3, 4],
          ]),
        )
        .pow(2)
        .mean()
        .backward();
      optimizer.step();
    }
    tensor([-1, 2], { requiresGrad: true }).log().sum().backward();
  } finally {
    recorder.finish();
    recorder.site.current = 0;
  }
  const worst = { output: 0, input: 0, row: 1, col: 2, analytical: Number.NEGATIVE_INFINITY, numerical: 4 };
  const cells = [1, Number.NaN, 3, 4, 5, Number.NEGATIVE_INFINITY];
  const pair = {
    ...{ output: 0, input: 0, inputShape: [2], outputShape: [3], rows: 2, cols: 3 },
    ...{ firstRow: 0, firstCol: 0, shownRows: 2, shownCols: 3, analytical: cells, numerical: cells },
    slopes: { steps: [1e-8, 1e-6, 1e-4], central: [cells, cells, cells], above: cells, below: cells },
  };
  const gradcheck = {
    ...{ name: "gradcheck", site: 7, event: 1, passed: false, diagnosis: "it differs", cause: "sign" },
    ...{ advice: "Put a minus.", blame: { op: "Cube", site: 3 }, eps: 1e-6, atol: 1e-5, rtol: 1e-3, pairs: [pair] },
  };
  recording.append({
    gradchecks: [{ ...gradcheck, maxAbsError: Number.NaN, maxRelError: Number.POSITIVE_INFINITY, worst }],
    pendingGradcheck: { name: "gradcheck", site: 8 },
    cycles: [{ files: ["/work/a.ts", "/work/b.ts", "/work/a.ts"], line: null }],
    error: { name: "Error", message: "m", file: "/work/model.ts", line: 1, column: 2, stack: [] },
    meta: { file: "/work/model.ts", startedAt: 5, durationMs: 1.5, outcome: "error" },
  });
  return recording;
}

const plain = { relative: (file: string): string => file };

/** What a view asks of a recording. */
function ask(recording: Recording): unknown {
  return [runReport(recording, plain), runReport(recording, { ...plain, all: true }), buildGraph(recording)];
}

/** Numbers that look random and are the same in every run. */
function* numbers(seed: number): Generator<number, never> {
  for (let x = seed; ; ) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    yield x / 2 ** 32;
  }
}

const headerLength = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(12, true);

/** The file with another header before its columns. */
function withHeader(bytes: Uint8Array, change: (header: string) => string): Uint8Array {
  const length = headerLength(bytes);
  const text = new TextEncoder().encode(change(new TextDecoder().decode(bytes.subarray(16, 16 + length))));
  const body = bytes.subarray((16 + length + 7) & ~7);
  const start = (16 + text.length + 7) & ~7;
  const result = new Uint8Array(start + body.length);
  result.set(bytes.subarray(0, 16));
  new DataView(result.buffer).setUint32(12, text.length, true);
  result.set(text, 16);
  result.set(body, start);
  return result;
}

/** The file with fields of its header replaced. */
function withFields(bytes: Uint8Array, fields: Readonly<Record<string, unknown>>): Uint8Array {
  return withHeader(bytes, (text) => JSON.stringify({ ...JSON.parse(text), ...fields }));
}

const changed = (make: (recording: Recording) => void): Uint8Array => {
  const recording = decodeRecording(file);
  make(recording);
  return encodeRecording(recording);
};

const original = fullRecording();
const file = encodeRecording(original);

describe("a recording's file", () => {
  it("gives back everything that was recorded", () => {
    const read = decodeRecording(file);
    for (const key of ["strings", "shapes", "sites", "names", "gradchecks", "console", "cycles", "symbols"] as const)
      assert.deepEqual(read[key], original[key], key);
    assert.deepEqual([read.meta, read.error], [original.meta, original.error]);
    assert.deepEqual(ask(read), ask(original));
    assert.equal(encodeRecording(read).length, file.length);
  });

  it("keeps the NaN and the Infinity that a gradcheck found", () => {
    const [check] = decodeRecording(file).gradchecks;
    assert.deepEqual(
      [check?.maxAbsError, check?.maxRelError, check?.worst?.analytical],
      [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    );
  });

  it("may hold nothing", () => {
    const empty = decodeRecording(encodeRecording(new Recording()));
    assert.equal(empty.tables.events.rows, 0);
    ask(empty);
  });

  it("may begin anywhere in a larger buffer", () => {
    const larger = new Uint8Array(file.length + 3);
    larger.set(file, 3);
    assert.equal(decodeRecording(larger.subarray(3)).tables.events.rows, original.tables.events.rows);
  });

  it("is refused wherever it was cut off", () => {
    for (let end = 0; end < file.length - 8; end += 97)
      assert.throws(() => decodeRecording(file.subarray(0, end)), RecordingFileError, `cut at ${end}`);
  });

  it("says that it is empty, no recording, or of another version", () => {
    assert.throws(() => decodeRecording(new Uint8Array()), /The file is empty/);
    assert.throws(
      () => decodeRecording(new TextEncoder().encode("import { tensor } from")),
      /not a Gradlens recording/,
    );
    for (const [version, message] of [
      [1, /earlier version/],
      [4_000_000_000, /later version.*Update/],
    ] as const) {
      const other = file.slice();
      new DataView(other.buffer).setUint32(8, version, true);
      assert.throws(() => decodeRecording(other), message);
    }
  });

  it("of an earlier version opens: what was not recorded then is 0 or not there", () => {
    const old = decodeRecording(readFileSync(new URL("../fixtures/recordings/version-2.gradlens", import.meta.url)));
    assert.deepEqual([old.meta.outcome, old.sites.get(7)?.line], ["ok", 3]);
    const { events, kept, gc } = old.tables;
    assert.deepEqual([events.rows > 3, kept.rows, gc.rows], [true, 0, 0]);
    assert.ok(events.column.flops.every((flops) => flops === 0));
    assert.ok(runReport(old, plain).tensors.length > 0);
    assert.deepEqual(ask(decodeRecording(encodeRecording(old))), ask(old));
  });

  const halves = { "in its header": [0, 0.999], "in its tables": [1, 2] } as const;
  for (const [where, [from]] of Object.entries(halves)) {
    it(`with a bit turned over ${where} is refused or can be shown`, () => {
      const random = numbers(from + 41);
      const start = from === 0 ? 0 : 16 + headerLength(file);
      const end = from === 0 ? 16 + headerLength(file) : file.length;
      let refused = 0;
      for (let i = 0; i < 300; i++) {
        const bytes = file.slice();
        const at = start + Math.floor(random.next().value * (end - start));
        bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random.next().value * 8));
        let read: Recording;
        try {
          read = decodeRecording(bytes);
        } catch (error) {
          assert.ok(error instanceof RecordingFileError, `byte ${at}: ${error}`);
          refused++;
          continue;
        }
        assert.doesNotThrow(() => ask(read), `byte ${at}`);
      }
      assert.ok(refused > 0 && refused < 300, `${refused} refused`);
    }).timeout(20_000);
  }

  const wrongFields: readonly Readonly<Record<string, unknown>>[] = [
    { strings: [1] },
    { strings: "text" },
    { strings: null },
    { shapes: [[-1]] },
    { shapes: [[1.5]] },
    { shapes: ["2,3"] },
    { sites: [null] },
    { sites: [{ id: "7", file: "f", line: 1, column: 1, endLine: null, endColumn: null, functionName: null }] },
    { sites: [{ id: 7 }] },
    { names: [{ id: 1, name: "x", file: "f", line: 1, column: 1, assignment: "guess", alias: false }] },
    { gradchecks: [{ name: "gradcheck" }] },
    { console: [{ stream: "stdin", text: "" }] },
    { console: [{ stream: "stdout", text: 5 }] },
    { cycles: [{ files: [], line: null }] },
    { cycles: [{ files: [{}], line: null }] },
    { symbols: [["add"]] },
    { symbols: [["add", 1]] },
    { error: {} },
    { error: "it failed" },
    { error: { name: "E", message: "m", file: null, line: null, column: null, stack: [{}] } },
    { meta: [] },
    { meta: null },
    { meta: { file: 1, startedAt: 0, durationMs: 0, outcome: "ok", truncated: null } },
    { meta: { file: "f", startedAt: "now", durationMs: 0, outcome: "ok", truncated: null } },
    { rows: null },
    { rows: {} },
    { rows: { events: -1 } },
  ];
  for (const fields of wrongFields) {
    it(`is refused with the header ${JSON.stringify(fields)}`, () => {
      assert.throws(() => decodeRecording(withFields(file, fields)), RecordingFileError);
    });
  }

  it("is refused when its header is no object or no text", () => {
    for (const text of ["null", "[]", "5", "", "{"])
      assert.throws(() => decodeRecording(withHeader(file, () => text)), RecordingFileError, text);
  });

  it("can say nothing through __proto__", () => {
    const harmless = withHeader(file, (text) => `{"__proto__":{"polluted":1},${text.slice(1)}`);
    const read = decodeRecording(harmless);
    assert.equal(Reflect.get({}, "polluted"), undefined);
    assert.equal(Object.getPrototypeOf(read.meta), Object.prototype);
    const inherited = withHeader(file, (text) => text.replace('"meta":', '"__proto__":'));
    assert.throws(() => decodeRecording(inherited), RecordingFileError);
  });

  const beyond = 4_000_000_000;
  const wrongReferences: Readonly<Record<string, (recording: Recording) => void>> = {
    "a scope in itself": ({ tables }) => tables.scopes.column.parent.fill(1, 1, 2),
    "a scope in a later one": ({ tables }) => tables.scopes.column.parent.fill(2, 1, 2),
    "a scope's name": ({ tables }) => tables.scopes.column.name.fill(beyond),
    "a scope's type": ({ tables }) => tables.scopes.column.type.fill(beyond),
    "the detail of an event": ({ tables }) => tables.events.column.detail.fill(beyond),
    "a tensor's grad_fn": ({ tables }) => tables.tensors.column.gradFn.fill(beyond),
    "a tensor's type": ({ tables }) => tables.tensors.column.dtype.fill(200),
    "more values than a tensor has": ({ tables }) => tables.tensors.column.valueCount.fill(13, 1, 2),
    "a bound tensor": ({ tables }) => {
      const one = new Uint32Array([1]);
      tables.bindings.append({ rows: 1, columns: { tensor: new Uint32Array([beyond]), name: one, event: one } });
    },
    "a parameter's path": ({ tables }) => tables.parameters.column.path.fill(beyond),
    "a parameter's tensor": ({ tables }) => tables.parameters.column.tensor.fill(beyond),
    "a module's path": ({ tables }) => tables.modules.column.path.fill(beyond),
    "a module's type": ({ tables }) => tables.modules.column.type.fill(beyond),
    "a tensor that is kept": ({ tables }) => tables.kept.column.tensor.fill(beyond),
    "the event that keeps one": ({ tables }) => tables.kept.column.event.fill(beyond),
    "the tensor of statistics": ({ tables }) => tables.stats.column.tensor.fill(beyond),
    "the event of statistics": ({ tables }) => tables.stats.column.event.fill(beyond),
    "the grad_fn of statistics": ({ tables }) => tables.stats.column.gradFn.fill(beyond),
    "the sample of statistics": ({ tables }) => tables.stats.column.sample.fill(beyond),
  };
  for (const [what, spoil] of Object.entries(wrongReferences)) {
    it(`is refused when it refers to nothing: ${what}`, () => {
      assert.throws(() => decodeRecording(changed(spoil)), RecordingFileError);
    });
  }
});

describe("a recording", () => {
  it("takes very long lists at once", () => {
    const recording = new Recording();
    recording.append({ console: Array.from({ length: 300_000 }, () => ({ stream: "stdout", text: "x" })) });
    assert.equal(recording.console.length, 300_000);
  });
});
