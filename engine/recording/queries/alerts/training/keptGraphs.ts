import { EventKind, TensorFlag } from "../../../schema.ts";
import { counted } from "../../numbers.ts";
import { PART, type Parts } from "../../parts.ts";
import type { Finding } from "../alert.ts";
import { leadsToRoot } from "../gradients/cuts.ts";
import { type History, producers } from "../history.ts";
import type { Limits } from "../rule.ts";
import { nameOf } from "../words.ts";

/** A result that goes from pass to pass and holds the graph of each. */
export function* graphKeptAlive(history: History, limits: Limits): Parts<Finding[]> {
  yield* leadsToRoot.inParts(history);
  const passes = yield* passesOf(history);
  const found = [
    ...(yield* totals(history, limits, passes)),
    ...(yield* collections(history, limits, passes)),
    ...(yield* growingGraphs(history, limits)),
  ];
  return found.filter((one) => one === longestAt(one, found));
}

/** Of several links in one line the one that holds most. */
function longestAt({ place }: Finding, found: readonly Finding[]): Finding | undefined {
  const here = found.filter((one) => one.place?.line === place?.line && one.place?.file === place?.file);
  return here.sort((a, b) => (b.count ?? 0) - (a.count ?? 0))[0];
}

/** `total = total.add(loss)`: each link holds the graph of its pass, and no backward ever runs from the end. */
function* totals(history: History, { links }: Limits, passes: Uint32Array): Parts<Finding[]> {
  const found: Finding[] = [];
  for (const chain of yield* chains(history, passes)) {
    const [last] = chain.slice(-1);
    if (last === undefined || new Set(chain.map((event) => passes[event])).size < links) continue;
    const out = history.rows.outputs(last)[0];
    if (leadsToRoot(history)[out] === 1) continue;
    yield;
    const nodes = graphNodes(history, chain[0], last);
    found.push({
      place: history.place(last),
      message: `${nameOf(history, out, "This total")} keeps the graphs of ${counted(chain.length, "pass", "passes")} alive: ${history.name(last)}() adds losses with their graphs, and nothing is differentiated from the sum.`,
      step: history.stepOf(chain[0]),
      count: chain.length,
      evidence: [
        { label: "passes kept", value: chain.length },
        { label: "graph nodes kept", value: nodes },
      ],
      tensors: [out],
      event: last,
    });
  }
  return found;
}

/** Per event, which pass of training it belongs to: how many backwards had begun. */
function* passesOf({ recording }: History): Parts<Uint32Array> {
  const { rows, column } = recording.tables.events;
  const passes = new Uint32Array(rows);
  let pass = 0;
  for (let event = 1; event < rows; event++) {
    if (event % PART === 0) yield;
    passes[event] = pass;
    if (column.kind[event] === EventKind.backwardStart) pass++;
  }
  return passes;
}

/** The calls at one place, as far as they have been read. */
interface Calls {
  last: number;
  /** The row of calls that the last one belongs to: each works on the result of the one before, in another pass. */
  row: number[];
  longest: readonly number[];
}

/** Of each place where ops with a graph were called outside of backward: the longest row of calls that work on each other's results. */
function* chains(history: History, passes: Uint32Array): Parts<(readonly number[])[]> {
  const madeBy = yield* producers.inParts(history);
  const { events } = history.recording.tables;
  const { kind, node, site, name } = events.column;
  const names = history.recording.strings.length;
  const places = new Map<number, Calls>();
  for (let event = 1; event < events.rows; event++) {
    if (event % PART === 0) yield;
    if (kind[event] !== EventKind.op || node[event] === 0 || history.backwardOf[event] !== 0) continue;
    const key = site[event] * names + name[event];
    const calls = places.get(key);
    if (calls === undefined) {
      places.set(key, { last: event, row: [event], longest: [] });
      continue;
    }
    const { last, row } = calls;
    calls.last = event;
    if (passes[event] !== passes[last] && dependsOn(history, madeBy, event, last)) row.push(event);
    else if (row.length === 1) row[0] = event;
    else {
      if (row.length > calls.longest.length) calls.longest = row;
      calls.row = [event];
    }
  }
  return [...places.values()].map(({ row, longest }) => (row.length > longest.length ? row : longest));
}

const MAX_HOPS = 3;

/** Whether an op works on the result of another, with few ops between and the graph unbroken. */
function dependsOn(history: History, madeBy: Uint32Array, event: number, on: number): boolean {
  const { events, refs } = history.recording.tables;
  let level = [event];
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const next: number[] = [];
    for (const one of level) {
      const first = events.column.refs[one];
      for (let i = 0; i < events.column.inputs[one]; i++) {
        if (refs.column.tensor[first + i] === 0) continue;
        const made = madeBy[first + i];
        if (made === on) return true;
        if (made > on && events.column.node[made] !== 0) next.push(made);
      }
    }
    level = next;
  }
  return false;
}

function graphNodes(history: History, from: number, to: number): number {
  const { kind, node } = history.recording.tables.events.column;
  let count = 0;
  for (let event = from; event <= to; event++)
    if (kind[event] === EventKind.op && node[event] !== 0 && history.backwardOf[event] === 0) count++;
  return count;
}

/** `stack(losses)`: losses of many passes in a list, with their graphs. */
function* collections(history: History, { links }: Limits, passOf: Uint32Array): Parts<Finding[]> {
  const { events } = history.recording.tables;
  const { event: made, flags } = history.recording.tables.tensors.column;
  const found = new Map<number, Finding>();
  const { kind, node, inputs } = events.column;
  for (let event = 1; event < events.rows; event++) {
    if (event % PART === 0) yield;
    if (inputs[event] < links || kind[event] !== EventKind.op || node[event] === 0) continue;
    if (history.backwardOf[event] !== 0) continue;
    if (passChanges(history, event, passOf) < links - 1) continue;
    const kept = [...history.rows.inputs(event)].filter((input) => (flags[input] & TensorFlag.requiresGrad) !== 0);
    const passes = new Set(kept.map((input) => passOf[made[input]]));
    const out = history.rows.outputs(event)[0];
    if (passes.size < links || leadsToRoot(history)[out] === 1 || found.has(events.column.site[event])) continue;
    found.set(events.column.site[event], {
      place: history.place(event),
      message: `${history.name(event)}() gathers results of ${passes.size} passes with their graphs, which stay alive until then.`,
      fix: "gather loss.item() or loss.detach() instead of the losses",
      step: history.stepOf(event),
      evidence: [{ label: "passes kept", value: passes.size }],
      event,
    });
  }
  return [...found.values()];
}

/** How often the pass changes along the inputs of an op: a quick look at whether they can be of many. */
function passChanges(history: History, event: number, passOf: Uint32Array): number {
  const { event: made } = history.recording.tables.tensors.column;
  const inputs = history.rows.inputs(event);
  let changes = 0;
  for (let i = 1; i < inputs.length; i++) if (passOf[made[inputs[i]]] !== passOf[made[inputs[i - 1]]]) changes++;
  return changes;
}

/** Each backward goes through all that the ones before it went through: state that was not detached, with retainGraph. */
function* growingGraphs(history: History, { growing }: Limits): Parts<Finding[]> {
  if (!(yield* sizesGrow(history, growing))) return [];
  const { kind, node, site } = history.recording.tables.events.column;
  const seen = new Set<number>();
  const runs = new Map<number, { sizes: number[]; again: number; last: number }>();
  for (const { start, end } of history.backwards) {
    let size = 0;
    let again = 0;
    for (let event = start; event < end; event++) {
      if (event % PART === 0) yield;
      if (kind[event] !== EventKind.node) continue;
      size++;
      if (seen.has(node[event])) again++;
      seen.add(node[event]);
    }
    const run = runs.get(site[start]) ?? { sizes: [], again: 0, last: start };
    const grows = again > 0 && size > (run.sizes.at(-1) ?? 0);
    if (grows) run.sizes.push(size);
    runs.set(site[start], { sizes: grows ? run.sizes : [size], again, last: start });
  }
  return [...runs.values()].flatMap(({ sizes, last }) => {
    if (sizes.length < growing) return [];
    return [
      {
        place: history.place(last),
        message: `Each backward goes through the graphs of all passes before it: ${sizes[0]} nodes at first, ${sizes.at(-1)} at last.`,
        fix: "detach() the state that is carried from pass to pass, and leave retainGraph out",
        count: sizes.length,
        evidence: [
          { label: "nodes in the first backward", value: sizes[0] },
          { label: "nodes in the last backward", value: sizes.at(-1) ?? 0 },
        ],
        step: history.stepOf(last),
        event: last,
      },
    ];
  });
}

/** Whether the last backwards at one place have more nodes each. Which nodes these are need not be remembered otherwise. */
function* sizesGrow({ recording, backwards }: History, growing: number): Parts<boolean> {
  const { kind, site } = recording.tables.events.column;
  const runs = new Map<number, { size: number; count: number }>();
  for (const { start, end } of backwards) {
    let size = 0;
    for (let event = start; event < end; event++) {
      if (event % PART === 0) yield;
      if (kind[event] === EventKind.node) size++;
    }
    const run = runs.get(site[start]);
    runs.set(site[start], { size, count: run !== undefined && size > run.size ? run.count + 1 : 1 });
  }
  return [...runs.values()].some(({ count }) => count >= growing);
}
