import { nestingOf } from "../queries/profile/nesting.ts";
import type { Timeline } from "../queries/profile/timeline.ts";
import type { Recording } from "../recording.ts";
import { PlaceTexts } from "./placeTexts.ts";

/** What else goes into a file for speedscope. */
export interface SpeedscopeOptions {
  readonly name?: string;
  /** Adds the place of each frame in the program. */
  readonly recording?: Recording | null;
  /** Makes paths short. */
  readonly relative?: (file: string) => string;
}

interface Frame {
  readonly name: string;
  readonly file?: string;
  readonly line?: number;
}

/**
 * A timeline in speedscope's format, in parts to be written one after another: one profile per thread, in which scopes
 * contain modules and modules their ops. What overlaps without nesting, as in some foreign traces, is cut off.
 */
export function* speedscopeParts(timeline: Timeline, options: SpeedscopeOptions = {}): Generator<string> {
  const { name = "profile", recording = null, relative } = options;
  const frames = new Frames(timeline, recording === null ? null : new PlaceTexts(recording, relative));
  const frameOf = Uint32Array.from({ length: timeline.count }, (_, span) => frames.of(span));
  const head = { $schema: "https://www.speedscope.app/file-format-schema.json", name, exporter: "gradlens" };
  yield `${JSON.stringify(head).slice(0, -1)},"shared":${JSON.stringify({ frames: frames.list })},"profiles":[`;
  const { order } = nestingOf(timeline);
  for (let first = 0, index = 0; first < order.length; index++) {
    const next = endOfThread(timeline, order, first);
    if (index > 0) yield ",";
    yield* profile(timeline, order.subarray(first, next), frameOf);
    first = next;
  }
  yield "]}\n";
}

const threadOf = ({ lane, lanes }: Timeline, span: number): number => lanes[lane[span]].thread;

function endOfThread(timeline: Timeline, order: Uint32Array, first: number): number {
  let next = first;
  while (next < order.length && threadOf(timeline, order[next]) === threadOf(timeline, order[first])) next++;
  return next;
}

function* profile(timeline: Timeline, spans: Uint32Array, frameOf: Uint32Array): Generator<string> {
  const { start, end, lanes, lane } = timeline;
  const thread = threadOf(timeline, spans[0]);
  const names = lanes.filter((one) => one.thread === thread).map((one) => one.name);
  let startValue = start[spans[0]];
  let endValue = startValue;
  for (const span of spans) {
    startValue = Math.min(startValue, start[span]);
    endValue = Math.max(endValue, end[span]);
  }
  const head = { type: "evented", name: names.length > 1 ? "program" : lanes[lane[spans[0]]].name };
  yield `${JSON.stringify({ ...head, unit: "milliseconds", startValue, endValue }).slice(0, -1)},"events":[`;
  const events: string[] = [];
  const open: { readonly frame: number; readonly end: number }[] = [];
  let isFirst = true;
  const text = (): string => {
    const joined = `${isFirst || events.length === 0 ? "" : ","}${events.splice(0).join()}`;
    isFirst &&= joined === "";
    return joined;
  };
  const closeUntil = (at: number): void => {
    for (let last = open.at(-1); last !== undefined && last.end <= at; last = open.at(-1)) {
      open.pop();
      events.push(`{"type":"C","frame":${last.frame},"at":${last.end}}`);
    }
  };
  for (const span of spans) {
    closeUntil(start[span]);
    const around = open.at(-1)?.end ?? Number.POSITIVE_INFINITY;
    open.push({ frame: frameOf[span], end: Math.min(end[span], around) });
    events.push(`{"type":"O","frame":${frameOf[span]},"at":${start[span]}}`);
    if (events.length > 8192) yield text();
  }
  closeUntil(Number.POSITIVE_INFINITY);
  yield text();
  yield "]}";
}

/** One frame for each name at each place. */
class Frames {
  readonly list: Frame[] = [];
  private readonly timeline: Timeline;
  private readonly places: PlaceTexts | null;
  private readonly known = new Map<string, number>();

  constructor(timeline: Timeline, places: PlaceTexts | null) {
    this.timeline = timeline;
    this.places = places;
  }

  of(span: number): number {
    const { name, names, event } = this.timeline;
    const key = `${name[span]} ${this.places?.text(event[span]) ?? ""}`;
    let frame = this.known.get(key);
    if (frame === undefined) {
      const place = event[span] === 0 ? null : (this.places?.place(event[span]) ?? null);
      const at = place === null ? {} : { file: this.places?.file(place.file) ?? place.file, line: place.line };
      frame = this.list.push({ name: names[name[span]], ...at }) - 1;
      this.known.set(key, frame);
    }
    return frame;
  }
}
