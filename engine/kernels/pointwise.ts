import type { Operand } from "./operand.ts";

// One loop per function, spelled out: a loop over a function parameter would be called through a pointer per element.
// Inputs and outputs are dense.

export function neg(x: Operand, out: Operand): void {
  const { values: v } = x.storage;
  const { values: y } = out.storage;
  for (let i = 0, a = x.offset, b = out.offset; i < x.elements; i++) y[b + i] = -v[a + i];
}

export function exp(x: Operand, out: Operand): void {
  const { values: v } = x.storage;
  const { values: y } = out.storage;
  for (let i = 0, a = x.offset, b = out.offset; i < x.elements; i++) y[b + i] = Math.exp(v[a + i]);
}

export function tanh(x: Operand, out: Operand): void {
  const { values: v } = x.storage;
  const { values: y } = out.storage;
  for (let i = 0, a = x.offset, b = out.offset; i < x.elements; i++) y[b + i] = Math.tanh(v[a + i]);
}
