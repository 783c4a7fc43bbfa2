import { applyAll } from "../autograd/dispatch.ts";
import { densely, empty, Tensor } from "../autograd/tensor.ts";
import { byPosition, readArguments } from "../base/arguments.ts";
import { isFloat, type TypedArray } from "../base/dtype.ts";
import { ArgumentError, AutogradError, DTypeError, ShapeError } from "../base/errors.ts";
import { sameShape, showShape } from "../base/shape.ts";
import * as kernels from "../kernels/bins.ts";
import { linspace } from "./creation.ts";
import { general } from "./define.ts";
import { type NamedResult, namedResult } from "./namedResult.ts";
import { notImplementedFor } from "./notImplemented.ts";
import { checkTensor } from "./promotion.ts";
import { normal } from "./samples.ts";

/** Options of `histogram` and `histogramdd`. */
export interface HistogramOptions {
  /** Lower end of the first bin and upper end of the last, for each dimension in turn. Default: those of the elements. */
  readonly range?: readonly number[] | null | undefined;
  /** What each element counts for. Default 1. */
  readonly weight?: Tensor | null | undefined;
  /** Give densities, whose integral is 1, in place of counts. Default false. */
  readonly density?: boolean | undefined;
}

/** What `histogram` gives. */
export type Histogram = NamedResult<readonly ["hist", "binEdges"]>;

/** What `histogramdd` gives. */
export type HistogramGrid = readonly [hist: Tensor, binEdges: readonly Tensor[]] & {
  readonly hist: Tensor;
  readonly binEdges: readonly Tensor[];
};

interface Attributes {
  readonly edges: readonly Tensor[];
  readonly density: boolean;
}

/** PyTorch records that there was something to derive, and has no derivative. */
function missing(): never {
  throw new AutogradError("derivative for aten::histogram is not implemented");
}

const histogramOp = general<Attributes>()({
  name: "histogram",
  node: "NotImplemented",
  summary: "How many elements lie between each two edges, and the edges; there is no derivative.",
  inputs: ["x", "weight"],
  outputs: ["hist", "binEdges"],
  forward: ([x, weight], attrs) => [counted(x as Tensor, weight, attrs), ...attrs.edges],
  backward: { x: missing, weight: missing },
  rejects: [normal([[2, 3]], 0), normal([[2, 3]], 2, { range: [1] })],
});

/** How many elements lie in each of `bins` equal ranges, or between the edges that a tensor gives, and the edges. */
export const histogram: (
  self: Tensor,
  ...args:
    | [bins: number | Tensor, options?: HistogramOptions]
    | [options: HistogramOptions & { readonly bins: number | Tensor }]
) => Histogram = (self, ...args) => {
  const [bins, options] = byPosition("histogram", args, ["bins"]) as [number | Tensor, HistogramOptions?];
  const x = checkInput("histogram", self);
  const [hist, binEdges] = run("histogram", x.reshape(x.elements, 1), [bins], flatWeight(x, options), options);
  return namedResult(["hist", "binEdges"], [hist, binEdges]);
};

/** How many points, whose coordinates are the last dimension, lie in each cell of a grid; edges as `histogram` has them, one for each coordinate. */
export function histogramdd(
  input: Tensor,
  ...args:
    | [bins: number | readonly number[] | readonly Tensor[], options?: HistogramOptions]
    | [options: HistogramOptions & { readonly bins: number | readonly number[] | readonly Tensor[] }]
): HistogramGrid {
  const [bins, options] = byPosition("histogramdd", args, ["bins"]) as [
    number | readonly (number | Tensor)[],
    HistogramOptions?,
  ];
  const x = checkInput("histogramdd", input);
  if (x.ndim < 2) throw new ShapeError("histogramdd", "input tensor should have at least 2 dimensions");
  const columns = x.shape[x.ndim - 1];
  const each = typeof bins === "number" ? new Array<number>(columns).fill(bins) : bins;
  if (each.length !== columns) {
    throw new ArgumentError("histogramdd", "The size of bins must be equal to the innermost dimension of the input.");
  }
  const points = x.reshape(columns === 0 ? 0 : x.elements / columns, columns);
  const weight = flatWeight(x.select(-1, 0), options);
  const [hist, ...binEdges] = run("histogramdd", points, each, weight, options);
  return Object.assign([hist, binEdges] as const, { hist, binEdges });
}

function checkInput(op: string, x: Tensor): Tensor {
  checkTensor(op, "input", x);
  if (!isFloat(x.dtype)) throw notImplementedFor(op, x.dtype);
  return x;
}

/** The weights as a vector, one for each point. */
function flatWeight(points: Tensor, options: HistogramOptions | undefined): Tensor | null {
  const weight = options?.weight ?? null;
  if (weight === null) return null;
  if (weight.dtype !== points.dtype) {
    throw new DTypeError(
      "histogram",
      `if weight tensor is provided, input tensor and weight tensor should have the same dtype, but got input(${points.dtype}), and weight(${weight.dtype})`,
    );
  }
  if (!sameShape(weight.shape, points.shape)) {
    throw new ShapeError(
      "histogram",
      `if weight tensor is provided it should have the same shape as the input tensor excluding its innermost dimension, but got ${showShape(weight.shape)} for points of ${showShape(points.shape)}`,
    );
  }
  return weight.reshape(weight.elements);
}

function run(
  op: string,
  points: Tensor,
  bins: readonly (number | Tensor)[],
  weight: Tensor | null,
  options: HistogramOptions | undefined,
): readonly Tensor[] {
  const { range = null, density = false } = readArguments<HistogramOptions>(
    op,
    [options],
    ["range", "weight", "density"],
  );
  if (range !== null && range.length !== 2 * bins.length) {
    throw new ArgumentError(
      op,
      `for a ${bins.length}-dimensional histogram range should have ${2 * bins.length} elements, but got ${range.length}`,
    );
  }
  if (range !== null && bins.some((given) => given instanceof Tensor)) {
    throw new ArgumentError(op, "give range with a number of bins, not with edges");
  }
  const edges = bins.map((given, d) =>
    given instanceof Tensor
      ? checkEdges(op, given, points, d)
      : evenEdges(op, given, points, d, range?.slice(2 * d, 2 * d + 2) ?? null),
  );
  return applyAll(histogramOp, [points, weight], { edges, density });
}

function checkEdges(op: string, edges: Tensor, { dtype }: Tensor, dim: number): Tensor {
  if (edges.dtype !== dtype) {
    throw new DTypeError(
      op,
      `input tensor and bins tensors should have the same dtype, but got input with dtype ${dtype} and bins for dimension ${dim} with dtype ${edges.dtype}`,
    );
  }
  if (edges.ndim !== 1) {
    throw new ShapeError(
      op,
      `bins tensor should have one dimension, but got ${edges.ndim} dimensions in the bins tensor for dimension ${dim}`,
    );
  }
  if (edges.elements < 2) {
    throw new ArgumentError(op, `bins must be > 0, but got ${Math.max(0, edges.elements - 1)} for dimension ${dim}`);
  }
  return edges.detach().clone();
}

function evenEdges(op: string, bins: number, points: Tensor, dim: number, range: readonly number[] | null): Tensor {
  if (!Number.isInteger(bins) || bins < 1) {
    throw new ArgumentError(op, `bins must be > 0, but got ${bins} for dimension ${dim}`);
  }
  const [low, high] = range ?? rangeOf(points, dim);
  if (!Number.isFinite(low) || !Number.isFinite(high)) {
    throw new ArgumentError(op, `dimension ${dim}'s range [${low}, ${high}] is not finite`);
  }
  if (low > high) {
    throw new ArgumentError(op, `min should not exceed max, but got min ${low} max ${high} for dimension ${dim}`);
  }
  const half = low === high ? 0.5 : 0;
  return linspace(low - half, high + half, bins + 1, { dtype: points.dtype });
}

/** From the smallest to the largest coordinate; of no points, from 0 to 1. */
function rangeOf(points: Tensor, dim: number): readonly number[] {
  if (points.shape[0] === 0) return [0, 1];
  const column = points.detach().select(1, dim);
  return [column.amin().item(), column.amax().item()];
}

function counted(points: Tensor, weight: Tensor | null, { edges, density }: Attributes): Tensor {
  const lines = edges.map((edge) => valuesOf(edge));
  const hist = empty(
    lines.map((line) => line.length - 1),
    points.dtype,
  );
  kernels.histogramOf(valuesOf(points), lines, weight === null ? null : valuesOf(weight), hist.storage.values);
  if (density) kernels.toDensity(hist.storage.values, lines);
  return hist;
}

function valuesOf(x: Tensor): TypedArray {
  const { storage, offset, elements } = densely(x);
  return storage.values.subarray(offset, offset + elements);
}
