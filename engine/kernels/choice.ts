import type { TypedArray } from "../base/dtype.ts";
import { between } from "./between.ts";
import { expanded } from "./broadcast.ts";
import type { Operand } from "./operand.ts";

// Kernels of three operands that broadcast; each may be a plain number.

/** The inner loop over `n` elements: each operand starts at its offset and advances by its step, 0 or 1. */
type TripleLoop = (
  n: number,
  a: TypedArray,
  ao: number,
  as: number,
  b: TypedArray,
  bo: number,
  bs: number,
  c: TypedArray,
  co: number,
  cs: number,
  out: TypedArray,
  oo: number,
  factor: number,
) => void;

type Three = (a: Operand | number, b: Operand | number, c: Operand | number, out: Operand, factor?: number) => void;

function broadcastingThree(loop: TripleLoop): Three {
  return (a, b, c, out, factor = 1) => {
    const n = out.elements;
    if (n === 0) return;
    const x = lay(a, out);
    const y = lay(b, out);
    const z = lay(c, out);
    loop(
      n,
      x.values,
      x.offset,
      x.step,
      y.values,
      y.offset,
      y.step,
      z.values,
      z.offset,
      z.step,
      out.storage.values,
      out.offset,
      factor,
    );
  };
}

function lay(x: Operand | number, out: Operand): { values: TypedArray; offset: number; step: number } {
  if (typeof x === "number") return { values: Float64Array.of(x), offset: 0, step: 0 };
  const { values } = x.storage;
  if (x.elements === 1) return { values, offset: x.offset, step: 0 };
  if (x.dense && x.elements === out.elements) return { values, offset: x.offset, step: 1 };
  return { values: expanded(x, out.shape, out.elements), offset: 0, step: 1 };
}

/** a where the condition holds, else b. */
export const where = broadcastingThree((n, condition, ao, as, x, bo, bs, y, co, cs, out, oo) => {
  for (let i = 0; i < n; i++) out[oo + i] = condition[ao + i * as] !== 0 ? x[bo + i * bs] : y[co + i * cs];
});

/** x pulled up to `low` and then down to `high`; NaN stays NaN. */
export const clamp = broadcastingThree((n, x, ao, as, low, bo, bs, high, co, cs, out, oo) => {
  for (let i = 0; i < n; i++) {
    out[oo + i] = Math.min(Math.max(x[ao + i * as], low[bo + i * bs]), high[co + i * cs]);
  }
});

/** a + w (b − a) */
export const lerp = broadcastingThree((n, a, ao, as, b, bo, bs, weight, co, cs, out, oo) => {
  for (let i = 0; i < n; i++) {
    out[oo + i] = between(a[ao + i * as], b[bo + i * bs], weight[co + i * cs]);
  }
});

/** a + factor · b · c */
export const addcmul = broadcastingThree((n, a, ao, as, b, bo, bs, c, co, cs, out, oo, factor) => {
  for (let i = 0; i < n; i++) out[oo + i] = a[ao + i * as] + factor * b[bo + i * bs] * c[co + i * cs];
});

/** a + factor · b / c */
export const addcdiv = broadcastingThree((n, a, ao, as, b, bo, bs, c, co, cs, out, oo, factor) => {
  for (let i = 0; i < n; i++) out[oo + i] = a[ao + i * as] + (factor * b[bo + i * bs]) / c[co + i * cs];
});
