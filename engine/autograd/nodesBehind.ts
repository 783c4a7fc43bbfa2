import { anomaly } from "./anomaly.ts";
import type { Node } from "./node.ts";
import { watch } from "./observer.ts";

/** All nodes that lead to these, and they themselves. */
export function nodesBehind(roots: readonly (Node | null)[]): Set<Node> {
  const nodes = new Set<Node>();
  const waiting = [...roots];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node === null || nodes.has(node)) continue;
    nodes.add(node);
    waiting.push(...node.next);
  }
  return nodes;
}

/** Whether nobody hears of single backwards through these nodes. */
export function runUnseen(nodes: Iterable<Node>): boolean {
  if (watch.observer !== null || anomaly.enabled) return false;
  for (const node of nodes) if (node.hooks !== null) return false;
  return true;
}
