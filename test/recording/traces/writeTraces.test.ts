import assert from "node:assert/strict";
import { autograd, nn, optim, randn } from "../../../engine/index.ts";
import { memoryProfile } from "../../../engine/recording/queries/profile/memory.ts";
import { opTable } from "../../../engine/recording/queries/profile/opTable.ts";
import { timelineOf } from "../../../engine/recording/queries/profile/timeline.ts";
import { Recording } from "../../../engine/recording/recording.ts";
import { chromeTraceParts } from "../../../engine/recording/traces/chromeTrace.ts";
import { opTableCsv } from "../../../engine/recording/traces/csv.ts";
import { speedscopeParts } from "../../../engine/recording/traces/speedscope.ts";
import { recorded, siteAt } from "../profile/recordings.ts";

function training(): Recording {
  const net = new nn.Sequential(new nn.Linear(3, 4), new nn.Tanh());
  const optimizer = new optim.Adam(net.parameters(), { lr: 0.1 });
  return recorded(
    (at) => {
      at(1);
      autograd.profiler.recordFunction('a "step"', () => net.forward(randn(2, 3)).sum().backward());
      at(2);
      optimizer.step();
    },
    [siteAt(1, 12), siteAt(2, 13)],
  );
}

const relative = (file: string): string => file.replace("/work/", "");

interface TraceEvent {
  readonly ph: string;
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
  readonly id: number;
  readonly bp?: string;
  readonly cat: string;
  readonly args: Readonly<Record<string, unknown>>;
}

describe("a trace for Perfetto", () => {
  const recording = training();
  const timeline = timelineOf(recording);
  const text = [...chromeTraceParts(timeline, { recording, memory: memoryProfile(recording), relative })].join("");
  const { traceEvents }: { traceEvents: readonly TraceEvent[] } = JSON.parse(text);
  const of = (ph: string): readonly TraceEvent[] => traceEvents.filter((event) => event.ph === ph);

  it("is as the format is documented: complete events with times in microseconds, nested on their threads", () => {
    assert.equal(of("X").length, timeline.count);
    for (const { name, cat, pid, tid, ts, dur } of of("X")) {
      assert.ok(name.length > 0 && cat.length > 0 && Number.isInteger(pid) && Number.isInteger(tid));
      assert.ok(ts >= 0 && dur >= 0);
    }
    for (const tid of new Set(of("X").map((event) => event.tid))) {
      const open: number[] = [];
      for (const { ts, dur } of of("X").filter((event) => event.tid === tid)) {
        while (open.length > 0 && (open.at(-1) ?? 0) <= ts + 1e-6) open.pop();
        assert.ok(ts + dur <= (open.at(-1) ?? Number.POSITIVE_INFINITY) + 1e-3);
        open.push(ts + dur);
      }
    }
  });

  it("names its threads, and puts them in order", () => {
    assert.deepEqual(
      of("M").map(({ name, tid, args }) => [name, tid ?? 0, args["name"] ?? args["sort_index"]]),
      [
        ["process_name", 0, "Gradlens"],
        ...["Scopes", "Modules", "Forward", "Backward", "Optimizer"].flatMap((lane, i) => [
          ["thread_name", i + 1, lane],
          ["thread_sort_index", i + 1, i],
        ]),
      ],
    );
  });

  it("has an arrow from each op to its node, each end inside a span of its thread", () => {
    const [tails, heads] = [of("s"), of("f")];
    assert.ok(tails.length >= 3);
    assert.deepEqual(
      tails.map(({ id }) => id),
      heads.map(({ id }) => id),
    );
    assert.equal(new Set(tails.map(({ id }) => id)).size, tails.length);
    assert.ok(heads.every(({ bp }) => bp === "e"));
    const isInSpan = ({ tid, ts }: TraceEvent): boolean =>
      of("X").some((event) => event.tid === tid && event.ts <= ts && ts <= event.ts + event.dur);
    assert.ok([...tails, ...heads].every(isInSpan));
    tails.forEach((tail, i) => {
      assert.ok(tail.ts <= (heads[i]?.ts ?? 0), "time runs from tail to head");
    });
  });

  it("tells each span's place and counts the memory of each owner", () => {
    assert.equal(of("X").find(({ name }) => name === "TanhBackward0")?.args["at"], "model.ts:12");
    assert.equal(of("X").find(({ name }) => name === "Adam.step")?.args["at"], "model.ts:13");
    const counters = of("C");
    assert.ok(counters.length > 5);
    assert.equal(counters.at(-1)?.args["parameters"], 4 * (3 * 4 + 4));
  });

  it("of nothing is valid JSON", () => {
    assert.deepEqual(JSON.parse([...chromeTraceParts(timelineOf(new Recording()))].join("")).traceEvents.length, 1);
  });
});

describe("a profile for speedscope", () => {
  interface Speedscope {
    readonly $schema: string;
    readonly shared: {
      readonly frames: readonly { readonly name: string; readonly file?: string; readonly line?: number }[];
    };
    readonly profiles: readonly {
      readonly type: string;
      readonly unit: string;
      readonly startValue: number;
      readonly endValue: number;
      readonly events: readonly { readonly type: "O" | "C"; readonly frame: number; readonly at: number }[];
    }[];
  }
  const recording = training();
  const file: Speedscope = JSON.parse(
    [...speedscopeParts(timelineOf(recording), { recording, relative, name: "model.ts" })].join(""),
  );

  it("opens and closes frames in order, each inside the one that is open", () => {
    assert.equal(file.$schema, "https://www.speedscope.app/file-format-schema.json");
    const [profile] = file.profiles;
    assert.deepEqual([profile?.type, profile?.unit], ["evented", "milliseconds"]);
    const open: number[] = [];
    let last = profile?.startValue ?? Number.NaN;
    for (const { type, frame, at } of profile?.events ?? []) {
      assert.ok(at >= last && at <= (profile?.endValue ?? 0));
      last = at;
      if (type === "O") open.push(frame);
      else assert.equal(open.pop(), frame);
    }
    assert.equal(open.length, 0);
  });

  it("has modules inside scopes and ops inside modules, with their places", () => {
    const stacks = new Set<string>();
    const open: string[] = [];
    for (const { type, frame } of file.profiles[0]?.events ?? []) {
      if (type === "C") open.pop();
      else {
        open.push(file.shared.frames[frame]?.name ?? "");
        stacks.add(open.join(" > "));
      }
    }
    assert.ok(
      [...stacks].some((stack) => /^a "step" > .*Sequential.* > .*Linear.* > linear$/.test(stack)),
      [...stacks].join("\n"),
    );
    assert.ok(stacks.has('a "step" > backward > TanhBackward0'));
    const linear = file.shared.frames.find(({ name }) => name === "linear");
    assert.deepEqual([linear?.file, linear?.line], ["model.ts", 12]);
  });

  it("of nothing is valid JSON", () => {
    assert.deepEqual(JSON.parse([...speedscopeParts(timelineOf(new Recording()))].join("")).profiles, []);
  });
});

describe("a table of ops as comma-separated values", () => {
  it("has a row for each, with quotes where they are needed and no formula", () => {
    const row = {
      ...{
        kind: 3,
        shapes: "[2, 3]",
        place: { file: "/work/a.ts", line: 4, column: 1 },
        module: null,
        count: 2,
        self: 1.5,
      },
      ...{ total: 2, flops: 10, bytes: 4, moved: 8, share: 0.25, span: 0 },
    };
    assert.equal(
      opTableCsv(
        [
          { ...row, name: 'say "mul"' },
          { ...row, name: "=1+1", place: null },
        ],
        relative,
      ),
      [
        "name,kind,shapes,module,file,line,calls,self_ms,total_ms,share,flops,bytes_made,bytes_moved",
        '"say ""mul""",forward,"[2, 3]",,a.ts,4,2,1.5,2,0.25,10,4,8',
        '\'=1+1,forward,"[2, 3]",,,,2,1.5,2,0.25,10,4,8',
        "",
      ].join("\r\n"),
    );
  });

  it("of a real run has as many rows as ops", () => {
    const recording = training();
    const rows = opTable(timelineOf(recording), recording);
    assert.equal(opTableCsv(rows).trim().split("\r\n").length, 1 + rows.length);
  });
});
