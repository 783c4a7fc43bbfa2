import type { DType } from "../base/dtype.ts";
import { ArgumentError, AutogradError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import type { Op, SavedSource } from "../ops/op.ts";
import { AccumulateGrad } from "./accumulate.ts";
import { filled, type Gradients, Node, type OutputMeta } from "./node.ts";
import { FREED, hookSaved, isPacked, type PackHook, type SavedSlot, type UnpackHook, unpack } from "./saved.ts";
import type { Tensor } from "./tensor.ts";

/** The backward step of an op: runs the op's formulas on what was saved. */
export class OpNode extends Node implements SavedSource {
  declare readonly op: Op;
  declare readonly attrs: unknown;
  /** In the order of `op.saves`. */
  declare saved: SavedSlot[];
  declare savedVersions: number[];

  constructor(op: Op, attrs: unknown, next: (Node | null)[], nextIndex: number[], outputs: OutputMeta[] = []) {
    super(op.node, next, nextIndex, outputs);
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
    const value = unpack(this.saved[slot], this.savedVersions[slot]);
    if (typeof value === "object" && value !== null && value.gradFn === null && this.hadHistory(slot)) {
      throw new AutogradError(
        "Trying to use a saved tensor that has been detached in-place, i.e. with .detach_(). This is not supported: use detach() instead.",
      );
    }
    return value;
  }

  isPacked(slot: number): boolean {
    return isPacked(this.saved[slot]);
  }

  /** Whether what the slot holds is an input that an op had made. */
  private hadHistory(slot: number): boolean {
    const input = this.op.savedAt[slot];
    return input >= 0 && this.next[input] !== null && !(this.next[input] instanceof AccumulateGrad);
  }

  /** What backward will see of an input or output, by its name in the op: PyTorch's `_saved_self`. Null when it was not saved. */
  _saved(name: string): Tensor | number | null {
    return this.unpack(this.slotOf(name));
  }

  /** PyTorch's `_raw_saved_self`: gives a saved tensor a pair of hooks of its own. */
  _rawSaved(name: string): { registerHooks(pack: PackHook, unpack: UnpackHook): void } {
    const slot = this.slotOf(name);
    return {
      registerHooks: (pack, unpackHook) => {
        this.saved[slot] = hookSaved(this.saved[slot], pack, unpackHook);
      },
    };
  }

  private slotOf(name: string): number {
    const slot = this.op.saves.indexOf(name);
    if (slot !== -1) return slot;
    throw new ArgumentError(this.op.name, `saves no '${name}', only ${this.op.saves.join(", ") || "nothing"}`);
  }

  inputMeta(input: number): { readonly shape: Shape; readonly dtype: DType } {
    const node = this.next[input];
    if (node === null) throw new Error(`${this.name}: input ${input} has no gradient`);
    return node.outputs[this.nextIndex[input]];
  }

  override get kept(): readonly unknown[] {
    return this.saved;
  }

  override get keptVersions(): readonly number[] {
    return this.savedVersions;
  }

  override keptName(index: number): string {
    return this.op.saves[index] ?? String(index);
  }

  leadsOn(input: number): boolean {
    const node = this.next[input];
    return node !== null && node !== undefined;
  }

  override release(): void {
    for (let i = 0; i < this.saved.length; i++) if (this.saved[i] !== null) this.saved[i] = FREED;
  }
}

/** Shared by all nodes that save nothing; never written to. */
const NOTHING: never[] = [];
