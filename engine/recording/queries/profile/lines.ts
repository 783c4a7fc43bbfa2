import type { Recording } from "../../recording.ts";
import { nodesAround } from "./causes.ts";
import { Lifetimes } from "./lifetimes.ts";
import { nestingOf } from "./nesting.ts";
import { SpanKind, type Timeline } from "./timeline.ts";

/** What one line of the program cost. */
export interface LineCost {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** Milliseconds of what its calls ran at once: ops, an optimizer's step, and what backward() needs besides its nodes. */
  readonly forward: number;
  /** Milliseconds of the backward nodes that its ops made, and of the ops that those run. */
  readonly backward: number;
  /** Bytes that its ops were the first to keep for backward, over the whole run. Parameters and data count nothing. */
  readonly saved: number;
  /** Calls of ops; of an optimizer's step and of backward, one each. */
  readonly calls: number;
}

/** What each line cost; the lines and what is left over sum up to the whole. */
export interface LineCosts {
  /** The most expensive first. */
  readonly lines: readonly LineCost[];
  /** Milliseconds from the first event to the last. */
  readonly total: number;
  /** Milliseconds that no line can be charged with: the program's own code between ops, garbage collection, recording. */
  readonly unaccounted: number;
  /** How much of `unaccounted` ran in ops whose place is not known, such as those of an imported package. */
  readonly placeless: number;
}

type Growing = { -readonly [K in keyof LineCost]: LineCost[K] };

/** Forward and backward time, kept bytes and calls per line. Each millisecond of backward is charged to the line of the forward op. */
export function lineCosts(recording: Recording, timeline: Timeline): LineCosts {
  const nesting = nestingOf(timeline);
  const { self } = nesting;
  const node = nodesAround(timeline, recording, nesting);
  const { site } = recording.tables.events.column;
  const book = new Book(recording);
  let charged = 0;
  let placeless = 0;
  for (let span = 0; span < timeline.count; span++) {
    const kind = timeline.kind[span];
    if (kind !== SpanKind.forward && kind !== SpanKind.backward && kind !== SpanKind.optimizer) continue;
    const event = timeline.event[span];
    const line = book.lineOf(site[node[span] || event]);
    if (line === null) {
      placeless += self[span];
      continue;
    }
    charged += self[span];
    if (node[span] !== 0) line.backward += self[span];
    else {
      line.forward += self[span];
      line.calls++;
    }
  }
  const lifetimes = new Lifetimes(recording);
  for (const tensor of lifetimes.owners()) {
    if (!lifetimes.isSaved(tensor)) continue;
    const line = book.lineOf(site[lifetimes.keptBy[tensor]]);
    if (line !== null) line.saved += lifetimes.bytes(tensor);
  }
  const lines = book.lines.sort((a, b) => b.forward + b.backward - (a.forward + a.backward));
  const total = timeline.finish - timeline.begin;
  return { lines, total, unaccounted: total - charged, placeless };
}

/** Costs by line, found by site. */
class Book {
  readonly lines: Growing[] = [];
  private readonly recording: Recording;
  private readonly bySite = new Map<number, Growing | null>();
  private readonly byLine = new Map<string, Growing>();

  constructor(recording: Recording) {
    this.recording = recording;
  }

  lineOf(site: number): Growing | null {
    let found = this.bySite.get(site);
    if (found === undefined) {
      found = this.atLine(site);
      this.bySite.set(site, found);
    }
    return found;
  }

  private atLine(site: number): Growing | null {
    const row = this.recording.sites.get(site);
    if (row === undefined) return null;
    const { file, line } = row;
    const key = `${line} ${file}`;
    let cost = this.byLine.get(key);
    if (cost === undefined) {
      cost = { file, line, forward: 0, backward: 0, saved: 0, calls: 0 };
      this.byLine.set(key, cost);
      this.lines.push(cost);
    }
    return cost;
  }
}
