import type { Recording } from "../../recording.ts";
import { EventKind } from "../../schema.ts";
import { type LineCosts, lineCosts } from "./lines.ts";
import { type MemoryProfile, memoryProfile } from "./memory.ts";
import { type ModuleNode, moduleTree } from "./moduleTree.ts";
import { type OpRow, opTable } from "./opTable.ts";
import { SpanKind, type Timeline, timelineOf } from "./timeline.ts";

/** What a run cost, for views that show all of it at once. */
export interface ProfileReport {
  readonly timeline: Timeline;
  readonly ops: readonly OpRow[];
  readonly lines: LineCosts;
  readonly modules: readonly ModuleNode[];
  readonly memory: MemoryProfile;
  /** How often the garbage collector ran, and for how many milliseconds. */
  readonly gc: { readonly count: number; readonly total: number };
  /** Events by what they are. */
  readonly forward: number;
  readonly backward: number;
  readonly steps: number;
}

/** Everything that a recording tells of time and memory. */
export function profileReport(recording: Recording): ProfileReport {
  const timeline = timelineOf(recording);
  const kinds = countKinds(recording);
  return {
    timeline,
    ops: opTable(timeline, recording),
    lines: lineCosts(recording, timeline),
    modules: moduleTree(recording, timeline),
    memory: memoryProfile(recording),
    gc: garbage(timeline),
    forward: kinds.get(EventKind.op) ?? 0,
    backward: kinds.get(EventKind.node) ?? 0,
    steps: kinds.get(EventKind.optimizerStart) ?? 0,
  };
}

function countKinds({ tables }: Recording): Map<number, number> {
  const { rows, column } = tables.events;
  const counts = new Map<number, number>();
  for (let event = 1; event < rows; event++) {
    const kind = column.kind[event];
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

function garbage({ count, kind, start, end }: Timeline): { count: number; total: number } {
  let collections = 0;
  let total = 0;
  for (let span = 0; span < count; span++) {
    if (kind[span] !== SpanKind.gc) continue;
    collections++;
    total += end[span] - start[span];
  }
  return { count: collections, total };
}
