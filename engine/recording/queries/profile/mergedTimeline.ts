import { type CallTree, CallTreeBuilder } from "./callTree.ts";
import type { Timeline } from "./timeline.ts";

/** A timeline in which equal spans lie together: its times are sums, not moments. */
export interface MergedTimeline extends Timeline {
  /** How many spans each one stands for. */
  readonly calls: Uint32Array;
  /** One span of the original timeline for each: the first that was merged into it. */
  readonly sample: Int32Array;
}

/** The heaviest first, from left to right at every level ("left-heavy"). */
export function leftHeavy({ names }: Timeline, tree: CallTree, title = "Merged, heaviest first"): MergedTimeline {
  const children = childrenByWeight(tree);
  const count = tree.count - 1;
  const merged = emptyTimeline(count, names, title);
  let at = 0;
  // An explicit stack: a foreign trace may be deeper than JavaScript's own.
  const stack: { node: number; start: number; depth: number }[] = [];
  const push = (parent: number, start: number, depth: number): void => {
    const below = children[parent] ?? [];
    let end = start + below.reduce((sum, node) => sum + tree.total[node], 0);
    for (let i = below.length - 1; i >= 0; i--) {
      end -= tree.total[below[i]];
      stack.push({ node: below[i], start: end, depth });
    }
  };
  push(0, 0, 0);
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { node, start, depth } = next;
    merged.start[at] = start;
    merged.end[at] = start + tree.total[node];
    merged.depth[at] = depth;
    merged.name[at] = tree.name[node];
    merged.kind[at] = tree.kind[node];
    merged.calls[at] = tree.calls[node];
    merged.sample[at] = tree.span[node];
    at++;
    push(node, start, depth + 1);
  }
  return { ...merged, finish: (children[0] ?? []).reduce((sum, node) => sum + tree.total[node], 0) };
}

/** What one name called, and who called it: both merged, both starting from that name. */
export interface Sandwich {
  readonly callers: MergedTimeline;
  readonly callees: MergedTimeline;
}

/** The sandwich of a name, given by its index. A call inside a call of the same name counts with the outer one. */
export function sandwichOf(timeline: Timeline, tree: CallTree, name: number): Sandwich {
  const outermost = outermostOf(tree, name);
  return {
    callers: leftHeavy(timeline, callersOf(tree, outermost), "Called from"),
    callees: leftHeavy(timeline, calleesOf(tree, outermost), "What it called"),
  };
}

function outermostOf({ count, parent, name: names }: CallTree, name: number): Uint8Array {
  const isInside = new Uint8Array(count);
  const isOutermost = new Uint8Array(count);
  for (let node = 1; node < count; node++) {
    // Parents come before their children.
    isInside[node] = isInside[parent[node]];
    if (names[node] !== name) continue;
    if (isInside[node] === 0) isOutermost[node] = 1;
    isInside[node] = 1;
  }
  return isOutermost;
}

function calleesOf(tree: CallTree, outermost: Uint8Array): CallTree {
  const builder = new CallTreeBuilder();
  const place = new Int32Array(tree.count).fill(-1);
  for (let node = 1; node < tree.count; node++) {
    const above = outermost[node] === 1 ? 0 : place[tree.parent[node]];
    if (above < 0) continue;
    place[node] = builder.child(above, tree.name[node], tree.kind[node], tree.span[node]);
    builder.add(place[node], tree.total[node], tree.self[node], tree.calls[node]);
  }
  return builder.build();
}

function callersOf(tree: CallTree, outermost: Uint8Array): CallTree {
  const builder = new CallTreeBuilder();
  for (let node = 1; node < tree.count; node++) {
    if (outermost[node] === 0) continue;
    let at = 0;
    for (let above = node; above > 0; above = tree.parent[above]) {
      at = builder.child(at, tree.name[above], tree.kind[above], tree.span[above]);
      builder.add(at, tree.total[node], 0, tree.calls[node]);
    }
  }
  return builder.build();
}

function childrenByWeight({ count, parent, total }: CallTree): (number[] | undefined)[] {
  const children: (number[] | undefined)[] = [];
  for (let node = 1; node < count; node++) {
    const known = children[parent[node]];
    if (known === undefined) children[parent[node]] = [node];
    else known.push(node);
  }
  for (const list of children) list?.sort((a, b) => total[b] - total[a] || a - b);
  return children;
}

function emptyTimeline(count: number, names: readonly string[], title: string): MergedTimeline {
  return {
    count,
    lane: new Uint16Array(count),
    depth: new Uint16Array(count),
    start: new Float64Array(count),
    end: new Float64Array(count),
    name: new Uint32Array(count),
    kind: new Uint8Array(count),
    event: new Uint32Array(count),
    link: new Int32Array(count).fill(-1),
    names,
    lanes: [{ name: title, kind: "thread", thread: 0 }],
    begin: 0,
    finish: 0,
    calls: new Uint32Array(count),
    sample: new Int32Array(count).fill(-1),
  };
}
