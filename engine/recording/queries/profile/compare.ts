import type { Recording } from "../../recording.ts";
import { EventKind, type SiteRow } from "../../schema.ts";
import type { Place } from "../rows.ts";
import { nestingOf } from "./nesting.ts";
import { alignSites, fromModel, type OpsAtSite } from "./siteAlignment.ts";
import { timelineOf } from "./timeline.ts";

/** What a place cost in one of two runs. */
export interface SideCost {
  readonly place: Place;
  /** Milliseconds of its ops, and of the backward nodes they made. */
  readonly forward: number;
  readonly backward: number;
  readonly calls: number;
}

/** A call expression of the program in two runs. */
export interface ComparedSite {
  /** The ops that ran there. */
  readonly ops: readonly string[];
  /** `new` ran only in the second run, `gone` only in the first. */
  readonly change: "slower" | "faster" | "same" | "new" | "gone";
  readonly first: SideCost | null;
  readonly second: SideCost | null;
  /** Milliseconds that the second run took more, per call where both called it. */
  readonly difference: number;
}

/** The first op whose result differs between two runs. */
export interface Divergence {
  readonly op: string;
  readonly phase: "forward" | "backward";
  /** Rows of the events of both recordings. */
  readonly first: number;
  readonly second: number;
  readonly firstPlace: Place | null;
  readonly secondPlace: Place | null;
  /** Norms of the results, or of the gradients that arrived. */
  readonly firstValue: number;
  readonly secondValue: number;
  /** Null, or the shapes when it is they that differ. */
  readonly shapes: readonly [first: readonly number[], second: readonly number[]] | null;
  /** From 0. */
  readonly step: number;
}

/** Two runs beside each other. */
export interface Comparison {
  /** What changed most comes first. */
  readonly sites: readonly ComparedSite[];
  /** Milliseconds from the first event to the last. */
  readonly firstTotal: number;
  readonly secondTotal: number;
  readonly divergence: Divergence | null;
}

/** How far norms may lie apart, relative to the larger, before they count as different. */
export interface CompareOptions {
  /** Default 1e-6. */
  readonly tolerance?: number;
  /** A place counts as slower or faster when its time per call changed by more than this share. Default 0.2. */
  readonly noise?: number;
}

/**
 * Compares two runs, of two seeds or of the program before and after an edit. Places are matched by file (as seen from the model), function and
 * the ops that run there, in their order in the file, so that an edit that shifts lines does not matter; at matched
 * places, calls are matched by their order.
 */
export function compareRecordings(first: Recording, second: Recording, options: CompareOptions = {}): Comparison {
  const { tolerance = 1e-6, noise = 0.2 } = options;
  const [a, b] = [costsBySite(first), costsBySite(second)];
  const pairs = alignSites(a.sites, b.sites);
  const sites = pairs.map(([x, y]) => compared(x === null ? null : a.sites[x], y === null ? null : b.sites[y], noise));
  const twin = new Map<number, number>();
  for (const [x, y] of pairs) if (x !== null && y !== null) twin.set(a.sites[x].site.id, b.sites[y].site.id);
  return {
    sites: sites.sort((x, y) => weight(y) - weight(x)),
    firstTotal: a.total,
    secondTotal: b.total,
    divergence: firstDivergence(first, second, twin, tolerance),
  };
}

/** By how many milliseconds the whole run changed there. */
const weight = ({ first, second }: ComparedSite): number => Math.abs(timeOf(second) - timeOf(first));
const timeOf = (side: SideCost | null): number => (side === null ? 0 : side.forward + side.backward);

function compared(a: SiteCost | null, b: SiteCost | null, noise: number): ComparedSite {
  const ops = (b ?? a)?.ops ?? [];
  const [first, second] = [sideOf(a), sideOf(b)];
  if (first === null || second === null) {
    const difference = timeOf(second) - timeOf(first);
    return { ops, change: first === null ? "new" : "gone", first, second, difference };
  }
  const [before, after] = [timeOf(first) / Math.max(1, first.calls), timeOf(second) / Math.max(1, second.calls)];
  const isNoise = Math.abs(after - before) <= noise * Math.max(before, after);
  const change = isNoise ? "same" : after > before ? "slower" : "faster";
  return { ops, change, first, second, difference: after - before };
}

function sideOf(cost: SiteCost | null): SideCost | null {
  if (cost === null) return null;
  const { site, forward, backward, calls } = cost;
  return { place: site, forward, backward, calls };
}

interface SiteCost extends OpsAtSite {
  readonly site: SiteRow;
  readonly ops: string[];
  forward: number;
  backward: number;
  calls: number;
}

/** What ran at each place of the program, in the order of the file. */
function costsBySite(recording: Recording): { sites: SiteCost[]; total: number } {
  const timeline = timelineOf(recording);
  const { self } = nestingOf(timeline);
  const { kind, site, name } = recording.tables.events.column;
  const costs = new Map<number, SiteCost>();
  for (let span = 0; span < timeline.count; span++) {
    const event = timeline.event[span];
    const isOp = kind[event] === EventKind.op;
    if (event === 0 || (!isOp && kind[event] !== EventKind.node)) continue;
    const row = recording.sites.get(site[event]);
    if (row === undefined) continue;
    let cost = costs.get(row.id);
    if (cost === undefined) {
      const file = fromModel(recording.meta.file, row.file);
      cost = { site: row, file, ops: [], forward: 0, backward: 0, calls: 0 };
      costs.set(row.id, cost);
    }
    if (!isOp) cost.backward += self[span];
    else {
      cost.forward += self[span];
      cost.calls++;
      const op = recording.strings[name[event]];
      if (cost.ops.length < MAX_OPS_AT_SITE && !cost.ops.includes(op)) cost.ops.push(op);
    }
  }
  const sites = [...costs.values()].sort(inFileOrder);
  return { sites, total: timeline.finish - timeline.begin };
}

const MAX_OPS_AT_SITE = 16;

const inFileOrder = (a: SiteCost, b: SiteCost): number =>
  (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.site.line - b.site.line || a.site.column - b.site.column;

/** Goes through the first run; the n-th call of an op at a place is compared with the n-th at the place's twin. */
function firstDivergence(
  first: Recording,
  second: Recording,
  twin: ReadonlyMap<number, number>,
  tolerance: number,
): Divergence | null {
  const names = new Map<string, number>();
  const others = callsOf(second, names);
  const keys = callKeys(first, names);
  const nth = new Map<number, number>();
  const { rows, column } = first.tables.events;
  for (let event = 1; event < rows; event++) {
    if (!isCompared(column.kind[event])) continue;
    const site = twin.get(column.site[event]);
    if (site === undefined) continue;
    const key = keys(event, site);
    const n = nth.get(key) ?? 0;
    nth.set(key, n + 1);
    const other = others.get(key)?.[n];
    const found = other === undefined ? null : divergenceAt(first, event, second, other, tolerance);
    if (found !== null) return found;
  }
  return null;
}

const isCompared = (kind: number): boolean => kind === EventKind.op || kind === EventKind.node;

/** The events of a recording by place and op, in order. */
function callsOf(recording: Recording, names: Map<string, number>): Map<number, number[]> {
  const { rows, column } = recording.tables.events;
  const keys = callKeys(recording, names);
  const calls = new Map<number, number[]>();
  for (let event = 1; event < rows; event++) {
    if (!isCompared(column.kind[event])) continue;
    const key = keys(event, column.site[event]);
    const list = calls.get(key);
    if (list === undefined) calls.set(key, [event]);
    else list.push(event);
  }
  return calls;
}

/** One number for a place and an op's name, the same in both recordings. */
function callKeys({ strings, tables }: Recording, names: Map<string, number>): (event: number, site: number) => number {
  const ids = strings.map((text) => {
    const id = names.get(text) ?? names.size;
    names.set(text, id);
    return id;
  });
  const { name } = tables.events.column;
  return (event, site) => site * 2 ** 21 + ids[name[event]];
}

function divergenceAt(first: Recording, a: number, second: Recording, b: number, tolerance: number): Divergence | null {
  const [x, y] = [first.tables.events.column, second.tables.events.column];
  const [u, v] = [x.value[a], y.value[b]];
  const [shapeU, shapeV] = [resultShape(first, a), resultShape(second, b)];
  const sameShape = shapeU.join() === shapeV.join();
  if (sameShape && isClose(u, v, tolerance)) return null;
  return {
    op: first.strings[x.name[a]],
    phase: x.kind[a] === EventKind.op ? "forward" : "backward",
    first: a,
    second: b,
    firstPlace: first.sites.get(x.site[a]) ?? null,
    secondPlace: second.sites.get(y.site[b]) ?? null,
    firstValue: u,
    secondValue: v,
    shapes: sameShape ? null : [shapeU, shapeV],
    step: x.step[a],
  };
}

/** Shape of an op's first result, or of the gradient that arrived first. */
function resultShape({ tables, shapes }: Recording, event: number): readonly number[] {
  const { kind, refs, inputs, outputs } = tables.events.column;
  const isOp = kind[event] === EventKind.op;
  if ((isOp ? outputs[event] : inputs[event]) === 0) return [];
  const tensor = tables.refs.column.tensor[refs[event] + (isOp ? inputs[event] : 0)];
  return tensor === 0 ? [] : shapes[tables.tensors.column.shape[tensor]];
}

const isClose = (a: number, b: number, tolerance: number): boolean =>
  Object.is(a, b) || a === b || Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));
