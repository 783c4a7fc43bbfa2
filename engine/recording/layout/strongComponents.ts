import { groupByKey } from "./layered/adjacency.ts";

/**
 * The vertices that lie on a cycle, as a component number each; -1 for every vertex that lies on none. Tarjan's algorithm with its
 * own stack, so that a graph of any depth is safe.
 */
export function cyclicComponents(count: number, from: Int32Array, to: Int32Array): Int32Array {
  const { start, item } = groupByKey(count, from);
  const index = new Int32Array(count).fill(-1);
  const low = new Int32Array(count);
  const onStack = new Uint8Array(count);
  const next = start.slice(0, count);
  const component = new Int32Array(count).fill(-1);
  const stack: number[] = [];
  const path: number[] = [];
  let visited = 0;
  let components = 0;

  const enter = (v: number): void => {
    index[v] = low[v] = visited++;
    onStack[v] = 1;
    stack.push(v);
    path.push(v);
  };
  const leave = (v: number): void => {
    path.pop();
    const above = path.at(-1);
    if (above !== undefined) low[above] = Math.min(low[above], low[v]);
    if (low[v] !== index[v]) return;
    const isCycle = stack.at(-1) !== v;
    for (let member = -1; member !== v; ) {
      member = stack.pop() as number;
      onStack[member] = 0;
      if (isCycle) component[member] = components;
    }
    if (isCycle) components++;
  };

  for (let root = 0; root < count; root++) {
    if (index[root] >= 0) continue;
    enter(root);
    while (path.length > 0) {
      const v = path[path.length - 1];
      if (next[v] === start[v + 1]) {
        leave(v);
        continue;
      }
      const w = to[item[next[v]++]];
      if (index[w] < 0) enter(w);
      else if (onStack[w] === 1) low[v] = Math.min(low[v], index[w]);
    }
  }
  return component;
}
