import type { Recording } from "../../recording.ts";
import { EventKind, TensorFlag } from "../../schema.ts";
import { once, PART, type Parts, wholeOf } from "../parts.ts";
import { type Place, Rows } from "../rows.ts";

/** One backward pass. */
export interface Backward {
  readonly index: number;
  /** How many backwards it runs inside of: hooks, custom Functions and checkpoints call backward, too. */
  readonly depth: number;
  /** The backwardStart. */
  readonly start: number;
  /** The backwardEnd; the last event when the run ended before. */
  end: number;
  /** The tensors whose gradients were asked for; empty for all leaves. */
  readonly wanted: Uint32Array;
  readonly createGraph: boolean;
  readonly retainGraph: boolean;
  /** The accumulate events in it. */
  readonly accumulates: number[];
  error: string;
}

/** One step of an optimizer. */
export interface Step {
  readonly index: number;
  /** The optimizerStart. */
  readonly start: number;
  end: number;
  readonly optimizer: number;
  /** The optimizer's step before this one, and the one after it. */
  readonly previous: Step | null;
  next: Step | null;
  readonly parameters: Uint32Array;
  /** Their gradients as tensors; 0 where there was none. */
  readonly gradients: Uint32Array;
}

/** One clipping of gradients. */
export interface Clip {
  readonly event: number;
  readonly gradients: Uint32Array;
  readonly limit: number;
  /** Null when elements were clipped one by one. */
  readonly norm: number | null;
}

/** The events of a recording, sorted by what rules ask for. */
export class History {
  readonly recording: Recording;
  readonly rows: Rows;
  readonly backwards: Backward[] = [];
  readonly steps: Step[] = [];
  readonly clips: Clip[] = [];
  readonly zeroGrads: number[] = [];
  readonly reads: number[] = [];
  /** The reads of each tensor, and the one that copied its values into a tensor. */
  readonly readsOf = new Map<number, number[]>();
  readonly copiedBy = new Map<number, number>();
  readonly refusals: number[] = [];
  readonly failures: number[] = [];
  readonly hooks: number[] = [];
  /** Calls of `setGradEnabled`. */
  readonly switches: number[] = [];
  /** Per event: 1 + the innermost backward it happened in; 0 outside of any. */
  readonly backwardOf: Uint32Array;
  /** Per tensor: the tensor whose storage it shows, as far as ops tell. */
  readonly storageOf: Uint32Array;
  /** The accumulate events of each leaf. */
  readonly accumulates = new Map<number, number[]>();
  /** Per tensor, whether it has been the gradient of some leaf. */
  readonly isGradient: Uint8Array;
  /** In-place ops on each storage, by `storageOf`. */
  readonly writes = new Map<number, number[]>();
  /** The parameters of each optimizer that is known, also of those that never stepped, and all of them together. */
  readonly optimizers = new Map<number, Set<number>>();
  readonly optimized = new Set<number>();
  /** The steps that each parameter was part of. */
  readonly stepsOf = new Map<number, Step[]>();
  /** Tensors whose gradients some backward was asked for. */
  readonly wanted = new Set<number>();
  private readonly consumerStart: Uint32Array;
  private consumerList = new Uint32Array(0);
  private readonly stepBefore = new Map<number, Step>();
  /** The backwards that have begun and not ended, while events are sorted. */
  private readonly open: Backward[] = [];

  constructor(recording: Recording) {
    this.recording = recording;
    this.rows = new Rows(recording);
    const { events, tensors } = recording.tables;
    this.backwardOf = new Uint32Array(events.rows);
    this.storageOf = new Uint32Array(tensors.rows);
    for (let t = 0; t < tensors.rows; t++) this.storageOf[t] = t;
    this.isGradient = new Uint8Array(tensors.rows);
    this.consumerStart = new Uint32Array(tensors.rows + 1);
  }

  /** Reads the events, in parts: nothing else is to be asked before. */
  *read(): Parts<void> {
    const { events } = this.recording.tables;
    for (let event = 1; event < events.rows; event += PART) {
      this.sort(event, Math.min(event + PART, events.rows));
      yield;
    }
    const next = this.startConsumers();
    for (let event = 1; event < events.rows; event += PART) {
      this.listConsumers(next, event, Math.min(event + PART, events.rows));
      yield;
    }
  }

  /** The op events that read a tensor, in order. */
  consumers(tensor: number): Uint32Array {
    return this.consumerList.subarray(this.consumerStart[tensor], this.consumerStart[tensor + 1]);
  }

  /** Where an event's call stands in the program. */
  place(event: number): Place | null {
    return event === 0 ? null : this.rows.site(this.recording.tables.events.column.site[event]);
  }

  /** The step that an event belongs to; null where the program takes none. */
  stepOf(event: number): number | null {
    return this.steps.length === 0 ? null : this.recording.tables.events.column.step[event];
  }

  /** The step in which the run ended; null where the program has no optimizer. */
  get lastStep(): number | null {
    const { rows, column } = this.recording.tables.events;
    return this.optimizers.size === 0 ? null : (column.step[rows - 1] ?? null);
  }

  name(event: number): string {
    return this.rows.eventName(event);
  }

  /** The first backward, and the first step, that begins after an event. */
  backwardAfter(event: number): Backward | undefined {
    return this.backwards[firstAfter(this.backwards, event, startOf)];
  }

  stepAfter(event: number): Step | undefined {
    return this.steps[firstAfter(this.steps, event, startOf)];
  }

  private sort(from: number, to: number): void {
    const { open } = this;
    const { events, tensors } = this.recording.tables;
    const { kind, value, node } = events.column;
    for (let event = from; event < to; event++) {
      const backward = open[open.length - 1];
      if (backward !== undefined) this.backwardOf[event] = backward.index + 1;
      switch (kind[event]) {
        case EventKind.op:
          this.sortOp(event, tensors.column.flags);
          break;
        case EventKind.accumulate:
          backward?.accumulates.push(event);
          push(this.accumulates, this.rows.inputs(event)[0], event);
          for (const gradient of this.rows.outputs(event)) this.isGradient[gradient] = 1;
          break;
        case EventKind.backwardStart:
          open.push(this.startBackward(event));
          this.backwardOf[event] = this.backwards.length;
          break;
        case EventKind.backwardEnd:
          if (backward === undefined) break;
          backward.end = event;
          backward.error = this.rows.detail(event);
          open.pop();
          break;
        case EventKind.optimizerStart:
          this.startStep(event);
          break;
        case EventKind.optimizerEnd:
          this.endStep(event);
          break;
        case EventKind.zeroGrad:
          this.zeroGrads.push(event);
          if (this.rows.inputs(event).length > 0) this.know(node[event], this.rows.inputs(event));
          break;
        case EventKind.read:
          this.sortRead(event);
          break;
        case EventKind.refused:
          this.refusals.push(event);
          break;
        case EventKind.failed:
          this.failures.push(event);
          break;
        case EventKind.hook:
          this.hooks.push(event);
          break;
        case EventKind.gradMode:
          this.switches.push(event);
          break;
        case EventKind.clip:
          this.clips.push({
            event,
            gradients: this.rows.inputs(event),
            limit: this.recording.tables.refs.column.value[events.column.refs[event] + events.column.inputs[event]],
            norm: value[event] === -1 ? null : value[event],
          });
          break;
        default:
      }
    }
  }

  private sortOp(event: number, flags: ArrayLike<number>): void {
    const { events, refs } = this.recording.tables;
    const { tensor } = refs.column;
    const first = events.column.refs[event];
    const end = first + events.column.inputs[event];
    for (let ref = first; ref < end; ref++) if (tensor[ref] !== 0) this.consumerStart[tensor[ref] + 1]++;
    const source = first < end ? tensor[first] : 0;
    for (let ref = end; ref < end + events.column.outputs[event]; ref++) {
      const out = tensor[ref];
      if (out === source) push(this.writes, this.storageOf[out], event);
      else if (source !== 0 && ((flags[out] & TensorFlag.view) !== 0 || this.name(event) === "detach"))
        this.storageOf[out] = this.storageOf[source];
    }
  }

  private sortRead(event: number): void {
    this.reads.push(event);
    push(this.readsOf, this.rows.inputs(event)[0], event);
    for (const copy of this.rows.outputs(event)) if (!this.copiedBy.has(copy)) this.copiedBy.set(copy, event);
  }

  private startBackward(event: number): Backward {
    const events = this.recording.tables.events;
    const detail = this.rows.detail(event);
    const backward: Backward = {
      index: this.backwards.length,
      depth: this.open.length,
      start: event,
      end: events.rows - 1,
      wanted: this.rows.outputs(event),
      createGraph: detail === "createGraph",
      retainGraph: detail !== "",
      accumulates: [],
      error: "",
    };
    for (const tensor of backward.wanted) this.wanted.add(tensor);
    this.backwards.push(backward);
    return backward;
  }

  private startStep(event: number): void {
    const { events } = this.recording.tables;
    const parameters = this.rows.inputs(event);
    const optimizer = events.column.node[event];
    this.know(optimizer, parameters);
    const previous = this.stepBefore.get(optimizer) ?? null;
    const step: Step = {
      index: this.steps.length,
      start: event,
      end: events.rows,
      optimizer,
      previous,
      next: null,
      parameters,
      gradients: this.rows.outputs(event),
    };
    if (previous !== null) previous.next = step;
    for (const parameter of parameters) push(this.stepsOf, parameter, step);
    this.steps.push(step);
    this.stepBefore.set(optimizer, step);
  }

  private endStep(event: number): void {
    const optimizer = this.recording.tables.events.column.node[event];
    const step = this.stepBefore.get(optimizer);
    if (step !== undefined) step.end = event;
  }

  private know(optimizer: number, parameters: Uint32Array): void {
    let known = this.optimizers.get(optimizer);
    if (known === undefined) {
      known = new Set();
      this.optimizers.set(optimizer, known);
    }
    for (const parameter of parameters) {
      known.add(parameter);
      this.optimized.add(parameter);
    }
  }

  /** Makes room for the consumers of each tensor, which have been counted, and tells where those of each begin. */
  private startConsumers(): Uint32Array {
    const { consumerStart } = this;
    for (let t = 1; t < consumerStart.length; t++) consumerStart[t] += consumerStart[t - 1];
    this.consumerList = new Uint32Array(consumerStart[consumerStart.length - 1]);
    return consumerStart.slice();
  }

  private listConsumers(next: Uint32Array, from: number, to: number): void {
    const { events, refs } = this.recording.tables;
    const { kind, refs: first, inputs } = events.column;
    for (let event = from; event < to; event++) {
      if (kind[event] !== EventKind.op) continue;
      for (let ref = first[event]; ref < first[event] + inputs[event]; ref++) {
        const input = refs.column.tensor[ref];
        if (input !== 0) this.consumerList[next[input]++] = event;
      }
    }
  }
}

/** Per row of `refs`: the op that had last written its tensor by then; 0 for what no op made. */
export const producers = once(function* ({ recording }: History): Parts<Uint32Array> {
  const { events, refs, tensors } = recording.tables;
  const result = new Uint32Array(refs.rows);
  const latest = new Uint32Array(tensors.rows);
  const { kind, refs: first, inputs, outputs } = events.column;
  const { tensor } = refs.column;
  for (let event = 1; event < events.rows; event++) {
    if (event % PART === 0) yield;
    const end = first[event] + inputs[event];
    for (let ref = first[event]; ref < end; ref++) result[ref] = latest[tensor[ref]];
    if (kind[event] !== EventKind.op) continue;
    for (let ref = end; ref < end + outputs[event]; ref++) latest[tensor[ref]] = event;
  }
  return result;
});

/** Where the graph node that an op made ran in backward. */
export interface NodeRuns {
  /** Per event: the first run of the node that it made; 0 for none. */
  readonly first: Uint32Array;
  /** Per run: the next one of the same node; 0 for none. */
  readonly next: Uint32Array;
}

export const nodeRuns = once(function* ({ recording, rows }: History): Parts<NodeRuns> {
  const { rows: count, column } = recording.tables.events;
  const runs = { first: new Uint32Array(count), next: new Uint32Array(count) };
  for (let event = count - 1; event > 0; event--) {
    // Each is searched for.
    if (event % (PART / 8) === 0) yield;
    if (column.kind[event] !== EventKind.node) continue;
    const forward = rows.forwardEvent(column.node[event]);
    if (forward === 0) continue;
    runs.next[event] = runs.first[forward];
    runs.first[forward] = event;
  }
  return runs;
});

const known = new WeakMap<Recording, { readonly size: number; readonly history: History }>();

/** The history of a recording: made once for as much of it as there is. */
export const historyOf = (recording: Recording): History => wholeOf(historyInParts(recording));

/** The same in parts, for those who must let others have their turn between them. */
export function* historyInParts(recording: Recording): Parts<History> {
  const size = sizeOf(recording);
  const found = known.get(recording);
  if (found !== undefined && found.size === size) return found.history;
  const history = new History(recording);
  yield* history.read();
  known.set(recording, { size, history });
  return history;
}

function sizeOf({ tables, sites, names }: Recording): number {
  const { events, bindings, stats, parameters } = tables;
  return events.rows + bindings.rows + stats.rows + parameters.rows + sites.size + names.size;
}

/** The place of the first one in a list, sorted by event, that comes after an event. */
export function firstAfter(events: ArrayLike<number>, event: number): number;
export function firstAfter<T>(list: ArrayLike<T>, event: number, eventOf: (one: T) => number): number;
export function firstAfter<T>(list: ArrayLike<T>, event: number, eventOf = (one: T) => one as number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (eventOf(list[middle]) <= event) low = middle + 1;
    else high = middle;
  }
  return low;
}

const startOf = ({ start }: { readonly start: number }): number => start;

/** Adds to the list of a key. */
export function push<Key, T>(lists: Map<Key, T[]>, key: Key, one: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [one]);
  else list.push(one);
}
