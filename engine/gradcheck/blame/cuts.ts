import { type OpEvent, watch } from "../../autograd/observer.ts";
import type { Storage } from "../../autograd/storage.ts";
import { fromBuffer, type Tensor } from "../../autograd/tensor.ts";
import { isFloat } from "../../base/dtype.ts";
import type { Checked } from "../jacobian.ts";
import { outputsOf } from "../jacobian.ts";
import { pseudoRandom } from "../pseudoRandom.ts";
import { SilentObserver, type Tape, type TapedOp } from "./tape.ts";

/** Where a path of gradients ends although the result depends on what comes after: detach, noGrad, a read number. */
export interface Cut {
  readonly op: string;
  readonly site: number;
}

/** The first cut of a run that matters: moving what was cut off moves the outputs. */
export function findCut(fn: Checked, inputs: readonly Tensor[], tape: Tape): Cut | null {
  for (let at = 0; at < tape.ops.length; at++) {
    const op = tape.ops[at];
    if (isCut(op) && matters(fn, inputs, countBefore(tape, at))) return { op: op.event.name, site: op.site };
  }
  const read = tape.reads.at(0);
  return read === undefined ? null : { op: read.how, site: read.site };
}

function isCut({ event }: TapedOp): boolean {
  return (
    event.node === null &&
    event.outputs.some((out) => isFloat(out.dtype) && !out.requiresGrad) &&
    event.inputs.some((x) => typeof x === "object" && x !== null && x.requiresGrad)
  );
}

/** How many cuts come before: what tells this one from the others in a second run. */
const countBefore = (tape: Tape, at: number): number => tape.ops.slice(0, at).filter(isCut).length;

const step = 1e-6;

/** Whether the outputs change when the result of the cut number `index` does. */
function matters(fn: Checked, inputs: readonly Tensor[], index: number): boolean {
  const above = moved(fn, inputs, index, step);
  const below = moved(fn, inputs, index, -step);
  return above.some((out, o) =>
    Array.from(out).some((value, k) => {
      const slope = Math.abs(value - below[o][k]) / (2 * step);
      return slope > 1e-5 * Math.max(1, Math.abs(value));
    }),
  );
}

function moved(fn: Checked, inputs: readonly Tensor[], index: number, by: number): ArrayLike<number>[] {
  const before = watch.observer;
  watch.observer = new Mover(index, by);
  try {
    const outputs = outputsOf(fn, inputs);
    watch.observer = null;
    return outputs.map((out) => out.toArray());
  } finally {
    watch.observer = before;
  }
}

/** Moves the result of one cut a little, in a storage of its own: the original is often the input's. */
class Mover extends SilentObserver {
  readonly #index: number;
  readonly #by: number;
  #seen = 0;

  constructor(index: number, by: number) {
    super();
    this.#index = index;
    this.#by = by;
  }

  override op(event: OpEvent): void {
    if (!isCut({ event, operands: [], results: [], site: 0 })) return;
    if (this.#seen++ !== this.#index) return;
    const out = event.outputs.find((result) => isFloat(result.dtype) && !result.requiresGrad);
    if (out === undefined) return;
    const values = Float64Array.from(out.toArray());
    const way = pseudoRandom(values.length, 3);
    for (let k = 0; k < values.length; k++) values[k] += this.#by * (1.5 + way[k]);
    const fresh = fromBuffer(values, out.shape, "float64").to(out.dtype);
    const { storage, strides, offset, dense } = fresh;
    Object.assign(out as { storage: Storage }, { storage, strides, offset, dense, viewOf: null });
  }
}
