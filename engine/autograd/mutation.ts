import type { TypedArray } from "../base/dtype.ts";
import { AutogradError } from "../base/errors.ts";
import { sameShape } from "../base/shape.ts";
import { interpreted } from "./interpreter.ts";
import { unseen } from "./observer.ts";
import { outsideOfNursery } from "./recycling.ts";
import { savedTensorsHooks } from "./saved.ts";
import type { Tensor } from "./tensor.ts";
import { writes } from "./writes.ts";

/**
 * Runs `fn`, forward and backward, inside of which tensors saved for backward may be written to in place: they are
 * copied just before, and backward uses the copies, with the values from before.
 *
 * @throws AutogradError inside itself, and when backward needs the graph after `fn` has returned.
 */
export function allowMutationOnSavedTensors<R>(fn: () => R): R {
  if (writes.watcher !== null) throw new AutogradError("allowMutationOnSavedTensors contexts cannot be nested");
  const kept = new KeptTensors();
  writes.watcher = ({ values }) => kept.copyAllOn(values);
  try {
    const result = savedTensorsHooks(
      (tensor) => kept.keep(tensor),
      (packed) => kept.open(packed as Kept),
      fn,
    );
    if (result instanceof Promise) {
      result.catch(() => {}); // what it comes to is of no use any more
      throw new AutogradError(
        "allowMutationOnSavedTensors(): the function must not be async, since what it does after its first await would not be seen",
      );
    }
    return result;
  } finally {
    writes.watcher = null;
    kept.close();
  }
}

/** A saved tensor as it was: a window on its elements, or on a copy of them from when they were about to change. */
interface Kept {
  window: Tensor;
}

/** What was saved inside one call. */
class KeptTensors {
  private isOpen = true;
  /** The newest of each tensor, so that one that is saved many times is copied once. */
  private readonly newest = new WeakMap<Tensor, WeakRef<Kept>>();
  /**
   * Those that are windows on a buffer, which `x` and `x.data` share although each has a storage. Only graphs hold them, so
   * that nothing is copied for one that is gone.
   */
  private readonly windows = new WeakMap<TypedArray, WeakRef<Kept>[]>();

  keep(tensor: Tensor): Kept {
    const known = this.newest.get(tensor)?.deref();
    if (known !== undefined && isSame(known.window, tensor)) return known;
    const kept = { window: unseen(() => tensor.detach()) };
    const reference = new WeakRef(kept);
    this.newest.set(tensor, reference);
    const { values } = tensor.storage;
    const others = this.windows.get(values);
    if (others === undefined) this.windows.set(values, [reference]);
    else others.push(reference);
    return kept;
  }

  /** Copies the elements that somebody is about to write over. */
  copyAllOn(values: TypedArray): void {
    const windows = this.windows.get(values);
    if (windows === undefined) return;
    this.windows.delete(values);
    for (const reference of windows) {
      const kept = reference.deref();
      if (kept !== undefined) kept.window = copyOf(kept.window);
    }
  }

  open(kept: Kept): Tensor {
    if (this.isOpen) return kept.window;
    throw new AutogradError(
      "Trying to backward outside of the 'allowMutationOnSavedTensors' context in which the graph was originally recorded.",
    );
  }

  /** From here on nobody can tell which of them have changed. */
  close(): void {
    this.isOpen = false;
  }
}

/** A copy that belongs to nobody's formula, whoever is about to write. */
const copyOf = (window: Tensor): Tensor =>
  outsideOfNursery(() => interpreted(null, () => unseen(() => window.clone())));

/** Whether a window still shows a tensor: it is on the same elements, and shows them in the same way. */
function isSame(window: Tensor, tensor: Tensor): boolean {
  const sameStrides = window.strides.every((stride, d) => stride === tensor.strides[d]);
  return (
    window.storage === tensor.storage &&
    window.offset === tensor.offset &&
    sameShape(window.shape, tensor.shape) &&
    sameStrides
  );
}
