import { EventKind, TensorFlag } from "../../../schema.ts";
import type { GradCause, GradReason } from "../../gradReason.ts";
import type { History } from "../history.ts";

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

/** The first cut on a way from a tensor to something that was differentiated; else the first one anywhere. */
export function firstCut(history: History, from: number): Cut | null {
  const cuts = cutsFrom(history, from);
  const leads = leadsToRoot(history);
  return cuts.find((cut) => leads[cut.out] === 1) ?? cuts[0] ?? null;
}

/** All cuts that can be reached from a tensor along recorded ops, in order. */
export function cutsFrom(history: History, from: number): Cut[] {
  const { flags } = history.recording.tables.tensors.column;
  const reached = new Set([from]);
  const queue = [from];
  const cuts: Cut[] = [];
  for (let i = 0; i < queue.length && i < MAX_SEARCHED; i++) {
    cuts.push(...copiesOf(history, queue[i]));
    for (const event of history.consumers(queue[i])) {
      if (history.backwardOf[event] !== 0) continue;
      for (const out of history.rows.outputs(event)) {
        const cut = cutAt(history, event, out);
        if (cut !== null) cuts.push(cut);
        else if ((flags[out] & TensorFlag.requiresGrad) !== 0 && !reached.has(out)) {
          reached.add(out);
          queue.push(out);
        }
      }
    }
  }
  return cuts.sort((a, b) => a.event - b.event);
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
    return cut("no-grad-mode", `${op}() ran where gradients were not recorded (noGrad or inferenceMode)`);
  }
  return cut("non-differentiable-op", `${op}() has no gradient`);
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
    if (copy === 0) return [];
    const isData = history.name(event) === "data";
    const way = isData ? WAYS["data"] : COPIED;
    return [{ ...way, place: history.place(event), event, out: copy }];
  });
}

const COPIED: Way = {
  cause: "copy",
  text: "its values were copied into a new tensor by tensor(), which has no graph",
};

interface Way {
  readonly cause: GradCause;
  readonly text: string;
}

const WAYS: { readonly [how: string]: Way } = {
  item: { cause: "item", text: "its value left the graph as a plain number by item()" },
  tolist: { cause: "copy", text: "its values left the graph as plain numbers by tolist()" },
  toArray: { cause: "copy", text: "its values left the graph as plain numbers by toArray()" },
  data: { cause: "detached", text: "its values were taken by .data, which has no graph" },
};

/** Where values computed from a tensor left as plain numbers, when nothing was differentiated that depends on it. */
export function readAway(history: History, from: number): Cut | null {
  const lastBackward = history.backwards.at(-1)?.start ?? history.refusals.at(-1) ?? 0;
  const { flags } = history.recording.tables.tensors.column;
  const queue = [from];
  const reached = new Set(queue);
  let first: Cut | null = null;
  for (let i = 0; i < queue.length && i < MAX_SEARCHED; i++) {
    for (const event of readsOf(history).get(queue[i]) ?? []) {
      const way = WAYS[history.name(event)];
      if (way === undefined || event > lastBackward || (first !== null && first.event < event)) continue;
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
