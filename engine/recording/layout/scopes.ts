import type { Graph, GraphGroup } from "../queries/graphTypes.ts";
import { type Adjacency, groupByKey } from "./layered/adjacency.ts";
import { findRuns } from "./runs.ts";
import { cyclicComponents } from "./strongComponents.ts";
import { displayName } from "./text.ts";

/** A frame of the drawing: one call of a module, or a run of equal calls one after another. */
export interface Scope {
  /** Index in `ScopeTree.scopes`. */
  readonly id: number;
  /** The frame around it, which stands before it in the list; -1 at top level. */
  readonly parent: number;
  /** Stays the same from one drawing of a graph to the next: folds are kept by it. */
  readonly key: string;
  readonly title: string;
  /** The module's type (`Linear`). */
  readonly type: string;
  /** How many equal calls the scope stands for; 1 for a single call. */
  readonly repeats: number;
  /** How many nodes of the graph lie in it, at any depth. */
  readonly nodes: number;
  readonly depth: number;
}

/** All frames a graph can have, and where its nodes lie. */
export interface ScopeTree {
  readonly scopes: readonly Scope[];
  /** The innermost scope of each node, or -1. */
  readonly ofNode: Int32Array;
}

/**
 * Turns module groups into frames that can be drawn as boxes. A module that is called again with other work in between becomes one
 * frame for each call, because one box would then stand before and after the same node; equal frames in a row become one run.
 */
export function buildScopes(graph: Graph): ScopeTree {
  const builder = new ScopeBuilder(graph);
  builder.run();
  return { scopes: builder.scopes, ofNode: builder.ofNode };
}

/** A piece of a frame's content: one node, or all nodes of one child group that go into one frame. */
export interface Unit {
  readonly nodes: number[];
  /** The child group; -1 for a node that lies in the frame directly. */
  readonly group: number;
  /** Which call of the group, from 1; 0 when the group is called once. */
  readonly call: number;
}

class ScopeBuilder {
  readonly scopes: Scope[] = [];
  readonly ofNode: Int32Array;
  readonly #graph: Graph;
  readonly #outgoing: Adjacency;
  readonly #to: Int32Array;
  /** The group of each scope; of a run, its parent's. */
  readonly #groupOf: number[] = [];
  /** For each node its place among the marked units; -1 outside. */
  readonly #unitOf: Int32Array;
  #marked: readonly Unit[] = [];

  constructor(graph: Graph) {
    this.#graph = graph;
    this.ofNode = new Int32Array(graph.nodes.length).fill(-1);
    this.#unitOf = new Int32Array(graph.nodes.length).fill(-1);
    this.#to = Int32Array.from(graph.edges, (edge) => edge.to);
    this.#outgoing = groupByKey(
      graph.nodes.length,
      Int32Array.from(graph.edges, (edge) => edge.from),
    );
  }

  run(): void {
    if (this.#graph.groups.length === 0) return;
    const waiting = [{ scope: -1, nodes: this.#graph.nodes.map((node) => node.id) }];
    for (let next = 0; next < waiting.length; next++) {
      const { scope, nodes } = waiting[next];
      for (const node of nodes) this.ofNode[node] = scope;
      waiting.push(...this.#openScope(scope, nodes));
    }
  }

  /** Finds the frames directly inside one scope and gives each with its nodes. */
  #openScope(scope: number, nodes: number[]): { scope: number; nodes: number[] }[] {
    const units = this.#splitIntoCalls(this.#unitsOf(scope, nodes));
    const frames = units.filter((unit) => unit.group >= 0);
    const runs = this.#acyclicRuns(units, findRuns(this.#graph, frames));
    this.#mark([]);

    const runOf = new Map(runs.flatMap((run) => run.map((unit) => [unit, run] as const)));
    const scopeOfRun = new Map<Unit[], number>();
    return frames.map((unit) => {
      const run = runOf.get(unit);
      let parent = scope;
      if (run) {
        parent = scopeOfRun.get(run) ?? this.#addRun(scope, run);
        scopeOfRun.set(run, parent);
      }
      return { scope: this.#addCall(parent, unit), nodes: unit.nodes };
    });
  }

  #unitsOf(scope: number, nodes: number[]): Unit[] {
    const own = scope < 0 ? -1 : this.#groupOf[scope];
    const units: Unit[] = [];
    const known = new Map<number, Unit>();
    for (const node of nodes) {
      const group = this.#childGroup(this.#graph.nodes[node].group, own);
      const unit = known.get(group);
      if (unit && group >= 0) {
        unit.nodes.push(node);
      } else {
        const fresh = { nodes: [node], group, call: 0 };
        known.set(group, fresh);
        units.push(fresh);
      }
    }
    return units;
  }

  /** The child of `ancestor` on the way to `group`; -1 when `group` is `ancestor` itself. */
  #childGroup(group: number, ancestor: number): number {
    let at = group;
    // A group's parent stands before it, so the way up ends; a broken parent counts as the top.
    while (at >= 0 && at !== ancestor) {
      const parent = this.#graph.groups[at]?.parent ?? -1;
      if (parent === ancestor || parent >= at) return at;
      at = parent;
    }
    return -1;
  }

  #splitIntoCalls(units: Unit[]): Unit[] {
    const { from, to } = this.#edgesBetween(units);
    const component = cyclicComponents(units.length, from, to);
    if (component.every((c) => c < 0)) return units;

    const split: Unit[] = units.filter((_, i) => component[i] < 0);
    const cycles = groupByKey(units.length, component);
    for (let c = 0; c < units.length; c++) {
      const members = cycles.item.subarray(cycles.start[c], cycles.start[c + 1]);
      if (members.length > 0) split.push(...this.#callsOf(Array.from(members, (i) => units[i])));
    }
    return split;
  }

  /** Walks a cycle's nodes in an order of execution that stays inside a group as long as it can; each stay is one call. */
  #callsOf(units: Unit[]): Unit[] {
    const calls: Unit[] = [];
    const count = new Map<number, number>();
    let current = -1;
    for (const { node, unit } of this.#stayingOrder(units)) {
      const { group } = units[unit];
      if (group < 0) {
        calls.push(units[unit]);
      } else if (unit === current) {
        calls[calls.length - 1].nodes.push(node);
      } else {
        const call = (count.get(group) ?? 0) + 1;
        count.set(group, call);
        calls.push({ nodes: [node], group, call });
      }
      current = unit;
    }
    return calls;
  }

  #stayingOrder(units: Unit[]): { node: number; unit: number }[] {
    this.#mark(units);
    const inside = units.flatMap((unit) => unit.nodes);
    const waitingFor = new Map(inside.map((node) => [node, 0]));
    for (const node of inside) {
      for (const to of this.#targets(node)) waitingFor.set(to, (waitingFor.get(to) ?? 0) + 1);
    }
    const ready = new ReadyUnits(units);
    for (const node of inside) {
      if (waitingFor.get(node) === 0) ready.add(this.#unitOf[node], node);
    }
    const order: { node: number; unit: number }[] = [];
    for (let next = ready.take(); next; next = ready.take()) {
      order.push(next);
      for (const to of this.#targets(next.node)) {
        const left = (waitingFor.get(to) ?? 0) - 1;
        waitingFor.set(to, left);
        if (left === 0) ready.add(this.#unitOf[to], to);
      }
    }
    return order;
  }

  /** A run may be one box only if nothing lies between its members. */
  #acyclicRuns(units: Unit[], runs: Unit[][]): Unit[][] {
    if (runs.length === 0) return runs;
    const place = new Map(units.map((unit, i) => [unit, i]));
    const merged = Int32Array.from(units, (_, i) => i);
    for (const run of runs) {
      const first = place.get(run[0]) ?? 0;
      for (const unit of run) merged[place.get(unit) ?? 0] = first;
    }
    const { from, to } = this.#edgesBetween(units);
    const component = cyclicComponents(
      units.length,
      from.map((unit) => merged[unit]),
      to.map((unit) => merged[unit]),
    );
    return runs.filter((run) => component[place.get(run[0]) ?? 0] < 0);
  }

  #edgesBetween(units: Unit[]): { from: Int32Array; to: Int32Array } {
    this.#mark(units);
    const from: number[] = [];
    const to: number[] = [];
    units.forEach((unit, i) => {
      for (const node of unit.nodes) {
        for (const target of this.#targets(node)) {
          if (this.#unitOf[target] === i) continue;
          from.push(i);
          to.push(this.#unitOf[target]);
        }
      }
    });
    return { from: Int32Array.from(from), to: Int32Array.from(to) };
  }

  #mark(units: Unit[]): void {
    for (const unit of this.#marked) {
      for (const node of unit.nodes) this.#unitOf[node] = -1;
    }
    units.forEach((unit, i) => {
      for (const node of unit.nodes) this.#unitOf[node] = i;
    });
    this.#marked = units;
  }

  /** The consumers of a node among the marked nodes. */
  #targets(node: number): number[] {
    const targets: number[] = [];
    for (let k = this.#outgoing.start[node]; k < this.#outgoing.start[node + 1]; k++) {
      const to = this.#to[this.#outgoing.item[k]];
      if (this.#unitOf[to] >= 0) targets.push(to);
    }
    return targets;
  }

  #addCall(parent: number, unit: Unit): number {
    const group = this.#graph.groups[unit.group];
    const call = unit.call > 0 ? ` (call ${unit.call})` : "";
    return this.#add(parent, unit.group, {
      key: `${unit.group}#${unit.call}@${this.#keyOf(parent)}`,
      title: displayName(group.name) + call,
      type: displayName(group.type),
      repeats: 1,
      nodes: unit.nodes.length,
    });
  }

  #addRun(parent: number, run: Unit[]): number {
    const groups = run.map((unit) => this.#graph.groups[unit.group]);
    return this.#add(parent, parent < 0 ? -1 : this.#groupOf[parent], {
      key: `run ${run[0].group}#${run[0].call}@${this.#keyOf(parent)}`,
      title: runTitle(groups),
      type: displayName(groups[0].type),
      repeats: run.length,
      nodes: run.reduce((sum, unit) => sum + unit.nodes.length, 0),
    });
  }

  #keyOf(scope: number): string {
    return scope < 0 ? "" : this.scopes[scope].key;
  }

  #add(parent: number, group: number, rest: Omit<Scope, "id" | "parent" | "depth">): number {
    const id = this.scopes.length;
    const depth = parent < 0 ? 0 : this.scopes[parent].depth + 1;
    this.scopes.push({ id, parent, depth, ...rest });
    this.#groupOf.push(group);
    return id;
  }
}

/**
 * Nodes that may run next, unit by unit: one unit until it has none left, then nodes outside any group, because each may be what
 * lets a group finish without being left, then the next group.
 */
class ReadyUnits {
  readonly #units: readonly Unit[];
  readonly #nodes: number[][];
  readonly #single: number[] = [];
  readonly #groups: number[] = [];
  #current = -1;

  constructor(units: readonly Unit[]) {
    this.#units = units;
    this.#nodes = units.map(() => []);
  }

  add(unit: number, node: number): void {
    if (this.#nodes[unit].push(node) > 1 || unit === this.#current) return;
    if (this.#units[unit].group < 0) this.#single.push(unit);
    else this.#groups.push(unit);
  }

  take(): { node: number; unit: number } | null {
    if (this.#current < 0 || this.#nodes[this.#current].length === 0) {
      this.#current = this.#single.pop() ?? this.#groups.pop() ?? -1;
    }
    const node = this.#current < 0 ? undefined : this.#nodes[this.#current].pop();
    return node === undefined ? null : { node, unit: this.#current };
  }
}

/** `layers.0–11` for groups that count; `cell` for calls of one; `first … last` for the rest. */
function runTitle(groups: readonly GraphGroup[]): string {
  const names = groups.map((group) => group.name);
  const first = displayName(names[0]);
  const last = displayName(names[names.length - 1]);
  if (first === last) return first;
  const number = /^(.*?)(\d+)$/;
  const [, head, from] = number.exec(first) ?? [];
  const [, lastHead, to] = number.exec(last) ?? [];
  return head !== undefined && head === lastHead ? `${head}${from}–${to}` : `${first} … ${last}`;
}
