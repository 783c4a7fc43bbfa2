import type { TypedArray } from "../base/dtype.ts";

/**
 * A dense buffer seen as [outer, n, inner], `n` being the dimension that a kernel works along: element (o, k, i) lies at
 * offset + (o * n + k) * inner + i.
 */
export interface Block {
  readonly values: TypedArray;
  readonly offset: number;
  readonly outer: number;
  readonly n: number;
  readonly inner: number;
}
