import { now } from "../base/clock.ts";
import type { DType, TypedArray } from "../base/dtype.ts";
import { allocateAlone, BYTES, isFloat } from "../base/dtype.ts";
import { AutogradError } from "../base/errors.ts";
import { contiguousStrides, elementCount, isContiguous, isRowMajor, type Shape, wrapDim } from "../base/shape.ts";
import { gather } from "../kernels/copy.ts";
import type { Methods } from "../ops/methods.ts";
import type { AccumulateGrad, PostAccumulateHook } from "./accumulate.ts";
import { backward } from "./backward.ts";
import { type BackwardOptions, readCall, type TensorBackwardCall } from "./backwardArguments.ts";
import { setData } from "./dataField.ts";
import { describeTensor, formatTensor } from "./format.ts";
import { checkedGrad, warnNonLeafGrad } from "./gradField.ts";
import { registerPostAccumulateGradHook, registerTensorHook, retainGrad, type TensorHook } from "./hooks.ts";
import { isInferenceModeEnabled } from "./modes.ts";
import type { Node, RemovableHandle } from "./node.ts";
import { watch } from "./observer.ts";
import { unwritten, zeros } from "./recycling.ts";
import { Storage } from "./storage.ts";
import type { View } from "./views.ts";
import { viewGradFn } from "./views.ts";

let nextId = 1;

/**
 * A strided window on a storage, with its place in the autograd graph. Create one with `tensor`, `zeros`, `randn` …;
 * the constructor is for the engine.
 */
export class Tensor {
  /** Counts tensors in order of creation. */
  readonly id = nextId++;
  /** What holds the elements; views share it. */
  readonly storage: Storage;
  /** The size of each dimension. */
  readonly shape: Shape;
  /** In elements. */
  readonly strides: readonly number[];
  /** Of the first element in the storage. */
  readonly offset: number;
  /** Product of the sizes. */
  readonly elements: number;
  /** Row-major without gaps. */
  readonly dense: boolean;
  /** The type of the elements. */
  readonly dtype: DType;
  /** What the user calls it: the variable it was first bound to. */
  name: string | null = null;
  /** Made by `nn.Parameter`. */
  isParameter = false;
  /** Made in inference mode: can't be saved for backward. */
  isInference = isInferenceModeEnabled();

  // The graph. Ops of the engine read and write these; users go through the properties below.
  /** Set on leaves only. */
  leafRequiresGrad = false;
  /** What `.grad` holds, without its warning. */
  ownGrad: Tensor | null = null;
  /** The node that made it; of a view as of when it was made. */
  ownGradFn: Node | null = null;
  /** Which output of `gradFn` this is. */
  outputIndex = 0;
  /** Set when this is a window on another tensor's storage. */
  viewOf: View | null = null;
  /** Of a leaf: the node that fills `.grad`. */
  accumulator: AccumulateGrad | null = null;
  /** Whether backward fills `.grad` of this non-leaf. */
  retainsGrad = false;
  /** The observer's number for it; 0 when it has none. */
  traceRow = 0;

  constructor(
    storage: Storage,
    shape: Shape,
    strides: readonly number[],
    offset: number,
    dtype: DType,
    dense: boolean,
  ) {
    this.storage = storage;
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
    this.elements = elementCount(shape);
    this.dense = dense;
    this.dtype = dtype;
  }

  /** The number of dimensions. */
  get ndim(): number {
    return this.shape.length;
  }

  /** The node that made this tensor, or null for a leaf. */
  get gradFn(): Node | null {
    return this.viewOf === null ? this.ownGradFn : viewGradFn(this, this.viewOf);
  }

  /** Whether gradients flow to or through this tensor. */
  get requiresGrad(): boolean {
    return this.leafRequiresGrad || this.gradFn !== null;
  }

  set requiresGrad(flag: boolean) {
    setRequiresGrad(this, flag, false);
  }

  /** A tensor that no recorded op made: by the user, or without a graph. */
  get isLeaf(): boolean {
    return this.gradFn === null;
  }

  /**
   * What backward accumulated here, in this tensor's shape and dtype, or null. Filled for leaves, and for others after
   * `retainGrad()`. After `x.grad = null` TypeScript takes it for null in the rest of the block, whatever runs in
   * between: `x.grad = null as Tensor | null` or `optimizer.zeroGrad()` keeps its type.
   *
   * @throws AutogradError when what is assigned has another shape or dtype, or is the tensor itself.
   */
  get grad(): Tensor | null {
    if (this.ownGrad === null && !this.retainsGrad && this.gradFn !== null) warnNonLeafGrad(this);
    return this.ownGrad;
  }

  set grad(value: Tensor | null) {
    this.ownGrad = checkedGrad(this, value);
  }

  /** The same elements outside the graph, with a version counter of their own: writes through it go unnoticed by autograd. */
  get data(): Tensor {
    const { shape, strides, offset, dtype, dense } = this;
    const out = new Tensor(new Storage(this.storage.values), shape, strides, offset, dtype, dense);
    out.isInference = this.isInference;
    watch.observer?.read?.(this, "data", out);
    return out;
  }

  /** Takes over the elements, shape and dtype of another tensor, unseen by autograd: the version stays as it is. */
  set data(source: Tensor) {
    setData(this, source);
  }

  /**
   * Adds the gradient of this tensor (times `gradient` when it is not a scalar) to `.grad` of every leaf it depends on.
   *
   * @throws AutogradError without a graph, with a freed one, or for a non-scalar without `gradient`.
   */
  backward(gradient?: Tensor | null, options?: BackwardOptions): void;
  backward(options: TensorBackwardCall): void;
  backward(first?: Tensor | TensorBackwardCall | null, second: BackwardOptions = {}): void {
    const [gradient, options] = readCall<Tensor | null | undefined>(first, second, "gradient");
    backward(this, gradient, options);
  }

  /** Calls `hook` with the gradient of this tensor whenever it is computed; what it returns replaces the gradient. */
  registerHook(hook: TensorHook): RemovableHandle {
    return registerTensorHook(this, hook);
  }

  /** Calls `hook` with this leaf each time after its gradient was accumulated. */
  registerPostAccumulateGradHook(hook: PostAccumulateHook): RemovableHandle {
    return registerPostAccumulateGradHook(this, hook);
  }

  /** Makes backward fill `.grad` of this non-leaf too. */
  retainGrad(): void {
    retainGrad(this);
  }

  /** Sets `requiresGrad` and gives the tensor itself. */
  requiresGrad_(flag = true): this {
    setRequiresGrad(this, flag, true);
    return this;
  }

  /** Cuts this tensor from its graph, in place: it becomes a leaf. In inference mode, as in PyTorch, graphs stay as they are. */
  detach_(): this {
    if (isInferenceModeEnabled()) return this;
    if (this.viewOf !== null) throw new AutogradError("Can't detach views in-place. Use detach() instead.");
    this.ownGradFn = null;
    this.outputIndex = 0;
    this.leafRequiresGrad = false;
    reportDetached(this);
    return this;
  }

  /** The number in a tensor of one element. */
  item(): number {
    if (this.elements !== 1) {
      throw new AutogradError(
        `a Tensor with ${this.elements} elements cannot be converted to Scalar: item() needs exactly one. Use tolist().`,
      );
    }
    watch.observer?.read?.(this, "item", null);
    return this.storage.values[this.offset];
  }

  /** A copy of the elements, row-major. */
  toArray(): TypedArray {
    watch.observer?.read?.(this, "toArray", null);
    return elementsOf(this);
  }

  /** The elements as nested arrays; a number for a 0-d tensor; booleans for bool. */
  tolist(): NestedList {
    watch.observer?.read?.(this, "tolist", null);
    return nest(elementsOf(this), this.shape, this.dtype === "bool");
  }

  /** The number of elements. */
  numel(): number {
    return this.elements;
  }

  /** The number of dimensions. */
  dim(): number {
    return this.shape.length;
  }

  /** The shape, or the size of one dimension. */
  size(): Shape;
  size(dim: number): number;
  size(dim?: number): Shape | number {
    return dim === undefined ? this.shape : this.shape[wrapDim("size", dim, this.shape.length)];
  }

  /** How far apart neighbours along each dimension, or along one, lie in the storage, in elements. */
  stride(): readonly number[];
  stride(dim: number): number;
  stride(dim?: number): readonly number[] | number {
    return dim === undefined ? this.strides : this.strides[wrapDim("stride", dim, this.shape.length)];
  }

  /** Where in the storage the first element lies. */
  storageOffset(): number {
    return this.offset;
  }

  /** Whether the elements lie row-major without gaps. */
  isContiguous(): boolean {
    return this.dense;
  }

  /** Whether the elements are floating point numbers. */
  isFloatingPoint(): boolean {
    return isFloat(this.dtype);
  }

  /** Size in bytes of one element. */
  elementSize(): number {
    return BYTES[this.dtype];
  }

  /** Size in bytes of the elements. */
  get nbytes(): number {
    return this.elements * BYTES[this.dtype];
  }

  /** Whether this is a window on another tensor's storage. */
  _isView(): boolean {
    return this.viewOf !== null;
  }

  /** The printed form, as PyTorch prints it. */
  toString(): string {
    return formatTensor(this);
  }

  /** The elements as nested arrays, for `JSON.stringify`. */
  toJSON(): NestedList {
    return this.tolist();
  }

  /** The slices along dimension 0, each a view: `for (const row of x)`, `const [a, b] = x`. */
  [Symbol.iterator](): ArrayIterator<Tensor> {
    if (this.ndim === 0) throw new AutogradError("iteration over a 0-d tensor: item() gives its number");
    return this.unbind(0).values();
  }

  /** Text for template literals; operators are refused, since JavaScript would apply them to text or NaN. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return formatTensor(this);
    throw new AutogradError(noOperators(hint));
  }

  /** What `console.log` prints: the same as `toString`. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return formatTensor(this);
  }

  /** What a debugger of JavaScript shows in one line: `float32 [2, 3] leaf requiresGrad [1, 2, 3, …]`. */
  [Symbol.for("debug.description")](): string {
    return describeTensor(this);
  }

  /** How often in-place ops wrote to the storage. Shared by all views. */
  get _version(): number {
    if (this.isInference) throw new AutogradError("Inference tensors do not track version counter.");
    return this.storage.version;
  }
}

/** Nested arrays of elements. */
export type NestedList = number | boolean | NestedList[];

function noOperators(hint: string): string {
  return hint === "number"
    ? "operators do not work on tensors: write x.sub(y), x.mul(y), x.div(y), x.pow(y), x.neg() for arithmetic, x.gt(y), x.lt(y), x.ge(y), x.le(y) for comparisons, and x.item() for the number in a tensor of one element."
    : "operators do not work on tensors: write x.add(y) for a sum, x.eq(y) for a comparison, String(x) for its text, and x.item() for the number in a tensor of one element.";
}

function nest(values: TypedArray, shape: Shape, bool: boolean): NestedList {
  let at = 0;
  const level = (d: number): NestedList => {
    if (d < shape.length) return Array.from({ length: shape[d] }, () => level(d + 1));
    const value = values[at++];
    return bool ? value !== 0 : value;
  };
  return level(0);
}

/** A copy of the elements, row-major, that nobody is told of. */
export function elementsOf(x: Tensor): TypedArray {
  const out = allocateAlone(x.dtype, x.elements);
  gather(x, out, 0);
  return out;
}

function reportDetached(x: Tensor): void {
  const { observer } = watch;
  if (observer === null) return;
  const at = now();
  const event = { op: null, name: "detach_", symbol: "detach_", attrs: null, node: null, start: at, end: at };
  observer.op({ ...event, inputs: [x], outputs: [x] });
}

/** Every op is a method too; see `engine/ops`. */
export interface Tensor extends Methods {}

/** A dense tensor of zeros for the engine's ops to fill. */
export function empty(shape: Shape, dtype: DType): Tensor {
  const n = elementCount(shape);
  return new Tensor(new Storage(zeros(dtype, n)), shape, contiguousStrides(shape), 0, dtype, true);
}

/** The same with the elements lying in the order in which those of `x` lie, as random numbers are drawn. */
export function emptyInOrderOf(x: Tensor, dtype: DType = x.dtype): Tensor {
  if (x.dense) return empty(x.shape, dtype);
  const dims = x.shape.map((_, d) => d).sort((a, b) => x.strides[b] - x.strides[a]);
  const packed = empty(
    dims.map((d) => x.shape[d]),
    dtype,
  );
  const strides = new Array<number>(x.ndim);
  dims.forEach((d, i) => {
    strides[d] = packed.strides[i];
  });
  return window(packed, x.shape, strides, 0);
}

/** The same for ops that write every element: what is in it until then is anything. */
export function blank(shape: Shape, dtype: DType): Tensor {
  const n = elementCount(shape);
  return new Tensor(new Storage(unwritten(dtype, n)), shape, contiguousStrides(shape), 0, dtype, true);
}

/** The same in the shape of another tensor, whose lists of sizes and strides it shares where they are its own. */
export function blankLike(x: Tensor, dtype: DType): Tensor {
  const { shape } = x;
  const strides = isRowMajor(shape, x.strides) ? x.strides : contiguousStrides(shape);
  return new Tensor(new Storage(unwritten(dtype, x.elements)), shape, strides, 0, dtype, true);
}

/** A dense tensor around a buffer that the caller gives away. */
export function fromBuffer(values: TypedArray, shape: Shape, dtype: DType): Tensor {
  return new Tensor(new Storage(values), shape, contiguousStrides(shape), 0, dtype, true);
}

/** Another window on the same storage, outside any graph. */
export function window(x: Tensor, shape: Shape, strides: readonly number[], offset: number): Tensor {
  const out = new Tensor(x.storage, shape, strides, offset, x.dtype, isContiguous(shape, strides));
  out.isInference = x.isInference;
  return out;
}

/** The tensor itself when dense, else its elements in a fresh dense buffer. Outside any graph. */
export function densely(x: Tensor): Tensor {
  if (x.dense) return x;
  const out = blank(x.shape, x.dtype);
  gather(x, out.storage.values, 0);
  return out;
}

/** Changes a leaf's flag by PyTorch's rules. `quietly`: setting what already holds is no error (`requiresGrad_()`). */
export function setRequiresGrad(x: Tensor, flag: boolean, quietly: boolean): void {
  if (x.gradFn !== null) {
    if (flag && quietly) return;
    const hint = flag
      ? ""
      : " If you want to use a computed variable in a subgraph that doesn't require differentiation, use x.detach().";
    throw new AutogradError(`you can only change requiresGrad flags of leaf variables.${hint}`);
  }
  if (flag && !isFloat(x.dtype)) {
    throw new AutogradError(
      `only Tensors of floating point dtype can require gradients, but this one is ${x.dtype}. Convert it with .to("float32").`,
    );
  }
  if (flag && x.isInference && !isInferenceModeEnabled()) {
    throw new AutogradError(
      "Setting requiresGrad=true on inference tensor outside InferenceMode is not allowed. Clone it first to get a normal tensor.",
    );
  }
  x.leafRequiresGrad = flag;
}
