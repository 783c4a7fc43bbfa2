import type { Recording } from "../../recording.ts";
import type { Place } from "../rows.ts";
import { EventCosts } from "./eventCosts.ts";
import { nestingOf } from "./nesting.ts";
import { Numbering } from "./numbering.ts";
import { ScopeNames } from "./scopeNames.ts";
import { SpanKind, type Timeline } from "./timeline.ts";

/** All calls of one op, or those with the same inputs, place or module. */
export interface OpRow {
  readonly name: string;
  /** A SpanKind. */
  readonly kind: number;
  /** `[64, 784] [784, 256]`, a number as `·`; null when not grouped by them. */
  readonly shapes: string | null;
  /** Where the calls are; of a backward node, the call of its forward op. Null when they are in several places. */
  readonly place: Place | null;
  /** The module they ran in; of a backward node, that of its forward op. Null when there are several, or none. */
  readonly module: string | null;
  readonly count: number;
  /** Milliseconds without what ran inside. */
  readonly self: number;
  /** Milliseconds with what ran inside. */
  readonly total: number;
  /** Floating-point operations; 0 when not known. */
  readonly flops: number;
  /** Bytes of the tensors it made. */
  readonly bytes: number;
  /** Bytes it read and wrote. */
  readonly moved: number;
  /** Part of the self time of the whole table, from 0 to 1. */
  readonly share: number;
  /** A span of it, to show: the longest. */
  readonly span: number;
}

/** What tells rows of the table apart, besides the name. */
export interface OpGrouping {
  readonly byShape?: boolean;
  readonly bySite?: boolean;
  readonly byModule?: boolean;
}

interface Group {
  readonly span: number;
  count: number;
  self: number;
  total: number;
  flops: number;
  bytes: number;
  moved: number;
  longest: number;
  site: number;
  module: number;
}

/** The ops of a timeline, the most expensive first. Without the recording it was made from, times and counts are all there is. */
export function opTable(timeline: Timeline, recording: Recording | null, grouping: OpGrouping = {}): OpRow[] {
  const { self } = nestingOf(timeline);
  const facts = recording === null ? null : new SpanFacts(timeline, recording);
  const numbering = new Numbering();
  const groups = new Map<number, Group>();
  for (let span = 0; span < timeline.count; span++) {
    if (!isWork(timeline, span)) continue;
    let key = numbering.after(numbering.after(0, timeline.kind[span]), timeline.name[span]);
    if (facts !== null) key = facts.key(key, span, grouping, numbering);
    let group = groups.get(key);
    if (group === undefined) {
      group = emptyGroup(span, facts);
      groups.set(key, group);
    }
    addTo(group, span, timeline, self, facts);
  }
  let all = 0;
  for (const group of groups.values()) all += group.self;
  return [...groups.values()]
    .map((group) => rowOf(group, timeline, facts, grouping, all))
    .sort((a, b) => b.self - a.self);
}

/** Ops, nodes and steps; not what only has a name, but where a foreign trace has threads, all that is in them. */
function isWork({ kind, lane, lanes }: Timeline, span: number): boolean {
  switch (kind[span]) {
    case SpanKind.scope:
    case SpanKind.module:
      return lanes[lane[span]].kind === "thread";
    case SpanKind.gc:
      return false;
    default:
      return true;
  }
}

/** Calls in several places, or modules. */
const SEVERAL = -1;

function emptyGroup(span: number, facts: SpanFacts | null): Group {
  const site = facts?.site(span) ?? 0;
  const module = facts?.module(span) ?? 0;
  return { span, count: 0, self: 0, total: 0, flops: 0, bytes: 0, moved: 0, longest: span, site, module };
}

function addTo(group: Group, span: number, timeline: Timeline, self: Float64Array, facts: SpanFacts | null): void {
  const { start, end } = timeline;
  group.count++;
  group.self += self[span];
  group.total += end[span] - start[span];
  if (end[span] - start[span] > end[group.longest] - start[group.longest]) group.longest = span;
  if (facts === null) return;
  const { costs } = facts;
  const event = timeline.event[span];
  group.flops += costs.flops(event);
  group.bytes += costs.made(event);
  group.moved += costs.moved(event);
  if (facts.site(span) !== group.site) group.site = SEVERAL;
  if (facts.module(span) !== group.module) group.module = SEVERAL;
}

function rowOf(group: Group, timeline: Timeline, facts: SpanFacts | null, grouping: OpGrouping, all: number): OpRow {
  const { span, count, self, total, flops, bytes, moved, longest, site, module } = group;
  return {
    name: timeline.names[timeline.name[span]],
    kind: timeline.kind[span],
    shapes: grouping.byShape === true && facts !== null ? facts.shapes(span) : null,
    place: facts?.place(site) ?? null,
    module: facts === null || module <= 0 ? null : facts.modulePath(module),
    count,
    self,
    total,
    flops,
    bytes,
    moved,
    share: all === 0 ? 0 : self / all,
    span: longest,
  };
}

/** What a recording knows of a span. */
class SpanFacts {
  readonly costs: EventCosts;
  private readonly timeline: Timeline;
  private readonly recording: Recording;
  private readonly names: ScopeNames;
  /** Per scope: the innermost module around it. */
  private readonly moduleOf: Uint32Array;

  constructor(timeline: Timeline, recording: Recording) {
    this.timeline = timeline;
    this.recording = recording;
    this.costs = new EventCosts(recording);
    this.names = new ScopeNames(recording);
    const { rows, column } = recording.tables.scopes;
    this.moduleOf = new Uint32Array(rows);
    for (let scope = 1; scope < rows; scope++)
      this.moduleOf[scope] = column.owner[scope] === 0 ? this.moduleOf[column.parent[scope]] : scope;
  }

  site(span: number): number {
    return this.recording.tables.events.column.site[this.timeline.event[span]] ?? 0;
  }

  /** The object number of the module that the op, or the node's op, ran in; 0 for none. */
  module(span: number): number {
    const { events, scopes } = this.recording.tables;
    const event = this.timeline.event[span];
    const scope = events.column.scope[this.costs.forwardOf(event) || event] ?? 0;
    return scopes.column.owner[this.moduleOf[scope] ?? 0] ?? 0;
  }

  place(site: number): Place | null {
    return this.recording.sites.get(site) ?? null;
  }

  modulePath(owner: number): string | null {
    const scope = this.recording.tables.scopes.column.owner.indexOf(owner);
    return scope === -1 ? null : this.names.path(scope);
  }

  shapes(span: number): string {
    const { tensors } = this.recording.tables;
    const words: string[] = [];
    for (const tensor of this.costs.inputs(this.timeline.event[span]))
      words.push(tensor === 0 ? "·" : `[${this.recording.shapes[tensors.column.shape[tensor]].join(", ")}]`);
    return words.join(" ");
  }

  /** The key of the group that the span belongs to. */
  key(before: number, span: number, { byShape, bySite, byModule }: OpGrouping, numbering: Numbering): number {
    let key = before;
    if (bySite === true) key = numbering.after(key, this.site(span));
    if (byModule === true) key = numbering.after(key, this.module(span));
    if (byShape !== true) return key;
    const { shape } = this.recording.tables.tensors.column;
    for (const tensor of this.costs.inputs(this.timeline.event[span]))
      key = numbering.after(key, tensor === 0 ? 0 : 1 + shape[tensor]);
    return key;
  }
}
