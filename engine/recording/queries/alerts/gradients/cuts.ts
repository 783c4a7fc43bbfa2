import { EventKind, TensorFlag } from "../../../schema.ts";
import type { GradCause, GradReason } from "../../gradReason.ts";
import type { Origin } from "../alert.ts";
import { firstAfter, type History } from "../history.ts";
import { plainName } from "../words.ts";
import { comesBack } from "./reappearance.ts";

/** More events than this are not searched for a cut. */
const MAX_SEARCHED = 20_000;

/** A place where the way of a gradient ends although the way of the values goes on. */
export interface Cut extends GradReason {
  /** The op or read. */
  readonly event: number;
  /** What came out of it. */
  readonly out: number;
}

const useful = new WeakMap<History, Uint8Array>();

/**
 * Per tensor, whether something that was differentiated (or would have been) was computed from its values, whether or not
 * gradients can come back that way.
 */
export function leadsToRoot(history: History): Uint8Array {
  const found = useful.get(history);
  if (found !== undefined) return found;
  const { events, tensors } = history.recording.tables;
  const { kind } = events.column;
  const leads = new Uint8Array(tensors.rows);
  for (let event = events.rows - 1; event > 0; event--) {
    switch (kind[event]) {
      case EventKind.backwardStart:
      case EventKind.refused:
        for (const root of history.rows.inputs(event)) leads[root] = 1;
        break;
      case EventKind.op:
      case EventKind.read:
        if (history.rows.outputs(event).some((out) => leads[out] === 1))
          for (const input of history.rows.inputs(event)) leads[input] = 1;
        break;
      default:
    }
  }
  leads[0] = 0;
  useful.set(history, leads);
  return leads;
}

/** The first cut on a way from a tensor to something that was differentiated. A detach() for a look at the values is none. */
export function firstCut(history: History, from: number): Cut | null {
  const { event, out } = firstCuts(history);
  if (event[from] === 0) return null;
  const isRead = history.recording.tables.events.column.kind[event[from]] === EventKind.read;
  return isRead ? copyBy(history, event[from], out[from]) : cutAt(history, event[from], out[from]);
}

/** Per tensor: the event of the first cut on a way from it, 0 for none, and what came out of it there. */
interface FirstCuts {
  readonly event: Uint32Array;
  readonly out: Uint32Array;
}

const firsts = new WeakMap<History, FirstCuts>();

/** Finds the first cuts of all tensors in one pass over the events, from the last to the first. */
function firstCuts(history: History): FirstCuts {
  const known = firsts.get(history);
  if (known !== undefined) return known;
  const { events, tensors } = history.recording.tables;
  const { kind } = events.column;
  const leads = leadsToRoot(history);
  const inside = insideFunctions(history);
  const found = { event: new Uint32Array(tensors.rows), out: new Uint32Array(tensors.rows) };
  const note = (tensor: number, event: number, out: number): void => {
    if (event === 0 || (found.event[tensor] !== 0 && found.event[tensor] < event)) return;
    found.event[tensor] = event;
    found.out[tensor] = out;
  };
  for (let event = events.rows - 1; event > 0; event--) {
    if (kind[event] === EventKind.read) {
      const copy = history.rows.outputs(event)[0] ?? 0;
      if (leads[copy] === 1) note(history.rows.inputs(event)[0], event, copy);
    } else if (kind[event] === EventKind.op && history.backwardOf[event] === 0 && inside[event] === 0) {
      for (const out of history.rows.outputs(event)) {
        const isCut = cutAt(history, event, out) !== null;
        if (isCut && leads[out] === 0) continue;
        if (!isCut && !passesOn(history, event, out)) continue;
        const [at, place] = isCut ? [event, out] : [found.event[out], found.out[out]];
        for (const input of history.rows.inputs(event)) note(input, at, place);
      }
    }
  }
  firsts.set(history, found);
  return found;
}

/** Whether gradients could come back through an op from one of its results. */
function passesOn(history: History, event: number, out: number): boolean {
  const { tensors, events } = history.recording.tables;
  if ((tensors.column.flags[out] & TensorFlag.requiresGrad) !== 0) return true;
  return events.column.node[event] !== 0 && history.rows.dtype(out).startsWith("float");
}

/** All cuts that can be reached from a tensor along recorded ops, in order. */
export function cutsFrom(history: History, from: number): Cut[] {
  const inside = insideFunctions(history);
  const reached = new Set([from]);
  const queue = [from];
  const cuts: Cut[] = [];
  for (let i = 0; i < queue.length && i < MAX_SEARCHED; i++) {
    cuts.push(...copiesOf(history, queue[i]));
    for (const event of history.consumers(queue[i])) {
      if (history.backwardOf[event] !== 0 || inside[event] === 1) continue;
      for (const out of history.rows.outputs(event)) {
        const cut = cutAt(history, event, out);
        if (cut !== null) cuts.push(cut);
        else if (passesOn(history, event, out) && !reached.has(out)) {
          reached.add(out);
          queue.push(out);
        }
      }
    }
  }
  return cuts.sort((a, b) => a.event - b.event);
}

/** A cut as the origin of an alert. */
export function cutOrigin(
  history: History,
  { event, cause }: { readonly event: number; readonly cause: GradCause },
): Origin {
  const op = plainName(history.name(event));
  return { op, phase: "forward", place: history.place(event), event, element: null, cause };
}

/** The cut that an op makes when it gives `out`, or null. */
export function cutAt(history: History, event: number, out: number): Cut | null {
  const op = history.name(event);
  const flags = history.recording.tables.tensors.column.flags[out];
  const isDetach = op === "detach" || op === "detach_";
  if (!isDetach && (flags & TensorFlag.cut) === 0) return null;
  const cut = (cause: GradCause, text: string): Cut => ({ cause, text, place: history.place(event), event, out });
  if (isDetach) return cut("detached", `it was cut off by ${op}()`);
  const dtype = history.rows.dtype(out);
  const isWhole = dtype === "int32" || dtype === "int64" || dtype === "bool";
  if (op === "to" && isWhole) return cut("integer-cast", `it was converted to ${dtype}, which has no gradient`);
  if (isWhole) return cut("non-differentiable-op", `${op}() gives ${dtype}, which has no gradient`);
  if ((flags & (TensorFlag.unrecorded | TensorFlag.inference)) !== 0) {
    // What a custom Function gives was first seen inside its forward, where nothing is recorded.
    if (history.recording.tables.events.column.node[event] !== 0) return null;
    return whereNothingIsRecorded(history, cut("no-grad-mode", ""), op);
  }
  return cut("non-differentiable-op", `${op}() has no gradient`);
}

/** An op that ran unrecorded: the line to edit is the call that switched recording off for good, where one did. */
function whereNothingIsRecorded(history: History, cut: Cut, op: string): Cut {
  const off = switchedOff(history, cut.event);
  if (off === 0) return { ...cut, text: `${op}() ran where gradients were not recorded (noGrad or inferenceMode)` };
  const place = history.place(off);
  const line = cut.place === null ? "" : ` at line ${cut.place.line}`;
  return { ...cut, place, text: `setGradEnabled(false) was still in force when ${op}()${line} ran` };
}

/** The call of setGradEnabled(false) that an op ran under; 0 for none. */
export function switchedOff(history: History, event: number): number {
  const { kind, node, value } = history.recording.tables.events.column;
  const last = history.switches[firstAfter(history.switches, event) - 1] ?? 0;
  if (last === 0 || value[last] !== 0) return 0;
  // Inside a mode function it holds until that returns: a graph since then shows that it has ended.
  for (let between = last; between < event; between++)
    if (kind[between] === EventKind.op && node[between] !== 0) return 0;
  return last;
}

const nested = new WeakMap<History, Uint8Array>();

/** Per event, whether it is an op inside the forward of a custom Function, which has a derivative of its own. */
function insideFunctions(history: History): Uint8Array {
  const found = nested.get(history);
  if (found !== undefined) return found;
  const { rows, column } = history.recording.tables.events;
  const inside = new Uint8Array(rows);
  // A Function is told after the ops in its forward, and began before them.
  let earliest = Number.POSITIVE_INFINITY;
  for (let event = rows - 1; event > 0; event--) {
    if (column.kind[event] !== EventKind.op || history.backwardOf[event] !== 0) continue;
    if (column.start[event] > earliest) inside[event] = 1;
    else if (column.node[event] !== 0) earliest = column.start[event];
  }
  nested.set(history, inside);
  return inside;
}

const reads = new WeakMap<History, ReadonlyMap<number, readonly number[]>>();

/** The reads of each tensor. */
function readsOf(history: History): ReadonlyMap<number, readonly number[]> {
  const found = reads.get(history);
  if (found !== undefined) return found;
  const made = new Map<number, number[]>();
  for (const event of history.reads) {
    const source = history.rows.inputs(event)[0];
    const list = made.get(source);
    if (list === undefined) made.set(source, [event]);
    else list.push(event);
  }
  reads.set(history, made);
  return made;
}

function copiesOf(history: History, tensor: number): Cut[] {
  return (readsOf(history).get(tensor) ?? []).flatMap((event) => {
    const copy = history.rows.outputs(event)[0] ?? 0;
    return copy === 0 ? [] : [copyBy(history, event, copy)];
  });
}

function copyBy(history: History, event: number, copy: number): Cut {
  const way = history.name(event) === "data" ? WAYS["data"] : COPIED;
  return { ...way, place: history.place(event), event, out: copy };
}

const COPIED: Way = {
  cause: "copy",
  text: "its values were copied into a new tensor by tensor(), which has no graph",
};

export interface Way {
  readonly cause: GradCause;
  readonly text: string;
}

/** How values leave the graph by a read. */
export const WAYS: { readonly [how: string]: Way } = {
  item: { cause: "item", text: "its value left the graph as a plain number by item()" },
  tolist: { cause: "copy", text: "its values left the graph as plain numbers by tolist()" },
  toArray: { cause: "copy", text: "its values left the graph as plain numbers by toArray()" },
  data: { cause: "detached", text: "its values were taken by .data, which has no graph" },
};

/** More tensors than this, over all questions to one recording together, are not searched for reads. */
const MAX_LOOKED = 2_000_000;
const looked = new WeakMap<History, number>();

function mayLookOn(history: History): boolean {
  const before = looked.get(history) ?? 0;
  looked.set(history, before + 1);
  return before < MAX_LOOKED;
}

/** Where values computed from a tensor left as plain numbers that came back into what was differentiated. */
export function readAway(history: History, from: number): Cut | null {
  const lastBackward = Math.max(history.backwards.at(-1)?.start ?? 0, history.refusals.at(-1) ?? 0);
  const leads = leadsToRoot(history);
  const { flags } = history.recording.tables.tensors.column;
  const queue = [from];
  const reached = new Set(queue);
  let first: Cut | null = null;
  for (let i = 0; i < queue.length && i < MAX_SEARCHED && mayLookOn(history); i++) {
    for (const event of readsOf(history).get(queue[i]) ?? []) {
      const way = WAYS[history.name(event)];
      if (way === undefined || event > lastBackward || (first !== null && first.event < event)) continue;
      if (comesBack(history, event, (tensor) => leads[tensor] === 1) === "no") continue;
      first = { ...way, place: history.place(event), event, out: 0 };
    }
    for (const event of history.consumers(queue[i])) {
      for (const out of history.rows.outputs(event)) {
        if ((flags[out] & TensorFlag.requiresGrad) === 0 || reached.has(out)) continue;
        reached.add(out);
        queue.push(out);
      }
    }
  }
  return first;
}
