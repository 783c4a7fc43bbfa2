import { apply } from "../autograd/dispatch.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { readArguments, wholeNumbers } from "../base/arguments.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { showShape } from "../base/shape.ts";
import { adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d } from "./averagePooling.ts";
import { type Axis, cubicMap, linearMap, nearestMap, smoothMap } from "./interpolationMaps.ts";
import type { GeneralOp } from "./op.ts";
import { type Resampling, resamplingOp } from "./resampling.ts";
import { normal, type Sample } from "./samples.ts";
import type { Sizes } from "./sliding.ts";

/** How new elements come from old ones. */
export type InterpolationMode = "nearest" | "nearest-exact" | "linear" | "bilinear" | "trilinear" | "bicubic" | "area";

/** Options of `interpolate`. */
export interface InterpolateOptions {
  /** Spatial sizes of the result. */
  readonly size?: Sizes | null;
  /** Instead of `size`: by how much each is multiplied. */
  readonly scaleFactor?: number | readonly number[] | null;
  /** Default "nearest". */
  readonly mode?: InterpolationMode;
  /** Whether the centers of the corner pixels, rather than their outer edges, stay in place. Default false. */
  readonly alignCorners?: boolean | null;
  /** Compute the scale anew from the sizes. Default false. */
  readonly recomputeScaleFactor?: boolean | null;
  /** Widen the filter when shrinking ("bilinear" and "bicubic"). Default false. */
  readonly antialias?: boolean;
}

type InterpolateArgs =
  | [options?: InterpolateOptions]
  | [
      size: Sizes | null,
      scaleFactor?: number | readonly number[] | null,
      mode?: InterpolationMode,
      alignCorners?: boolean | null,
    ];

/** The modes that PyTorch has for each number of spatial dimensions, with the names of their nodes. */
const NODES: Record<string, readonly [node: string, sample: Sample]> = {
  "nearest 1": ["UpsampleNearest1DBackward0", normal([[1, 2, 4]], 7)],
  "nearest 2": ["UpsampleNearest2DBackward0", normal([[1, 1, 2, 3]], [4, 5])],
  "nearest 3": ["UpsampleNearest3DBackward0", normal([[1, 1, 2, 1, 2]], [2, 3, 3])],
  "nearest-exact 1": ["UpsampleNearestExact1DBackward0", normal([[1, 2, 4]], 7, null, "nearest-exact")],
  "nearest-exact 2": ["UpsampleNearestExact2DBackward0", normal([[1, 1, 3, 2]], [2, 5], null, "nearest-exact")],
  "nearest-exact 3": ["UpsampleNearestExact3DBackward0", normal([[1, 1, 2, 1, 2]], 3, null, "nearest-exact")],
  "linear 1": ["UpsampleLinear1DBackward0", normal([[1, 2, 4]], 6, null, "linear", true)],
  "bilinear 2": ["UpsampleBilinear2DBackward0", normal([[1, 1, 3, 4]], [5, 2], null, "bilinear")],
  "trilinear 3": ["UpsampleTrilinear3DBackward0", normal([[1, 1, 2, 3, 2]], 3, null, "trilinear")],
  "bicubic 2": ["UpsampleBicubic2DBackward0", normal([[1, 1, 3, 4]], [5, 3], null, "bicubic")],
};

const ops = new Map<string, GeneralOp<Resampling>>(
  Object.entries(NODES).map(([key, [node, sample]]) => {
    const summary = `New elements between the old ones (${key}D).`;
    return [key, resamplingOp({ name: "interpolate", overload: key, node, summary, accepts: [sample] })];
  }),
);

const NAMES = ["size", "scaleFactor", "mode", "alignCorners", "recomputeScaleFactor", "antialias"] as const;

/** Spatial dimensions of [N, C, …] made larger or smaller. */
export const interpolate: (input: Tensor, ...args: InterpolateArgs) => Tensor = (input, ...args) => {
  const options = readArguments<InterpolateOptions>("interpolate", args, NAMES);
  const { mode = "nearest", alignCorners = null, antialias = false } = options;
  const axes = axesOf(input, options);
  checkMode(input, mode, alignCorners, antialias);
  if (mode === "area") return area(input, axes);
  const op = ops.get(`${mode} ${axes.length}`);
  if (op === undefined) {
    throw new ShapeError(
      "interpolate",
      `mode '${mode}' is not for ${input.ndim}D input ${showShape(input.shape)}: linear takes 3D, bilinear and bicubic 4D, trilinear 5D`,
    );
  }
  const maps = axes.map((axis) => mapOf(axis, mode, alignCorners ?? false, antialias));
  return apply(op, [input], { maps });
};

function mapOf(axis: Axis, mode: InterpolationMode, align: boolean, antialias: boolean) {
  if (mode === "nearest" || mode === "nearest-exact") return nearestMap(axis, mode === "nearest-exact");
  if (antialias) return smoothMap(axis, mode === "bicubic", align);
  return mode === "bicubic" ? cubicMap(axis, align) : linearMap(axis, align);
}

function checkNumbers(given: unknown): void {
  for (const number of Array.isArray(given) ? given : [given]) {
    if (typeof number === "number" && Number.isFinite(number) && number > 0) continue;
    const got = typeof number === "object" && number !== null ? "an object" : (JSON.stringify(number) ?? typeof number);
    throw new ArgumentError("interpolate", `size and scaleFactor are finite numbers greater than 0, but got ${got}`);
  }
}

/** Old size, new size and the scale between them, per spatial dimension. */
function axesOf(input: Tensor, { size = null, scaleFactor = null, recomputeScaleFactor }: InterpolateOptions): Axis[] {
  if (input.ndim < 3 || input.ndim > 5) {
    throw new ShapeError(
      "interpolate",
      `Input Error: Only 3D, 4D and 5D input Tensors supported (got ${showShape(input.shape)})`,
    );
  }
  if (input.shape.slice(1).includes(0)) {
    throw new ShapeError(
      "interpolate",
      `Non-empty ${input.ndim}D data tensor expected but got a tensor with sizes ${showShape(input.shape)}: only the batch may be empty`,
    );
  }
  if (size === null && scaleFactor === null) {
    throw new ArgumentError("interpolate", "either size or scaleFactor should be defined");
  }
  if (size !== null && scaleFactor !== null) {
    throw new ArgumentError("interpolate", "only one of size or scaleFactor should be defined");
  }
  if (size !== null) wholeNumbers("interpolate", "size", size, 1);
  const given = (size ?? scaleFactor) as number | readonly number[];
  checkNumbers(given);
  const spatial = input.shape.slice(2);
  const list = typeof given === "number" ? spatial.map(() => given) : given;
  if (list.length !== spatial.length) {
    throw new ArgumentError(
      "interpolate",
      `${size === null ? "scaleFactor" : "size"} must be a number or a list of ${spatial.length}, but got ${showShape(list)}`,
    );
  }
  return spatial.map((from, d) => {
    const to = size === null ? Math.floor(from * list[d]) : list[d];
    if (!(to >= 1))
      throw new ShapeError("interpolate", `Input and output sizes should be greater than 0, but got ${to}`);
    const exact = size !== null || recomputeScaleFactor === true;
    return { from, to, scale: exact ? from / to : 1 / list[d] };
  });
}

function checkMode(input: Tensor, mode: InterpolationMode, alignCorners: boolean | null, antialias: boolean): void {
  const blends = mode === "linear" || mode === "bilinear" || mode === "trilinear" || mode === "bicubic";
  if (!blends && alignCorners !== null) {
    throw new ArgumentError(
      "interpolate",
      "alignCorners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear",
    );
  }
  if (antialias && !(input.ndim === 4 && (mode === "bilinear" || mode === "bicubic"))) {
    throw new ArgumentError(
      "interpolate",
      "antialias option is only supported for bilinear and bicubic modes of 4D input",
    );
  }
}

function area(input: Tensor, axes: readonly Axis[]): Tensor {
  const sizes = axes.map(({ to }) => to);
  const pool = [adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d][sizes.length - 1];
  return pool(input, sizes);
}

/** The same as `interpolate`. */
export const upsample: typeof interpolate = interpolate;
