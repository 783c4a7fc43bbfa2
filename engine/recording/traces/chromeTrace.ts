import { ownerClasses } from "../queries/profile/lifetimes.ts";
import type { MemoryProfile } from "../queries/profile/memory.ts";
import { kindNames } from "../queries/profile/profileJson.ts";
import type { Timeline } from "../queries/profile/timeline.ts";
import type { Recording } from "../recording.ts";
import { PlaceTexts } from "./placeTexts.ts";

/** What else goes into a trace besides its spans. */
export interface ChromeTraceOptions {
  /** Adds the place of each span in the program. */
  readonly recording?: Recording | null;
  /** Adds a counter that shows the memory of each owner. */
  readonly memory?: MemoryProfile | null;
  /** Makes paths short. */
  readonly relative?: (file: string) => string;
}

const PROCESS = 1;

/**
 * A timeline in Chrome's trace format, for Perfetto and chrome://tracing, in parts to be written one after another: a
 * thread per lane, times in microseconds, and an arrow from each forward op to its backward node.
 */
export function* chromeTraceParts(timeline: Timeline, options: ChromeTraceOptions = {}): Generator<string> {
  const { recording = null, memory = null, relative } = options;
  const events = new Part();
  yield '{"schemaVersion":1,"displayTimeUnit":"ms","traceEvents":[\n';
  events.add({ ph: "M", name: "process_name", pid: PROCESS, args: { name: "Gradlens" } });
  timeline.lanes.forEach(({ name }, lane) => {
    events.add({ ph: "M", name: "thread_name", pid: PROCESS, tid: lane + 1, args: { name } });
    events.add({ ph: "M", name: "thread_sort_index", pid: PROCESS, tid: lane + 1, args: { sort_index: lane } });
  });
  const places = recording === null ? null : new PlaceTexts(recording, relative);
  for (let span = 0; span < timeline.count; span++) {
    addSpan(events, timeline, span, places);
    if (timeline.link[span] !== -1) addArrow(events, timeline, timeline.link[span], span);
    if (events.isFull) yield events.take();
  }
  if (memory !== null) {
    for (let point = 0; point < memory.time.length; point++) {
      addMemory(events, memory, point);
      if (events.isFull) yield events.take();
    }
  }
  yield events.take();
  yield "\n]}\n";
}

function addSpan(events: Part, timeline: Timeline, span: number, places: PlaceTexts | null): void {
  const { start, end, kind, name, names, lane, event } = timeline;
  const at = places?.text(event[span]) ?? "";
  events.add({
    ph: "X",
    cat: kindNames[kind[span]] ?? "other",
    name: names[name[span]],
    pid: PROCESS,
    tid: lane[span] + 1,
    ts: micro(start[span]),
    dur: micro(end[span]) - micro(start[span]),
    ...(at === "" ? {} : { args: { at } }),
  });
}

/** An arrow leads from the beginning of one span to that of another; `bp` binds its head to the span it lies in. */
function addArrow(events: Part, { start, lane }: Timeline, from: number, to: number): void {
  const shared = { cat: "fwdbwd", name: "fwdbwd", id: to, pid: PROCESS };
  events.add({ ph: "s", ...shared, tid: lane[from] + 1, ts: micro(start[from]) });
  events.add({ ph: "f", bp: "e", ...shared, tid: lane[to] + 1, ts: micro(start[to]) });
}

function addMemory(events: Part, { time, byOwner }: MemoryProfile, point: number): void {
  const args = Object.fromEntries(ownerClasses.map((owner, i) => [owner, byOwner[i][point]]));
  events.add({ ph: "C", name: "memory (bytes)", pid: PROCESS, ts: micro(time[point]), args });
}

/** Nanoseconds are the finest that clocks here tell. */
const micro = (ms: number): number => Math.round(ms * 1e6) / 1e3;

/** Events as text, gathered until there is enough to write. */
class Part {
  private parts: string[] = [];
  private isFirst = true;

  get isFull(): boolean {
    return this.parts.length >= 4096;
  }

  add(event: object): void {
    this.parts.push(JSON.stringify(event));
  }

  take(): string {
    if (this.parts.length === 0) return "";
    const text = `${this.isFirst ? "" : ",\n"}${this.parts.join(",\n")}`;
    this.isFirst = false;
    this.parts = [];
    return text;
  }
}
