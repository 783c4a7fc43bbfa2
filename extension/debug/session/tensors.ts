import { dtypes } from "../../../engine/base/dtype.ts";
import type { Recording } from "../../../engine/recording/recording.ts";
import { EventKind, TensorFlag } from "../../../engine/recording/schema.ts";
import { type Statistics, statistics } from "../../../engine/recording/statistics.ts";

/** What a tensor held at some event. */
export interface HeldValues {
  /** Row-major; every `stride`-th element. */
  readonly values: Float32Array | Float64Array;
  readonly stride: number;
  readonly version: number;
  /** The event since which this is known. */
  readonly since: number;
  /** False when the tensor was written to since and nobody kept what it held then. */
  readonly isCurrent: boolean;
}

type Found = Omit<HeldValues, "isCurrent">;

/** What tensors were, at any event of a recording that may still grow. */
export class Tensors {
  readonly #recording: Recording;
  /** Per tensor, in order of events: rows of `snapshots`, of `portions` and of `gradients`, events that wrote to it. */
  readonly #snapshots = new Map<number, number[]>();
  readonly #portions = new Map<number, number[]>();
  readonly #gradients = new Map<number, number[]>();
  readonly #writes = new Map<number, number[]>();
  /** Per tensor: rows of `stats` about its value, in order of events. */
  readonly #figures = new Map<number, number[]>();
  /** Without `gradients`: events after which `.grad` of a leaf is a tensor, or null. */
  readonly #accumulations = new Map<number, { readonly event: number; readonly gradient: number }[]>();
  readonly #laterNodes = new Map<number, number[]>();
  readonly #parametersOf = new Map<number, readonly number[]>();
  #knownSnapshots = 0;
  #knownPortions = 0;
  #knownGradients = 0;
  #knownFigures = 0;
  #knownEvents = 1;

  constructor(recording: Recording) {
    this.#recording = recording;
    this.update();
  }

  /** Takes in what was recorded since the last time. */
  update(): void {
    const { snapshots, portions, gradients, stats, events } = this.#recording.tables;
    for (; this.#knownPortions < portions.rows; this.#knownPortions++) {
      const row = this.#knownPortions;
      if (portions.column.of[row] === 0) push(this.#portions, portions.column.tensor[row] ?? 0, row);
    }
    for (; this.#knownSnapshots < snapshots.rows; this.#knownSnapshots++)
      push(this.#snapshots, snapshots.column.tensor[this.#knownSnapshots] ?? 0, this.#knownSnapshots);
    for (; this.#knownGradients < gradients.rows; this.#knownGradients++)
      push(this.#gradients, gradients.column.tensor[this.#knownGradients] ?? 0, this.#knownGradients);
    for (; this.#knownFigures < stats.rows; this.#knownFigures++) {
      const row = this.#knownFigures;
      if (stats.column.of[row] === 0) push(this.#figures, stats.column.tensor[row] ?? 0, row);
    }
    for (; this.#knownEvents < events.rows; this.#knownEvents++) this.#readEvent(this.#knownEvents);
  }

  shape(tensor: number): readonly number[] {
    return this.#recording.shapes[this.#recording.tables.tensors.column.shape[tensor] ?? 0] ?? [];
  }

  numel(tensor: number): number {
    return this.shape(tensor).reduce((product, size) => product * size, 1);
  }

  dtype(tensor: number): string {
    return dtypes[this.#recording.tables.tensors.column.dtype[tensor] ?? 0] ?? "float32";
  }

  isLeaf(tensor: number, event: number): boolean {
    return this.#laterNode(tensor, event) === 0 && (this.#flags(tensor) & TensorFlag.leaf) !== 0;
  }

  requiresGrad(tensor: number, event: number): boolean {
    return this.#laterNode(tensor, event) !== 0 || (this.#flags(tensor) & TensorFlag.requiresGrad) !== 0;
  }

  /** The name of its node; null for a leaf. */
  gradFn(tensor: number, event: number): string | null {
    const later = this.#laterNode(tensor, event);
    if (later !== 0) return this.#nodeName(later);
    return this.#recording.strings[this.#recording.tables.tensors.column.gradFn[tensor] ?? 0] || null;
  }

  #flags(tensor: number): number {
    return this.#recording.tables.tensors.column.flags[tensor] ?? 0;
  }

  /**
   * The op that gave a tensor the node that it has at an event, where that is not the one that made it: an op in place, or a
   * custom Function around it. 0 when there is none.
   */
  #laterNode(tensor: number, event: number): number {
    return lastUpTo(this.#laterNodes.get(tensor), (one) => one, event) ?? 0;
  }

  /** What the node of an op is called: custom Functions, whose names are classes', have no number. */
  #nodeName(op: number): string {
    const { column } = this.#recording.tables.events;
    const name = (this.#recording.strings[column.name[op] ?? 0] ?? "").replace(/_$/, "");
    const isClass = /^\p{Lu}/u.test(name);
    return isClass ? `${name}Backward` : `${name.charAt(0).toUpperCase()}${name.slice(1)}Backward0`;
  }

  /** The event that made it; 0 for a tensor of the user's. */
  madeBy(tensor: number): number {
    return this.#recording.tables.tensors.column.event[tensor] ?? 0;
  }

  /** What it held right after an event; null when that was not kept. */
  at(tensor: number, event: number): HeldValues | null {
    const snapshot = this.#snapshotAt(tensor, event);
    const portion = this.#portionAt(tensor, event);
    // Of two that are equally new the snapshot is whole, or says what it leaves out.
    const isNewer = portion !== null && portion.since > (snapshot?.since ?? 0);
    const found = (isNewer ? portion : snapshot) ?? portion ?? this.#firstValues(tensor);
    return found === null ? null : { ...found, isCurrent: this.lastWrite(tensor, event) <= found.since };
  }

  /** From recordings made for the debugger. */
  #snapshotAt(tensor: number, event: number): Found | null {
    const { snapshots } = this.#recording.tables;
    const { column } = snapshots;
    const row = lastUpTo(this.#snapshots.get(tensor), (one) => column.event[one] ?? 0, event);
    if (row === null) return null;
    return {
      values: this.#numbers(tensor, column.values[row] ?? 0, column.count[row] ?? 0),
      stride: column.stride[row] ?? 1,
      version: column.version[row] ?? 0,
      since: column.event[row] ?? 0,
    };
  }

  /** From any recording: small tensors whenever something wrote to them. */
  #portionAt(tensor: number, event: number): Found | null {
    const { column } = this.#recording.tables.portions;
    const row = lastUpTo(this.#portions.get(tensor), (one) => column.event[one] ?? 0, event);
    if (row === null) return null;
    const count = column.count[row] ?? 0;
    if (count !== this.numel(tensor)) return null;
    const since = column.event[row] ?? 0;
    const version = this.#writes.get(tensor)?.filter((one) => one <= since).length ?? 0;
    return { values: this.#numbers(tensor, column.first[row] ?? 0, count), stride: 1, version, since };
  }

  #firstValues(tensor: number): Found | null {
    const { tensors, values } = this.#recording.tables;
    const count = tensors.column.valueCount[tensor] ?? 0;
    if (count === 0 && this.numel(tensor) !== 0) return null;
    const first = tensors.column.values[tensor] ?? 0;
    const held = (values.column.value as Float64Array).subarray(first, first + count);
    return { values: held, stride: 1, version: 0, since: this.madeBy(tensor) };
  }

  #numbers(tensor: number, first: number, count: number): HeldValues["values"] {
    const { singles, doubles } = this.#recording.tables;
    const { value } = (this.dtype(tensor) === "float32" ? singles : doubles).column;
    return (value as Float32Array | Float64Array).subarray(first, first + count);
  }

  /** Statistics of what it held: of all elements where they were kept, else those that were recorded with it. */
  statistics(tensor: number, event: number): Statistics | null {
    const held = this.at(tensor, event);
    if (held !== null && held.stride === 1) return statistics(held.values);
    return this.#recorded(tensor, event);
  }

  /** What `.grad` is right after an event; 0 for null. */
  gradient(tensor: number, event: number): number {
    const rows = this.#gradients.get(tensor);
    const { gradients } = this.#recording.tables;
    if (rows !== undefined) {
      const row = lastUpTo(rows, (one) => gradients.column.event[one] ?? 0, event);
      return row === null ? 0 : (gradients.column.gradient[row] ?? 0);
    }
    return lastUpTo(this.#accumulations.get(tensor), (one) => one.event, event)?.gradient ?? 0;
  }

  /** The last event up to one that wrote to a tensor in place; 0 when none did. */
  lastWrite(tensor: number, event: number): number {
    return lastUpTo(this.#writes.get(tensor), (one) => one, event) ?? 0;
  }

  /**
   * The tensors that an op wrote to in place: those that it both took and gave. A custom Function gives what ops inside of
   * it made, and so a result that is older than its event need not have been written to.
   */
  overwritten(event: number): readonly number[] {
    const inputs = this.#inputs(event);
    return this.#outputs(event).filter((tensor) => tensor !== 0 && inputs.includes(tensor));
  }

  /** All leaves that a gradient was accumulated into up to an event. */
  leavesUpTo(event: number): number[] {
    const found: number[] = [];
    for (const [tensor, all] of this.#accumulations)
      if ((all[0]?.event ?? Number.POSITIVE_INFINITY) <= event) found.push(tensor);
    return found.sort((a, b) => a - b);
  }

  /** The events after which the gradient of a leaf was another one. */
  accumulations(tensor: number): readonly { readonly event: number; readonly gradient: number }[] {
    return this.#accumulations.get(tensor) ?? [];
  }

  #readEvent(event: number): void {
    const { kind, node } = this.#recording.tables.events.column;
    switch (kind[event]) {
      case EventKind.op: {
        for (const tensor of this.overwritten(event)) push(this.#writes, tensor, event);
        if (node[event] === 0) return;
        for (const tensor of this.#outputs(event))
          if (tensor !== 0 && this.madeBy(tensor) < event) push(this.#laterNodes, tensor, event);
        return;
      }
      case EventKind.accumulate: {
        const [leaf = 0] = this.#inputs(event);
        const gradient = this.#outputs(event)[1] ?? 0;
        // What comes second is added to what came first, in place.
        const before = this.#accumulations.get(leaf)?.at(-1)?.gradient ?? 0;
        if (gradient !== 0 && before === gradient) push(this.#writes, gradient, event);
        push(this.#accumulations, leaf, { event, gradient });
        return;
      }
      case EventKind.optimizerStart:
        this.#parametersOf.set(node[event] ?? 0, this.#inputs(event));
        return;
      case EventKind.optimizerEnd:
        for (const tensor of this.#parametersOf.get(node[event] ?? 0) ?? []) push(this.#writes, tensor, event);
        return;
      case EventKind.zeroGrad:
        for (const tensor of this.#parametersOf.get(node[event] ?? 0) ?? this.#accumulations.keys())
          push(this.#accumulations, tensor, { event, gradient: 0 });
        return;
      default:
    }
  }

  #inputs(event: number): number[] {
    const { refs, inputs } = this.#recording.tables.events.column;
    const first = refs[event] ?? 0;
    return Array.from(this.#recording.tables.refs.column.tensor.subarray(first, first + (inputs[event] ?? 0)));
  }

  #outputs(event: number): number[] {
    const { refs, inputs, outputs } = this.#recording.tables.events.column;
    const first = (refs[event] ?? 0) + (inputs[event] ?? 0);
    return Array.from(this.#recording.tables.refs.column.tensor.subarray(first, first + (outputs[event] ?? 0)));
  }

  #recorded(tensor: number, event: number): Statistics | null {
    const { stats, values } = this.#recording.tables;
    const { column } = stats;
    const row = lastUpTo(this.#figures.get(tensor), (one) => column.event[one] ?? 0, event);
    if (row === null) return null;
    const first = column.sample[row] ?? 0;
    const of = (name: "numel" | "min" | "max" | "mean" | "std" | "norm" | "zeros" | "nan" | "inf"): number =>
      column[name][row] ?? Number.NaN;
    return {
      numel: of("numel"),
      min: of("min"),
      max: of("max"),
      mean: of("mean"),
      std: of("std"),
      norm: of("norm"),
      zeros: of("zeros"),
      nan: of("nan"),
      inf: of("inf"),
      sample: Array.from(values.column.value.subarray(first, first + (column.sampleCount[row] ?? 0))),
    };
  }
}

function push<T>(map: Map<number, T[]>, key: number, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** The last of a list sorted by event that lies at or before one. */
function lastUpTo<T>(list: readonly T[] | undefined, eventOf: (one: T) => number, event: number): T | null {
  if (list === undefined) return null;
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (eventOf(list[middle] as T) <= event) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? null : (list[low - 1] as T);
}
