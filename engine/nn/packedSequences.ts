import type { Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { showShape } from "../base/shape.ts";
import { tensor } from "../ops/creation.ts";
import { cat, stack } from "../ops/joining.ts";

/**
 * Sequences of different lengths one time step after the other, the longest first: what recurrent layers take so that no
 * padding is computed. Made by `packPaddedSequence` and `packSequence`.
 */
export class PackedSequence {
  /** [sum of lengths, ...]: time step 0 of all sequences, then time step 1 of those that have one, and so on. */
  readonly data: Tensor;
  /** int64, [longest]: how many sequences have each time step. */
  readonly batchSizes: Tensor;
  /** int64, [batch]: which sequence stands at each place; null when they came in order of length. */
  readonly sortedIndices: Tensor | null;
  /** int64, [batch]: at which place each sequence stands; null when they came in order of length. */
  readonly unsortedIndices: Tensor | null;

  constructor(data: Tensor, batchSizes: Tensor, sortedIndices: Tensor | null = null, unsortedIndices?: Tensor | null) {
    this.data = data;
    this.batchSizes = batchSizes;
    this.sortedIndices = sortedIndices;
    this.unsortedIndices = unsortedIndices ?? invertPermutation(sortedIndices);
  }

  /** The same places with other data: [sum of lengths, ...]. */
  withData(data: Tensor): PackedSequence {
    return new PackedSequence(data, this.batchSizes, this.sortedIndices, this.unsortedIndices);
  }
}

/** The permutation that undoes another; null for none. */
export function invertPermutation(permutation: Tensor | null): Tensor | null {
  return permutation === null ? null : permutation.argsort();
}

/** Options of `packPaddedSequence`. */
export interface PackOptions {
  /** Whether the batch comes before time. Default false. */
  readonly batchFirst?: boolean | undefined;
  /** Whether the lengths never grow; with false they are sorted first. Default true. */
  readonly enforceSorted?: boolean | undefined;
}

type PackArgs = [options?: PackOptions] | [batchFirst: boolean, enforceSorted?: boolean | PackOptions];

/**
 * Packs sequences padded to one length, [time, batch, ...], whose lengths are given. Gradients flow to what is not padding.
 *
 * @throws ArgumentError for a length below 1 or above the time steps, or unsorted lengths with `enforceSorted`.
 */
export function packPaddedSequence(
  input: Tensor,
  lengths: Tensor | readonly number[],
  ...args: PackArgs
): PackedSequence {
  const op = "packPaddedSequence";
  const { batchFirst = false, enforceSorted = true } = readArguments<PackOptions>(op, args, [
    "batchFirst",
    "enforceSorted",
  ]);
  if (input.ndim < 2)
    throw new ShapeError(op, `expected input of at least 2 dimensions, but got shape ${showShape(input.shape)}`);
  const given = [...("storage" in lengths ? lengths.toArray() : lengths)];
  const timeFirst = batchFirst ? input.transpose(0, 1) : input;
  checkLengths(op, given, timeFirst, enforceSorted);
  const order = given.map((_, i) => i).sort((a, b) => given[b] - given[a] || a - b);
  const sorted = enforceSorted ? null : tensor(order, { dtype: "int64" });
  const inOrder = sorted === null ? timeFirst : timeFirst.indexSelect(1, sorted);
  const sizes = Array.from({ length: given[order[0]] }, (_, t) => given.filter((length) => length > t).length);
  const steps = sizes.map((size, t) => inOrder.select(0, t).narrow(0, 0, size));
  return new PackedSequence(cat(steps), tensor(sizes, { dtype: "int64" }), sorted);
}

function checkLengths(op: string, lengths: readonly number[], timeFirst: Tensor, enforceSorted: boolean): void {
  const [steps, batch] = timeFirst.shape;
  if (lengths.length !== batch) {
    throw new ShapeError(op, `expected one length for each of the ${batch} sequences, but got ${lengths.length}`);
  }
  if (lengths.length === 0) throw new ArgumentError(op, "cannot pack empty tensors: there is no sequence");
  for (const length of lengths) {
    if (Number.isInteger(length) && length >= 1 && length <= steps) continue;
    throw new ArgumentError(op, `a length must be a whole number from 1 to the ${steps} time steps, but got ${length}`);
  }
  if (enforceSorted && lengths.some((length, i) => i > 0 && length > lengths[i - 1])) {
    throw new ArgumentError(
      op,
      `lengths must be sorted in decreasing order when enforceSorted is true, but they are [${lengths.join(", ")}]: pass { enforceSorted: false }`,
    );
  }
}

/** Options of `padPackedSequence`. */
export interface PadPackedOptions {
  /** Whether the batch comes before time. Default false. */
  readonly batchFirst?: boolean | undefined;
  /** What stands behind the end of a sequence. Default 0. */
  readonly paddingValue?: number | undefined;
  /** Time steps of the result; default those of the longest sequence. */
  readonly totalLength?: number | null | undefined;
}

/** The sequences padded to one length, [time, batch, ...], in the order in which they were packed, and their lengths. */
export function padPackedSequence(
  sequence: PackedSequence,
  ...args: [options?: PadPackedOptions] | [batchFirst: boolean, paddingValue?: number, totalLength?: number | null]
): [padded: Tensor, lengths: Tensor] {
  const op = "padPackedSequence";
  const names = ["batchFirst", "paddingValue", "totalLength"] as const;
  const { batchFirst = false, paddingValue = 0, totalLength = null } = readArguments<PadPackedOptions>(op, args, names);
  const { unsortedIndices } = sequence;
  const sizes = [...sequence.batchSizes.toArray()];
  const total = totalLength ?? sizes.length;
  if (total < sizes.length) {
    throw new ArgumentError(
      op,
      `totalLength must be at least the length of the longest sequence in input, but got totalLength ${total} and longest ${sizes.length}`,
    );
  }
  const [batch] = sizes;
  const rest = sequence.data.shape.slice(1);
  const padding = (rows: number): Tensor => sequence.data.newFull([rows, ...rest], paddingValue);
  const parts = sequence.data.split(sizes);
  const steps = Array.from({ length: total }, (_, t) => {
    const size = sizes[t] ?? 0;
    if (size === batch) return parts[t];
    return size === 0 ? padding(batch) : cat([parts[t], padding(batch - size)]);
  });
  const lengths = Array.from({ length: batch }, (_, i) => sizes.filter((size) => size > i).length);
  const padded = stack(steps);
  const inOrder = unsortedIndices === null ? padded : padded.indexSelect(1, unsortedIndices);
  const places = unsortedIndices === null ? lengths.map((_, i) => i) : [...unsortedIndices.toArray()];
  const found = tensor(
    places.map((place) => lengths[place]),
    { dtype: "int64" },
  );
  return [batchFirst ? inOrder.transpose(0, 1) : inOrder, found];
}

/** Options of `padSequence`. */
export interface PadOptions {
  /** Whether the batch comes before time. Default false. */
  readonly batchFirst?: boolean | undefined;
  /** What stands behind the end of a sequence. Default 0. */
  readonly paddingValue?: number | undefined;
}

/** Sequences [length, ...] padded to the longest one and put side by side: [time, batch, ...]. */
export function padSequence(
  sequences: readonly Tensor[],
  ...args: [options?: PadOptions] | [batchFirst: boolean, paddingValue?: number | PadOptions]
): Tensor {
  const op = "padSequence";
  const { batchFirst = false, paddingValue = 0 } = readArguments<PadOptions>(op, args, ["batchFirst", "paddingValue"]);
  if (sequences.length === 0) throw new ArgumentError(op, "expected a non-empty list of Tensors");
  const longest = Math.max(...sequences.map(({ shape }) => shape[0]));
  const [, ...rest] = sequences[0].shape;
  const padded = sequences.map((sequence) => {
    const missing = longest - sequence.shape[0];
    return missing === 0 ? sequence : cat([sequence, sequence.newFull([missing, ...rest], paddingValue)]);
  });
  return stack(padded, batchFirst ? 0 : 1);
}

/** The sequences of a padded batch without their padding. */
export function unpadSequence(
  padded: Tensor,
  lengths: Tensor | readonly number[],
  options: boolean | { readonly batchFirst?: boolean } = {},
): Tensor[] {
  const batchFirst = typeof options === "boolean" ? options : (options.batchFirst ?? false);
  const given = [...("storage" in lengths ? lengths.toArray() : lengths)];
  const rows = batchFirst ? padded : padded.transpose(0, 1);
  return given.map((length, i) => rows.select(0, i).narrow(0, 0, length));
}

/** Packs sequences [length, ...] of different lengths. */
export function packSequence(
  sequences: readonly Tensor[],
  options: boolean | { readonly enforceSorted?: boolean } = {},
): PackedSequence {
  const enforceSorted = typeof options === "boolean" ? options : (options.enforceSorted ?? true);
  const lengths = sequences.map(({ shape }) => shape[0]);
  return packPaddedSequence(padSequence(sequences), lengths, { enforceSorted });
}

/** The sequences that were packed, in their order. */
export function unpackSequence(sequence: PackedSequence): Tensor[] {
  const [padded, lengths] = padPackedSequence(sequence);
  return unpadSequence(padded, lengths);
}
