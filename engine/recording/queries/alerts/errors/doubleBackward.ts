import { EventKind } from "../../../schema.ts";
import type { Place } from "../../rows.ts";
import type { Finding, Related } from "../alert.ts";
import { bindingsOf } from "../gradients/names.ts";
import type { Backward, History } from "../history.ts";
import { nameOf, plainName } from "../words.ts";
import { errorWith, placeOf, plainly } from "./error.ts";
import { type Failure, failureBehind } from "./failure.ts";

/** A backward that needs what an earlier one freed. */
export function doubleBackward(history: History): Finding[] {
  const error = errorWith(history, ["backward through the graph a second time"]);
  if (error === null) return [];
  const failure = failureBehind(history, error);
  const first = failure === null ? null : freeing(history, failure);
  if (failure === null || first === null) return [plainly(error)];
  const carried = carriedInto(history, failure, first);
  const cure = cureFor(history, failure, first, carried);
  const where = history.place(first.start);
  return [
    {
      place: cure.place ?? backwardPlace(history, failure.event) ?? placeOf(error),
      message: `Trying to backward through the graph a second time: ${saved(history, failure)} was freed by the backward at line ${where?.line ?? "?"}. ${cure.why}.`,
      fix: cure.fix,
      related: relatedTo(history, failure, first),
      event: failure.event,
    },
  ];
}

/** The earlier backward that ran the node and freed what it had saved. */
function freeing(history: History, { event, backward }: Failure): Backward | null {
  const { kind, node } = history.recording.tables.events.column;
  const sequence = node[event];
  for (const earlier of history.backwards) {
    if (earlier === backward) break;
    if (earlier.retainGraph) continue;
    for (let i = earlier.start; i < earlier.end; i++) {
      if (kind[i] === EventKind.node && node[i] === sequence) return earlier;
    }
  }
  // A node whose gradient was zero is freed without a run.
  return history.backwards.findLast((one) => one !== backward && one.start < event && !one.retainGraph) ?? null;
}

function saved(history: History, { forward, detail }: Failure): string {
  if (forward === 0) return "what an op had saved";
  const line = history.place(forward)?.line;
  const op = plainName(history.name(forward));
  return `what ${op}()${line === undefined ? "" : ` at line ${line}`} had saved${detail.saved === undefined ? "" : ` (\`${detail.saved}\`)`}`;
}

/** A value of an earlier pass that this one goes on with: state that was not detached. */
function carriedInto(
  history: History,
  { forward, backward }: Failure,
  first: Backward,
): { event: number; tensor: number } | null {
  if (backward === null || forward === 0 || forward > first.end) return null;
  const { column } = history.recording.tables.tensors;
  const queue = [...history.rows.inputs(backward.start)];
  const seen = new Set(queue);
  for (let i = 0; i < queue.length && i < 20_000; i++) {
    const made = column.event[queue[i]];
    // Everything on the way that was made after the first backward belongs to the new pass.
    if (made <= first.end) continue;
    for (const input of history.rows.inputs(made)) {
      if (input === 0) continue;
      if (column.event[input] !== 0 && column.event[input] <= first.start) {
        if (reaches(history, input, forward)) return { event: made, tensor: input };
      } else if (!seen.has(input)) {
        seen.add(input);
        queue.push(input);
      }
    }
  }
  return null;
}

/** Whether a tensor was computed from the result of an op. */
function reaches(history: History, from: number, forward: number): boolean {
  const made = history.recording.tables.tensors.column.event;
  const queue = [from];
  const seen = new Set(queue);
  for (let i = 0; i < queue.length && i < 20_000; i++) {
    const event = made[queue[i]];
    if (event === forward) return true;
    if (event === 0 || event < forward) continue;
    for (const input of history.rows.inputs(event)) {
      if (input === 0 || seen.has(input)) continue;
      seen.add(input);
      queue.push(input);
    }
  }
  return false;
}

interface Cure {
  readonly why: string;
  readonly fix: string;
  /** The line to edit; null for that of the second backward. */
  readonly place: Place | null;
}

/** The cure for a value of an earlier pass that this one goes on with. */
function cureForCarried(history: History, first: Backward, carried: { event: number; tensor: number }): Cure {
  const name = nameOf(history, carried.tensor, "its result");
  const detached = `${name.replaceAll("`", "")}.detach()`;
  if (bindingsOf(history, carried.tensor).length > 1) {
    return {
      why: `${name} comes from the pass before, with its graph`,
      fix: `detach() the state that is carried over: ${detached}`,
      place: history.place(carried.event),
    };
  }
  const step = history.steps.find(({ start }) => start > first.end);
  const makers = leavesBehind(history, carried.tensor);
  if (step !== undefined && !step.parameters.some((parameter) => makers.has(parameter))) {
    return {
      why: `Both results were computed from ${name}, and the first step trains nothing of what made it`,
      fix: `detach() it where its gradient is not wanted: ${detached}`,
      place: history.place(userIn(history, carried.tensor, first)) ?? history.place(carried.event),
    };
  }
  return {
    why: `${name} was computed before the first backward, which freed its graph`,
    fix: `compute it anew in each pass, or detach() it where its gradient is not wanted: ${detached}`,
    place: history.place(carried.event),
  };
}

/** The leaves that a tensor was computed from. */
function leavesBehind(history: History, tensor: number): ReadonlySet<number> {
  const made = history.recording.tables.tensors.column.event;
  const queue = [tensor];
  const seen = new Set(queue);
  for (let i = 0; i < queue.length && i < 20_000; i++) {
    for (const input of made[queue[i]] === 0 ? [] : history.rows.inputs(made[queue[i]])) {
      if (input === 0 || seen.has(input)) continue;
      seen.add(input);
      queue.push(input);
    }
  }
  return seen;
}

/** The op that used a tensor for what a backward differentiated; 0 when none is known. */
function userIn(history: History, tensor: number, { start }: Backward): number {
  return history.consumers(tensor).find((event) => event < start) ?? 0;
}

function cureFor(
  history: History,
  { backward }: Failure,
  first: Backward,
  carried: { readonly event: number; readonly tensor: number } | null,
): Cure {
  if (carried !== null) return cureForCarried(history, first, carried);
  const roots = [...history.rows.inputs(first.start)];
  const again = backward !== null && [...history.rows.inputs(backward.start)].some((root) => roots.includes(root));
  if (again) {
    return {
      why: "This is the same result again",
      fix: "run the forward pass again before each backward, or pass { retainGraph: true } to the first one",
      place: null,
    };
  }
  return {
    why: "Both results share that part of the graph",
    fix: "add the losses and call backward once, or pass { retainGraph: true } to the first backward",
    place: null,
  };
}

function relatedTo(history: History, { forward, event }: Failure, first: Backward): Related[] {
  const places = [
    { place: history.place(forward), message: "saved here" },
    { place: history.place(first.start), message: "freed by this backward" },
    { place: backwardPlace(history, event), message: "needed by this backward" },
  ];
  return places.flatMap(({ place, message }) => (place === null ? [] : [{ place, message }]));
}

const backwardPlace = (history: History, event: number) =>
  history.place(history.backwards[history.backwardOf[event] - 1]?.start ?? 0);
