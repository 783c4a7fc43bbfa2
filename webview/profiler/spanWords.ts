import { rowOfSpan, stretchOf } from "../../engine/recording/layout/flame/flameRows.ts";
import { timeText } from "../../engine/recording/layout/flame/timeTicks.ts";
import type { TimeView } from "../../engine/recording/layout/flame/timeView.ts";
import { displayName } from "../../engine/recording/layout/text.ts";
import type { PackedTimeline, SourcePlace } from "../protocol/timeline.ts";
import type { FlameModel } from "./flame/flameChart.ts";

/** The kinds of span, in the order of SpanKind. */
export const kindWords = [
  "span",
  "scope",
  "module",
  "forward op",
  "backward node",
  "optimizer step",
  "garbage collection",
];

/** What a span is, line by line; the first is its name. Where several share a pixel, how many. */
export function describeSpan(model: FlameModel, span: number, view: TimeView, width: number): string[] {
  const { timeline, rows } = model;
  const { start, end, kind, calls } = timeline;
  const begin = start[span] ?? 0;
  const finish = end[span] ?? 0;
  const merged = calls[span] ?? 0;
  const whole = timeline.finish - timeline.begin;
  const lines = [
    displayName(nameOf(timeline, span), 120),
    `${kindWords[kind[span] ?? 0]}, ${timeText(finish - begin)}${whole > 0 ? `, ${percentText((finish - begin) / whole)} of all` : ""}`,
  ];
  if (merged > 0) lines.push(`${merged.toLocaleString("en")} ${merged === 1 ? "call" : "calls"}`);
  else lines.push(`starts at ${timeText(begin)}`);
  const site = placeOfSpan(timeline, span);
  if (site) lines.push(placeText(site));
  const pixel = (view.end - view.begin) / Math.max(1, width);
  if (finish - begin < pixel) {
    const left = view.begin + Math.floor((begin - view.begin) / pixel) * pixel;
    const { count, busy } = stretchOf(rows, rowOfSpan(rows, span), left, left + pixel);
    if (count > 1) lines.push(`${count.toLocaleString("en")} spans in this pixel, ${percentText(busy / pixel)} busy`);
  }
  return lines;
}

export function nameOf({ name, names }: PackedTimeline, span: number): string {
  return names[name[span] ?? 0] ?? "";
}

/** Where a span's call is written; null when it is not known. */
export function placeOfSpan({ place, places }: PackedTimeline, span: number): SourcePlace | null {
  return places[place[span] ?? -1] ?? null;
}

/** `model.ts:12` */
export function placeText({ file, line }: { readonly file: string; readonly line: number }): string {
  const name = file.split(/[\\/]/).at(-1) ?? file;
  return `${displayName(name, 40)}:${line}`;
}

/** `12.5 %` */
export function percentText(share: number): string {
  if (!Number.isFinite(share)) return "–";
  const percent = share * 100;
  return `${percent >= 10 || percent === 0 ? percent.toFixed(1) : percent.toPrecision(2)} %`;
}
