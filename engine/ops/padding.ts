import { apply } from "../autograd/dispatch.ts";
import { empty, type Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { asElement } from "../base/dtype.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { elementCount, type Shape, showShape } from "../base/shape.ts";
import { gather, scatter } from "../kernels/copy.ts";
import { type SparseMap, sparseMap } from "../kernels/resample.ts";
import { general } from "./define.ts";
import { none } from "./flops.ts";
import type { GeneralOp } from "./op.ts";
import { type Resampling, resamplingOp } from "./resampling.ts";
import { normal } from "./samples.ts";

/** constant: `value`; reflect: mirrored without the edge; replicate: the edge again; circular: from the other end. */
export type PadMode = "constant" | "reflect" | "replicate" | "circular";

/** Options of `F.pad`. */
export interface PadOptions {
  /** Default "constant". */
  readonly mode?: PadMode;
  /** What "constant" writes. Default 0. */
  readonly value?: number | null;
}

/** Elements added (negative: cut) before and after, per dimension. */
interface Margins {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

interface ConstantPadding extends Margins {
  readonly value: number;
}

const constantPadOp: GeneralOp<ConstantPadding> = general<ConstantPadding>()({
  name: "pad",
  node: "ConstantPadNdBackward0",
  summary: "A tensor with a margin of one value; negative margins cut.",
  inputs: ["x"],
  flops: none,
  forward: ([input], { before, after, value }) => {
    const x = input as Tensor;
    const shape = x.shape.map((size, d) => size + before[d] + after[d]);
    const out = empty(shape, x.dtype);
    if (value !== 0) out.storage.values.fill(asElement("pad", x.dtype, value));
    // What of the input is left, where it begins there and where in the result.
    const kept = x.shape.map((size, d) => Math.max(0, size + Math.min(0, before[d]) + Math.min(0, after[d])));
    const from = x.strides.reduce((offset, stride, d) => offset + stride * Math.max(0, -before[d]), x.offset);
    const to = out.strides.reduce((offset, stride, d) => offset + stride * Math.max(0, before[d]), 0);
    copyWindow(x, from, out, to, kept);
    return out;
  },
  onBatch: ([x], { before, after, value }, { run }) =>
    run([x], { before: [0, ...before], after: [0, ...after], value }),
  backward: {
    x: ({ grad, attrs }) => {
      const cut = (margin: readonly number[]): number[] => margin.map((n) => -n);
      return apply(constantPadOp, [grad], { before: cut(attrs.before), after: cut(attrs.after), value: 0 });
    },
  },
  accepts: [
    normal([[2, 3]], [1, 2]),
    normal([[2, 3]], [1, 0, 2, 1], { value: 1.5 }),
    normal([[3, 5]], [-1, 2]),
    normal([[2, 3]], [-1, -1, 0, 1]),
    normal([[2, 0]], [1, 1]),
  ],
  rejects: [normal([[2, 3]], [1]), normal([[2, 3]], [-2, -2]), normal([[3]], [1, 1, 1, 1])],
});

function copyWindow(x: Tensor, from: number, out: Tensor, to: number, shape: Shape): void {
  const elements = elementCount(shape);
  const window = { shape, elements, dense: false, dtype: x.dtype };
  const values = new Float64Array(elements);
  gather({ ...window, storage: x.storage, offset: from, strides: x.strides }, values, 0);
  scatter(values, 0, { ...window, storage: out.storage, offset: to, strides: out.strides });
}

type Mirrored = Exclude<PadMode, "constant">;

/** Which element of a dimension of `size` stands at `position`, which may lie outside. */
const SOURCE: Record<Mirrored, (position: number, size: number) => number> = {
  reflect: (position, size) => {
    const inside = Math.abs(position);
    return inside < size ? inside : 2 * (size - 1) - inside;
  },
  replicate: (position, size) => Math.min(Math.max(position, 0), size - 1),
  circular: (position, size) => ((position % size) + size) % size,
};

const NODE: Record<Mirrored, (dims: number) => string> = {
  reflect: (dims) => `ReflectionPad${dims}DBackward0`,
  replicate: (dims) => `ReplicationPad${dims}DBackward0`,
  circular: (dims) => `CircularPad${dims}DBackward0`,
};

function mirrorOps(mode: Mirrored): readonly GeneralOp<Resampling>[] {
  return [1, 2, 3].map((dims) =>
    resamplingOp({
      name: "pad",
      overload: `${mode}${dims}d`,
      node: NODE[mode](dims),
      summary: `A tensor with a margin of its own elements (${mode}).`,
      accepts: [normal([[2, 4, 3, 5].slice(0, dims + 1)], [1, 2, 2, 1, 0, 1].slice(0, 2 * dims), mode)],
      rejects: [normal([[2, 2, 2, 2].slice(0, dims + 1)], [3, 3, 3, 3, 3, 3].slice(0, 2 * dims - 1), mode)],
    }),
  );
}

const OPS: Record<Mirrored, readonly GeneralOp<Resampling>[]> = {
  reflect: mirrorOps("reflect"),
  replicate: mirrorOps("replicate"),
  circular: mirrorOps("circular"),
};

/**
 * A margin around a tensor: `padding` counts elements before and after, from the last dimension on, as in PyTorch:
 * [left, right, top, bottom, …]. Negative numbers cut.
 */
export const pad: (
  input: Tensor,
  padding: readonly number[],
  ...args: [options?: PadOptions] | [mode: PadMode, value?: number | null]
) => Tensor = (input, padding, ...args) => {
  const { mode = "constant", value } = readArguments<PadOptions>("pad", args, ["mode", "value"]);
  const margins = marginsOf(input, padding);
  if (mode === "constant") return apply(constantPadOp, [input], { ...margins, value: value ?? 0 });
  if (!(mode in OPS)) {
    throw new ArgumentError("pad", `unknown mode '${mode}'. Known: constant, reflect, replicate, circular`);
  }
  return mirrorPad(input, padding.length / 2, margins, mode);
};

function marginsOf(x: Tensor, padding: readonly number[]): Margins {
  if (padding.length % 2 !== 0) {
    throw new ArgumentError("pad", `Padding length must be divisible by 2, but got ${showShape(padding)}`);
  }
  if (padding.length > 2 * x.ndim) {
    throw new ShapeError("pad", `Padding length too large: ${padding.length} numbers for shape ${showShape(x.shape)}`);
  }
  const side = (first: 0 | 1): number[] => x.shape.map((_, d) => padding[2 * (x.ndim - 1 - d) + first] ?? 0);
  const before = side(0);
  const after = side(1);
  x.shape.forEach((size, d) => {
    if (size + before[d] + after[d] >= 0) return;
    throw new ShapeError(
      "pad",
      `The input size ${size}, plus negative padding ${before[d]} and ${after[d]}, resulted in a negative output size at dimension ${d} of input ${showShape(x.shape)}`,
    );
  });
  return { before, after };
}

function mirrorPad(x: Tensor, dims: number, { before, after }: Margins, mode: Mirrored): Tensor {
  if (dims < 1 || dims > 3 || (x.ndim !== dims + 1 && x.ndim !== dims + 2)) {
    throw new ShapeError(
      "pad",
      `Only 2D, 3D, 4D, 5D padding with non-constant padding are supported for now: ${2 * dims} numbers for shape ${showShape(x.shape)}`,
    );
  }
  const batched = x.ndim === dims + 2;
  if (mode !== "circular" && x.shape.some((size, d) => size === 0 && !(batched && d === 0))) {
    throw new ShapeError(
      "pad",
      `Expected ${dims + 1}D or ${dims + 2}D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: ${showShape(x.shape)}`,
    );
  }
  const maps = Array.from({ length: dims }, (_, i) => {
    const d = x.ndim - dims + i;
    checkMirror(x, d, before[d], after[d], mode);
    return mirrorMap(x.shape[d], before[d], after[d], mode);
  });
  return apply(OPS[mode][dims - 1], [x], { maps });
}

function checkMirror(x: Tensor, d: number, before: number, after: number, mode: Mirrored): void {
  const size = x.shape[d];
  const shown = `padding (${before}, ${after}) at dimension ${d} of input ${showShape(x.shape)}`;
  if (mode === "reflect" && (before >= size || after >= size)) {
    throw new ShapeError(
      "pad",
      `Padding size should be less than the corresponding input dimension, but got: ${shown}`,
    );
  }
  if (mode !== "circular" && size + before + after < 1) {
    throw new ShapeError(
      "pad",
      `input (${size}) is too small. Calculated output ${size + before + after}, but got: ${shown}`,
    );
  }
  if (mode === "circular" && (before > size || after > size)) {
    throw new ShapeError("pad", `Padding value causes wrapping around more than once: ${shown}`);
  }
}

function mirrorMap(size: number, before: number, after: number, mode: Mirrored): SparseMap {
  const source = SOURCE[mode];
  // "circular" cuts first and repeats what is left, the others repeat what is there.
  const [cut, end] = mode === "circular" ? [Math.max(0, -before), size + Math.min(0, after)] : [0, size];
  const at = (i: number): number => cut + source(i - before - cut, end - cut);
  const rows = Array.from({ length: size + before + after }, (_, i) => [[at(i), 1] as const]);
  return sparseMap(size, rows);
}
