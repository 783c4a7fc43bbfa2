import type { Recording } from "../../recording.ts";
import { EventKind } from "../../schema.ts";
import { nodesAround } from "./causes.ts";
import { EventCosts } from "./eventCosts.ts";
import { nestingOf } from "./nesting.ts";
import { ScopeNames } from "./scopeNames.ts";
import { SpanKind, type Timeline } from "./timeline.ts";

/** A module, or a scope that the user named, in all its calls from the same place in the tree. */
export interface ModuleNode {
  /** Index in the list. */
  readonly id: number;
  /** Index of what it ran in; -1 at the top. A parent stands before its children. */
  readonly parent: number;
  /** `net.0`, or the user's name for the scope. */
  readonly name: string;
  /** The class; empty for a scope of the user's. */
  readonly type: string;
  readonly calls: number;
  /** Milliseconds of forward, everything inside included. */
  readonly forward: number;
  /** Milliseconds of forward in itself: without the modules and scopes inside. */
  readonly forwardSelf: number;
  /** Milliseconds of the backward nodes of its ops, everything inside included. */
  readonly backward: number;
  readonly backwardSelf: number;
  /** Floating-point operations forward, and back, everything inside included. */
  readonly flops: number;
  readonly backwardFlops: number;
  /** Bytes of the tensors that its ops made in forward, everything inside included. */
  readonly bytes: number;
  /** A span of it in the timeline: the longest call; -1 when there is none. */
  readonly span: number;
}

type Growing = { -readonly [K in keyof ModuleNode]: ModuleNode[K] };

/** Forward and backward time of each module. Empty when the program has neither modules nor scopes. */
export function moduleTree(recording: Recording, timeline: Timeline): ModuleNode[] {
  const { nodes, nodeOf } = nodesOfScopes(recording);
  addCalls(nodes, nodeOf, recording, timeline);
  addWork(nodes, nodeOf, recording, timeline);
  for (let id = nodes.length - 1; id >= 0; id--) {
    const node = nodes[id];
    if (node.parent === -1) continue;
    const parent = nodes[node.parent];
    parent.backward += node.backward;
    parent.flops += node.flops;
    parent.backwardFlops += node.backwardFlops;
    parent.bytes += node.bytes;
    parent.forwardSelf -= node.forward;
  }
  return nodes;
}

/** One node for all scopes of the same module, or name, below the same node; and per scope its node, -1 for none. */
function nodesOfScopes(recording: Recording): { nodes: Growing[]; nodeOf: Int32Array } {
  const { rows, column } = recording.tables.scopes;
  const names = new ScopeNames(recording);
  const nodes: Growing[] = [];
  const nodeOf = new Int32Array(rows).fill(-1);
  const known = new Map<string, number>();
  for (let scope = 1; scope < rows; scope++) {
    const parent = nodeOf[column.parent[scope]];
    const key = `${parent} ${column.owner[scope]} ${column.owner[scope] === 0 ? column.name[scope] : ""}`;
    let id = known.get(key);
    if (id === undefined) {
      id = nodes.push(emptyNode(nodes.length, parent, names.path(scope), names.type(scope))) - 1;
      known.set(key, id);
    }
    nodeOf[scope] = id;
  }
  return { nodes, nodeOf };
}

function emptyNode(id: number, parent: number, name: string, type: string): Growing {
  const times = { forward: 0, forwardSelf: 0, backward: 0, backwardSelf: 0 };
  return { id, parent, name, type, calls: 0, ...times, flops: 0, backwardFlops: 0, bytes: 0, span: -1 };
}

function addCalls(nodes: Growing[], nodeOf: Int32Array, recording: Recording, timeline: Timeline): void {
  const { scope } = recording.tables.events.column;
  const { kind, event, start, end } = timeline;
  for (let span = 0; span < timeline.count; span++) {
    if (kind[span] !== SpanKind.module && kind[span] !== SpanKind.scope) continue;
    const id = nodeOf[scope[event[span]]];
    if (id === -1) continue;
    const node = nodes[id];
    const ms = end[span] - start[span];
    node.calls++;
    node.forward += ms;
    node.forwardSelf += ms;
    if (node.span === -1 || ms > end[node.span] - start[node.span]) node.span = span;
  }
}

/** What ops and nodes did goes to the innermost scope; what ran inside a node, to the scope of its forward op. */
function addWork(nodes: Growing[], nodeOf: Int32Array, recording: Recording, timeline: Timeline): void {
  const { kind, scope } = recording.tables.events.column;
  const costs = new EventCosts(recording);
  const nesting = nestingOf(timeline);
  const around = nodesAround(timeline, recording, nesting);
  for (let span = 0; span < timeline.count; span++) {
    const event = timeline.event[span];
    const isOp = kind[event] === EventKind.op;
    if (!isOp && kind[event] !== EventKind.node) continue;
    const forward = around[span] === 0 ? event : costs.forwardOf(around[span]);
    const id = nodeOf[scope[forward]] ?? -1;
    if (forward === 0 || id === -1) continue;
    const node = nodes[id];
    if (around[span] === 0) {
      node.flops += costs.flops(event);
      node.bytes += costs.made(event);
    } else {
      node.backward += nesting.self[span];
      node.backwardSelf += nesting.self[span];
      if (!isOp) node.backwardFlops += costs.flops(event);
    }
  }
}
