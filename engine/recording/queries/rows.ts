import { dtypes } from "../../base/dtype.ts";
import type { Recording } from "../recording.ts";
import { EventKind, type NameRow, type SiteRow, TensorFlag } from "../schema.ts";
import type { Statistics } from "../statistics.ts";

/** Where something is in the user's program. */
export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

/** Reading a recording row by row, with what several queries need worked out once. */
export class Rows {
  readonly recording: Recording;
  readonly path = new Map<number, string>();
  readonly inOptimizer = new Set<number>();
  /** Per tensor: 1 + the row in `bindings` that gave it its first name; 0 for none. */
  private readonly firstBindings: Uint32Array;
  private readonly valueFigures = new Map<number, number>();
  private readonly gradFigures = new Map<number, number>();
  /** The forward ops with a node, by its sequence number. */
  private forwards: Uint32Array | null = null;

  constructor(recording: Recording) {
    this.recording = recording;
    const { bindings, parameters, stats, tensors } = recording.tables;
    this.firstBindings = new Uint32Array(tensors.rows);
    const { name, tensor: named } = bindings.column;
    for (let i = bindings.rows - 1; i >= 0; i--) if (recording.names.has(name[i])) this.firstBindings[named[i]] = i + 1;
    for (let i = 0; i < parameters.rows; i++) {
      const tensor = parameters.column.tensor[i];
      const path = recording.strings[parameters.column.path[i]];
      if (path !== "") this.path.set(tensor, path);
      if (parameters.column.inOptimizer[i] === 1) this.inOptimizer.add(tensor);
    }
    for (let i = 0; i < stats.rows; i++)
      (stats.column.of[i] === 0 ? this.valueFigures : this.gradFigures).set(stats.column.tensor[i], i);
  }

  shape(tensor: number): readonly number[] {
    return this.recording.shapes[this.recording.tables.tensors.column.shape[tensor]];
  }

  dtype(tensor: number): string {
    return dtypes[this.recording.tables.tensors.column.dtype[tensor]];
  }

  /** The latest known flags. */
  flags(tensor: number): number {
    const row = this.valueFigures.get(tensor);
    const { tensors, stats } = this.recording.tables;
    const first = tensors.column.flags[tensor];
    return row === undefined ? first : stats.column.flags[row] | (first & TensorFlag.cut);
  }

  gradFn(tensor: number): string | null {
    const row = this.valueFigures.get(tensor);
    const { tensors, stats } = this.recording.tables;
    return this.recording.strings[row === undefined ? tensors.column.gradFn[tensor] : stats.column.gradFn[row]] || null;
  }

  value(tensor: number): Statistics | null {
    return this.figures(this.valueFigures.get(tensor));
  }

  grad(tensor: number): Statistics | null {
    return this.figures(this.gradFigures.get(tensor));
  }

  /** The first name that a tensor got. */
  firstName(tensor: number): NameRow | undefined {
    const row = this.firstBinding(tensor);
    return row === -1 ? undefined : this.recording.names.get(this.recording.tables.bindings.column.name[row]);
  }

  /** The row in `bindings` of that name; -1 for none. */
  firstBinding(tensor: number): number {
    return (this.firstBindings[tensor] ?? 0) - 1;
  }

  /** The user's name, else the module path, else null. */
  label(tensor: number): string | null {
    return this.path.get(tensor) ?? this.firstName(tensor)?.name ?? null;
  }

  /** All values of a small tensor as it was when first seen, or null. */
  smallValues(tensor: number): number[] | null {
    const { tensors, values } = this.recording.tables;
    const n = tensors.column.valueCount[tensor];
    if (n === 0) return null;
    const start = tensors.column.values[tensor];
    return Array.from(values.column.value.subarray(start, start + n));
  }

  /** Where the tensor was named, else where it was made. */
  place(tensor: number): Place | null {
    return this.firstName(tensor) ?? this.site(this.recording.tables.tensors.column.site[tensor]);
  }

  site(id: number): SiteRow | null {
    return this.recording.sites.get(id) ?? null;
  }

  eventName(event: number): string {
    return this.recording.strings[this.recording.tables.events.column.name[event]];
  }

  detail(event: number): string {
    return this.recording.strings[this.recording.tables.events.column.detail[event]];
  }

  inputs(event: number): Uint32Array {
    const { events, refs } = this.recording.tables;
    const start = events.column.refs[event];
    return refs.column.tensor.subarray(start, start + events.column.inputs[event]) as Uint32Array;
  }

  outputs(event: number): Uint32Array {
    const { events, refs } = this.recording.tables;
    const start = events.column.refs[event] + events.column.inputs[event];
    return refs.column.tensor.subarray(start, start + events.column.outputs[event]) as Uint32Array;
  }

  /** The forward op that made a graph node, by the node's sequence number; 0 when it was not recorded. */
  forwardEvent(node: number): number {
    this.forwards ??= this.findForwards();
    const { forwards } = this;
    const nodes = this.recording.tables.events.column.node;
    let low = 0;
    let high = forwards.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (nodes[forwards[middle]] <= node) low = middle + 1;
      else high = middle;
    }
    const last = low === 0 ? 0 : forwards[low - 1];
    return nodes[last] === node ? last : 0;
  }

  private findForwards(): Uint32Array {
    const { rows, column } = this.recording.tables.events;
    const { kind, node } = column;
    const found = new Uint32Array(rows);
    let n = 0;
    let last = 0;
    let isSorted = true;
    for (let event = 1; event < rows; event++) {
      const made = kind[event] === EventKind.op ? node[event] : 0;
      if (made === 0) continue;
      if (made < last) isSorted = false;
      last = made;
      found[n++] = event;
    }
    const forwards = found.slice(0, n);
    return isSorted ? forwards : forwards.sort((a, b) => node[a] - node[b] || a - b);
  }

  private figures(row: number | undefined): Statistics | null {
    if (row === undefined) return null;
    const { column } = this.recording.tables.stats;
    const start = column.sample[row];
    return {
      numel: column.numel[row],
      min: column.min[row],
      max: column.max[row],
      mean: column.mean[row],
      std: column.std[row],
      norm: column.norm[row],
      zeros: column.zeros[row],
      nan: column.nan[row],
      inf: column.inf[row],
      sample: Array.from(this.recording.tables.values.column.value.subarray(start, start + column.sampleCount[row])),
    };
  }
}
