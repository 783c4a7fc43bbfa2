import type { DType, TypedArray } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";

/** What a kernel sees of a tensor: a strided window on a buffer. Offset and strides count elements. */
export interface Operand {
  readonly storage: { readonly values: TypedArray };
  readonly offset: number;
  readonly shape: Shape;
  readonly strides: readonly number[];
  /** Product of the sizes. */
  readonly elements: number;
  /** Row-major without gaps. */
  readonly dense: boolean;
  readonly dtype: DType;
}
