import { EventKind, TensorFlag } from "../../../schema.ts";
import type { Finding } from "../alert.ts";
import { leadsToRoot } from "../gradients/cuts.ts";
import type { History } from "../history.ts";
import type { Limits } from "../rule.ts";
import { counted, nameOf } from "../words.ts";

/** A result that goes from pass to pass and holds the graph of each. */
export function graphKeptAlive(history: History, limits: Limits): Finding[] {
  const found = [...totals(history, limits), ...collections(history, limits), ...growingGraphs(history, limits)];
  return found.filter((one) => one === longestAt(one, found));
}

/** Of several links in one line the one that holds most. */
function longestAt({ place }: Finding, found: readonly Finding[]): Finding | undefined {
  const here = found.filter((one) => one.place?.line === place?.line && one.place?.file === place?.file);
  return here.sort((a, b) => (b.count ?? 0) - (a.count ?? 0))[0];
}

/** `total = total.add(loss)`: each link holds the graph of its pass, and no backward ever runs from the end. */
function totals(history: History, { links }: Limits): Finding[] {
  const found: Finding[] = [];
  for (const events of repeatedSites(history)) {
    const chain = longestChain(history, events);
    const passes = new Set(chain.map((event) => passOf(history, event)));
    const [last] = chain.slice(-1);
    if (last === undefined || Math.min(passes.size, chain.length) < links) continue;
    const out = history.rows.outputs(last)[0];
    if (leadsToRoot(history)[out] === 1) continue;
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

/** Which pass of training an event belongs to: how many backwards had begun. */
function passOf(history: History, event: number): number {
  let low = 0;
  let high = history.backwards.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (history.backwards[middle].start < event) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Ops with a graph that were called at one place more than once, outside of backward. */
function repeatedSites(history: History): number[][] {
  const { events } = history.recording.tables;
  const { kind, node, site, name } = events.column;
  const lists = new Map<string, number[]>();
  for (let event = 1; event < events.rows; event++) {
    if (kind[event] !== EventKind.op || node[event] === 0 || history.backwardOf[event] !== 0) continue;
    const key = `${site[event]},${name[event]}`;
    const list = lists.get(key);
    if (list === undefined) lists.set(key, [event]);
    else list.push(event);
  }
  return [...lists.values()].filter((list) => list.length > 1);
}

/** The longest row of calls of which each works on the result of the one before, in another pass. */
function longestChain(history: History, events: readonly number[]): number[] {
  let best: number[] = [];
  let chain = [events[0]];
  for (let i = 1; i < events.length; i++) {
    const isLink =
      passOf(history, events[i]) !== passOf(history, events[i - 1]) && dependsOn(history, events[i], events[i - 1]);
    if (isLink) chain.push(events[i]);
    else {
      if (chain.length > best.length) best = chain;
      chain = [events[i]];
    }
  }
  return chain.length > best.length ? chain : best;
}

const MAX_HOPS = 3;

/** Whether an op works on the result of another, with few ops between and the graph unbroken. */
function dependsOn(history: History, event: number, on: number): boolean {
  const { events, refs } = history.recording.tables;
  let level = [event];
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const next: number[] = [];
    for (const one of level) {
      const first = events.column.refs[one];
      for (let i = 0; i < events.column.inputs[one]; i++) {
        if (refs.column.tensor[first + i] === 0) continue;
        const made = history.producer(first + i);
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
function collections(history: History, { links }: Limits): Finding[] {
  const { events } = history.recording.tables;
  const { event: made, flags } = history.recording.tables.tensors.column;
  const found = new Map<number, Finding>();
  for (let event = 1; event < events.rows; event++) {
    if (events.column.kind[event] !== EventKind.op || events.column.node[event] === 0) continue;
    if (events.column.inputs[event] < links || history.backwardOf[event] !== 0) continue;
    const kept = [...history.rows.inputs(event)].filter((input) => (flags[input] & TensorFlag.requiresGrad) !== 0);
    const passes = new Set(kept.map((input) => passOf(history, made[input])));
    const out = history.rows.outputs(event)[0];
    if (passes.size < links || leadsToRoot(history)[out] === 1 || found.has(events.column.site[event])) continue;
    found.set(events.column.site[event], {
      place: history.place(event),
      message: `${history.name(event)}() gathers results of ${passes.size} passes with their graphs, which stay alive until then.`,
      step: history.stepOf(event),
      evidence: [{ label: "passes kept", value: passes.size }],
      event,
    });
  }
  return [...found.values()];
}

/** Each backward goes through all that the ones before it went through: state that was not detached, with retainGraph. */
function growingGraphs(history: History, { growing }: Limits): Finding[] {
  const { kind, node, site } = history.recording.tables.events.column;
  const seen = new Set<number>();
  const runs = new Map<number, { sizes: number[]; again: number; last: number }>();
  for (const { start, end } of history.backwards) {
    let size = 0;
    let again = 0;
    for (let event = start; event < end; event++) {
      if (kind[event] !== EventKind.node) continue;
      size++;
      if (seen.has(node[event])) again++;
      seen.add(node[event]);
    }
    const run = runs.get(site[start]) ?? { sizes: [], again: 0, last: start };
    const grows = again > 0 && size > (run.sizes.at(-1) ?? 0);
    runs.set(site[start], { sizes: grows ? [...run.sizes, size] : [size], again, last: start });
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
