import { applyAll } from "../autograd/dispatch.ts";
import { blank, densely, fromBuffer, type Tensor } from "../autograd/tensor.ts";
import { byPosition, perDimension, readArguments, wholeNumbers } from "../base/arguments.ts";
import { ArgumentError, DTypeError, ShapeError } from "../base/errors.ts";
import { elementCount, type Shape, showShape } from "../base/shape.ts";
import { maxPool as poolMaxima, type Windows } from "../kernels/maxPooling.ts";
import { general } from "./define.ts";
import { finish, type Pooled, SINGLE } from "./maxPooling.ts";
import { notImplementedFor } from "./notImplemented.ts";
import type { GeneralOp } from "./op.ts";
import { addToPlanes } from "./planes.ts";
import { checkPoolInput } from "./pooling.ts";
import { rand } from "./random.ts";
import { arranged, distinct, normal, type Sample } from "./samples.ts";
import type { Sizes } from "./sliding.ts";

/** Options of `fractionalMaxPool2d` and `fractionalMaxPool3d`. */
export interface FractionalPoolOptions {
  /** Sizes of the result; either these or the ratio. */
  readonly outputSize?: Sizes | null | undefined;
  /** Sizes of the result as parts of the input's. */
  readonly outputRatio?: Sizes | null | undefined;
  /** Give the places of the maxima too, counted within each plane. Default false. */
  readonly returnIndices?: boolean | undefined;
  /** [N, C, dimensions], numbers from 0 to 1 that say where windows lie; drawn when left out. */
  readonly _randomSamples?: Tensor | null | undefined;
}

interface NamedFractionalPool extends FractionalPoolOptions {
  readonly kernelSize: Sizes;
}

interface AllIndices {
  readonly returnIndices: true;
}

type FractionalPoolArgs =
  | [options?: FractionalPoolOptions]
  | [outputSize: Sizes | null, options?: FractionalPoolOptions]
  | [outputSize: Sizes | null, outputRatio: Sizes | null, returnIndices?: boolean, _randomSamples?: Tensor | null];

type Dimensions = 2 | 3;

interface Fractions {
  readonly kernel: readonly number[];
  readonly sizes: readonly number[];
}

/** A sample with fixed places of windows. */
const placed = (sample: Sample, nd: Dimensions, options: FractionalPoolOptions): Sample =>
  arranged(sample, JSON.stringify(options), ([x]) => {
    const [n, c] = x.ndim === nd + 2 ? x.shape : [1, x.shape[0]];
    const values = Float64Array.from({ length: n * c * nd }, (_, i) => (0.37 * (i + 1)) % 1);
    return [x, 2, { ...options, _randomSamples: fromBuffer(values, [n, c, nd], "float64").to(x.dtype) }];
  });

const fractionalOp = (nd: Dimensions, shapes: readonly Shape[]): GeneralOp<Fractions> =>
  general<Fractions>()({
    name: `fractionalMaxPool${nd}d`,
    node: `FractionalMaxPool${nd}DBackward0`,
    summary: "Maximum of windows that lie at random, as many as the output has elements.",
    symbol: "max",
    inputs: ["x", "samples"],
    outputs: ["out", "indices"],
    saves: ["indices"],
    forward: ([input, samples], attrs) => poolPlanes(densely(input as Tensor), densely(samples as Tensor), attrs),
    backward: {
      x: (context) => addToPlanes(context.grad, context.indices, context.input(0).shape.slice(-nd)),
      samples: null,
    },
    accepts: [
      placed(distinct([shapes[0]]), nd, { outputSize: 2 }),
      placed(distinct([shapes[1]]), nd, { outputRatio: 0.5 }),
    ],
    rejects: [normal([[3]], 2, 2), normal([shapes[0]], 2, 9), normal([shapes[0]], 2)],
  });

const ops: Record<Dimensions, GeneralOp<Fractions>> = {
  2: fractionalOp(2, [
    [2, 1, 5, 4],
    [2, 4, 6],
  ]),
  3: fractionalOp(3, [
    [1, 2, 4, 5, 4],
    [1, 4, 4, 6],
  ]),
};

/** Every plane has windows of its own. */
function poolPlanes(x: Tensor, samples: Tensor, { kernel, sizes }: Fractions): Tensor[] {
  const nd = kernel.length;
  const spatial = x.shape.slice(-nd);
  const shape = [...x.shape.slice(0, -nd), ...sizes];
  const [out, indices] = [blank(shape, x.dtype), blank(shape, "int64")];
  const [from, to] = [elementCount(spatial), elementCount(sizes)];
  const round = x.dtype === "float32" ? Math.fround : (value: number): number => value;
  for (let plane = 0; plane < elementCount(shape.slice(0, -nd)); plane++) {
    const windows = spatial.map((size, d) => {
      // The samples of images begin with the width, those of volumes with the depth.
      const at = samples.offset + plane * nd + (nd === 2 ? 1 - d : d);
      return windowsAt(samples.storage.values[at], size, sizes[d], kernel[d], round);
    });
    const [deep, high, wide] = nd === 2 ? [SINGLE, ...windows] : windows;
    poolMaxima(
      x.storage.values,
      x.offset + plane * from,
      1,
      [deep, high, wide],
      out.storage.values.subarray(plane * to, (plane + 1) * to),
      indices.storage.values.subarray(plane * to, (plane + 1) * to),
    );
  }
  return [out, indices];
}

/**
 * Windows begin at ⌊(o + u) α⌋ − ⌊u α⌋, with α = (size − kernel) / (out − 1), the last one at the end; in the dtype of the input.
 * From PyTorch's FractionalMaxPooling.h.
 */
function windowsAt(u: number, size: number, out: number, kernel: number, round: (value: number) => number): Windows {
  const alpha = round((size - kernel) / (out - 1));
  const first = Math.trunc(round(u * alpha));
  const firsts = Int32Array.from({ length: out }, (_, o) =>
    o === out - 1 ? size - kernel : Math.trunc(round(round(o + u) * alpha)) - first,
  );
  return { size, firsts, ends: firsts.map((begin) => begin + kernel), step: 1 };
}

function fractionalMaxPool(
  nd: Dimensions,
  input: Tensor,
  kernelSize: Sizes | NamedFractionalPool,
  args: FractionalPoolArgs,
): Tensor | Pooled {
  const op = `fractionalMaxPool${nd}d`;
  const [size, ...rest] = byPosition(op, [kernelSize, ...args], ["kernelSize"]) as [Sizes, ...FractionalPoolArgs];
  const names = ["outputSize", "outputRatio", "returnIndices", "_randomSamples"] as const;
  const { returnIndices = false, ...options } = readArguments<FractionalPoolOptions>(op, rest, names);
  checkPoolInput(op, input, nd);
  const dtype = floatOf(op, input);
  const kernel = wholeNumbers(op, "kernelSize", perDimension(op, "kernelSize", size, nd), 1);
  const sizes = outputSizes(op, input, nd, options);
  checkWindows(op, input.shape.slice(-nd), kernel, sizes);
  const [n, channels] = input.ndim === nd + 2 ? input.shape : [1, input.shape[0]];
  const samples = options._randomSamples ?? rand([n, channels, nd], { dtype });
  checkSamples(op, samples, input, [n, channels, nd]);
  return finish(applyAll(ops[nd], [input, samples], { kernel, sizes }), returnIndices);
}

function outputSizes(op: string, input: Tensor, nd: Dimensions, options: FractionalPoolOptions): number[] {
  const { outputSize = null, outputRatio = null } = options;
  if (outputSize !== null) return wholeNumbers(op, "outputSize", perDimension(op, "outputSize", outputSize, nd), 0);
  if (outputRatio === null) throw new ArgumentError(op, "requires specifying either an outputSize or an outputRatio");
  const ratios = typeof outputRatio === "number" ? new Array<number>(nd).fill(outputRatio) : outputRatio;
  if (ratios.length !== nd)
    throw new ArgumentError(
      op,
      `requires outputRatio to either be a number or a list of ${nd}, but got [${ratios.join(", ")}]`,
    );
  return input.shape.slice(-nd).map((size, d) => Math.trunc(size * ratios[d]));
}

/** In volumes there must be one place more than windows need, as in PyTorch. */
function checkWindows(op: string, spatial: Shape, kernel: readonly number[], sizes: readonly number[]): void {
  const spare = spatial.length === 3 ? 1 : 0;
  spatial.forEach((size, d) => {
    if (sizes[d] + kernel[d] - 1 + spare <= size) return;
    const name = ["time", "height", "width"].slice(-spatial.length)[d];
    throw new ShapeError(
      op,
      `pool ${name} ${kernel[d]} too large relative to input ${name} ${size}, for an output of ${sizes[d]}`,
    );
  });
}

function floatOf(op: string, input: Tensor): "float32" | "float64" {
  if (input.dtype === "float32" || input.dtype === "float64") return input.dtype;
  throw notImplementedFor(op, input.dtype);
}

function checkSamples(op: string, samples: Tensor, input: Tensor, [n, channels, nd]: Shape): void {
  if (samples.dtype !== input.dtype) {
    throw new DTypeError(
      op,
      `Expect _randomSamples to have the same dtype as input, but got ${samples.dtype} and ${input.dtype}`,
    );
  }
  if (samples.ndim !== 3) throw new ShapeError(op, `Expect _randomSamples to have 3 dimensions, got ${samples.ndim}`);
  const [rows, planes, dims] = samples.shape;
  if (rows >= n && planes === channels && dims === nd) return;
  throw new ShapeError(
    op,
    `Expect _randomSamples to have the input's batch size, its channels and ${nd} as sizes, got ${showShape(samples.shape)} for an input ${showShape(input.shape)}`,
  );
}

/** Maximum of windows at random places, of [N, C, H, W] or [C, H, W]. */
export function fractionalMaxPool2d(
  input: Tensor,
  kernelSize: Sizes,
  options: FractionalPoolOptions & AllIndices,
): Pooled;
export function fractionalMaxPool2d(input: Tensor, kernelSize: Sizes, ...args: FractionalPoolArgs): Tensor;
export function fractionalMaxPool2d(input: Tensor, options: NamedFractionalPool & AllIndices): Pooled;
export function fractionalMaxPool2d(input: Tensor, options: NamedFractionalPool): Tensor;
export function fractionalMaxPool2d(
  input: Tensor,
  kernelSize: Sizes | NamedFractionalPool,
  ...args: FractionalPoolArgs
): Tensor | Pooled {
  return fractionalMaxPool(2, input, kernelSize, args);
}

/** Maximum of windows at random places, of [N, C, D, H, W] or [C, D, H, W]. */
export function fractionalMaxPool3d(
  input: Tensor,
  kernelSize: Sizes,
  options: FractionalPoolOptions & AllIndices,
): Pooled;
export function fractionalMaxPool3d(input: Tensor, kernelSize: Sizes, ...args: FractionalPoolArgs): Tensor;
export function fractionalMaxPool3d(input: Tensor, options: NamedFractionalPool & AllIndices): Pooled;
export function fractionalMaxPool3d(input: Tensor, options: NamedFractionalPool): Tensor;
export function fractionalMaxPool3d(
  input: Tensor,
  kernelSize: Sizes | NamedFractionalPool,
  ...args: FractionalPoolArgs
): Tensor | Pooled {
  return fractionalMaxPool(3, input, kernelSize, args);
}
