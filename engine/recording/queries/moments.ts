import type { Recording } from "../recording.ts";
import { EventKind } from "../schema.ts";
import { historyOf } from "./alerts/history.ts";
import type { Grid } from "./grid.ts";
import { Rows } from "./rows.ts";

/** What was recorded of a tensor at one time of the run. */
export interface Moment {
  /** Optimizer steps (or, without an optimizer, backward passes) that had ended by then. */
  readonly step: number;
  readonly value: Grid | null;
  readonly grad: Grid | null;
}

/** All that was recorded of a tensor's numbers over the run. */
export interface Moments {
  /** What `Moment.step` counts. */
  readonly unit: "step" | "backward";
  /** In order; the last one is the end of the run. Never empty. */
  readonly moments: readonly Moment[];
}

/**
 * The values and gradients of a tensor, and of those that had its name before: as they were in each training step, and in
 * the end. A value stands for the one that the step worked with; a gradient for the one that it ended with.
 */
export function momentsOf(recording: Recording, tensor: number): Moments {
  const rows = new Rows(recording);
  const clock = new Clock(recording);
  const numbers = new KeptNumbers(recording);
  const found = new Map<number, Known>();
  const at = (step: number): Known => {
    const known = found.get(step) ?? { value: null, grad: null };
    found.set(step, known);
    return known;
  };
  for (const { tensor: named, event } of sameName(rows, tensor)) {
    const value = firstSeen(rows, named);
    if (value !== null) at(clock.stepOf(event)).value = value;
    for (const { event: written, grid } of numbers.written(named)) at(clock.stepAfter(written)).value = grid;
    for (const { event: arrived, grad } of gradientsOf(rows, numbers, named)) at(clock.stepOf(arrived)).grad = grad;
  }
  const end = { value: numbers.value(tensor), grad: numbers.grad(tensor) };
  return { unit: clock.unit, moments: inOrder(found, clock.end, end) };
}

interface Known {
  value: Grid | null;
  grad: Grid | null;
}

/** What the end is known by stands last; a step that is not over by then is told there. */
function inOrder(found: ReadonlyMap<number, Readonly<Known>>, end: number, atEnd: Readonly<Known>): Moment[] {
  const steps = [...found.keys()].sort((a, b) => a - b);
  const moments: Moment[] = [];
  let value: Grid | null = null;
  for (const step of steps) {
    const known = found.get(step);
    value = known?.value ?? value;
    if (step < end) moments.push({ step, value, grad: known?.grad ?? null });
  }
  const last = { step: end, value: atEnd.value ?? value, grad: atEnd.grad ?? found.get(end)?.grad ?? null };
  const [only] = moments;
  // Where nothing happened since, a choice between two times would only be in the way.
  if (only !== undefined && moments.length === 1 && isSame(only.value, last.value) && isSame(only.grad, last.grad))
    return [last];
  return [...moments, last];
}

function isSame(a: Grid | null, b: Grid | null): boolean {
  if (a === null || b === null || a.numbers.length !== b.numbers.length) return a === b;
  for (let i = 0; i < a.numbers.length; i++) if (!Object.is(a.numbers[i], b.numbers[i])) return false;
  return true;
}

/** The tensors that had the same name at the same place, this one among them. */
function sameName(rows: Rows, tensor: number): { tensor: number; event: number }[] {
  const { bindings, tensors } = rows.recording.tables;
  const name = rows.firstName(tensor)?.id;
  const found: { tensor: number; event: number }[] = [];
  for (let i = 0; i < bindings.rows; i++) {
    if (bindings.column.name[i] === name)
      found.push({ tensor: bindings.column.tensor[i], event: bindings.column.event[i] });
  }
  return found.length > 0 ? found : [{ tensor, event: tensors.column.event[tensor] }];
}

/** A small tensor as it was when it was first seen. */
function firstSeen(rows: Rows, tensor: number): Grid | null {
  const numbers = rows.smallValues(tensor);
  if (numbers === null) return null;
  const shape = rows.shape(tensor);
  return { shape, steps: shape.map(() => 1), numbers };
}

/** The gradients that a leaf had after each accumulation, where they are small. */
function gradientsOf(rows: Rows, numbers: KeptNumbers, tensor: number): { event: number; grad: Grid }[] {
  return (historyOf(rows.recording).accumulates.get(tensor) ?? []).flatMap((event) => {
    const [, row] = rows.outputs(event);
    const grad = numbers.written(row).find((one) => one.event === event)?.grid ?? firstSeen(rows, row);
    return grad === null ? [] : [{ event, grad }];
  });
}

function keptGrid(rows: Rows, row: number): Grid {
  const { portions, singles, doubles } = rows.recording.tables;
  const { tensor, steps, isDouble, first, count } = portions.column;
  const numbers = (isDouble[row] === 1 ? doubles : singles).column.value;
  return {
    shape: rows.shape(tensor[row]),
    steps: rows.recording.shapes[steps[row]],
    numbers: numbers.subarray(first[row], first[row] + count[row]),
  };
}

/** Tells how many steps had ended before an event: those of optimizers, or backward passes where there is no optimizer. */
class Clock {
  readonly unit: Moments["unit"];
  /** Steps of the whole run. */
  readonly end: number;
  private readonly recording: Recording;
  /** The events that end a backward, where they are what is counted. */
  private readonly ends: number[] = [];

  constructor(recording: Recording) {
    this.recording = recording;
    const { kind } = recording.tables.events.column;
    let steps = 0;
    for (let i = 1; i < recording.tables.events.rows; i++) {
      if (kind[i] === EventKind.optimizerEnd) steps++;
      else if (kind[i] === EventKind.backwardEnd) this.ends.push(i);
    }
    this.unit = steps > 0 ? "step" : "backward";
    this.end = steps > 0 ? steps : this.ends.length;
  }

  /** What an optimizer wrote at the end of its step belongs to the next one. */
  stepAfter(event: number): number {
    const isStepsEnd = this.recording.tables.events.column.kind[event] === EventKind.optimizerEnd;
    return this.stepOf(event) + (isStepsEnd && this.unit === "step" ? 1 : 0);
  }

  stepOf(event: number): number {
    if (this.unit === "step") return event === 0 ? 0 : this.recording.tables.events.column.step[event];
    let low = 0;
    let high = this.ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ends[middle] < event) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The numbers that were kept of tensors: as they were in the end, and as they were written on the way. */
export class KeptNumbers {
  private readonly rows: Rows;
  private readonly values = new Map<number, number>();
  private readonly grads = new Map<number, number>();
  private readonly writes = new Map<number, number[]>();

  constructor(recording: Recording) {
    this.rows = new Rows(recording);
    const { portions, events } = recording.tables;
    const end = events.rows - 1;
    for (let i = 0; i < portions.rows; i++) {
      const tensor = portions.column.tensor[i];
      if (portions.column.event[i] < end) this.addWrite(tensor, i);
      else (portions.column.of[i] === 0 ? this.values : this.grads).set(tensor, i);
    }
  }

  value(tensor: number): Grid | null {
    return this.grid(this.values.get(tensor));
  }

  grad(tensor: number): Grid | null {
    return this.grid(this.grads.get(tensor));
  }

  /** What a small tensor was after each write, in order. */
  written(tensor: number): { readonly event: number; readonly grid: Grid }[] {
    const { event } = this.rows.recording.tables.portions.column;
    return (this.writes.get(tensor) ?? []).map((row) => ({ event: event[row], grid: keptGrid(this.rows, row) }));
  }

  private addWrite(tensor: number, row: number): void {
    const known = this.writes.get(tensor);
    if (known === undefined) this.writes.set(tensor, [row]);
    else known.push(row);
  }

  private grid(row: number | undefined): Grid | null {
    return row === undefined ? null : keptGrid(this.rows, row);
  }
}
