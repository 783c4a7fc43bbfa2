import type { Graph, GraphNode } from "../queries/graphTypes.ts";
import type { Unit } from "./scopes.ts";

/** Fewer equal blocks than this are shown one by one. */
const shortestRun = 3;

/** Groups neighbouring frames that do the same: the same type, the same ops on the same shapes. */
export function findRuns(graph: Graph, frames: readonly Unit[]): Unit[][] {
  const inOrder = [...frames].sort((a, b) => firstOp(graph, a) - firstOp(graph, b));
  const runs: Unit[][] = [];
  let current: Unit[] = [];
  let likeness = "";
  for (const frame of inOrder) {
    const mine = signature(graph, frame);
    if (current.length > 0 && mine === likeness) {
      current.push(frame);
    } else {
      runs.push(current);
      current = [frame];
      likeness = mine;
    }
  }
  runs.push(current);
  return runs.filter((run) => run.length >= shortestRun);
}

function firstOp(graph: Graph, frame: Unit): number {
  return frame.nodes.find((node) => isWork(graph.nodes[node])) ?? Number.POSITIVE_INFINITY;
}

/** Parameters do not count: a module called again has them only in its first call. */
function isWork(node: GraphNode): boolean {
  return node.kind === "op" || node.role === "non-leaf";
}

/** Sums of hashes do not depend on the order of the nodes. */
function signature(graph: Graph, frame: Unit): string {
  let first = 0;
  let second = 0;
  let count = 0;
  for (const id of frame.nodes) {
    const node = graph.nodes[id];
    if (!isWork(node)) continue;
    const text = node.kind === "op" ? `${node.label} ${node.shape.join(" ")}` : `= ${node.shape.join(" ")}`;
    first = (first + hash(text, 0x811c9dc5)) >>> 0;
    second = (second + hash(text, 0x2f0b4c47)) >>> 0;
    count++;
  }
  return count === 0 ? `${frame.group}` : `${graph.groups[frame.group].type} ${count} ${first} ${second}`;
}

/** FNV-1a. */
function hash(text: string, seed: number): number {
  let h = seed;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}
