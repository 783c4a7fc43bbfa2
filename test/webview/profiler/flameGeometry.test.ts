import assert from "node:assert/strict";
import fc from "fast-check";
import { bandSizes, flameBands, rowAt } from "../../../engine/recording/layout/flame/flameBands.ts";
import {
  type FlameRows,
  firstEndingAfter,
  flameRows,
  neighbourAcross,
  neighbourInRow,
  rowOfSpan,
  spanAt,
  stretchOf,
} from "../../../engine/recording/layout/flame/flameRows.ts";
import {
  byteSteps,
  bytesText,
  byteTickText,
  tickText,
  timeText,
  timeTicks,
} from "../../../engine/recording/layout/flame/timeTicks.ts";
import { panTime, revealTime, showTime, wholeView, zoomTime } from "../../../engine/recording/layout/flame/timeView.ts";
import { flameColors } from "../../../engine/recording/paint/flameColors.ts";
import { LabelPlaces, paintRow } from "../../../engine/recording/paint/flameRaster.ts";
import { type Lane, SpanKind, type Timeline } from "../../../engine/recording/queries/profile/timeline.ts";
import { TimelineBuilder } from "../../../engine/recording/queries/profile/timelineBuilder.ts";
import { SpanLabels } from "../../../webview/profiler/flame/spanLabels.ts";
import { spansFound, spansOf } from "../../../webview/profiler/selection.ts";
import { isPackedTimeline } from "../../../webview/protocol/timeline.ts";
import { syntheticTimeline } from "./syntheticTimeline.ts";

const lanes: readonly Lane[] = [
  { name: "Modules", kind: "modules", thread: 0 },
  { name: "Forward", kind: "forward", thread: 0 },
];

/** A module from 0 to 10 with another from 1 to 4 in it, and ops at 1–2, 2–4, 6–9. */
function small(): Timeline {
  const builder = new TimelineBuilder();
  const add = (lane: number, name: string, start: number, end: number) =>
    builder.add(lane, lane === 0 ? SpanKind.module : SpanKind.forward, builder.nameId(name), start, end);
  add(0, "net", 0, 10);
  add(0, "net.0", 1, 4);
  add(1, "matmul", 1, 2);
  add(1, "add", 2, 4);
  add(1, "relu", 6, 9);
  return builder.build(lanes);
}

const named = ({ names, name }: Timeline, span: number): string => (span < 0 ? "" : (names[name[span] ?? 0] ?? ""));

describe("the rows of a flame chart", () => {
  const timeline = small();
  const rows = flameRows(timeline);

  it("are one for each depth of each lane", () => {
    assert.deepEqual([...rows.firstOfLane], [0, 2, 3]);
    assert.deepEqual([...rows.first], [0, 1, 2, 5]);
  });

  it("find the span at a time, or the nearest within reach", () => {
    assert.equal(named(timeline, spanAt(rows, 2, 3, 0)), "add");
    assert.equal(spanAt(rows, 2, 5, 0), -1);
    assert.equal(named(timeline, spanAt(rows, 2, 5.8, 0.5)), "relu");
    assert.equal(named(timeline, spanAt(rows, 2, 4.2, 0.5)), "add");
  });

  it("say how many spans touch a stretch and how busy it is", () => {
    assert.deepEqual(stretchOf(rows, 2, 1, 4), { count: 2, busy: 3 });
    assert.deepEqual(stretchOf(rows, 2, 4, 6), { count: 0, busy: 0 });
  });

  it("lead from span to span: sideways in a row, down to what is inside, up to what is around, and on to the next lane", () => {
    const spanOf = (name: string): number =>
      Array.from({ length: 5 }, (_, s) => s).find((s) => named(timeline, s) === name) ?? -1;
    assert.equal(named(timeline, neighbourInRow(rows, spanOf("add"), 1)), "relu");
    assert.equal(neighbourInRow(rows, spanOf("matmul"), -1), -1);
    assert.equal(named(timeline, neighbourAcross(rows, spanOf("net"), 1)), "net.0");
    assert.equal(named(timeline, neighbourAcross(rows, spanOf("net.0"), 1)), "matmul");
    assert.equal(named(timeline, neighbourAcross(rows, spanOf("net.0"), -1)), "net");
    assert.equal(neighbourAcross(rows, spanOf("net"), -1), -1);
  });

  it("never let two spans of one row overlap, whatever the timeline", () => {
    const spans = fc.array(fc.tuple(fc.nat(50), fc.nat(20), fc.nat(2)), { maxLength: 60 });
    fc.assert(
      fc.property(spans, (given) => {
        const builder = new TimelineBuilder();
        for (const [start, length, lane] of given)
          builder.add(lane, SpanKind.forward, builder.nameId("x"), start, start + length);
        const built = builder.build([...lanes, { name: "more", kind: "thread", thread: 1 }]);
        const found = flameRows(built);
        for (let row = 0; row < found.count; row++) {
          for (let i = (found.first[row] ?? 0) + 1; i < (found.first[row + 1] ?? 0); i++) {
            const [before = 0, after = 0] = [found.span[i - 1], found.span[i]];
            assert.ok((built.end[before] ?? 0) <= (built.start[after] ?? 0));
          }
        }
      }),
    );
  });

  it("are found again by their height", () => {
    const bands = flameBands(rows);
    for (let row = 0; row < rows.count; row++)
      assert.equal(rowAt(bands, (bands.rowTop[row] ?? 0) + bandSizes.row / 2), row);
    assert.equal(rowAt(bands, 3), -1);
  });
});

describe("painting a row", () => {
  const palette = {
    background: "#000000",
    foreground: "#ffffff",
    dim: "#888888",
    line: "#333333",
    accent: "#0000ff",
    kinds: ["#111111", "#222222", "#333333", "#ff0000", "#00ff00", "#444444", "#555555"],
    isHighContrast: false,
  };
  const colors = flameColors(palette);

  function painted(rows: FlameRows, row: number, begin: number, pixelsPerMs: number, found: Uint8Array | null = null) {
    const pixels = { data: new Uint32Array(100 * 4).fill(colors.background), width: 100, height: 4 };
    const labels = new LabelPlaces();
    const sums = new Uint32Array(rows.span.length + 1);
    for (let i = 0; i < rows.span.length; i++) sums[i + 1] = (sums[i] ?? 0) + (found?.[rows.span[i] ?? 0] ?? 0);
    const look = { colors, found: found && { isFound: found, sums } };
    paintRow(pixels, rows, row, { begin, pixelsPerMs }, { top: 0, height: 4, widthOfLabel: 10 }, look, labels);
    return { line: pixels.data.subarray(0, 100), last: pixels.data.subarray(300, 400), labels };
  }

  it("fills a span from its start to its end, with a gap behind it, in every line", () => {
    const { line, last } = painted(flameRows(small()), 2, 0, 10);
    const isFilled = Array.from(line, (pixel) => pixel !== colors.background);
    assert.deepEqual(
      [isFilled[9], isFilled[10], isFilled[18], isFilled[19], isFilled[20], isFilled[41], isFilled[60]],
      [false, true, true, false, true, false, true],
    );
    assert.deepEqual(last, line);
  });

  it("gives a pixel of many short spans a colour as strong as they are busy", () => {
    const builder = new TimelineBuilder();
    // The first half is busy for nine tenths, the second for three tenths.
    for (let i = 0; i < 10_000; i++) builder.add(0, SpanKind.forward, 0, i / 100, i / 100 + (i < 5000 ? 0.009 : 0.003));
    builder.nameId("x");
    const { line } = painted(flameRows(builder.build(lanes)), 0, 0, 1);
    const red = (pixel: number | undefined): number => (pixel ?? 0) & 255;
    assert.ok(red(line[20]) > 200, String(red(line[20])));
    assert.ok(red(line[80]) < 130 && red(line[80]) > 60, String(red(line[80])));
  });

  it("leaves no pixel of a busy stretch empty, however many spans are in it", () => {
    const timeline = syntheticTimeline(50_000);
    const rows = flameRows(timeline);
    const { line } = painted(rows, rows.firstOfLane[2] ?? 0, timeline.begin, 100 / (timeline.finish - timeline.begin));
    assert.ok(line.every((pixel) => pixel !== colors.background));
  });

  it("lets what is found stand out, also among spans that share its pixel", () => {
    const builder = new TimelineBuilder();
    for (let i = 0; i < 1000; i++) builder.add(0, SpanKind.forward, 0, i / 10, i / 10 + 0.1);
    builder.nameId("x");
    const rows = flameRows(builder.build(lanes));
    const found = new Uint8Array(1000);
    found[505] = 1;
    const { line } = painted(rows, 0, 0, 1, found);
    assert.ok((line[50] ?? 0) !== (line[49] ?? 0));
    assert.equal(line[49], line[51]);
  });

  it("remembers only spans that have room for letters", () => {
    assert.equal(painted(flameRows(small()), 2, 0, 10).labels.count, 3);
    assert.equal(painted(flameRows(small()), 2, 0, 4).labels.count, 1);
  });
});

describe("the view of a flame chart", () => {
  const extent = { begin: 10, finish: 110 };

  it("holds the time under the pointer while it zooms", () => {
    const view = zoomTime(wholeView(extent), extent, 4, 0.25);
    assert.deepEqual(view, { begin: 28.75, end: 53.75, top: 0 });
  });

  it("stays inside what there is", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0.1, max: 10, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true }))),
        (moves) => {
          let view = wholeView(extent);
          for (const [factor, share] of moves)
            view = panTime(zoomTime(view, extent, factor, Math.abs(share)), extent, share);
          assert.ok(view.begin >= extent.begin - 1e-9 && view.end <= extent.finish + 1e-9 && view.end > view.begin);
        },
      ),
    );
  });

  it("moves no more than needed to show a span", () => {
    const view = { begin: 20, end: 40, top: 0 };
    assert.deepEqual(revealTime(view, extent, 25, 30), view);
    const moved = revealTime(view, extent, 45, 50);
    assert.deepEqual([moved.begin, moved.end], [31, 51]);
    assert.ok(revealTime(wholeView(extent), extent, 50, 50.001).end - 50 < 1);
  });

  it("shows a span with some room around it", () => {
    const view = showTime(wholeView(extent), extent, 40, 50);
    assert.deepEqual([view.begin, view.end], [39, 51]);
  });
});

describe("times in words", () => {
  it("have four digits and a unit", () => {
    assert.deepEqual([0, 0.00123, 0.5, 12.3456, 61_000, Number.NaN].map(timeText), [
      "0",
      "1.230 µs",
      "500.0 µs",
      "12.35 ms",
      "61.00 s",
      "–",
    ]);
    assert.deepEqual([0, 12, 2048, 3.2e6].map(bytesText), ["0 B", "12 B", "2.000 KB", "3.052 MB"]);
  });

  it("marks an axis of bytes at powers of two", () => {
    assert.deepEqual([0, 512, 1536, 4 * 2 ** 20, 2 ** 33].map(byteTickText), [
      "0 B",
      "512 B",
      "1.5 KB",
      "4 MB",
      "8 GB",
    ]);
    assert.ok(byteSteps.every((step) => Number.isInteger(Math.log2(step))));
  });

  it("stand at round steps of an axis", () => {
    const ticks = timeTicks(3.2, 100, 90);
    assert.equal(ticks.step, 1);
    assert.equal(tickText(4, ticks), "4 ms");
    const fine = timeTicks(3.2, 100_000, 90);
    assert.equal(tickText(3.2, fine), "3200 µs");
  });
});

describe("what is written on spans", () => {
  it("is cut to its room, and nothing when not three letters fit", () => {
    const labels = new SpanLabels(["trainingStep", "x".repeat(1_000_000)], (text) => text.length * 6);
    assert.equal(labels.fitting(0, 100), "trainingStep");
    assert.equal(labels.fitting(0, 48), "trainin…");
    assert.equal(labels.fitting(0, 20), "");
    assert.ok(labels.fitting(1, 2000).length <= 160);
  });
});

describe("a timeline from outside", () => {
  const good = syntheticTimeline(50);

  it("is accepted when its columns fit each other", () => assert.ok(isPackedTimeline(good)));

  const damaged = {
    "a column that is too short": { ...good, end: good.end.subarray(1) },
    "a column of another type": { ...good, start: Float32Array.from(good.start) },
    "a name that is not there": { ...good, name: good.name.map(() => 999) },
    "a lane that is not there": { ...good, lane: good.lane.map(() => 99) },
    "a link that leads nowhere": { ...good, link: good.link.map(() => good.count) },
    "a kind that is none": { ...good, kind: good.kind.map(() => 9) },
    "JSON in place of columns": JSON.parse(JSON.stringify(good)),
  };
  for (const [what, value] of Object.entries(damaged)) {
    it(`is refused with ${what}`, () => assert.ok(!isPackedTimeline(value)));
  }
});

describe("what stands out", () => {
  const timeline = syntheticTimeline(200);

  it("are the spans whose names have all words of a search", () => {
    const finds = spansFound("BACKWARD mm", timeline);
    const names = new Set(
      Array.from({ length: timeline.count }, (_, s) => s)
        .filter((s) => finds?.(s))
        .map((s) => named(timeline, s)),
    );
    assert.deepEqual([...names], ["MmBackward0"]);
    assert.equal(spansFound("  ", timeline), null);
  });

  it("are the spans of a line, forward and backward", () => {
    const belongs = spansOf({ span: -1, name: null, place: { file: "/work/model.ts", line: 10, column: 1 } }, timeline);
    const kinds = new Set(
      Array.from({ length: timeline.count }, (_, s) => s)
        .filter((s) => belongs?.(s))
        .map((s) => timeline.kind[s]),
    );
    assert.deepEqual(kinds, new Set([SpanKind.forward, SpanKind.backward]));
    assert.equal(spansOf({ span: -1, name: null, place: { file: "/other.ts", line: 10, column: 1 } }, timeline), null);
  });

  it("is looked for by halving: as quick at the end of a row as at its beginning", () => {
    const rows = flameRows(timeline);
    assert.equal(firstEndingAfter(rows, 0, timeline.finish), rows.first[1]);
    assert.equal(rowOfSpan(rows, 0), 0);
  });
});
