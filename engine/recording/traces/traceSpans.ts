import { firstOfLanes, nestingOf } from "../queries/profile/nesting.ts";
import { type Lane, SpanKind, type Timeline } from "../queries/profile/timeline.ts";
import { TimelineBuilder } from "../queries/profile/timelineBuilder.ts";

/** More than this is not shown, so that memory stays bounded whatever the file holds. */
const MAX_SPANS = 2_000_000;
const MAX_LANES = 1000;
const MAX_NAMES = 100_000;
const MAX_NAME = 300;
const MAX_ARROWS = 1_000_000;
/** Spans of one thread that are open at the same time. */
const MAX_OPEN = 10_000;

interface TraceEvent {
  readonly [field: string]: unknown;
}

interface Thread {
  readonly process: string;
  readonly thread: string;
  /** Position among the lanes; -1 before its first span, and when there are too many. */
  lane: number;
  /** Begun with `B` and not ended. */
  readonly open: number[];
}

/** One end of an arrow. */
interface Spot {
  readonly thread: Thread;
  readonly at: number;
}

/** Gathers spans, threads' names and arrows from the events of a trace. Times inside are microseconds as in the trace. */
export class TraceSpans {
  private readonly builder = new TimelineBuilder();
  private readonly threads = new Map<string, Thread>();
  /** By lane. */
  private readonly shown: Thread[] = [];
  private readonly processNames = new Map<string, string>();
  private readonly threadNames = new Map<string, string>();
  private readonly names = new Map<string, number>();
  private readonly tails = new Map<string, Spot>();
  private readonly arrows: { readonly from: Spot; readonly to: Spot }[] = [];
  private lost = { times: 0, backwards: 0, lanes: 0, ends: 0, unclosed: 0, names: 0, strange: 0 };
  private latest = 0;

  /** Whether as much was read as can be shown. */
  get isFull(): boolean {
    return this.builder.count >= MAX_SPANS;
  }

  /** Takes an event that came from outside. */
  add(value: unknown): void {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.lost.strange++;
      return;
    }
    const event = value as TraceEvent;
    switch (event["ph"]) {
      case "X":
        this.complete(event);
        break;
      case "B":
        this.begin(event);
        break;
      case "E":
        this.end(event);
        break;
      case "M":
        this.describe(event);
        break;
      case "s":
        this.tail(event);
        break;
      case "f":
      case "t":
        this.head(event);
        break;
    }
  }

  /** The spans, from the first one's start on, in milliseconds. */
  timeline(): Timeline {
    for (const { open } of this.threads.values()) {
      for (const span of open) this.builder.close(span, this.latest);
      this.lost.unclosed += open.length;
      open.length = 0;
    }
    const timeline = this.builder.build(this.shown.map((thread) => this.laneOf(thread)));
    this.drawArrows(timeline);
    return inMilliseconds(timeline);
  }

  /** What was left out or set right, in sentences. */
  problems(): string[] {
    const { times, backwards, lanes, ends, unclosed, names, strange } = this.lost;
    const rows: readonly (readonly [number, string])[] = [
      [this.isFull ? MAX_SPANS : 0, "spans are shown, the first ones; the file has more."],
      [strange, "elements of the list are no events."],
      [times, "events have no usable time and are left out."],
      [backwards, "events end before they begin; they are shown without length."],
      [lanes, `events are of further threads: the first ${MAX_LANES} threads are shown.`],
      [ends, "ends have no beginning."],
      [unclosed, "spans never end; they are shown up to the end of the trace."],
      [names, "names were shortened or left out."],
    ];
    return rows.filter(([n]) => n > 0).map(([n, words]) => `${n.toLocaleString("en")} ${words}`);
  }

  private complete(event: TraceEvent): void {
    const start = numberOf(event["ts"]);
    const length = event["dur"] === undefined ? 0 : numberOf(event["dur"]);
    const lane = this.laneNumber(this.thread(event));
    if (start === null || length === null) this.lost.times++;
    else if (lane === -1) this.lost.lanes++;
    else {
      if (length < 0) this.lost.backwards++;
      this.span(event, lane, start, start + Math.max(0, length));
    }
  }

  private begin(event: TraceEvent): void {
    const start = numberOf(event["ts"]);
    const thread = this.thread(event);
    const lane = this.laneNumber(thread);
    if (start === null) this.lost.times++;
    else if (lane === -1 || thread.open.length >= MAX_OPEN) this.lost.lanes++;
    else thread.open.push(this.span(event, lane, start, start));
  }

  private end(event: TraceEvent): void {
    const at = numberOf(event["ts"]);
    const span = this.thread(event).open.pop();
    if (span === undefined) this.lost.ends++;
    else if (at === null) this.lost.times++;
    else {
      if (at < this.builder.startOf(span)) this.lost.backwards++;
      this.builder.close(span, Math.max(at, this.builder.startOf(span)));
      this.latest = Math.max(this.latest, at);
    }
  }

  private span(event: TraceEvent, lane: number, start: number, end: number): number {
    const name = typeof event["name"] === "string" ? event["name"] : "";
    const category = typeof event["cat"] === "string" ? event["cat"] : "";
    this.latest = this.builder.count === 0 ? end : Math.max(this.latest, end);
    return this.builder.add(lane, kindOf(name, category), this.nameId(name), start, end);
  }

  private nameId(name: string): number {
    const shown = name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name;
    if (shown !== name) this.lost.names++;
    let id = this.names.get(shown);
    if (id !== undefined) return id;
    if (this.names.size >= MAX_NAMES) {
      this.lost.names++;
      return this.builder.nameId("(other)");
    }
    id = this.builder.nameId(shown);
    this.names.set(shown, id);
    return id;
  }

  private thread(event: TraceEvent): Thread {
    const key = keyOf(event);
    let found = this.threads.get(key);
    if (found === undefined) {
      found = { process: idOf(event["pid"]), thread: idOf(event["tid"]), lane: -1, open: [] };
      if (this.threads.size < MAX_NAMES) this.threads.set(key, found);
    }
    return found;
  }

  /** The lane of a thread that has a span now; -1 when there are too many. */
  private laneNumber(thread: Thread): number {
    if (thread.lane === -1 && this.shown.length < MAX_LANES) thread.lane = this.shown.push(thread) - 1;
    return thread.lane;
  }

  private describe(event: TraceEvent): void {
    const args = event["args"];
    const name = typeof args === "object" && args !== null ? (args as TraceEvent)["name"] : undefined;
    if (typeof name !== "string" || this.threadNames.size > MAX_NAMES) return;
    if (event["name"] === "thread_name") this.threadNames.set(keyOf(event), name.slice(0, MAX_NAME));
    if (event["name"] === "process_name") this.processNames.set(idOf(event["pid"]), name.slice(0, MAX_NAME));
  }

  private tail(event: TraceEvent): void {
    const at = numberOf(event["ts"]);
    if (at !== null && this.tails.size < MAX_ARROWS) this.tails.set(arrowOf(event), { thread: this.thread(event), at });
  }

  private head(event: TraceEvent): void {
    const at = numberOf(event["ts"]);
    const from = this.tails.get(arrowOf(event));
    if (at !== null && from !== undefined && this.arrows.length < MAX_ARROWS)
      this.arrows.push({ from, to: { thread: this.thread(event), at } });
  }

  private laneOf({ process, thread, lane }: Thread): Lane {
    const threadName = this.threadNames.get(`${process} ${thread}`) ?? `thread ${thread}`;
    const isNumber = process === "" || Number.isFinite(Number(process));
    const unnamed = isNumber && this.processNames.size === 0 ? "" : isNumber ? `process ${process}` : process;
    const processName = this.processNames.get(process) ?? unnamed;
    const name = processName === "" ? threadName : `${processName} · ${threadName}`;
    return { name, kind: "thread", thread: lane };
  }

  /** An arrow's ends lie on the innermost spans that are open there. */
  private drawArrows(timeline: Timeline): void {
    if (this.arrows.length === 0) return;
    const finder = new SpanFinder(timeline);
    for (const { from, to } of this.arrows) {
      const source = finder.find(from.thread.lane, from.at);
      const target = finder.find(to.thread.lane, to.at);
      if (source !== -1 && target !== -1 && source !== target) timeline.link[target] = source;
    }
  }
}

/** A number, also one that was written as text. */
function numberOf(value: unknown): number | null {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}

const idOf = (id: unknown): string =>
  typeof id === "number" || typeof id === "string" ? String(id).slice(0, MAX_NAME) : "";
const keyOf = (event: TraceEvent): string => `${idOf(event["pid"])} ${idOf(event["tid"])}`;
const arrowOf = (event: TraceEvent): string => `${idOf(event["cat"])} ${idOf(event["id"])}`;

/** What a span is, by the words that PyTorch, Chrome and we ourselves use. */
function kindOf(name: string, category: string): number {
  if (category === "gc" || name.startsWith("V8.GC") || name === "MajorGC" || name === "MinorGC") return SpanKind.gc;
  if (category === "module" || name.startsWith("nn.Module: ")) return SpanKind.module;
  if (name.startsWith("Optimizer.") || category === "optimizer") return SpanKind.optimizer;
  if (category === "scope" || category === "user_annotation") return SpanKind.scope;
  if (category === "backward" || name.startsWith("autograd::engine::") || /Backward\d*$/.test(name))
    return SpanKind.backward;
  if (category === "forward" || category === "cpu_op" || name.startsWith("aten::")) return SpanKind.forward;
  return SpanKind.other;
}

/** Microseconds since whenever become milliseconds since the first span. */
function inMilliseconds(timeline: Timeline): Timeline {
  const { start, end, begin } = timeline;
  for (let i = 0; i < timeline.count; i++) {
    start[i] = (start[i] - begin) / 1000;
    end[i] = (end[i] - begin) / 1000;
  }
  return { ...timeline, begin: 0, finish: (timeline.finish - begin) / 1000 };
}

/** Finds the innermost span of a lane at a moment. */
class SpanFinder {
  private readonly timeline: Timeline;
  private readonly parent: Int32Array;
  private readonly firsts: Uint32Array;

  constructor(timeline: Timeline) {
    this.timeline = timeline;
    this.parent = nestingOf(timeline).parent;
    this.firsts = firstOfLanes(timeline);
  }

  /** -1 when there is none. */
  find(lane: number, at: number): number {
    if (lane === -1) return -1;
    const { start, end } = this.timeline;
    let low = this.firsts[lane];
    let high = this.firsts[lane + 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (start[middle] <= at) low = middle + 1;
      else high = middle;
    }
    let span = low - 1;
    if (span < this.firsts[lane]) return -1;
    for (let steps = 0; span !== -1 && end[span] < at; steps++) span = steps < MAX_OPEN ? this.parent[span] : -1;
    return span;
  }
}
