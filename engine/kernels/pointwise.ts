import { elementwise } from "./elementwise.ts";
import type { Operand } from "./operand.ts";
import { limits } from "./switch.ts";
import { unaryInWasm } from "./wasm/pointwise.ts";

// One loop per function, spelled out: a loop over a function parameter would be called through a pointer per element.
// Inputs and outputs are dense.

export function neg(x: Operand, out: Operand): void {
  if (x.elements >= limits.plain && unaryInWasm("neg", x, out)) return;
  const { values: v } = x.storage;
  const { values: y } = out.storage;
  for (let i = 0, a = x.offset, b = out.offset; i < x.elements; i++) y[b + i] = -v[a + i];
}

export function abs(x: Operand, out: Operand): void {
  if (x.elements >= limits.plain && unaryInWasm("abs", x, out)) return;
  const { values: v } = x.storage;
  const { values: y } = out.storage;
  for (let i = 0, a = x.offset, b = out.offset; i < x.elements; i++) y[b + i] = Math.abs(v[a + i]);
}

export function exp(x: Operand, out: Operand): void {
  if (x.elements >= limits.curve && unaryInWasm("exp", x, out)) return;
  const { values: v } = x.storage;
  const { values: y } = out.storage;
  for (let i = 0, a = x.offset, b = out.offset; i < x.elements; i++) y[b + i] = Math.exp(v[a + i]);
}

export function log(x: Operand, out: Operand): void {
  if (x.elements >= limits.curve && unaryInWasm("log", x, out)) return;
  const { values: v } = x.storage;
  const { values: y } = out.storage;
  for (let i = 0, a = x.offset, b = out.offset; i < x.elements; i++) y[b + i] = Math.log(v[a + i]);
}

export function sqrt(x: Operand, out: Operand): void {
  if (x.elements >= limits.plain && unaryInWasm("sqrt", x, out)) return;
  const { values: v } = x.storage;
  const { values: y } = out.storage;
  for (let i = 0, a = x.offset, b = out.offset; i < x.elements; i++) y[b + i] = Math.sqrt(v[a + i]);
}

export function rsqrt(x: Operand, out: Operand): void {
  if (x.elements >= limits.plain && unaryInWasm("rsqrt", x, out)) return;
  const { values: v } = x.storage;
  const { values: y } = out.storage;
  for (let i = 0, a = x.offset, b = out.offset; i < x.elements; i++) y[b + i] = 1 / Math.sqrt(v[a + i]);
}

export function reciprocal(x: Operand, out: Operand): void {
  if (x.elements >= limits.plain && unaryInWasm("reciprocal", x, out)) return;
  const { values: v } = x.storage;
  const { values: y } = out.storage;
  for (let i = 0, a = x.offset, b = out.offset; i < x.elements; i++) y[b + i] = 1 / v[a + i];
}

export function square(x: Operand, out: Operand): void {
  if (x.elements >= limits.plain && unaryInWasm("square", x, out)) return;
  const { values: v } = x.storage;
  const { values: y } = out.storage;
  for (let i = 0, a = x.offset, b = out.offset; i < x.elements; i++) y[b + i] = v[a + i] * v[a + i];
}

export function sin(x: Operand, out: Operand): void {
  const { values: v } = x.storage;
  const { values: y } = out.storage;
  for (let i = 0, a = x.offset, b = out.offset; i < x.elements; i++) y[b + i] = Math.sin(v[a + i]);
}

export function cos(x: Operand, out: Operand): void {
  const { values: v } = x.storage;
  const { values: y } = out.storage;
  for (let i = 0, a = x.offset, b = out.offset; i < x.elements; i++) y[b + i] = Math.cos(v[a + i]);
}

export function tanh(x: Operand, out: Operand): void {
  if (x.elements >= limits.curve && unaryInWasm("tanh", x, out)) return;
  const { values: v } = x.storage;
  const { values: y } = out.storage;
  for (let i = 0, a = x.offset, b = out.offset; i < x.elements; i++) y[b + i] = Math.tanh(v[a + i]);
}

export function sigmoid(x: Operand, out: Operand): void {
  if (x.elements >= limits.curve && unaryInWasm("sigmoid", x, out)) return;
  const { values: v } = x.storage;
  const { values: y } = out.storage;
  for (let i = 0, a = x.offset, b = out.offset; i < x.elements; i++) y[b + i] = 1 / (1 + Math.exp(-v[a + i]));
}

// NaN stays NaN.
export function relu(x: Operand, out: Operand): void {
  if (x.elements >= limits.plain && unaryInWasm("relu", x, out)) return;
  const { values: v } = x.storage;
  const { values: y } = out.storage;
  for (let i = 0, a = x.offset, b = out.offset; i < x.elements; i++) y[b + i] = v[a + i] <= 0 ? 0 : v[a + i];
}

export const exp2 = elementwise((x) => 2 ** x);
export const expm1 = elementwise(Math.expm1);
export const log2 = elementwise(Math.log2);
export const log10 = elementwise(Math.log10);
export const log1p = elementwise(Math.log1p);
export const tan = elementwise(Math.tan);
export const asin = elementwise(Math.asin);
export const acos = elementwise(Math.acos);
export const atan = elementwise(Math.atan);
export const sinh = elementwise(Math.sinh);
export const cosh = elementwise(Math.cosh);
export const asinh = elementwise(Math.asinh);
export const acosh = elementwise(Math.acosh);
export const atanh = elementwise(Math.atanh);
export const degToRad = elementwise((x) => x * (Math.PI / 180));
export const radToDeg = elementwise((x) => x * (180 / Math.PI));

/** sin(πx)/(πx), 1 at 0. */
export const sinc = elementwise((x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)));
