import type { Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { contiguousStrides, elementCount, type Shape, showShape } from "../base/shape.ts";
import { linspace } from "./creation.ts";
import { stack } from "./joining.ts";
import { where } from "./where.ts";

/** What stands beyond the edges: zeros, the edge again, or the image mirrored. */
export type GridPadding = "zeros" | "border" | "reflection";

/** Options of `gridSample`. */
export interface GridSampleOptions {
  /** Default "bilinear", which is trilinear for 5-D input. */
  readonly mode?: "bilinear" | "nearest" | "bicubic";
  /** Default "zeros". */
  readonly paddingMode?: GridPadding;
  /** Whether -1 and 1 mean the centers of the corner pixels rather than their outer edges. Default false. */
  readonly alignCorners?: boolean | null;
}

type GridSampleArgs =
  | [options?: GridSampleOptions]
  | [mode: "bilinear" | "nearest" | "bicubic", paddingMode?: GridPadding, alignCorners?: boolean | null];

/** A pixel along one dimension that takes part in every sample: where it is, and with which weight. */
interface Tap {
  readonly position: Tensor;
  readonly weight: Tensor;
}

interface Axis {
  readonly size: number;
  readonly padding: GridPadding;
  readonly align: boolean;
}

/**
 * The input [N, C, H, W] (or [N, C, D, H, W]) read at the places that `grid` [N, …, 2 (or 3)] names: x, y (and z) from -1
 * to 1 across the image. Differentiable in both.
 */
export const gridSample: (input: Tensor, grid: Tensor, ...args: GridSampleArgs) => Tensor = (input, grid, ...args) => {
  const options = readArguments<GridSampleOptions>("gridSample", args, ["mode", "paddingMode", "alignCorners"]);
  const { mode = "bilinear", paddingMode = "zeros", alignCorners } = options;
  checkGrid(input, grid, mode, paddingMode);
  const spatial = input.shape.slice(2);
  const [batch, ...out] = grid.shape.slice(0, -1);
  const points = grid.reshape(batch, elementCount(out), spatial.length);
  // The grid's last dimension counts from the last dimension of the image.
  const taps = spatial.map((size, d) => {
    const axis = { size, padding: paddingMode, align: alignCorners ?? false };
    return tapsOf(points.select(2, spatial.length - 1 - d), axis, mode);
  });
  return sampled(input, spatial, taps, paddingMode === "zeros").reshape([batch, input.shape[1], ...out]);
};

function checkGrid(input: Tensor, grid: Tensor, mode: string, padding: string): void {
  if (!["bilinear", "nearest", "bicubic"].includes(mode)) {
    throw new ArgumentError("gridSample", `expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '${mode}'`);
  }
  if (!["zeros", "border", "reflection"].includes(padding)) {
    throw new ArgumentError(
      "gridSample",
      `expected padding_mode to be 'zeros', 'border', or 'reflection', but got: '${padding}'`,
    );
  }
  const dims = input.ndim - 2;
  const fits = (dims === 2 || dims === 3) && grid.ndim === input.ndim && grid.shape[grid.ndim - 1] === dims;
  if (!fits || grid.shape[0] !== input.shape[0]) {
    throw new ShapeError(
      "gridSample",
      `expected input [N, C, H, W] and grid [N, H', W', 2], or [N, C, D, H, W] and [N, D', H', W', 3], but got ${showShape(input.shape)} and ${showShape(grid.shape)}`,
    );
  }
  if (mode === "bicubic" && dims === 3)
    throw new ArgumentError("gridSample", "bicubic interpolation only supports 4D input");
}

/** Where a coordinate from -1 to 1 lies, in pixels. */
function toPixels(coordinate: Tensor, { size, align }: Axis): Tensor {
  return align ? coordinate.add(1).mul((size - 1) / 2) : coordinate.add(1).mul(size).sub(1).div(2);
}

function tapsOf(coordinate: Tensor, axis: Axis, mode: string): Tap[] {
  const raw = toPixels(coordinate, axis);
  if (mode === "bicubic") return cubicTaps(raw, axis);
  const at = padded(raw, axis);
  // The weight is 1, but part of the graph: the gradient of the place is zero rather than none.
  if (mode === "nearest") return [{ position: at.detach().round(), weight: at.mul(0).add(1) }];
  const first = at.detach().floor();
  const weight = at.sub(first);
  return [
    { position: first, weight: weight.neg().add(1) },
    { position: first.add(1), weight },
  ];
}

/** Four pixels around the place, each padded by itself, with the weights of cubic convolution (a = -0.75). */
function cubicTaps(at: Tensor, axis: Axis): Tap[] {
  const first = at.detach().floor();
  const t = at.sub(first);
  return [-1, 0, 1, 2].map((k) => {
    const distance = k <= 0 ? t.sub(k) : t.neg().add(k);
    return { position: padded(first.add(k), axis), weight: k === 0 || k === 1 ? inner(distance) : outer(distance) };
  });
}

const A = -0.75;

/** ((a + 2) x − (a + 3)) x² + 1 for distances up to 1. */
const inner = (x: Tensor): Tensor =>
  x
    .mul(A + 2)
    .sub(A + 3)
    .mul(x)
    .mul(x)
    .add(1);

/** a (((x − 5) x + 8) x − 4) for distances from 1 to 2. */
const outer = (x: Tensor): Tensor => x.sub(5).mul(x).add(8).mul(x).sub(4).mul(A);

/** Brings places beyond the edges back by clamping or mirroring; with zeros they stay outside. */
function padded(at: Tensor, { size, padding, align }: Axis): Tensor {
  if (padding === "zeros") return at;
  const inside = padding === "border" ? at : mirrored(at, align ? 0 : -0.5, align ? size - 1 : size);
  return inside.clamp(0, size - 1);
}

/** Mirrors at `low` and at `low + span` until the place lies between. */
function mirrored(at: Tensor, low: number, span: number): Tensor {
  if (span === 0) return at.mul(0);
  const distance = at.sub(low).abs();
  const turns = distance.detach().div(span).floor();
  const rest = distance.sub(turns.mul(span));
  return where(turns.remainder(2).eq(0), rest.add(low), rest.neg().add(low + span));
}

/** The sum over all combinations of taps of the pixel there times the weights. */
function sampled(input: Tensor, spatial: Shape, taps: readonly (readonly Tap[])[], zeros: boolean): Tensor {
  const [batch, channels] = input.shape;
  const pixels = input.reshape(batch, channels, elementCount(spatial));
  const strides = contiguousStrides(spatial);
  let total: Tensor | null = null;
  for (const combination of combinations(taps)) {
    const index = combination
      .map(({ position }, d) => position.clamp(0, spatial[d] - 1).mul(strides[d]))
      .reduce((sum, part) => sum.add(part))
      .detach()
      .to("int64");
    const values = pixels.gather(2, index.unsqueeze(1).expand(batch, channels, index.shape[1]));
    const part = values.mul(weightOf(combination, zeros ? spatial : null).unsqueeze(1));
    total = total === null ? part : total.add(part);
  }
  return total as Tensor;
}

function* combinations(taps: readonly (readonly Tap[])[]): Generator<Tap[]> {
  if (taps.length === 0) {
    yield [];
    return;
  }
  for (const first of taps[0]) for (const rest of combinations(taps.slice(1))) yield [first, ...rest];
}

/** The product of the weights; 0 outside of the image when its sizes are given. */
function weightOf(combination: readonly Tap[], bounds: Shape | null): Tensor {
  const product = combination.map(({ weight }) => weight).reduce((a, b) => a.mul(b));
  if (bounds === null) return product;
  const inside = combination
    .map(({ position }, d) => position.ge(0).logicalAnd(position.le(bounds[d] - 1)))
    .reduce((a, b) => a.logicalAnd(b));
  return product.mul(inside);
}

/** Options of `affineGrid`. */
export interface AffineGridOptions {
  readonly alignCorners?: boolean | null;
}

/**
 * The grid that `gridSample` needs to apply affine maps theta [N, 2, 3] (or [N, 3, 4]), for a result of `size` [N, C, H, W]
 * (or [N, C, D, H, W]).
 */
export const affineGrid: (
  theta: Tensor,
  size: Shape,
  ...args: [options?: AffineGridOptions] | [alignCorners: boolean | null]
) => Tensor = (theta, size, ...args) => {
  const { alignCorners } = readArguments<AffineGridOptions>("affineGrid", args, ["alignCorners"]);
  const spatial = size.slice(2);
  const dims = spatial.length;
  if ((dims !== 2 && dims !== 3) || theta.ndim !== 3 || theta.shape[1] !== dims || theta.shape[2] !== dims + 1) {
    throw new ShapeError(
      "affineGrid",
      `Expected a batch of 2x3 matrices for a 4D size or of 3x4 matrices for a 5D size, but got ${showShape(theta.shape)} for ${showShape(size)}`,
    );
  }
  const axes = spatial.map((n, d) => {
    const edge = alignCorners === true ? 1 : 1 - 1 / n;
    const line = n === 1 ? linspace(0, 0, 1, { dtype: theta.dtype }) : linspace(-edge, edge, n, { dtype: theta.dtype });
    return line.reshape(spatial.map((_, i) => (i === d ? n : 1))).expand(spatial);
  });
  const base = stack([...axes.reverse(), axes[0].onesLike()], -1).reshape(elementCount(spatial), dims + 1);
  return base.matmul(theta.transpose(1, 2)).reshape([theta.shape[0], ...spatial, dims]);
};
