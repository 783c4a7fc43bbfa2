import type { Node } from "../../autograd/node.ts";
import { type Observer, type OpEvent, type ReadManner, watch } from "../../autograd/observer.ts";
import { site } from "../../autograd/sites.ts";
import type { Storage } from "../../autograd/storage.ts";
import type { Tensor } from "../../autograd/tensor.ts";
import type { DType } from "../../base/dtype.ts";
import type { Shape } from "../../base/shape.ts";

/** An input of an op as it was when the op ran. */
export interface Operand {
  readonly tensor: Tensor;
  readonly values: Float64Array;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** One op of a forward run. */
export interface TapedOp {
  readonly event: OpEvent;
  /** Null for what is no tensor, or was overwritten before anyone saw it. */
  readonly operands: readonly (Operand | null)[];
  readonly results: readonly Float64Array[];
  readonly site: number;
}

/** Numbers that left the graph. */
export interface TapedRead {
  readonly how: ReadManner;
  readonly site: number;
}

/** Everything that one run did. */
export interface Tape {
  readonly ops: readonly TapedOp[];
  readonly reads: readonly TapedRead[];
}

/** More numbers than this are not kept. */
const mostNumbers = 1 << 22;

/** Runs `fn` and notes every op with the numbers it saw. Null when there were too many. */
export function taped<R>(fn: () => R, known: readonly Tensor[]): { readonly result: R; readonly tape: Tape | null } {
  const recorder = new TapeRecorder(known);
  const before = watch.observer;
  watch.observer = recorder;
  try {
    const result = fn();
    return { result, tape: recorder.isFull ? null : recorder };
  } finally {
    watch.observer = before;
  }
}

const ignore = (): void => {};

/** Listens and does nothing; the parts that matter are written over. */
export class SilentObserver implements Observer {
  op(_event: OpEvent): void {}
  readonly backwardStart = ignore;
  readonly backwardEnd = ignore;
  readonly node = ignore as (node: Node) => void;
  readonly accumulate = ignore;
  readonly hook = ignore;
  readonly optimizerStart = ignore;
  readonly optimizerEnd = ignore;
  readonly zeroGrad = ignore;
  readonly scopeStart = ignore;
  readonly scopeEnd = ignore;
  readonly gradcheck = ignore;
}

class TapeRecorder extends SilentObserver implements Tape {
  readonly ops: TapedOp[] = [];
  readonly reads: TapedRead[] = [];
  /** What every storage held when it was last seen: an in-place op tells of itself when its input is gone. */
  readonly #last = new Map<Storage, Float64Array>();
  #numbers = 0;

  constructor(known: readonly Tensor[]) {
    super();
    for (const x of known) this.#remember(x);
  }

  get isFull(): boolean {
    return this.#numbers > mostNumbers;
  }

  override op(event: OpEvent): void {
    const { current } = site;
    if (this.isFull) return;
    if (event.call !== undefined) this.#dropInner(event);
    const operands = event.inputs.map((input) => {
      if (input === null || typeof input === "number") return null;
      const overwritten = event.outputs.includes(input);
      return this.#operand(input, overwritten);
    });
    for (const out of event.outputs) this.#remember(out);
    const results = event.outputs.map((out) => this.#values(out, out.storage.values));
    this.ops.push({ event, operands, results, site: event.node?.site ?? current });
  }

  read(source: Tensor, how: ReadManner): void {
    if (source.requiresGrad && how !== "data") this.reads.push({ how, site: site.current });
  }

  /** Ops inside a custom Function's forward belong to it: they record no graph, and its backward answers for them. */
  #dropInner(call: OpEvent): void {
    while (this.ops.length > 0) {
      const { event } = this.ops[this.ops.length - 1];
      if (event.node !== null || event.start < call.start) return;
      this.ops.pop();
    }
  }

  #operand(tensor: Tensor, overwritten: boolean): Operand | null {
    const held = overwritten ? this.#last.get(tensor.storage) : tensor.storage.values;
    if (held === undefined) return null;
    return { tensor, values: this.#values(tensor, held), shape: tensor.shape, dtype: tensor.dtype };
  }

  #remember({ storage }: Tensor): void {
    this.#numbers += storage.values.length;
    if (!this.isFull) this.#last.set(storage, Float64Array.from(storage.values));
  }

  #values(x: Tensor, held: ArrayLike<number>): Float64Array {
    this.#numbers += x.elements;
    let offsets = [x.offset];
    x.shape.forEach((size, d) => {
      offsets = offsets.flatMap((at) => Array.from({ length: size }, (_, i) => at + i * x.strides[d]));
    });
    return Float64Array.from(offsets, (at) => held[at]);
  }
}
