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
  /** Per tensor row: its last binding, and the first name it got. */
  readonly firstName = new Map<number, NameRow>();
  readonly path = new Map<number, string>();
  readonly inOptimizer = new Set<number>();
  private readonly valueFigures = new Map<number, number>();
  private readonly gradFigures = new Map<number, number>();
  /** The forward ops with a node, by its sequence number. */
  private forwards: Uint32Array | null = null;
  private runOfNode: Map<number, number> | null = null;

  constructor(recording: Recording) {
    this.recording = recording;
    const { bindings, parameters, stats } = recording.tables;
    for (let i = 0; i < bindings.rows; i++) {
      const name = recording.names.get(bindings.column.name[i]);
      const tensor = bindings.column.tensor[i];
      if (name !== undefined && !this.firstName.has(tensor)) this.firstName.set(tensor, name);
    }
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

  /** The user's name, else the module path, else null. */
  label(tensor: number): string | null {
    return this.path.get(tensor) ?? this.firstName.get(tensor)?.name ?? null;
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
    return this.firstName.get(tensor) ?? this.site(this.recording.tables.tensors.column.site[tensor]);
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
    let isSorted = true;
    for (let event = 1; event < rows; event++) {
      if (kind[event] !== EventKind.op || node[event] === 0) continue;
      if (n > 0 && node[found[n - 1]] > node[event]) isSorted = false;
      found[n++] = event;
    }
    const forwards = found.slice(0, n);
    return isSorted ? forwards : forwards.sort((a, b) => node[a] - node[b] || a - b);
  }

  /** The first run of a graph node in backward, by the node's sequence number; 0 when it never ran. */
  nodeEvent(node: number): number {
    if (this.runOfNode === null) {
      this.runOfNode = new Map();
      const { rows, column } = this.recording.tables.events;
      for (let i = rows - 1; i > 0; i--) if (column.kind[i] === EventKind.node) this.runOfNode.set(column.node[i], i);
    }
    return this.runOfNode.get(node) ?? 0;
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
