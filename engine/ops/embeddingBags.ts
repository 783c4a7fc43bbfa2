import type { Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { sameShape, showShape } from "../base/shape.ts";
import { tensor } from "./creation.ts";
import { embedding } from "./embedding.ts";
import { stack } from "./joining.ts";

/** How `embeddingBag` makes one row of the rows of a bag. */
export type BagMode = "sum" | "mean" | "max";

/** Options of `embeddingBag`. */
export interface EmbeddingBagOptions {
  /** Where each bag begins in a 1-D input; a 2-D input is one bag a row. */
  readonly offsets?: Tensor | null | undefined;
  /** Rows that are looked up are first shrunk, in place, to at most this norm. */
  readonly maxNorm?: number | null | undefined;
  /** Which norm `maxNorm` means. Default 2. */
  readonly normType?: number | undefined;
  /** Divide each row's gradient by how often it was looked up. Default false. */
  readonly scaleGradByFreq?: boolean | undefined;
  /** Default `"mean"`. */
  readonly mode?: BagMode | undefined;
  /** A factor per index, in the shape of the input; for sums alone. */
  readonly perSampleWeights?: Tensor | null | undefined;
  /** Whether `offsets` also says where the last bag ends. Default false. */
  readonly includeLastOffset?: boolean | undefined;
  /** The row that is in no bag and gets no gradient; counted from the end when negative. */
  readonly paddingIdx?: number | null | undefined;
}

const NAMES = [
  "offsets",
  "maxNorm",
  "normType",
  "scaleGradByFreq",
  "mode",
  "perSampleWeights",
  "includeLastOffset",
  "paddingIdx",
] as const;

/** Places in the flat input from `start` up to `end`. */
interface Bag {
  readonly start: number;
  readonly end: number;
}

/**
 * One row per bag of indices: sum, mean or maximum of the rows of `weight` [rows, features] that it names; zeros for an
 * empty one. The result is [bags, features].
 *
 * @throws ShapeError when input and offsets do not fit, ArgumentError for an unknown mode or weights that are not for sums.
 */
export const embeddingBag: (
  input: Tensor,
  weight: Tensor,
  ...args: [options?: EmbeddingBagOptions] | [offsets: Tensor | null, options?: Omit<EmbeddingBagOptions, "offsets">]
) => Tensor = (input, weight, ...args) => {
  const options = readArguments<EmbeddingBagOptions>("embeddingBag", args, NAMES);
  const { mode = "mean", perSampleWeights = null, paddingIdx = null } = options;
  const { maxNorm = null, normType = 2, scaleGradByFreq = false } = options;
  if (mode !== "sum" && mode !== "mean" && mode !== "max")
    throw new ArgumentError("embeddingBag", `mode is 'sum', 'mean' or 'max', but got '${String(mode)}'`);
  const bags = bagsOf(input, options);
  checkWeights(input, perSampleWeights, mode);
  const flat = input.reshape(-1);
  const rows = embedding(flat, weight, { paddingIdx, maxNorm, normType, scaleGradByFreq });
  const padding = paddingIdx !== null && paddingIdx < 0 ? paddingIdx + weight.shape[0] : paddingIdx;
  const members = membersOf(bags, flat, padding);
  if (mode === "max") return largest(rows, members);
  const weighted = perSampleWeights === null ? rows : rows.mul(perSampleWeights.reshape(-1, 1));
  const sum = sums(weighted, members);
  if (mode === "sum") return sum;
  const counts = members.map((places) => Math.max(1, places.length));
  return sum.div(tensor(counts, { dtype: rows.dtype }).unsqueeze(1));
};

function bagsOf(input: Tensor, { offsets = null, includeLastOffset = false }: EmbeddingBagOptions): Bag[] {
  if (input.ndim === 2) {
    if (offsets !== null) {
      throw new ArgumentError(
        "embeddingBag",
        `if input is 2D, then offsets has to be null, as input is treated as a mini-batch of fixed length sequences, but got offsets of shape ${showShape(offsets.shape)}`,
      );
    }
    const [count, length] = input.shape;
    return Array.from({ length: count }, (_, i) => ({ start: i * length, end: (i + 1) * length }));
  }
  if (input.ndim !== 1)
    throw new ShapeError("embeddingBag", `input has to be 1D or 2D, but got shape ${showShape(input.shape)}`);
  if (offsets === null)
    throw new ArgumentError("embeddingBag", "offsets has to be a 1D Tensor for a 1D input, but got none");
  if (offsets.ndim !== 1)
    throw new ShapeError("embeddingBag", `offsets has to be a 1D Tensor, but got shape ${showShape(offsets.shape)}`);
  const starts = [...offsets.toArray()];
  if (includeLastOffset && starts.length === 0)
    throw new ArgumentError("embeddingBag", "includeLastOffset: offsets must hold at least the end of the last bag");
  if (starts.length > 0 && starts[0] !== 0)
    throw new ArgumentError("embeddingBag", `offsets[0] has to be 0, but got ${starts[0]}: the first bag begins there`);
  const ends = includeLastOffset ? starts.slice(1) : [...starts.slice(1), input.elements];
  return ends.map((end, i) => checkedBag({ start: starts[i], end }, input.elements));
}

function checkedBag(bag: Bag, length: number): Bag {
  if (bag.start <= bag.end && bag.end <= length) return bag;
  throw new ArgumentError(
    "embeddingBag",
    `offsets must not decrease nor exceed the ${length} indices of the input, but a bag goes from ${bag.start} to ${bag.end}`,
  );
}

function checkWeights(input: Tensor, weights: Tensor | null, mode: BagMode): void {
  if (weights === null) return;
  if (mode !== "sum") {
    throw new ArgumentError(
      "embeddingBag",
      `perSampleWeights is only supported for mode 'sum', but got mode '${mode}'`,
    );
  }
  if (!sameShape(weights.shape, input.shape)) {
    throw new ShapeError(
      "embeddingBag",
      `expected perSampleWeights to have the shape of the input, ${showShape(input.shape)}, but got ${showShape(weights.shape)}`,
    );
  }
}

/** Per bag: where in the flat input its indices stand, those of the padding row left out. */
function membersOf(bags: readonly Bag[], flat: Tensor, padding: number | null): number[][] {
  const indices = flat.toArray();
  return bags.map(({ start, end }) => {
    const places = Array.from({ length: end - start }, (_, i) => start + i);
    return padding === null ? places : places.filter((place) => indices[place] !== padding);
  });
}

function sums(rows: Tensor, members: readonly number[][]): Tensor {
  const places = tensor(members.flat(), { dtype: "int64" });
  const bags = tensor(
    members.flatMap((of, bag) => of.map(() => bag)),
    { dtype: "int64" },
  );
  const zeros = rows.newZeros([members.length, rows.shape[1]]);
  return zeros.indexAdd(0, bags, rows.indexSelect(0, places));
}

/** The gradient goes to the first of equal rows, feature by feature. */
function largest(rows: Tensor, members: readonly number[][]): Tensor {
  const none = rows.newZeros([rows.shape[1]]);
  const found = members.map((places) =>
    places.length === 0 ? none : rows.indexSelect(0, tensor(places, { dtype: "int64" })).max(0).values,
  );
  return found.length === 0 ? rows.newZeros([0, rows.shape[1]]) : stack(found);
}
