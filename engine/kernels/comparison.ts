import { broadcasting } from "./broadcast.ts";
import { elementwise, pairwise } from "./elementwise.ts";

// Comparisons and what follows from them. One loop per comparison, spelled out: masks are made of them.

export const eq = broadcasting((rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo) => {
  for (let r = 0, k = oo; r < rows; r++) {
    for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc)
      out[k++] = a[i] === b[j] ? 1 : 0;
  }
});

export const ne = broadcasting((rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo) => {
  for (let r = 0, k = oo; r < rows; r++) {
    for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc)
      out[k++] = a[i] !== b[j] ? 1 : 0;
  }
});

export const lt = broadcasting((rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo) => {
  for (let r = 0, k = oo; r < rows; r++) {
    for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc)
      out[k++] = a[i] < b[j] ? 1 : 0;
  }
});

export const le = broadcasting((rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo) => {
  for (let r = 0, k = oo; r < rows; r++) {
    for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc)
      out[k++] = a[i] <= b[j] ? 1 : 0;
  }
});

export const gt = broadcasting((rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo) => {
  for (let r = 0, k = oo; r < rows; r++) {
    for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc)
      out[k++] = a[i] > b[j] ? 1 : 0;
  }
});

export const ge = broadcasting((rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo) => {
  for (let r = 0, k = oo; r < rows; r++) {
    for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc)
      out[k++] = a[i] >= b[j] ? 1 : 0;
  }
});

/** The larger one; NaN when one of them is NaN. Faster than Math.max, which also tells 0 from −0. */
export const maximum = broadcasting((rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo) => {
  for (let r = 0, k = oo; r < rows; r++) {
    for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc) {
      const x = a[i];
      const y = b[j];
      out[k++] = x > y || Number.isNaN(x) ? x : y;
    }
  }
});

/** The smaller one; NaN when one of them is NaN. */
export const minimum = broadcasting((rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo) => {
  for (let r = 0, k = oo; r < rows; r++) {
    for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc) {
      const x = a[i];
      const y = b[j];
      out[k++] = x < y || Number.isNaN(x) ? x : y;
    }
  }
});

/** The larger one; the other one when one of them is NaN. */
export const fmax = pairwise((a, b) => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.max(a, b)));
/** The smaller one; the other one when one of them is NaN. */
export const fmin = pairwise((a, b) => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.min(a, b)));

// Everything but 0 counts as true, NaN too.
export const logicalAnd = pairwise((a, b) => (a !== 0 && b !== 0 ? 1 : 0));
export const logicalOr = pairwise((a, b) => (a !== 0 || b !== 0 ? 1 : 0));
export const logicalXor = pairwise((a, b) => ((a !== 0) !== (b !== 0) ? 1 : 0));
export const logicalNot = elementwise((x) => (x === 0 ? 1 : 0));

export const isnan = elementwise((x) => (Number.isNaN(x) ? 1 : 0));
export const isinf = elementwise((x) => (x === Number.POSITIVE_INFINITY || x === Number.NEGATIVE_INFINITY ? 1 : 0));
export const isfinite = elementwise((x) => (Number.isFinite(x) ? 1 : 0));
export const isposinf = elementwise((x) => (x === Number.POSITIVE_INFINITY ? 1 : 0));
export const isneginf = elementwise((x) => (x === Number.NEGATIVE_INFINITY ? 1 : 0));
export const signbit = elementwise((x) => (x < 0 || Object.is(x, -0) ? 1 : 0));

/** 0 for negative a, 1 for positive a, b where a is 0. */
export const heaviside = pairwise((a, b) => (a === 0 ? b : a > 0 ? 1 : 0));
