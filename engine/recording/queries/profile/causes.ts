import type { Recording } from "../../recording.ts";
import { EventKind } from "../../schema.ts";
import type { Nesting } from "./nesting.ts";
import type { Timeline } from "./timeline.ts";

/**
 * Per span: the backward node that it is, or in which it ran, as a row of the events; 0 for none. What a node's formula
 * or a custom Function's backward runs is backward work, and has the node's cause.
 */
export function nodesAround(timeline: Timeline, recording: Recording, { order, parent }: Nesting): Uint32Array {
  const { kind } = recording.tables.events.column;
  const node = new Uint32Array(timeline.count);
  for (const span of order) {
    const event = timeline.event[span];
    if (kind[event] === EventKind.node) node[span] = event;
    else if (parent[span] !== -1) node[span] = node[parent[span]];
  }
  return node;
}
