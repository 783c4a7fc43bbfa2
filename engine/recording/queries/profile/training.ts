import type { Recording } from "../../recording.ts";
import { EventKind } from "../../schema.ts";
import { Rows } from "../rows.ts";

/** How a training went: one entry per optimizer step in each array; NaN where unknown. */
export interface Training {
  readonly count: number;
  /** Milliseconds since the run began. */
  readonly time: Float64Array;
  /** The optimizerStart. */
  readonly event: Uint32Array;
  readonly loss: Float64Array;
  /** Learning rate of the first parameter group. */
  readonly rate: Float64Array;
  /** Norm of all gradients together. */
  readonly gradNorm: Float64Array;
  /** The steps, from 0, that the curves of parameters have an entry for: all of them, or each few in a long run. */
  readonly shown: Uint32Array;
  readonly parameters: readonly ParameterCurve[];
  readonly histograms: readonly Histogram[];
}

/** A parameter over the steps in `shown`. */
export interface ParameterCurve {
  readonly tensor: number;
  readonly name: string;
  readonly shape: readonly number[];
  /** Norm of its gradient. */
  readonly grad: Float64Array;
  /** Norm of the step's change divided by that of the parameter; only some steps are measured, the others are NaN. */
  readonly updateRatio: Float64Array;
}

/** How the elements of a parameter, or of its gradient, were spread at a step. */
export interface Histogram {
  readonly tensor: number;
  readonly name: string;
  readonly of: "value" | "grad";
  /** From 0. */
  readonly step: number;
  /** Least and greatest element looked at. */
  readonly low: number;
  readonly high: number;
  /** Elements per bin; bins are equally wide from low to high. */
  readonly counts: Float64Array;
}

/** A parameter's curve has at most so many points. */
const MAX_POINTS = 2048;

/** Loss, learning rate and gradients over the steps of a run, which may still be going on. */
export function trainingCurves(recording: Recording): Training {
  const steps = stepEvents(recording);
  const count = steps.length;
  const every = Math.max(1, Math.ceil(count / MAX_POINTS));
  const shown = Uint32Array.from({ length: Math.ceil(count / every) }, (_, i) => i * every);
  const curves = new ParameterCurves(recording, shown.length, every);
  const result = {
    count,
    time: new Float64Array(count),
    event: Uint32Array.from(steps),
    loss: new Float64Array(count).fill(Number.NaN),
    rate: new Float64Array(count).fill(Number.NaN),
    gradNorm: new Float64Array(count).fill(Number.NaN),
  };
  const { rows, column } = recording.tables.events;
  let step = 0;
  let loss = Number.NaN;
  for (let event = 1; event < rows; event++) {
    switch (column.kind[event]) {
      case EventKind.backwardStart:
        loss = column.value[event];
        break;
      case EventKind.accumulate:
        curves.arrived(recording.tables.refs.column.tensor[column.refs[event]], step, column.value[event]);
        break;
      case EventKind.optimizerStart:
        result.time[step] = column.start[event];
        result.loss[step] = loss;
        result.gradNorm[step] = column.value[event];
        loss = Number.NaN;
        break;
      case EventKind.optimizerEnd:
        if (column.inputs[event] > 0) result.rate[step] = recording.tables.refs.column.value[column.refs[event]];
        step++;
        break;
    }
  }
  curves.addUpdates(result.rate);
  return { ...result, shown, parameters: curves.all(), histograms: histograms(recording) };
}

function stepEvents({ tables }: Recording): number[] {
  const steps: number[] = [];
  for (let event = 1; event < tables.events.rows; event++)
    if (tables.events.column.kind[event] === EventKind.optimizerStart) steps.push(event);
  return steps;
}

/** Curves of all parameters of optimizers. */
class ParameterCurves {
  private readonly recording: Recording;
  private readonly rows: Rows;
  private readonly points: number;
  private readonly every: number;
  private readonly curves = new Map<number, ParameterCurve>();

  constructor(recording: Recording, points: number, every: number) {
    this.recording = recording;
    this.rows = new Rows(recording);
    this.points = points;
    this.every = every;
    const { events, refs } = recording.tables;
    for (let event = 1; event < events.rows; event++) {
      if (events.column.kind[event] !== EventKind.optimizerStart) continue;
      const first = events.column.refs[event];
      for (let ref = first; ref < first + events.column.inputs[event]; ref++) this.open(refs.column.tensor[ref]);
    }
  }

  private open(tensor: number): void {
    if (tensor === 0 || this.curves.has(tensor)) return;
    this.curves.set(tensor, {
      tensor,
      name: this.rows.label(tensor) ?? `parameter ${this.curves.size}`,
      shape: this.rows.shape(tensor),
      grad: new Float64Array(this.points).fill(Number.NaN),
      updateRatio: new Float64Array(this.points).fill(Number.NaN),
    });
  }

  /** A gradient arrived during a step; the last one of the step counts, as it is the sum. */
  arrived(tensor: number, step: number, norm: number): void {
    if (step % this.every !== 0) return;
    const curve = this.curves.get(tensor);
    if (curve !== undefined && step / this.every < this.points) curve.grad[step / this.every] = norm;
  }

  /** What steps were measured; the step of an event is that of the optimizerEnd. Also fills in rates that older recordings have only here. */
  addUpdates(rate: Float64Array): void {
    const { updates, events } = this.recording.tables;
    for (let row = 0; row < updates.rows; row++) {
      const step = events.column.step[updates.column.event[row]];
      if (Number.isNaN(rate[step])) rate[step] = updates.column.rate[row];
      const curve = this.curves.get(updates.column.tensor[row]);
      // Of the steps that no point is for, the last one before the next point counts.
      const point = Math.floor(step / this.every);
      if (curve !== undefined && point < this.points)
        curve.updateRatio[point] = updates.column.change[row] / updates.column.size[row];
    }
  }

  all(): ParameterCurve[] {
    return [...this.curves.values()];
  }
}

function histograms(recording: Recording): Histogram[] {
  const { histograms: table, events, values } = recording.tables;
  const rows = new Rows(recording);
  return Array.from({ length: table.rows }, (_, row): Histogram => {
    const { event, tensor, of, low, high, values: start, valueCount } = table.column;
    return {
      tensor: tensor[row],
      name: rows.label(tensor[row]) ?? `tensor ${tensor[row]}`,
      of: of[row] === 0 ? "value" : "grad",
      step: events.column.step[event[row]],
      low: low[row],
      high: high[row],
      counts: Float64Array.from(values.column.value.subarray(start[row], start[row] + valueCount[row])),
    };
  });
}
