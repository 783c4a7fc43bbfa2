import { multiplyAdd, VECTOR } from "./vector";

// One tile of a product: rows of the left operand times two vectors of columns of the right one, all sums in registers.
// Several shapes, because it depends on the machine and on what V8 makes of the loop which of them is fastest. The order
// in which an element is summed does not depend on the shape, so neither do the numbers.

/** Adds to a vector of the result, or writes it when nothing has been summed there yet. */
@inline
function put<T>(at: usize, sum: v128, fresh: bool): void {
  v128.store(at, fresh ? sum : v128.add<T>(v128.load(at), sum));
}

/** The element that stands `at` bytes from `a` on, in all lanes. */
@inline
function repeat<T>(a: usize, at: usize): v128 {
  return sizeof<T>() === 4 ? v128.load32_splat(a + at) : v128.load64_splat(a + at);
}

/** Four rows: eight sums. */
@inline
export function tile4<T>(a: usize, b: usize, c: usize, row: usize, depth: i32, fresh: bool): void {
  const size = sizeof<T>();
  let s00 = v128.splat<T>(<T>0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  for (; depth > 0; depth--, a += 4 * size, b += 2 * VECTOR) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, VECTOR);
    const a0 = repeat<T>(a, 0);
    s00 = multiplyAdd<T>(a0, b0, s00);
    s01 = multiplyAdd<T>(a0, b1, s01);
    const a1 = repeat<T>(a, size);
    s10 = multiplyAdd<T>(a1, b0, s10);
    s11 = multiplyAdd<T>(a1, b1, s11);
    const a2 = repeat<T>(a, 2 * size);
    s20 = multiplyAdd<T>(a2, b0, s20);
    s21 = multiplyAdd<T>(a2, b1, s21);
    const a3 = repeat<T>(a, 3 * size);
    s30 = multiplyAdd<T>(a3, b0, s30);
    s31 = multiplyAdd<T>(a3, b1, s31);
  }
  put<T>(c, s00, fresh);
  put<T>(c + VECTOR, s01, fresh);
  c += row;
  put<T>(c, s10, fresh);
  put<T>(c + VECTOR, s11, fresh);
  c += row;
  put<T>(c, s20, fresh);
  put<T>(c + VECTOR, s21, fresh);
  c += row;
  put<T>(c, s30, fresh);
  put<T>(c + VECTOR, s31, fresh);
}

/** Six rows: twelve sums, which leaves just enough of the sixteen registers. */
@inline
export function tile6<T>(a: usize, b: usize, c: usize, row: usize, depth: i32, fresh: bool): void {
  const size = sizeof<T>();
  let s00 = v128.splat<T>(<T>0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  let s40 = s00;
  let s41 = s00;
  let s50 = s00;
  let s51 = s00;
  for (; depth > 0; depth--, a += 6 * size, b += 2 * VECTOR) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, VECTOR);
    const a0 = repeat<T>(a, 0);
    s00 = multiplyAdd<T>(a0, b0, s00);
    s01 = multiplyAdd<T>(a0, b1, s01);
    const a1 = repeat<T>(a, size);
    s10 = multiplyAdd<T>(a1, b0, s10);
    s11 = multiplyAdd<T>(a1, b1, s11);
    const a2 = repeat<T>(a, 2 * size);
    s20 = multiplyAdd<T>(a2, b0, s20);
    s21 = multiplyAdd<T>(a2, b1, s21);
    const a3 = repeat<T>(a, 3 * size);
    s30 = multiplyAdd<T>(a3, b0, s30);
    s31 = multiplyAdd<T>(a3, b1, s31);
    const a4 = repeat<T>(a, 4 * size);
    s40 = multiplyAdd<T>(a4, b0, s40);
    s41 = multiplyAdd<T>(a4, b1, s41);
    const a5 = repeat<T>(a, 5 * size);
    s50 = multiplyAdd<T>(a5, b0, s50);
    s51 = multiplyAdd<T>(a5, b1, s51);
  }
  put<T>(c, s00, fresh);
  put<T>(c + VECTOR, s01, fresh);
  c += row;
  put<T>(c, s10, fresh);
  put<T>(c + VECTOR, s11, fresh);
  c += row;
  put<T>(c, s20, fresh);
  put<T>(c + VECTOR, s21, fresh);
  c += row;
  put<T>(c, s30, fresh);
  put<T>(c + VECTOR, s31, fresh);
  c += row;
  put<T>(c, s40, fresh);
  put<T>(c + VECTOR, s41, fresh);
  c += row;
  put<T>(c, s50, fresh);
  put<T>(c + VECTOR, s51, fresh);
}
