import type { Tensor } from "../../autograd/tensor.ts";
import { isFloat } from "../../base/dtype.ts";
import type { Shape } from "../../base/shape.ts";
import { health, squares } from "../statistics.ts";

// Reads tensors without ops and without `toArray()`, of which whoever watches would be told.

/** The elements, row-major: a window on the buffer where they lie in a row, else a copy. */
export function elementsOf(x: Tensor): ArrayLike<number> {
  const { values } = x.storage;
  if (x.dense) return values.subarray(x.offset, x.offset + x.elements);
  const out = new Float64Array(x.elements);
  const { shape, strides } = x;
  const last = shape.length - 1;
  const visit = (d: number, place: number, to: number): number => {
    let at = to;
    if (d === last) for (let i = 0; i < shape[d]; i++) out[at++] = values[place + i * strides[d]];
    else for (let i = 0; i < shape[d]; i++) at = visit(d + 1, place + i * strides[d], at);
    return at;
  };
  visit(0, x.offset, 0);
  return out;
}

/** The element that stands at row-major number `index` of `shape`, to which the tensor broadcasts. */
export const elementAt = (x: Tensor, index: number, shape: Shape): number => x.storage.values[placeOf(x, index, shape)];

function placeOf(x: Tensor, index: number, shape: Shape): number {
  let place = x.offset;
  let rest = index;
  const lead = shape.length - x.shape.length;
  for (let d = shape.length - 1; d >= 0 && rest > 0; d--) {
    const at = rest % shape[d];
    rest = (rest - at) / shape[d];
    if (d >= lead && x.shape[d - lead] !== 1) place += at * x.strides[d - lead];
  }
  return place;
}

/** Sum of the squares: of floating point numbers, whether all are finite can be told from it. 0 for other types. */
export function squaresOf(x: Tensor): number {
  if (!isFloat(x.dtype)) return 0;
  if (x.dense) return squares(x.storage.values, x.offset, x.elements);
  const values = elementsOf(x);
  return squares(values, 0, values.length);
}

/** Which bad values there are, as Health bits. */
export function healthOf(x: Tensor): number {
  if (!isFloat(x.dtype)) return 0;
  if (x.dense) return health(x.storage.values, x.offset, x.elements);
  const values = elementsOf(x);
  return health(values, 0, values.length);
}

/** The root of a sum of squares. One that overflowed (`bad` is 0 and it is infinite) is larger than can be said. */
export function normFrom(sum: number, bad: number): number {
  return bad === 0 && sum === Number.POSITIVE_INFINITY ? Number.MAX_VALUE : Math.sqrt(sum);
}
