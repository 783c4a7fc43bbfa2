import { firstSlice, fitsShape, type SliceAt } from "../../engine/recording/queries/grid.ts";
import { arrayOf, type Guard, isNumber, isOneOf, isWhole, nullable, shapeOf } from "../protocol/guards.ts";
import { isTensorKey, type NumbersOf, type TensorKey, type TensorShown } from "../protocol/tensor.ts";

/** How a tensor is looked at. */
export interface TensorLook {
  readonly of: NumbersOf;
  readonly as: "table" | "picture";
  readonly at: SliceAt;
  /** Index of the moment; −1 for the end of the run, also of the next run. */
  readonly moment: number;
}

/** What VS Code keeps of the panel. */
export interface KeptTensor {
  readonly key: TensorKey;
  readonly look: TensorLook | null;
}

/** A look that fits a tensor: the one it was looked at with as far as it still fits. */
export function lookFor(shown: TensorShown, before: TensorLook | null): TensorLook {
  const fresh: TensorLook = { of: "value", as: "table", at: firstSlice(shown.shape), moment: -1 };
  if (before === null) return fresh;
  return {
    ...before,
    at: fitsShape(before.at, shown.shape) ? before.at : fresh.at,
    moment: before.moment < shown.moments.length ? before.moment : -1,
  };
}

/** The moment that is meant, as an index. */
export function momentOf(shown: TensorShown, { moment }: TensorLook): number {
  return moment < 0 ? shown.moments.length - 1 : moment;
}

/** Another dimension as rows or columns; the one that was there takes the other's place where both would be the same. */
export function withDim(at: SliceAt, side: "rowDim" | "columnDim", dim: number): SliceAt {
  const other = side === "rowDim" ? "columnDim" : "rowDim";
  const swapped = at[other] === dim ? { [other]: at[side] } : {};
  return { ...at, ...swapped, [side]: dim };
}

/** Another place at which a dimension is cut. */
export function withIndex(at: SliceAt, dim: number, index: number): SliceAt {
  return { ...at, indices: at.indices.map((before, d) => (d === dim ? index : before)) };
}

/** The dimensions that are cut at one place. */
export function cutDims(shape: readonly number[], { rowDim, columnDim }: SliceAt): number[] {
  return shape.flatMap((_, d) => (d === rowDim || d === columnDim ? [] : [d]));
}

/** What is shown beside each other: of vectors and single numbers everything, of matrices one thing. */
export function kindsShown(shown: TensorShown, look: TensorLook): readonly NumbersOf[] {
  const moment = shown.moments[momentOf(shown, look)];
  if (shown.shape.length > 1) return [look.of];
  return moment?.hasGrad ? ["value", "grad", "ratio"] : ["value"];
}

/** The place of a cell in the tensor: `[3, 17]`. */
export function cellIndices(at: SliceAt, row: number, column: number): number[] {
  return at.indices.map((index, d) => (d === at.rowDim ? row : d === at.columnDim ? column : index));
}

const isLook: Guard<TensorLook> = shapeOf<TensorLook>({
  of: isOneOf("value", "grad", "ratio"),
  as: isOneOf("table", "picture"),
  at: shapeOf<SliceAt>({ rowDim: isNumber, columnDim: isNumber, indices: arrayOf(isWhole()) }),
  moment: isNumber,
});

export const isKeptTensor: Guard<KeptTensor> = shapeOf<KeptTensor>({ key: isTensorKey, look: nullable(isLook) });
