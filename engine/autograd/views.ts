import { AutogradError } from "../base/errors.ts";
import { anomaly, Calls } from "./anomaly.ts";
import { moveRetained } from "./hooks.ts";
import { isGradEnabled, isInferenceModeEnabled, isRecording } from "./modes.ts";
import { type Gradients, Node } from "./node.ts";
import { freed } from "./saved.ts";
import type { Tensor } from "./tensor.ts";

/**
 * plain: in-place ops are tracked; multiple: one of several views of one op; no-grad: made without a graph; function: made by a custom
 * Function; functions: one of several outputs of a custom Function.
 */
export type ViewKind = "plain" | "multiple" | "no-grad" | "function" | "functions";

/** How a tensor is a window on another's storage. */
export interface View {
  /** The tensor that owns the storage; never a view itself. */
  readonly base: Tensor;
  readonly kind: ViewKind;
  /** Of one made without a graph under anomaly detection: the calls that made it. */
  readonly madeAt: Calls | null;
  /** The storage's version when `ownGradFn` was made: when it has moved on, the graph is read off the base again. */
  version: number;
}

/** Makes `out` a view of `source` (or of what that is a view of). */
export function markView(out: Tensor, source: Tensor, kind: ViewKind): void {
  const parent = source.viewOf;
  const inherited = parent !== null && parent.kind !== "plain" ? parent.kind : kind;
  const made = inherited === "plain" && !isGradEnabled() && !out.isInference ? "no-grad" : inherited;
  const madeAt = made === "no-grad" && anomaly.enabled ? new Calls() : null;
  out.viewOf = { base: parent === null ? source : parent.base, kind: made, madeAt, version: out.storage.version };
}

/**
 * The node of a view. After an in-place op on the base or on another view, the old node no longer tells how the view
 * came about; the view is then read off the base by its strides, as PyTorch does.
 */
export function viewGradFn(x: Tensor, view: View): Node | null {
  const { base } = view;
  if (view.version !== x.storage.version) {
    view.version = x.storage.version;
    // A view of a leaf written under noGrad keeps its node: the values changed, the graph did not.
    if (base.ownGradFn !== null) moveTo(nodeReadOff(base, base.ownGradFn, x), x);
  }
  return x.ownGradFn;
}

function nodeReadOff(base: Tensor, gradFn: Node, view: Tensor): Node {
  const kind = view.viewOf?.kind;
  const isReadable = kind === "plain" || kind === "multiple";
  return isReadable
    ? new AsStridedBackward(base, gradFn, view)
    : new AmbiguousView(gradFn, base.outputIndex, view, kind === "no-grad");
}

/** Makes a tensor output `index` of a node that an in-place op has given it. */
function moveTo(node: Node, x: Tensor, index = 0): void {
  const before = x.ownGradFn;
  x.ownGradFn = node;
  x.outputIndex = index;
  if (x.retainsGrad) moveRetained(x, before);
}

/**
 * Stands for a view that cannot be read off a base which was written to since: no graph, or a custom backward, lies
 * between them. That matters only where a gradient arrives at it.
 */
class AmbiguousView extends Node {
  private readonly isWithoutGraph: boolean;

  constructor(next: Node, nextIndex: number, { shape, dtype }: Tensor, isWithoutGraph: boolean) {
    super("AmbiguousView", [next], [nextIndex], [{ shape, dtype }]);
    this.isWithoutGraph = isWithoutGraph;
  }

  run(): never {
    throw new AutogradError(
      this.isWithoutGraph
        ? "A view was created in no_grad mode and its base or another view of its base has been modified inplace with grad mode enabled. Move both the view and the in-place op inside noGrad, or both outside, or detach() the view."
        : "Output of a custom Function is a view and its base or another view of its base has been modified inplace. This view was created inside a custom Function (or because an input was returned as-is), whose backward the in-place op would override. Clone the output of the custom Function.",
    );
  }
}

/** Reads a view off its base: its gradient goes to the places of the base that the view shows. */
class AsStridedBackward extends Node {
  readonly base: Tensor;
  readonly view: Tensor;

  constructor(base: Tensor, gradFn: Node, view: Tensor) {
    super("AsStridedBackward0", [gradFn], [base.outputIndex]);
    this.base = base;
    this.view = view;
    this.outputs = [{ shape: view.shape, dtype: view.dtype }];
  }

  run([grad]: Gradients): Gradients {
    const { base, view } = this;
    const shape = base.dense ? base.shape : [spanOf(base)];
    return [fromImage((grad as Tensor).asStridedSum(shape, view.strides, view.offset - base.offset), base)];
  }
}

/**
 * A gradient of the base laid out in memory like the base, so that a view's strides mean the same on both. A base that
 * `detach()` made of a view may have gaps, or its dimensions in another order.
 */
function imageOf(grad: Tensor, base: Tensor): Tensor {
  return base.dense ? grad : grad.asStridedSum([spanOf(base)], base.strides, 0);
}

function fromImage(image: Tensor, base: Tensor): Tensor {
  return base.dense ? image : image.asStrided(base.shape, base.strides, 0);
}

/** How many elements of the storage lie between the first and the last, both included. */
function spanOf({ shape, strides, elements }: Tensor): number {
  return elements === 0 ? 0 : shape.reduce((last, size, d) => last + (size - 1) * strides[d], 1);
}

/**
 * An in-place op on a view, seen from the base: the part that the view shows went through the op, the rest passed
 * through unchanged.
 */
export class CopySlices extends Node {
  readonly base: Tensor;
  readonly view: Tensor;
  /** The node of the in-place op; its input 0 is the view before the op. */
  readonly inner: Node;
  /** As in PyTorch it runs once, also where the op saved nothing. */
  private isReleased = false;

  constructor(base: Tensor, baseEdge: Node | null, baseIndex: number, view: Tensor, inner: Node) {
    super("CopySlices", [baseEdge, ...inner.next.slice(1)], [baseIndex, ...inner.nextIndex.slice(1)]);
    this.base = base;
    this.view = view;
    this.inner = inner;
    this.outputs = [{ shape: base.shape, dtype: base.dtype }];
  }

  run(gradOutputs: Gradients, needed: (input: number) => boolean): Gradients {
    if (this.isReleased) throw freed();
    const grad = gradOutputs[0] as Tensor;
    const { base, view, inner } = this;
    const offset = view.offset - base.offset;
    const image = imageOf(grad.clone(), base);
    const slice = image.asStrided(view.shape, view.strides, offset);
    const grads = inner.run([slice], (i) => (i === 0 ? inner.next[0] !== null : needed(i)));
    // Outside the view the gradient passes; inside it is what the op says, or zero when the op overwrote everything.
    const inside = grads[0] ?? slice.zerosLike();
    const through = needed(0)
      ? fromImage(image.asStridedScatter(inside, view.shape, view.strides, offset), base)
      : null;
    return [through, ...grads.slice(1)];
  }

  override release(): void {
    this.isReleased = true;
    this.inner.release();
  }
}

/** Refuses an in-place op that autograd could not track; called before anything is written. */
export function checkInPlace(name: string, x: Tensor): void {
  checkTracked(name, x);
  if (hasOverlap(x)) {
    throw new AutogradError(
      `${name}(): unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.`,
    );
  }
}

/**
 * Refuses to change an inference tensor, a leaf, or a view whose history could not be told afterwards. What is written may
 * have a history where the tensor has none yet: then it `isTracked` all the same.
 */
export function checkTracked(name: string, x: Tensor, isTracked = x.requiresGrad): void {
  const { viewOf } = x;
  if (x.isInference && !isInferenceModeEnabled()) {
    throw new AutogradError(
      "Inplace update to inference tensor outside InferenceMode is not allowed. Clone it first to get a normal tensor.",
    );
  }
  if (!isRecording()) return;
  if (viewOf === null) {
    if (x.leafRequiresGrad) {
      throw new AutogradError(
        `${name}(): a leaf Variable that requires grad is being used in an in-place operation. Use the out-of-place op, or write inside noGrad(() => …).`,
      );
    }
    return;
  }
  if (!isTracked && !viewOf.base.requiresGrad) return;
  const node = x.gradFn?.name ?? "this op";
  if (viewOf.kind === "multiple" || viewOf.kind === "functions") {
    throw new AutogradError(
      `${name}(): Output ${x.outputIndex} of ${node} is a view and is being modified inplace. It comes from a function that returns multiple views, which do not allow the output views to be modified inplace. Use the out-of-place op.`,
    );
  }
  if (viewOf.kind === "no-grad") {
    const where =
      viewOf.madeAt === null
        ? "To find out where this view was allocated, run the forward pass inside detectAnomaly()."
        : `This view was allocated at:\n${viewOf.madeAt}`;
    throw new AutogradError(
      `${name}(): A view was created in no_grad mode and is being modified inplace with grad mode enabled. Move both the view and the in-place op inside noGrad, or both outside. ${where}`,
    );
  }
  if (viewOf.kind === "function") {
    throw new AutogradError(
      `${name}(): Output ${x.outputIndex} of ${node} is a view and is being modified inplace. This view was created inside a custom Function (or because an input was returned as-is). Clone the output of the custom Function.`,
    );
  }
  if (viewOf.base.leafRequiresGrad) {
    throw new AutogradError(
      `${name}(): a view of a leaf Variable that requires grad is being used in an in-place operation. Clone the leaf first, or write inside noGrad(() => …).`,
    );
  }
}

/** Whether two indices of the window may meet in memory: a stride of 0 over more than one element. */
function hasOverlap(x: Tensor): boolean {
  for (let d = 0; d < x.shape.length; d++) if (x.strides[d] === 0 && x.shape[d] > 1) return true;
  return false;
}

/** After an in-place op wrote to `x`, which is output `index` of `node` now: rewires `x` and its base. */
export function rebaseHistory(x: Tensor, node: Node, index = 0): void {
  const { viewOf } = x;
  if (viewOf === null) {
    moveTo(node, x, index);
    return;
  }
  const { base } = viewOf;
  const copy = new CopySlices(base, base.gradFn, base.outputIndex, x, node);
  // Before anything asks for its node, which would be read off once more.
  viewOf.version = x.storage.version;
  moveTo(copy, base);
  moveTo(new AsStridedBackward(base, copy, x), x);
}
