import type { Recording } from "../../recording.ts";
import { EventKind } from "../../schema.ts";
import { ScopeNames } from "./scopeNames.ts";
import { TimelineBuilder } from "./timelineBuilder.ts";

/** What a span is. */
export const SpanKind = {
  other: 0,
  scope: 1,
  module: 2,
  forward: 3,
  backward: 4,
  optimizer: 5,
  gc: 6,
} as const;

/** A band of spans in a drawing; spans of one lane contain each other or lie apart. */
export interface Lane {
  readonly name: string;
  /** What it holds: one kind of span of a recording, or a thread of an imported trace. */
  readonly kind: "scopes" | "modules" | "forward" | "backward" | "optimizer" | "gc" | "thread";
  /** Lanes with the same number show one thread, so their spans contain each other; the garbage collector has its own. */
  readonly thread: number;
}

/**
 * What ran when: one entry per span in each array, sorted by lane, then by start; what contains stands before what is
 * contained. Times are in milliseconds since the run began.
 */
export interface Timeline {
  readonly count: number;
  /** Index in `lanes`. */
  readonly lane: Uint16Array;
  /** How many spans of its lane contain it. */
  readonly depth: Uint16Array;
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** Index in `names`. */
  readonly name: Uint32Array;
  /** A SpanKind. */
  readonly kind: Uint8Array;
  /** Row of the recording's events; 0 for none. */
  readonly event: Uint32Array;
  /** Of a backward node: the span of the forward op that made it; else -1. */
  readonly link: Int32Array;
  readonly names: readonly string[];
  /** Only those that have spans. */
  readonly lanes: readonly Lane[];
  /** The first start; 0 without spans. */
  readonly begin: number;
  /** The last end; 0 without spans. */
  readonly finish: number;
}

const lanes: readonly Lane[] = [
  { name: "Scopes", kind: "scopes", thread: 0 },
  { name: "Modules", kind: "modules", thread: 0 },
  { name: "Forward", kind: "forward", thread: 0 },
  { name: "Backward", kind: "backward", thread: 0 },
  { name: "Optimizer", kind: "optimizer", thread: 0 },
  { name: "Garbage collection", kind: "gc", thread: 1 },
];
const SCOPES = 0;
const MODULES = 1;
const FORWARD = 2;
const BACKWARD = 3;
const OPTIMIZER = 4;
const GC = 5;

/** The spans of a recording: user scopes, modules, forward ops, backward nodes, optimizer steps and garbage collection, a lane each. */
export function timelineOf(recording: Recording): Timeline {
  const builder = new TimelineBuilder();
  addWork(builder, recording);
  const { rows, column } = recording.tables.gc;
  for (let i = 0; i < rows; i++)
    builder.add(GC, SpanKind.gc, builder.nameId(gcNames[column.kind[i]] ?? gcNames[0]), column.start[i], column.end[i]);
  return builder.build(lanes);
}

/** By GcKind. */
const gcNames = ["gc", "gc: young", "gc: full", "gc: incremental", "gc: weak references"];

function addWork(builder: TimelineBuilder, recording: Recording): void {
  const { rows, column } = recording.tables.events;
  const { kind, name, node, scope, start, end } = column;
  const names = new NameTable(builder, recording);
  const open = new OpenSpans(builder);
  const forwardOf = new Map<number, number>();
  for (let event = 1; event < rows; event++) {
    switch (kind[event]) {
      case EventKind.op: {
        const span = builder.add(FORWARD, SpanKind.forward, names.text(name[event]), start[event], end[event], event);
        if (node[event] !== 0) forwardOf.set(node[event], span);
        break;
      }
      case EventKind.node: {
        const span = builder.add(BACKWARD, SpanKind.backward, names.text(name[event]), start[event], end[event], event);
        const forward = forwardOf.get(node[event]);
        if (forward !== undefined) builder.connect(span, forward);
        break;
      }
      case EventKind.backwardStart:
        open.begin(BACKWARD, SpanKind.backward, names.text(name[event]), start[event], event);
        break;
      case EventKind.backwardEnd:
        open.finish(BACKWARD, end[event]);
        break;
      case EventKind.optimizerStart:
        open.begin(OPTIMIZER, SpanKind.optimizer, names.step(name[event]), start[event], event);
        break;
      case EventKind.optimizerEnd:
        open.finish(OPTIMIZER, end[event]);
        break;
      case EventKind.scopeStart:
        if (names.isModule(scope[event]))
          open.begin(MODULES, SpanKind.module, names.scope(scope[event]), start[event], event, SCOPES);
        else open.begin(SCOPES, SpanKind.scope, names.scope(scope[event]), start[event], event, SCOPES);
        break;
      case EventKind.scopeEnd:
        open.finish(SCOPES, end[event]);
        break;
    }
  }
  open.finishAll(rows > 1 ? end[rows - 1] : 0);
}

/** Spans that have begun and not ended, one stack for each pair of events. A run that broke off leaves some open. */
class OpenSpans {
  private readonly builder: TimelineBuilder;
  private readonly stacks = new Map<number, number[]>();

  constructor(builder: TimelineBuilder) {
    this.builder = builder;
  }

  begin(lane: number, kind: number, name: number, at: number, event: number, pair = lane): void {
    const span = this.builder.add(lane, kind, name, at, at, event);
    const stack = this.stacks.get(pair);
    if (stack === undefined) this.stacks.set(pair, [span]);
    else stack.push(span);
  }

  finish(pair: number, at: number): void {
    const span = this.stacks.get(pair)?.pop();
    if (span !== undefined) this.builder.close(span, at);
  }

  finishAll(at: number): void {
    for (const stack of this.stacks.values()) for (const span of stack) this.builder.close(span, at);
  }
}

/** Names of the builder by what the recording has; each is made once. */
class NameTable {
  private readonly builder: TimelineBuilder;
  private readonly strings: readonly string[];
  private readonly scopes: ScopeNames;
  /** 1 + the builder's name, by text. */
  private readonly texts: Uint32Array;

  constructor(builder: TimelineBuilder, recording: Recording) {
    this.builder = builder;
    this.strings = recording.strings;
    this.scopes = new ScopeNames(recording);
    this.texts = new Uint32Array(recording.strings.length);
  }

  isModule(scope: number): boolean {
    return this.scopes.isModule(scope);
  }

  text(text: number): number {
    if (this.texts[text] === 0) this.texts[text] = 1 + this.builder.nameId(this.strings[text]);
    return this.texts[text] - 1;
  }

  step(text: number): number {
    return this.builder.nameId(`${this.strings[text]}.step`);
  }

  scope(scope: number): number {
    return this.builder.nameId(this.scopes.label(scope));
  }
}
