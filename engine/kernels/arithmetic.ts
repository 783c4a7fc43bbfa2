import { broadcasting } from "./broadcast.ts";

// One loop per op, spelled out: a loop over a function parameter would be called through a pointer per element.

export const add = broadcasting((rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo) => {
  for (let r = 0; r < rows; r++) {
    for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc) out[oo++] = a[i] + b[j];
  }
});

export const sub = broadcasting((rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo) => {
  for (let r = 0; r < rows; r++) {
    for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc) out[oo++] = a[i] - b[j];
  }
});

export const mul = broadcasting((rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo) => {
  for (let r = 0; r < rows; r++) {
    for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc) out[oo++] = a[i] * b[j];
  }
});

export const div = broadcasting((rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo) => {
  for (let r = 0; r < rows; r++) {
    for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc) out[oo++] = a[i] / b[j];
  }
});
