import type { Tensor } from "../../autograd/tensor.ts";
import { healthOf, squaresOf } from "./elements.ts";

/** Must be a power of two. */
const KEPT = 4096;
/** Views of more elements than this are not looked at when nothing is known of what they show. */
const MAX_UNKNOWN_VIEW = 4096;

/** What the recorder knows of the numbers in tensors. */
export interface Sums {
  /** The sum of squares of the elements; NaN when it was not read. */
  of(x: Tensor): number;
  /** To be called again once the tensor has a row. */
  keep(x: Tensor, sum: number): void;
  /** Health bits, given the sum of squares. */
  health(x: Tensor, sum: number): number;
}

/** Knows nothing and reads nothing, where only costs count. */
export const noSums: Sums = { of: () => Number.NaN, keep: () => {}, health: () => 0 };

/**
 * The sums of squares of tensors seen lately, so that no element is read twice: a gradient passes through several events
 * as it is. A write to the tensor is known by its version.
 */
export class KnownSums implements Sums {
  private readonly rows = new Int32Array(KEPT);
  private readonly versions = new Int32Array(KEPT);
  private readonly sums = new Float64Array(KEPT);

  /** Known already, or read now. A view makes no bad numbers: of one whose base is fine NaN stands for "not read". */
  of(x: Tensor): number {
    const known = this.find(x);
    if (known !== undefined) return known;
    if (x.viewOf !== null && this.isFine(x, x.viewOf.base)) return Number.NaN;
    const sum = squaresOf(x);
    this.keep(x, sum);
    return sum;
  }

  /** To be called again once the tensor has a row. */
  keep(x: Tensor, sum: number): void {
    const row = x.traceRow;
    if (row === 0) return;
    const slot = row & (KEPT - 1);
    this.rows[slot] = row;
    this.versions[slot] = x.storage.version;
    this.sums[slot] = sum;
  }

  /** Health bits, given the sum of squares. */
  health(x: Tensor, sum: number): number {
    return sum - sum === 0 || (Number.isNaN(sum) && x.viewOf !== null && this.isFine(x, x.viewOf.base))
      ? 0
      : healthOf(x);
  }

  private isFine(view: Tensor, base: Tensor): boolean {
    const sum = this.find(base);
    return sum === undefined ? view.elements > MAX_UNKNOWN_VIEW : sum - sum === 0;
  }

  private find(x: Tensor): number | undefined {
    const row = x.traceRow;
    const slot = row & (KEPT - 1);
    return row !== 0 && this.rows[slot] === row && this.versions[slot] === x.storage.version
      ? this.sums[slot]
      : undefined;
  }
}
