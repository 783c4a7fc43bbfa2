import { AutogradError } from "../base/errors.ts";
import { showShape } from "../base/shape.ts";
import { anomaly } from "./anomaly.ts";
import { interpreted } from "./interpreter.ts";
import { withGrad } from "./modes.ts";
import type { Node } from "./node.ts";
import { unseen } from "./observer.ts";
import { outsideOfNursery } from "./recycling.ts";
import type { Tensor } from "./tensor.ts";

/** Turns a tensor being saved into something else (on disk, compressed, to be computed again). */
export type PackHook = (tensor: Tensor) => unknown;
/** Gives the tensor back when backward needs it. */
export type UnpackHook = (packed: unknown) => Tensor;

interface SavedHooks {
  readonly pack: PackHook;
  readonly unpack: UnpackHook;
}

const hookStack: SavedHooks[] = [];

/** Why no hooks may be set now; null when they may. */
let forbidden: string | null = null;

/**
 * Runs `fn`, inside of which `savedTensorsHooks` throws an error with this message: for code that such hooks would break.
 *
 * @throws AutogradError when hooks are set already.
 */
export function disableSavedTensorsHooks<R>(message: string, fn: () => R): R {
  if (hookStack.length > 0) throw new AutogradError(message);
  const before = forbidden;
  forbidden = message;
  try {
    return fn();
  } finally {
    forbidden = before;
  }
}

/** Runs `fn` with hooks on every tensor it saves for backward; the innermost pair wins. */
export function savedTensorsHooks<R>(pack: PackHook, unpack: UnpackHook, fn: () => R): R {
  if (forbidden !== null) throw new AutogradError(forbidden);
  hookStack.push({ pack, unpack });
  try {
    return fn();
  } finally {
    hookStack.pop();
  }
}

/** Tells autograd that tensors were written to in a way that it could not see, as through `x.data`: what was saved of them is stale. */
export function incrementVersion(tensors: Tensor | Iterable<Tensor>): void {
  const list = "storage" in tensors ? [tensors] : [...tensors];
  for (const x of list) {
    if (typeof x !== "object" || x === null || !("storage" in x))
      throw new AutogradError("incrementVersion expects each element of the iterable to be a tensor");
  }
  for (const { storage } of list) storage.version++;
}

/** A saved tensor that a hook keeps, with its place in the graph. */
class Packed {
  /** Tells it from a tensor, of which `instanceof` would have to ask the whole chain of prototypes. */
  readonly storage = null;
  readonly content: unknown;
  readonly unpack: UnpackHook;
  readonly original: { readonly gradFn: Node | null; readonly outputIndex: number; readonly leaf: Tensor | null };

  /** `seen` is what the pack hook is given of the tensor. */
  constructor(tensor: Tensor, hooks: SavedHooks, seen = tensor) {
    const { gradFn } = tensor;
    const { version } = tensor.storage;
    this.content = withGrad(false, () => interpreted(null, () => hooks.pack(seen)));
    if (tensor.storage.version !== version) {
      throw new AutogradError(
        "A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook can not be modified by in-place operations: clone it first.",
      );
    }
    this.unpack = hooks.unpack;
    this.original = {
      gradFn,
      outputIndex: tensor.outputIndex,
      leaf: gradFn === null && tensor.leafRequiresGrad ? tensor : null,
    };
  }

  open(): Tensor {
    const result = outsideOfNursery(() => interpreted(null, () => this.unpack(this.content)));
    if (typeof result !== "object" || result === null || !("storage" in result)) {
      throw new AutogradError(
        `Output of saved tensor unpack hook expected to be a Tensor but got result of type ${typeof result}.`,
      );
    }
    const { gradFn, outputIndex, leaf } = this.original;
    if (gradFn === null && leaf === null && !result.requiresGrad) return result;
    const linked = unseen(() => result.detach());
    linked.ownGradFn = gradFn ?? leaf?.accumulator ?? null;
    linked.outputIndex = outputIndex;
    return linked;
  }
}

/** A slot of a node: a saved tensor, a number, a tensor kept by a hook, nothing, or what is left after backward freed it. */
export type SavedSlot = Tensor | number | null | Packed | typeof FREED;

export const FREED = Symbol("freed");

/** What an in-place op is about to write over; null when none runs. */
let overwritten: Tensor | null = null;

/** Runs `compute`, whose result will be written over `x`: what is saved of `x` meanwhile is a copy. */
export function savingCopiesOf<R>(x: Tensor, compute: () => R): R {
  const outer = overwritten;
  overwritten = x;
  try {
    return compute();
  } finally {
    overwritten = outer;
  }
}

/** A tensor of the same elements at the same place in the graph. */
function copyOf(x: Tensor): Tensor {
  const copy = unseen(() => x.detach().clone());
  copy.ownGradFn = x.gradFn;
  copy.outputIndex = x.outputIndex;
  return copy;
}

/** What goes into the slot when `value` is saved now. */
export function save(value: Tensor | number | null): SavedSlot {
  if (value === null || typeof value === "number") return value;
  return keep(value === overwritten ? copyOf(value) : value);
}

function keep(value: Tensor): Tensor | Packed {
  if (value.isInference) {
    throw new AutogradError(
      "Inference tensors cannot be saved for backward. Clone the tensor outside inferenceMode to get a normal tensor and use that.",
    );
  }
  if (hookStack.length > 0) return new Packed(value, hookStack[hookStack.length - 1]);
  return value;
}

/** What it is to need a value that backward has freed. */
export const freed = (): AutogradError =>
  new AutogradError(
    "Trying to backward through the graph a second time: the values saved for it were freed by the first backward (or by autograd.grad). " +
      "Run the forward pass again, sum the losses and call backward once, detach() state carried over from an earlier step, or pass { retainGraph: true } the first time.",
  );

/** The saved value, if it is still there and unchanged since version `expected`. */
export function unpack(slot: SavedSlot, expected: number): Tensor | number | null {
  if (slot === FREED) throw freed();
  if (slot === null || typeof slot === "number") return slot;
  if (slot.storage === null) return slot.open();
  if (slot.storage.version !== expected) throw changedInPlace(slot, expected);
  return slot;
}

/** Whether hooks have packed it. */
export function isPacked(slot: SavedSlot): boolean {
  return typeof slot === "object" && slot?.storage === null;
}

/** Puts a saved tensor into the care of hooks of its own. */
export function hookSaved(slot: SavedSlot, pack: PackHook, unpackHook: UnpackHook): SavedSlot {
  if (slot === FREED) throw freed();
  if (slot === null || typeof slot === "number") {
    throw new AutogradError(
      "Calling registerHooks on a saved tensor with value null is forbidden: no tensor was saved here.",
    );
  }
  if (slot instanceof Packed) {
    throw new AutogradError(
      "Calling registerHooks on a saved tensor whose hooks have already been set. Only one pair of hooks is allowed at a time.",
    );
  }
  // As in PyTorch these hooks, unlike those of savedTensorsHooks, see the tensor cut from its graph.
  return new Packed(
    slot,
    { pack, unpack: unpackHook },
    unseen(() => slot.detach()),
  );
}

function changedInPlace(tensor: Tensor, expected: number): AutogradError {
  const { gradFn } = tensor;
  const origin = gradFn === null ? "" : `, which is output ${tensor.outputIndex} of ${gradFn.name},`;
  const name = tensor.name === null ? "" : ` '${tensor.name}'`;
  const hint = anomaly.enabled
    ? "The backtrace in the warning above shows the op that needs it; it was changed after that."
    : "Run forward and backward inside detectAnomaly() to see which op needs it.";
  return new AutogradError(
    `one of the variables needed for gradient computation has been modified by an inplace operation: [${tensor.dtype} ${showShape(tensor.shape)}]${name}${origin} ` +
      `is at version ${tensor.storage.version}; expected version ${expected} instead. Use the out-of-place op, or clone() before writing. Hint: ${hint}`,
  );
}
