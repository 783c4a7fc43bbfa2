import { empty, fromBuffer, type Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { ShapeError } from "../base/errors.ts";
import { dimOf, showShape } from "../base/shape.ts";

/** Options of `unique` and `uniqueConsecutive`. */
export interface UniqueOptions {
  /** Results are always sorted here; the option is PyTorch's. */
  readonly sorted?: boolean | undefined;
  /** Also give, for each element, where in the result it is. */
  readonly returnInverse?: boolean | undefined;
  /** Also give how often each occurs. */
  readonly returnCounts?: boolean | undefined;
  /** Compare slices along a dimension instead of elements. */
  readonly dim?: number | null | undefined;
}

/** Asking for at least one more result gives a list. */
type Several = UniqueOptions & ({ readonly returnInverse: true } | { readonly returnCounts: true });

/** What `unique` and `uniqueConsecutive` take, as functions. */
export interface Unique {
  (self: Tensor, options: Several): Tensor[];
  (self: Tensor, options?: UniqueOptions): Tensor;
}

/** What `unique` and `uniqueConsecutive` take, as methods. */
export interface UniqueMethods {
  /** The different elements, sorted; with more results asked for, a list: [output, inverse, counts]. */
  unique(options: Several): Tensor[];
  unique(options?: UniqueOptions): Tensor;
  /** The elements without repetitions of the one before. */
  uniqueConsecutive(options: Several): Tensor[];
  uniqueConsecutive(options?: UniqueOptions): Tensor;
}

/** The different elements (or slices), sorted. */
export const unique = ((self: Tensor, options?: UniqueOptions): Tensor | Tensor[] => {
  const rows = rowsOf("unique", self, options, ["sorted", "returnInverse", "returnCounts", "dim"]);
  const order = Array.from({ length: rows.count }, (_, i) => i).sort((a, b) => compare(rows, a, b) || a - b);
  return results(rows, order);
}) as Unique;

/** The elements (or slices) without repetitions of the one before. */
export const uniqueConsecutive = ((self: Tensor, options?: UniqueOptions): Tensor | Tensor[] => {
  const rows = rowsOf("uniqueConsecutive", self, options, ["returnInverse", "returnCounts", "dim"]);
  return results(
    rows,
    Array.from({ length: rows.count }, (_, i) => i),
  );
}) as Unique;

/** What is compared: `count` rows of `width` numbers. */
interface Rows {
  readonly source: Tensor;
  /** The rows, in their own first dimension. */
  readonly tensor: Tensor;
  readonly values: ArrayLike<number>;
  readonly count: number;
  readonly width: number;
  readonly dim: number | null;
  readonly options: UniqueOptions;
}

function rowsOf(
  op: string,
  self: Tensor,
  given: UniqueOptions | undefined,
  known: readonly (keyof UniqueOptions)[],
): Rows {
  const options = readArguments<UniqueOptions>(op, [given], known);
  const source = self.detach();
  const dim = options.dim === null || options.dim === undefined ? null : dimOf(op, options.dim, self.ndim);
  if (dim !== null && self.shape.some((size, d) => d !== dim && size === 0)) {
    throw new ShapeError(
      op,
      `There are 0 sized dimensions, and they aren't selected, so unique cannot be applied: shape ${showShape(self.shape)}, dim ${dim}`,
    );
  }
  const tensor = dim === null ? source.reshape([-1]) : source.movedim(dim, 0);
  const count = tensor.shape[0];
  const width = count === 0 ? 0 : tensor.elements / count;
  return { source, tensor, values: tensor.toArray(), count, width, dim, options };
}

/** Order of two rows, element by element; NaN comes last. */
function compare({ values, width }: Rows, a: number, b: number): number {
  for (let i = 0; i < width; i++) {
    const [x, y] = [values[a * width + i], values[b * width + i]];
    if (x < y) return -1;
    if (x > y) return 1;
    if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
  }
  return 0;
}

/** Whether two rows are the same; NaN is never the same. */
function same({ values, width }: Rows, a: number, b: number): boolean {
  for (let i = 0; i < width; i++) if (values[a * width + i] !== values[b * width + i]) return false;
  return true;
}

/** Keeps the first of each run of equal rows in the given order. */
function results(rows: Rows, order: readonly number[]): Tensor | Tensor[] {
  const { source, tensor, dim, options, count } = rows;
  const kept: number[] = [];
  const counts: number[] = [];
  const inverse = empty(dim === null ? source.shape : [count], "int64");
  order.forEach((row, i) => {
    if (i === 0 || !same(rows, order[i - 1], row)) {
      kept.push(row);
      counts.push(0);
    }
    counts[counts.length - 1]++;
    inverse.storage.values[row] = kept.length - 1;
  });
  const chosen = tensor.indexSelect(0, whole(kept));
  const output = dim === null ? chosen : chosen.movedim(0, dim).contiguous();
  const { returnInverse = false, returnCounts = false } = options;
  if (!returnInverse && !returnCounts) return output;
  return [output, ...(returnInverse ? [inverse] : []), ...(returnCounts ? [whole(counts)] : [])];
}

const whole = (list: readonly number[]): Tensor => fromBuffer(Float64Array.from(list), [list.length], "int64");
