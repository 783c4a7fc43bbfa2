import { empty, fromBuffer, type Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { checkDType, type DType } from "../base/dtype.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { stack } from "./joining.ts";

/** Options of `combinations`. */
export interface CombinationsOptions {
  /** Elements per combination. Default 2. */
  readonly r?: number | undefined;
  /** Whether an element may come several times. Default false. */
  readonly withReplacement?: boolean | undefined;
}

/** All ways to pick r elements of a vector, one a row, in order of position. */
export const combinations: (self: Tensor, r?: number | CombinationsOptions, withReplacement?: boolean) => Tensor = (
  self,
  ...args
) => {
  const { r = 2, withReplacement = false } = readArguments<CombinationsOptions>("combinations", args, [
    "r",
    "withReplacement",
  ]);
  if (self.ndim !== 1) throw new ShapeError("combinations", "Expect a 1D vector");
  if (!Number.isInteger(r) || r < 0)
    throw new ArgumentError("combinations", `Expect a non-negative number, but got ${r}`);
  if (r === 0) return empty([0], self.dtype);
  const picks = choose(self.elements, r, withReplacement);
  const columns = Array.from({ length: r }, (_, j) => {
    const column = Float64Array.from(picks, (pick) => pick[j]);
    return self.indexSelect(0, fromBuffer(column, [picks.length], "int64"));
  });
  return stack(columns, 1);
};

/** Ascending lists of r numbers below n. */
function choose(n: number, r: number, repeats: boolean): number[][] {
  const found: number[][] = [];
  const extend = (pick: readonly number[], from: number): void => {
    if (pick.length === r) found.push([...pick]);
    else for (let i = from; i < n; i++) extend([...pick, i], repeats ? i : i + 1);
  };
  extend([], 0);
  return found;
}

/** Options of `trilIndices` and `triuIndices`. */
export interface TriangleIndicesOptions {
  /** Above (positive) or below (negative) the main diagonal. Default 0. */
  readonly offset?: number | undefined;
  /** Default int64. */
  readonly dtype?: DType | undefined;
}

/** Rows and columns, as [2, n], of the lower triangle of a matrix. */
export function trilIndices(row: number, col: number, options?: number | TriangleIndicesOptions): Tensor {
  return triangle("trilIndices", row, col, options, (r, c, offset) => c - r <= offset);
}

/** Rows and columns, as [2, n], of the upper triangle of a matrix. */
export function triuIndices(row: number, col: number, options?: number | TriangleIndicesOptions): Tensor {
  return triangle("triuIndices", row, col, options, (r, c, offset) => c - r >= offset);
}

function triangle(
  op: string,
  row: number,
  col: number,
  given: number | TriangleIndicesOptions | undefined,
  inside: (r: number, c: number, offset: number) => boolean,
): Tensor {
  const { offset = 0, dtype = "int64" } = readArguments<TriangleIndicesOptions>(op, [given], ["offset", "dtype"]);
  const [rows, columns]: [number[], number[]] = [[], []];
  for (let r = 0; r < row; r++) {
    for (let c = 0; c < col; c++) {
      if (!inside(r, c, offset)) continue;
      rows.push(r);
      columns.push(c);
    }
  }
  const out = empty([2, rows.length], checkDType(op, dtype));
  out.storage.values.set([...rows, ...columns]);
  return out;
}
