import type { Recording } from "../../recording.ts";
import { EventKind } from "../../schema.ts";
import { storagesOf } from "./sharedStorage.ts";

/** What single events of a recording cost besides time. */
export class EventCosts {
  private readonly recording: Recording;
  /** The forward op that made a graph node, by the node's number. */
  private readonly forwards = new Map<number, number>();

  /** Per tensor: the one whose storage it shows. */
  private readonly storage: Uint32Array;

  constructor(recording: Recording) {
    this.recording = recording;
    this.storage = storagesOf(recording);
    const { rows, column } = recording.tables.events;
    const { kind, node } = column;
    for (let event = 1; event < rows; event++)
      if (kind[event] === EventKind.op && node[event] !== 0) this.forwards.set(node[event], event);
  }

  /** The forward op that an event of backward belongs to; 0 when there is none. */
  forwardOf(event: number): number {
    const { kind, node } = this.recording.tables.events.column;
    return kind[event] === EventKind.node ? (this.forwards.get(node[event]) ?? 0) : 0;
  }

  /**
   * Floating-point operations. Those of a backward node are counted as its forward op's for each gradient that it gives;
   * a bias (a vector beside a matrix) is a mere sum and counts nothing.
   */
  flops(event: number): number {
    const { flops } = this.recording.tables.events.column;
    const forward = this.forwardOf(event);
    if (forward === 0) return flops[event];
    const { shape } = this.recording.tables.tensors.column;
    let vectors = 0;
    let matrices = 0;
    for (const tensor of this.outputs(event)) {
      if (tensor === 0) continue;
      if (this.recording.shapes[shape[tensor]].length < 2) vectors++;
      else matrices++;
    }
    return flops[forward] * (matrices === 0 ? vectors : matrices);
  }

  /** Bytes of the tensors that it made; views and what changed in place take none. */
  made(event: number): number {
    const { event: maker, bytes } = this.recording.tables.tensors.column;
    let sum = 0;
    for (const tensor of this.outputs(event))
      if (tensor !== 0 && maker[tensor] === event && this.storage[tensor] === tensor) sum += bytes[tensor];
    return sum;
  }

  /** Bytes of what it read and wrote; a view reads and writes nothing. */
  moved(event: number): number {
    const { event: maker, bytes } = this.recording.tables.tensors.column;
    let sum = 0;
    let isView = true;
    for (const tensor of this.outputs(event)) {
      if (tensor === 0) continue;
      isView &&= this.storage[tensor] !== tensor && maker[tensor] === event;
      sum += bytes[tensor];
    }
    if (isView) return 0;
    for (const tensor of this.inputs(event)) if (tensor !== 0) sum += bytes[tensor];
    return sum;
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
}
