import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import type { Op, SavedSource } from "../ops/op.ts";
import { filled, type Gradients, Node } from "./node.ts";
import { FREED, type SavedSlot, unpack } from "./saved.ts";
import type { Tensor } from "./tensor.ts";

/** The backward step of an op: runs the op's formulas on what was saved. */
export class OpNode extends Node implements SavedSource {
  readonly op: Op;
  readonly attrs: unknown;
  /** In the order of `op.saves`. */
  saved: SavedSlot[];
  savedVersions: number[];

  constructor(op: Op, attrs: unknown, next: (Node | null)[], nextIndex: number[]) {
    super(op.node, next, nextIndex);
    this.op = op;
    this.attrs = attrs;
    this.saved = NOTHING;
    this.savedVersions = NOTHING;
  }

  run(gradOutputs: Gradients, needed: (input: number) => boolean): Gradients {
    const { op } = this;
    const context = new op.context(this, gradOutputs, needed);
    const { formulas } = op;
    const result: Gradients = filled(null, this.next.length);
    for (let i = 0; i < result.length; i++) {
      const formula = formulas[i < formulas.length ? i : formulas.length - 1];
      if (formula !== null && this.next[i] !== null && needed(i)) result[i] = formula(context, i);
    }
    return result;
  }

  unpack(slot: number): Tensor | number | null {
    return unpack(this.saved[slot], this.savedVersions[slot]);
  }

  inputMeta(input: number): { readonly shape: Shape; readonly dtype: DType } {
    const node = this.next[input];
    if (node === null) throw new Error(`${this.name}: input ${input} has no gradient`);
    return node.outputs[this.nextIndex[input]];
  }

  override release(): void {
    for (let i = 0; i < this.saved.length; i++) {
      const slot = this.saved[i];
      if (slot !== null && typeof slot !== "number") this.saved[i] = FREED;
    }
  }
}

/** Shared by all nodes that save nothing; never written to. */
const NOTHING: never[] = [];
