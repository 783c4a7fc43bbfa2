import type { Recording } from "../../recording.ts";
import { EventKind } from "../../schema.ts";
import { type KeptForBackward, keptForBackward } from "./kept.ts";
import { Lifetimes, type OwnerClass, ownerClasses } from "./lifetimes.ts";

/** Memory over time, with whose it is. */
export interface MemoryProfile {
  /** Points of the curves: milliseconds, and the event after which it was so. */
  readonly time: Float64Array;
  readonly event: Uint32Array;
  readonly total: Float64Array;
  /** Bytes per owner, in the order of `ownerClasses`. */
  readonly byOwner: readonly Float64Array[];
  readonly peak: MemoryPeak;
  readonly kept: KeptForBackward;
}

/** The moment when most memory was needed. */
export interface MemoryPeak {
  readonly time: number;
  readonly event: number;
  readonly bytes: number;
  /** Bytes per owner, in the order of `ownerClasses`. */
  readonly byOwner: readonly number[];
  /** The largest tensors of the moment, the largest first. */
  readonly tensors: readonly LiveTensor[];
  /** How many more there were, and their bytes. */
  readonly others: { readonly count: number; readonly bytes: number };
}

/** A tensor in memory at some moment. */
export interface LiveTensor {
  /** Row in the recording. */
  readonly tensor: number;
  readonly bytes: number;
  readonly owner: OwnerClass;
  /** The event that made it; 0 when the user did. */
  readonly event: number;
}

/** More points than this are merged, each time keeping the one with most bytes, so that no peak is lost. */
const MAX_POINTS = 1 << 16;
const LISTED = 100;
const OPTIMIZER = ownerClasses.indexOf("optimizer");

/** Memory from tensors' lifetimes: each is there from the event that made it to the last that needs it. */
export function memoryProfile(recording: Recording): MemoryProfile {
  const lifetimes = new Lifetimes(recording);
  const curves = follow(recording, lifetimes);
  return {
    ...curves.points,
    peak: peakAt(recording, lifetimes, curves.peakEvent, curves.peakByOwner),
    kept: keptForBackward(recording, lifetimes, curves.fullestEvent),
  };
}

type Points = Pick<MemoryProfile, "time" | "event" | "total" | "byOwner">;

/** Goes through the events once; at each, tensors come, the moment counts, tensors go. */
function follow(
  recording: Recording,
  lifetimes: Lifetimes,
): { points: Points; peakEvent: number; peakByOwner: number[]; fullestEvent: number } {
  const { rows, column } = recording.tables.events;
  const births = new EventLists(rows, lifetimes.born);
  const deaths = new EventLists(rows, lifetimes.last);
  const state = new OptimizerMemory();
  const now = ownerClasses.map(() => 0);
  const writer = new PointWriter(rows);
  const saved = ownerClasses.indexOf("saved");
  let peak = { bytes: -1, event: 0, byOwner: [...now] };
  let fullest = { bytes: 0, event: 0 };
  for (let event = 1; event < rows; event++) {
    for (let t = births.first(event); t !== 0; t = births.next(t)) now[lifetimes.owner[t]] += lifetimes.bytes(t);
    if (column.kind[event] === EventKind.optimizerEnd)
      now[OPTIMIZER] = state.after(column.node[event], column.value[event]);
    const bytes = now.reduce((sum, part) => sum + part, 0);
    if (bytes > peak.bytes) peak = { bytes, event, byOwner: [...now] };
    if (now[saved] > fullest.bytes) fullest = { bytes: now[saved], event };
    writer.write(event, column.end[event], bytes, now);
    for (let t = deaths.first(event); t !== 0; t = deaths.next(t)) now[lifetimes.owner[t]] -= lifetimes.bytes(t);
  }
  return {
    points: writer.points(),
    peakEvent: peak.event,
    peakByOwner: peak.byOwner,
    fullestEvent: fullest.event,
  };
}

/** The tensors of each event, without an array for each. */
class EventLists {
  private readonly heads: Uint32Array;
  private readonly nexts: Uint32Array;

  /** `at` is the event of each tensor; 0 for none. */
  constructor(events: number, at: Uint32Array) {
    this.heads = new Uint32Array(events);
    this.nexts = new Uint32Array(at.length);
    for (let tensor = 1; tensor < at.length; tensor++) {
      if (at[tensor] === 0) continue;
      this.nexts[tensor] = this.heads[at[tensor]];
      this.heads[at[tensor]] = tensor;
    }
  }

  first(event: number): number {
    return this.heads[event];
  }

  next(tensor: number): number {
    return this.nexts[tensor];
  }
}

/** What all optimizers remember; each says at the end of a step how much it is. */
class OptimizerMemory {
  private readonly bytes = new Map<number, number>();
  private sum = 0;

  after(optimizer: number, bytes: number): number {
    if (Number.isNaN(bytes)) return this.sum;
    this.sum += bytes - (this.bytes.get(optimizer) ?? 0);
    this.bytes.set(optimizer, bytes);
    return this.sum;
  }
}

/** One point for each few events: that with most bytes. */
class PointWriter {
  private readonly perPoint: number;
  private readonly time: Float64Array;
  private readonly event: Uint32Array;
  private readonly total: Float64Array;
  private readonly byOwner: readonly Float64Array[];
  private count = 0;

  constructor(events: number) {
    this.perPoint = Math.ceil(events / MAX_POINTS);
    const room = Math.ceil(events / Math.max(1, this.perPoint));
    this.time = new Float64Array(room);
    this.event = new Uint32Array(room);
    this.total = new Float64Array(room);
    this.byOwner = ownerClasses.map(() => new Float64Array(room));
  }

  write(event: number, time: number, total: number, byOwner: readonly number[]): void {
    const at = Math.floor((event - 1) / this.perPoint);
    if (at < this.count && total <= this.total[at]) return;
    this.count = at + 1;
    this.time[at] = time;
    this.event[at] = event;
    this.total[at] = total;
    for (let owner = 0; owner < byOwner.length; owner++) this.byOwner[owner][at] = byOwner[owner];
  }

  points(): Points {
    const { count } = this;
    return {
      time: this.time.subarray(0, count),
      event: this.event.subarray(0, count),
      total: this.total.subarray(0, count),
      byOwner: this.byOwner.map((curve) => curve.subarray(0, count)),
    };
  }
}

function peakAt(recording: Recording, lifetimes: Lifetimes, event: number, byOwner: number[]): MemoryPeak {
  const { tables } = recording;
  const live: LiveTensor[] = [];
  for (const tensor of lifetimes.owners()) {
    if (lifetimes.born[tensor] > event || lifetimes.last[tensor] < event) continue;
    const owner = ownerClasses[lifetimes.owner[tensor]];
    live.push({ tensor, bytes: lifetimes.bytes(tensor), owner, event: tables.tensors.column.event[tensor] });
  }
  live.sort((a, b) => b.bytes - a.bytes);
  const others = live.slice(LISTED);
  return {
    time: event === 0 ? 0 : tables.events.column.end[event],
    event,
    bytes: byOwner.reduce((sum, part) => sum + part, 0),
    byOwner,
    tensors: live.slice(0, LISTED),
    others: { count: others.length, bytes: others.reduce((sum, { bytes }) => sum + bytes, 0) },
  };
}
