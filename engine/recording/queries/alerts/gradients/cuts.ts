import { EventKind, TensorFlag } from "../../../schema.ts";
import type { GradCause, GradReason } from "../../gradReason.ts";
import { once, PART, type Parts } from "../../parts.ts";
import type { Origin } from "../alert.ts";
import { firstAfter, type History } from "../history.ts";
import { plainName } from "../words.ts";
import { Intakes } from "./reappearance.ts";

/** A place where the way of a gradient ends although the way of the values goes on. */
export interface Cut extends GradReason {
  /** The op or read. */
  readonly event: number;
  /** What came out of it. */
  readonly out: number;
}

/**
 * Per tensor, whether something that was differentiated (or would have been) was computed from its values, whether or not
 * gradients can come back that way.
 */
export const leadsToRoot = once(function* ({ recording }: History): Parts<Uint8Array> {
  const { events, refs, tensors } = recording.tables;
  const { kind, refs: first, inputs, outputs } = events.column;
  const { tensor } = refs.column;
  const leads = new Uint8Array(tensors.rows);
  for (let event = events.rows - 1; event > 0; event--) {
    if (event % PART === 0) yield;
    const start = first[event];
    const end = start + inputs[event];
    switch (kind[event]) {
      case EventKind.backwardStart:
      case EventKind.refused:
        for (let ref = start; ref < end; ref++) leads[tensor[ref]] = 1;
        break;
      case EventKind.op:
      case EventKind.read:
        for (let out = end; out < end + outputs[event]; out++) {
          if (tensor[out] === 0 || leads[tensor[out]] === 0) continue;
          for (let ref = start; ref < end; ref++) leads[tensor[ref]] = 1;
          break;
        }
        break;
      default:
    }
  }
  leads[0] = 0;
  return leads;
});

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

/** Finds the first cuts of all tensors in one pass over the events, from the last to the first. */
export const firstCuts = once(function* (history: History): Parts<FirstCuts> {
  const { events, refs, tensors } = history.recording.tables;
  const { kind, refs: first, inputs, outputs } = events.column;
  const { tensor } = refs.column;
  const leads = yield* leadsToRoot.inParts(history);
  const inside = yield* insideFunctions.inParts(history);
  yield* recordedAfter.inParts(history);
  const found = { event: new Uint32Array(tensors.rows), out: new Uint32Array(tensors.rows) };
  const note = (tensor: number, event: number, out: number): void => {
    if (event === 0 || (found.event[tensor] !== 0 && found.event[tensor] < event)) return;
    found.event[tensor] = event;
    found.out[tensor] = out;
  };
  for (let event = events.rows - 1; event > 0; event--) {
    if (event % PART === 0) yield;
    if (kind[event] === EventKind.read) {
      const copy = history.rows.outputs(event)[0] ?? 0;
      if (leads[copy] === 1) note(history.rows.inputs(event)[0], event, copy);
    } else if (kind[event] === EventKind.op && history.backwardOf[event] === 0 && inside[event] === 0) {
      const end = first[event] + inputs[event];
      for (let ref = end; ref < end + outputs[event]; ref++) {
        const out = tensor[ref];
        const isCut = cutAt(history, event, out) !== null;
        if (isCut ? leads[out] === 0 : found.event[out] === 0 || !passesOn(history, event, out)) continue;
        const at = isCut ? event : found.event[out];
        const from = isCut ? out : found.out[out];
        for (let input = first[event]; input < end; input++) note(tensor[input], at, from);
      }
    }
  }
  return found;
});

/** Whether gradients could come back through an op from one of its results. */
function passesOn(history: History, event: number, out: number): boolean {
  const { tensors, events } = history.recording.tables;
  if ((tensors.column.flags[out] & TensorFlag.requiresGrad) !== 0) return true;
  return events.column.node[event] !== 0 && history.rows.dtype(out).startsWith("float");
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
  const { value } = history.recording.tables.events.column;
  const last = history.switches[firstAfter(history.switches, event) - 1] ?? 0;
  if (last === 0 || value[last] !== 0) return 0;
  // Inside a mode function it holds until that returns: a graph since then shows that it has ended.
  return (recordedAfter(history).get(last) ?? event) < event ? 0 : last;
}

/** Per call of setGradEnabled: the first op with a graph that comes after it. */
const recordedAfter = once(function* ({ recording, switches }: History): Parts<ReadonlyMap<number, number>> {
  const { rows, column } = recording.tables.events;
  const found = new Map<number, number>();
  let next = switches.length - 1;
  let first = rows;
  for (let event = rows - 1; event > 0 && next >= 0; event--) {
    if (event % PART === 0) yield;
    if (event === switches[next]) {
      found.set(event, first);
      next--;
    } else if (column.kind[event] === EventKind.op && column.node[event] !== 0) first = event;
  }
  return found;
});

/** Per event, whether it is an op inside the forward of a custom Function, which has a derivative of its own. */
const insideFunctions = once(function* (history: History): Parts<Uint8Array> {
  const { rows, column } = history.recording.tables.events;
  const inside = new Uint8Array(rows);
  // A Function is told after the ops in its forward, and began before them.
  let earliest = Number.POSITIVE_INFINITY;
  for (let event = rows - 1; event > 0; event--) {
    if (event % PART === 0) yield;
    if (column.kind[event] !== EventKind.op || history.backwardOf[event] !== 0) continue;
    if (column.start[event] > earliest) inside[event] = 1;
    else if (column.node[event] !== 0) earliest = column.start[event];
  }
  return inside;
});

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

/** Where values computed from a tensor left as plain numbers that came back into what was differentiated. */
export function readAway(history: History, from: number): Cut | null {
  const event = readsAway(history)[from];
  return event === 0 ? null : { ...WAYS[history.name(event)], place: history.place(event), event, out: 0 };
}

/** Per tensor: the first such read on a way from it; 0 for none. */
export const readsAway = once(function* (history: History): Parts<Uint32Array> {
  const { events, refs, tensors } = history.recording.tables;
  const { kind, refs: start, inputs, outputs } = events.column;
  const { tensor } = refs.column;
  const { flags } = tensors.column;
  const found = new Uint32Array(tensors.rows);
  if (!history.reads.some((event) => history.name(event) in WAYS)) return found;
  const leads = yield* leadsToRoot.inParts(history);
  const intakes = yield* Intakes.inParts(history, (one) => leads[one] === 1);
  const lastRoot = Math.max(history.backwards.at(-1)?.start ?? 0, history.refusals.at(-1) ?? 0);
  const note = (one: number, event: number): void => {
    if (event !== 0 && (found[one] === 0 || found[one] > event)) found[one] = event;
  };
  for (let event = Math.min(lastRoot, events.rows - 1); event > 0; event--) {
    if (event % PART === 0) yield;
    const end = start[event] + inputs[event];
    if (kind[event] === EventKind.read) {
      if (history.name(event) in WAYS && intakes.comesBack(event) !== "no") note(tensor[start[event]], event);
    } else if (kind[event] === EventKind.op) {
      for (let ref = end; ref < end + outputs[event]; ref++) {
        const out = tensor[ref];
        if (found[out] === 0 || (flags[out] & TensorFlag.requiresGrad) === 0) continue;
        for (let input = start[event]; input < end; input++) note(tensor[input], found[out]);
      }
    }
  }
  return found;
});
