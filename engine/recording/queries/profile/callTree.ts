import { nestingOf } from "./nesting.ts";
import type { Timeline } from "./timeline.ts";

/** Spans that were called from the same ones, merged: a node for each way of getting there. Node 0 is the root and stands for nothing. */
export interface CallTree {
  readonly count: number;
  readonly parent: Int32Array;
  /** Index in the timeline's names. */
  readonly name: Uint32Array;
  /** A SpanKind. */
  readonly kind: Uint8Array;
  /** Milliseconds, with what it called and without. */
  readonly total: Float64Array;
  readonly self: Float64Array;
  /** How many spans were merged into it. */
  readonly calls: Uint32Array;
  /** One span of them: the first. */
  readonly span: Int32Array;
}

/** Spans of one thread contain each other across its lanes; garbage collections are a thread of their own. */
export function callTree(timeline: Timeline): CallTree {
  const { count, name, kind, start, end } = timeline;
  const { parent, self } = nestingOf(timeline);
  const builder = new CallTreeBuilder();
  const nodeOf = new Int32Array(count).fill(-1);
  const waiting: number[] = [];
  for (let first = 0; first < count; first++) {
    // What contains a span may stand behind it, in a later lane: it gets its node first.
    for (let span = first; span >= 0 && nodeOf[span] < 0; span = parent[span]) waiting.push(span);
    for (let span = waiting.pop(); span !== undefined; span = waiting.pop()) {
      const above = parent[span] < 0 ? 0 : nodeOf[parent[span]];
      nodeOf[span] = builder.child(above, name[span], kind[span], span);
      builder.add(nodeOf[span], end[span] - start[span], self[span], 1);
    }
  }
  return builder.build();
}

/** Collects nodes; each is known by its parent and its name. */
export class CallTreeBuilder {
  readonly parent: number[] = [-1];
  readonly name: number[] = [0];
  readonly kind: number[] = [0];
  readonly total: number[] = [0];
  readonly self: number[] = [0];
  readonly calls: number[] = [0];
  readonly span: number[] = [-1];
  private readonly children: (Map<number, number> | undefined)[] = [];

  /** The child of a node by name and kind, made when there is none. */
  child(parent: number, name: number, kind: number, span: number): number {
    this.children[parent] ??= new Map();
    const known = this.children[parent];
    const key = name * 8 + kind;
    const found = known?.get(key);
    if (found !== undefined) return found;
    const node = this.parent.push(parent) - 1;
    this.name.push(name);
    this.kind.push(kind);
    this.total.push(0);
    this.self.push(0);
    this.calls.push(0);
    this.span.push(span);
    known?.set(key, node);
    return node;
  }

  add(node: number, total: number, self: number, calls: number): void {
    this.total[node] += total;
    this.self[node] += self;
    this.calls[node] += calls;
  }

  build(): CallTree {
    return {
      count: this.parent.length,
      parent: Int32Array.from(this.parent),
      name: Uint32Array.from(this.name),
      kind: Uint8Array.from(this.kind),
      total: Float64Array.from(this.total),
      self: Float64Array.from(this.self),
      calls: Uint32Array.from(this.calls),
      span: Int32Array.from(this.span),
    };
  }
}
