import type { TypedArray } from "../base/dtype.ts";
import type { Block } from "./block.ts";
import { broadcasting } from "./broadcast.ts";
import { elementwise, pairwise } from "./elementwise.ts";
import type { Operand } from "./operand.ts";
import { erf } from "./special.ts";
import { limits } from "./switch.ts";
import { unaryInWasm } from "./wasm/pointwise.ts";

// Activation functions and, for those in every model, the products of a gradient `a` with their derivative at `b`: one
// pass instead of four. Comparisons are written so that NaN passes through.

export interface Elu {
  /** Where the curve ends for x → −∞. */
  readonly alpha: number;
  /** Factor of the whole. */
  readonly scale: number;
  /** Factor of x in the exponent. */
  readonly inputScale: number;
}

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

export interface Softplus {
  readonly beta: number;
  /** From here on (times beta) the function is the identity, for lack of precision. */
  readonly threshold: number;
}

export interface Threshold {
  readonly threshold: number;
  readonly value: number;
}

const SQRT_HALF = Math.SQRT1_2;
const INV_SQRT_2PI = 1 / Math.sqrt(2 * Math.PI);
const SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
/** Of the cubic term in the tanh form of GELU (Hendrycks and Gimpel, 2016). */
export const CUBIC = 0.044715;
/** PyTorch keeps this factor in single precision whatever the dtype. */
export const ONE_SIXTH = Math.fround(1 / 6);

/** x above the threshold, else the value. */
export function threshold(x: Operand, out: Operand, { threshold, value: replacement }: Threshold): void {
  if (x.elements >= limits.plain && unaryInWasm("threshold", x, out, threshold, replacement)) return;
  const { values: v } = x.storage;
  const { values: y } = out.storage;
  for (let i = 0, a = x.offset, b = out.offset; i < x.elements; i++) {
    const value = v[a + i];
    y[b + i] = value <= threshold ? replacement : value;
  }
}

/** Passes where b is above the threshold. */
export const thresholdBackward = broadcasting<Pick<Threshold, "threshold">>(
  (rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo, { threshold }) => {
    for (let r = 0, k = oo; r < rows; r++) {
      for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc) {
        out[k++] = b[j] <= threshold ? 0 : a[i];
      }
    }
  },
  { name: "thresholdBackward", limit: "plain", numbers: ({ threshold }) => [threshold] },
);

/** x, or slope · x for negative x. */
export function leakyRelu(x: Operand, out: Operand, { slope }: { readonly slope: number }): void {
  if (x.elements >= limits.plain && unaryInWasm("leakyRelu", x, out, slope)) return;
  const { values: v } = x.storage;
  const { values: y } = out.storage;
  for (let i = 0, a = x.offset, b = out.offset; i < x.elements; i++) {
    const value = v[a + i];
    y[b + i] = value > 0 ? value : value * slope;
  }
}

/** slope · a where b ≤ 0. */
export const leakyReluBackward = broadcasting<{ readonly slope: number }>(
  (rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo, { slope }) => {
    for (let r = 0, k = oo; r < rows; r++) {
      for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc) {
        out[k++] = b[j] > 0 ? a[i] : a[i] * slope;
      }
    }
  },
  { name: "leakyReluBackward", limit: "plain", numbers: ({ slope }) => [slope] },
);

/** x, but no lower than min and no higher than max. */
export function clamp(x: Operand, out: Operand, { min, max }: Bounds): void {
  if (x.elements >= limits.plain && unaryInWasm("clamp", x, out, min, max)) return;
  const { values: v } = x.storage;
  const { values: y } = out.storage;
  for (let i = 0, a = x.offset, b = out.offset; i < x.elements; i++) {
    const value = v[a + i];
    const raised = value < min ? min : value;
    y[b + i] = raised > max ? max : raised;
  }
}

/** Passes from min to max, the bounds included. */
export const clampBackward = broadcasting<Bounds>(
  (rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo, { min, max }) => {
    for (let r = 0, k = oo; r < rows; r++) {
      for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc) {
        out[k++] = b[j] >= min && b[j] <= max ? a[i] : 0;
      }
    }
  },
  { name: "clampBackward", limit: "plain", numbers: ({ min, max }) => [min, max] },
);

/** Passes between min and max, the bounds excluded. */
export const hardtanhBackward = broadcasting<Bounds>(
  (rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo, { min, max }) => {
    for (let r = 0, k = oo; r < rows; r++) {
      for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc) {
        out[k++] = b[j] <= min || b[j] >= max ? 0 : a[i];
      }
    }
  },
  { name: "hardtanhBackward", limit: "plain", numbers: ({ min, max }) => [min, max] },
);

/** scale · x, or scale · alpha (e^(inputScale x) − 1) for negative x. */
export function elu(x: Operand, out: Operand, { alpha, scale, inputScale }: Elu): void {
  if (x.elements >= limits.curve && unaryInWasm("elu", x, out, alpha * scale, scale, inputScale)) return;
  const { values: v } = x.storage;
  const { values: y } = out.storage;
  for (let i = 0, a = x.offset, b = out.offset; i < x.elements; i++) {
    const value = v[a + i];
    y[b + i] = value > 0 ? value * scale : Math.expm1(value * inputScale) * alpha * scale;
  }
}

export const eluBackward = broadcasting<Elu>(
  (rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo, { alpha, scale, inputScale }) => {
    for (let r = 0, k = oo; r < rows; r++) {
      for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc) {
        out[k++] = b[j] > 0 ? a[i] * scale : a[i] * inputScale * alpha * scale * Math.exp(b[j] * inputScale);
      }
    }
  },
  {
    name: "eluBackward",
    limit: "curve",
    numbers: ({ alpha, scale, inputScale }) => [inputScale * alpha * scale, scale, inputScale],
  },
);

/** x σ(x) */
export function silu(x: Operand, out: Operand): void {
  if (x.elements >= limits.curve && unaryInWasm("silu", x, out)) return;
  const { values: v } = x.storage;
  const { values: y } = out.storage;
  for (let i = 0, a = x.offset, b = out.offset; i < x.elements; i++) {
    const value = v[a + i];
    y[b + i] = value / (1 + Math.exp(-value));
  }
}

/** σ (1 + x (1 − σ)) */
export const siluBackward = broadcasting(
  (rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo) => {
    for (let r = 0, k = oo; r < rows; r++) {
      for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc) {
        const sigma = 1 / (1 + Math.exp(-b[j]));
        out[k++] = a[i] * sigma * (1 + b[j] * (1 - sigma));
      }
    }
  },
  { name: "siluBackward", limit: "curve" },
);

/** σ′ from the result σ: σ (1 − σ). */
export const sigmoidBackward = broadcasting(
  (rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo) => {
    for (let r = 0, k = oo; r < rows; r++) {
      for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc) {
        out[k++] = a[i] * (1 - b[j]) * b[j];
      }
    }
  },
  { name: "sigmoidBackward", limit: "plain" },
);

/** tanh′ from the result: 1 − tanh². */
export const tanhBackward = broadcasting(
  (rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo) => {
    for (let r = 0, k = oo; r < rows; r++) {
      for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc) {
        out[k++] = a[i] * (1 - b[j] * b[j]);
      }
    }
  },
  { name: "tanhBackward", limit: "plain" },
);

/** x Φ(x), Φ being the normal distribution. */
export function gelu(x: Operand, out: Operand): void {
  if (x.elements >= limits.curve && unaryInWasm("gelu", x, out)) return;
  const { values: v } = x.storage;
  const { values: y } = out.storage;
  for (let i = 0, a = x.offset, b = out.offset; i < x.elements; i++) {
    const value = v[a + i];
    y[b + i] = 0.5 * value * (1 + erf(value * SQRT_HALF));
  }
}

/** Φ(x) + x φ(x) */
export const geluBackward = broadcasting(
  (rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo) => {
    for (let r = 0, k = oo; r < rows; r++) {
      for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc) {
        const x = b[j];
        out[k++] = a[i] * (0.5 * (1 + erf(x * SQRT_HALF)) + x * INV_SQRT_2PI * Math.exp(-0.5 * x * x));
      }
    }
  },
  { name: "geluBackward", limit: "curve" },
);

/** The same with tanh for Φ. */
export function geluTanh(x: Operand, out: Operand): void {
  if (x.elements >= limits.curve && unaryInWasm("geluTanh", x, out)) return;
  const { values: v } = x.storage;
  const { values: y } = out.storage;
  for (let i = 0, a = x.offset, b = out.offset; i < x.elements; i++) {
    const value = v[a + i];
    y[b + i] = 0.5 * value * (1 + Math.tanh(SQRT_2_OVER_PI * (value + CUBIC * value * value * value)));
  }
}

export const geluTanhBackward = broadcasting(
  (rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo) => {
    for (let r = 0, k = oo; r < rows; r++) {
      for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc) {
        const x = b[j];
        const t = Math.tanh(SQRT_2_OVER_PI * (x + CUBIC * x * x * x));
        out[k++] = a[i] * (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * SQRT_2_OVER_PI * (1 + 3 * CUBIC * x * x));
      }
    }
  },
  { name: "geluTanhBackward", limit: "curve" },
);

/** ln(1 + e^(beta x)) / beta */
export function softplus(x: Operand, out: Operand, { beta, threshold }: Softplus): void {
  if (x.elements >= limits.curve && unaryInWasm("softplus", x, out, beta, threshold)) return;
  const { values: v } = x.storage;
  const { values: y } = out.storage;
  for (let i = 0, a = x.offset, b = out.offset; i < x.elements; i++) {
    const value = v[a + i];
    y[b + i] = value * beta > threshold ? value : Math.log1p(Math.exp(value * beta)) / beta;
  }
}

/** σ(beta x) */
export const softplusBackward = broadcasting<Softplus>(
  (rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo, { beta, threshold }) => {
    for (let r = 0, k = oo; r < rows; r++) {
      for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc) {
        out[k++] = b[j] * beta > threshold ? a[i] : a[i] / (1 + Math.exp(-b[j] * beta));
      }
    }
  },
  { name: "softplusBackward", limit: "curve", numbers: ({ beta, threshold }) => [beta, threshold] },
);

/** ln σ(x) without overflow. */
export const logsigmoid = elementwise((x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x))));
/** x tanh(ln(1 + eˣ)) */
export const mish = elementwise((x) => x * Math.tanh(Math.log1p(Math.exp(x))));

export const softsign = elementwise((x) => x / (1 + Math.abs(x)));
export const tanhshrink = elementwise((x) => x - Math.tanh(x));

export const hardsigmoid = elementwise((x) => Math.min(Math.max(x + 3, 0), 6) / 6);
export const hardswish = elementwise((x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6);
interface Shrink {
  readonly lambd: number;
}

export const hardshrink = elementwise<Shrink>((x, { lambd }) => (x >= -lambd && x <= lambd ? 0 : x));
export const softshrink = elementwise<Shrink>((x, { lambd }) =>
  x > lambd ? x - lambd : x < -lambd ? x + lambd : x * 0,
);
/** x, or weight · x for negative x. */
export const prelu = pairwise((x, weight) => (x > 0 ? x : weight * x));

/** The first half of a dimension times σ of the second half. */
export function glu({ values, offset, outer, n, inner }: Block, out: TypedArray): void {
  const half = (n / 2) * inner;
  for (let o = 0, to = 0; o < outer; o++) {
    for (let i = offset + o * n * inner, end = i + half; i < end; i++) {
      out[to++] = values[i] / (1 + Math.exp(-values[i + half]));
    }
  }
}
