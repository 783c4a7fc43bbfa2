import { now } from "../base/clock.ts";
import { type DType, isFloat, promote, promoteNumber } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import { broadcastShapes, sameShape } from "../base/shape.ts";
import type { BinaryOp, GeneralOp, Op, UnaryOp, ViewOp } from "../ops/op.ts";
import { accumulatorOf } from "./accumulate.ts";
import { interpreting } from "./interpreter.ts";
import { isInferenceModeEnabled, isRecording } from "./modes.ts";
import { filled, type Node, type OutputMeta } from "./node.ts";
import { watch } from "./observer.ts";
import { OpNode } from "./opNode.ts";
import { type SavedSlot, save } from "./saved.ts";
import { blank, blankLike, densely, Tensor, window } from "./tensor.ts";
import { markView } from "./views.ts";

/** Runs a unary op: result like the input, graph if asked for, observer told. */
export function applyUnary<A>(op: UnaryOp<A>, x: Tensor, attrs: A): Tensor {
  const start = watch.observer === null ? 0 : now();
  if (!(x instanceof Tensor)) throw notATensor(op.name, x);
  if (interpreting.by !== null) return interpreting.by.unary(op, x, attrs);
  const input = op.dtype === "float" && !isFloat(x.dtype) ? x.to("float32") : x;
  const out = blankLike(input, op.dtype === "bool" ? "bool" : input.dtype);
  op.forward(densely(input), out, attrs);
  const node = link(op, input, null, out, attrs);
  if (watch.observer !== null) report(op, [input], [out], attrs, node, start);
  return out;
}

function notATensor(op: string, x: unknown): ArgumentError {
  const got = typeof x === "object" || x === undefined ? String(x) : `${typeof x} ${JSON.stringify(x)}`;
  return new ArgumentError(op, `argument 'input' must be a Tensor, but got ${got}. Wrap numbers with tensor(…).`);
}

/** Runs a binary op: inputs broadcast and meet in one dtype. */
export function applyBinary<A>(op: BinaryOp<A>, a: Tensor | number, b: Tensor | number, attrs: A): Tensor {
  const start = watch.observer === null ? 0 : now();
  const common = op.dtype === "float" ? floating(meetingType(a, b)) : meetingType(a, b);
  const left = typeof a === "number" ? a : meet(a, common);
  const right = typeof b === "number" ? b : meet(b, common);
  if (interpreting.by !== null) return interpreting.by.binary(op, left, right, attrs);
  const out = blankPair(op, left, right, op.dtype === "bool" ? "bool" : common);
  op.forward(left, right, out, attrs);
  const node = link(op, left, right, out, attrs);
  if (watch.observer !== null) report(op, [left, right], [out], attrs, node, start);
  return out;
}

function blankPair(op: Op, left: Tensor | number, right: Tensor | number, dtype: DType): Tensor {
  if (typeof left === "number") return blankLike(right as Tensor, dtype);
  if (typeof right === "number" || sameShape(left.shape, right.shape)) return blankLike(left, dtype);
  return blank(broadcastShapes(op.name, left.shape, right.shape), dtype);
}

/** Runs a view op: the result shares the input's storage. */
export function applyView<A>(op: ViewOp<A>, x: Tensor, attrs: A): Tensor {
  const start = watch.observer === null ? 0 : now();
  if (interpreting.by !== null) return interpreting.by.view(op, x, attrs);
  const { shape, strides, offset } = op.geometry(x, attrs);
  const out = window(x, shape, strides, offset);
  // In inference mode a view of a normal tensor stays a normal tensor, with its history.
  const recording = isRecording() || (isInferenceModeEnabled() && !x.isInference);
  const node = link(op, x, null, out, attrs, recording);
  markView(out, x, "plain");
  if (watch.observer !== null) report(op, [x], [out], attrs, node, start);
  return out;
}

/** Runs any other op with one output. */
export function apply<A>(op: GeneralOp<A>, inputs: readonly (Tensor | null)[], attrs: A): Tensor {
  return applyAll(op, inputs, attrs)[0];
}

/** Runs any other op, giving all its outputs. */
export function applyAll<A>(op: GeneralOp<A>, inputs: readonly (Tensor | null)[], attrs: A): readonly Tensor[] {
  const start = watch.observer === null ? 0 : now();
  if (interpreting.by !== null) return interpreting.by.general(op, inputs, attrs);
  const result = op.forward(inputs, attrs);
  const outputs = result instanceof Tensor ? [result] : result;
  const node = linkAll(op, inputs, outputs, attrs);
  if (watch.observer !== null) report(op, inputs, outputs, attrs, node, start);
  return outputs;
}

function meet(x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype ? x : x.to(dtype);
}

/** A 0-d tensor takes part like a number: it raises the type only when its category is higher. */
function meetingType(a: Tensor | number, b: Tensor | number): DType {
  if (typeof a === "number") return promoteNumber((b as Tensor).dtype, a);
  if (typeof b === "number") return promoteNumber(a.dtype, b);
  if (a.dtype === b.dtype) return a.dtype;
  if (a.ndim === 0 && b.ndim > 0) return outranks(a.dtype, b.dtype) ? a.dtype : b.dtype;
  if (b.ndim === 0 && a.ndim > 0) return outranks(b.dtype, a.dtype) ? b.dtype : a.dtype;
  return promote(a.dtype, b.dtype);
}

const category = (dtype: DType): number => (dtype === "bool" ? 0 : isFloat(dtype) ? 2 : 1);
const outranks = (a: DType, b: DType): boolean => category(a) > category(b);
const floating = (dtype: DType): DType => (isFloat(dtype) ? dtype : "float32");

/**
 * Puts `out` into the graph when recording is on and a differentiable input requires grad. Like `linkAll`, but for the one or
 * two inputs that ops have as a rule: without a list of them. An op of one input has null for `b`.
 */
function link(
  op: Op,
  a: Tensor | number,
  b: Tensor | number | null,
  out: Tensor,
  attrs: unknown,
  recording = isRecording(),
): Node | null {
  if (!recording || !op.differentiable || !isFloat(out.dtype)) return null;
  const { formulas } = op;
  const toA = typeof a === "number" || formulas[0] === null ? null : edgeFrom(a);
  const toB =
    b === null || typeof b === "number" || formulas[formulas.length - 1] === null ? null : b === a ? toA : edgeFrom(b);
  if (toA === null && toB === null) return null;
  const indexA = toA === null ? 0 : indexOn(a as Tensor);
  const indexB = toB === null ? 0 : indexOn(b as Tensor);
  const isFirst = indexA === 0 && indexB === 0;
  const outputs = outputsLike(toA ?? toB, out);
  const node =
    op.inputs.length === 1
      ? new OpNode(op, attrs, [toA], isFirst ? FIRST : [indexA], outputs)
      : new OpNode(op, attrs, [toA, toB], isFirst ? BOTH_FIRST : [indexA, indexB], outputs);
  out.ownGradFn = node;
  out.outputIndex = 0;
  if (op.saves.length > 0) savePair(node, a, b, out);
  return node;
}

// Shared by all nodes whose lists are the same; never written to.
const FIRST: number[] = [0];
const BOTH_FIRST: number[] = [0, 0];

/** Where the gradient of an input goes; null when it needs none. */
function edgeFrom(input: Tensor): Node | null {
  return input.gradFn ?? (input.leafRequiresGrad ? accumulatorOf(input) : null);
}

const indexOn = (input: Tensor): number => (input.gradFn === null ? 0 : input.outputIndex);

/** What the only output looks like: the list of a neighbour whose only output looks the same, or a new one. */
function outputsLike(neighbour: Node | null, { shape, dtype }: Tensor): OutputMeta[] {
  if (neighbour !== null && neighbour.outputs.length === 1) {
    const { outputs } = neighbour;
    if (outputs[0].shape === shape && outputs[0].dtype === dtype) return outputs;
  }
  return [{ shape, dtype }];
}

function linkAll(op: Op, inputs: readonly (Tensor | null)[], outputs: readonly Tensor[], attrs: unknown): Node | null {
  const node = isRecording() ? makeNode(op, inputs, attrs) : null;
  if (node === null) return null;
  let any = false;
  for (let i = 0; i < outputs.length; i++) {
    if (!isFloat(outputs[i].dtype)) {
      node.outputs[i] = { shape: outputs[i].shape, dtype: outputs[i].dtype };
      continue;
    }
    attach(node, outputs[i], i);
    any = true;
  }
  if (!any) return null;
  if (op.saves.length > 0) saveFor(node, inputs, outputs);
  return node;
}

function makeNode(op: Op, inputs: readonly (Tensor | number | null)[], attrs: unknown): OpNode | null {
  if (!op.differentiable) return null;
  let next: (Node | null)[] | null = null;
  let nextIndex: number[] | null = null;
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i];
    if (input === null || typeof input === "number") continue;
    if (op.formulas[i < op.formulas.length ? i : op.formulas.length - 1] === null) continue;
    const gradFn = input.gradFn;
    if (gradFn === null && !input.leafRequiresGrad) continue;
    if (next === null || nextIndex === null) {
      next = filled(null, inputs.length);
      nextIndex = filled(0, inputs.length);
    }
    next[i] = gradFn ?? accumulatorOf(input);
    nextIndex[i] = gradFn === null ? 0 : input.outputIndex;
  }
  return next === null || nextIndex === null ? null : new OpNode(op, attrs, next, nextIndex);
}

/** Makes `out` output number `index` of `node`. */
export function attach(node: Node, out: Tensor, index: number): void {
  const meta = { shape: out.shape, dtype: out.dtype };
  // A list begun by push() would reserve room for seventeen.
  if (index === 0 && node.outputs.length === 0) node.outputs = [meta];
  else node.outputs[index] = meta;
  out.ownGradFn = node;
  out.outputIndex = index;
}

function saveFor(node: OpNode, inputs: readonly (Tensor | number | null)[], outputs: readonly Tensor[]): void {
  const { savedAt } = node.op;
  node.saved = filled<SavedSlot>(null, savedAt.length);
  node.savedVersions = NEVER_WRITTEN[savedAt.length] ?? filled(0, savedAt.length);
  const wanted = slotsWanted(node);
  for (let i = 0; i < savedAt.length; i++) {
    const at = savedAt[i];
    if ((wanted & (1 << i)) !== 0) saveInto(node, i, at >= 0 ? inputs[at] : outputs[-1 - at]);
  }
}

function savePair(node: OpNode, a: Tensor | number, b: Tensor | number | null, out: Tensor): void {
  const { savedAt } = node.op;
  node.saved = filled<SavedSlot>(null, savedAt.length);
  node.savedVersions = NEVER_WRITTEN[savedAt.length];
  const wanted = slotsWanted(node);
  for (let i = 0; i < savedAt.length; i++) {
    const at = savedAt[i];
    if ((wanted & (1 << i)) !== 0) saveInto(node, i, at === 0 ? a : at === 1 ? b : out);
  }
}

/** Versions of slots whose tensors no in-place op has written to, by the number of slots: shared, so never written to. */
const NEVER_WRITTEN: number[][] = [[], [0], [0, 0], [0, 0, 0]];

function saveInto(node: OpNode, slot: number, value: Tensor | number | null): void {
  const kept = save(value);
  node.saved[slot] = kept;
  const version = typeof kept === "object" ? (kept?.storage?.version ?? 0) : 0;
  if (version !== 0) node.savedVersions = node.savedVersions.with(slot, version);
}

/** A bit for each slot that a formula reads whose gradient can be asked for. */
function slotsWanted({ op, next }: OpNode): number {
  const { slotsRead } = op;
  if (slotsRead === null) return -1;
  let wanted = 0;
  for (let i = 0; i < next.length; i++) {
    if (next[i] !== null) wanted |= slotsRead[i < slotsRead.length ? i : slotsRead.length - 1];
  }
  return wanted;
}

function report(
  op: Op,
  inputs: readonly (Tensor | number | null)[],
  outputs: readonly Tensor[],
  attrs: unknown,
  node: Node | null,
  start: number,
): void {
  watch.observer?.op({ op, name: op.name, symbol: op.symbol, inputs, outputs, attrs, node, start, end: now() });
}
