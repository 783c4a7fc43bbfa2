/**
 * The workloads' sizes and initial values. Every engine is measured with the same ones, so that what the first step computes (`check`)
 * agrees between them; see `expected`.
 */

/** Uniform in [−scale, scale): mulberry32 counted from a seed. */
export function uniform(seed: number, n: number, scale = 1): Float32Array {
  const out = new Float32Array(n);
  let state = seed >>> 0;
  for (let i = 0; i < n; i++) {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    out[i] = ((((t ^ (t >>> 14)) >>> 0) / 4294967296) * 2 - 1) * scale;
  }
  return out;
}

/** Class numbers that go round. */
export function labels(n: number, classes: number): number[] {
  return Array.from({ length: n }, (_, i) => (i * 7 + 3) % classes);
}

/** 1,000 ops on one number: y·0.5, y + 0.5, y·y in turn. */
export const W1 = { ops: 1000, start: [0.9] };
/** sum(tanh(x·w + b)²) of so many floats. */
export const W2 = { n: 1 << 20 };
/** sum((A B) · G) of square matrices. */
export const W3 = { W3_512: 512, W3_1024: 1024 };
/** A training step of an MLP with relu and cross-entropy. */
export const W4 = { batch: 64, dims: [784, 256, 128, 10], lr: 0.01 };
/** A training step of a small convolutional network: two of conv 3×3, relu, max pool, then one linear layer. */
export const W5 = { batch: 16, channels: [1, 16, 32], size: 28, classes: 10, lr: 0.01 };
/** A training step of a transformer block, layer norm first. */
export const W6 = { batch: 8, tokens: 64, width: 128, heads: 4, hidden: 512, lr: 0.01 };
/** A training step of a tiny MLP with tanh: nothing but overhead. */
export const W7 = { batch: 8, dims: [2, 16, 16, 1], lr: 0.01 };
/** W1's chain, 10,000 ops long on 16 numbers. */
export const W8 = { ops: 10_000, start: Array.from({ length: 16 }, (_, i) => 0.9 + 0.001 * i) };
/** gradcheck of an MLP with tanh: by its inputs, and a smaller one by inputs and parameters. */
export const W9 = { W9: [200, 64, 64, 16], W9_params: [10, 10, 8, 4] };
/** All derivatives of an MLP with tanh by its inputs, float64: the first ones of many outputs, the second ones of a single one. */
export const derivatives = { jacobian: [32, 64, 64, 32], hessian: [32, 64, 64, 1] };

/** What the first step computes, and how far float32 sums in another order may lie from it. */
export const expected: Readonly<Record<string, { readonly check: number; readonly within: number }>> = {
  W1: { check: 0.005552, within: 1e-3 },
  W2: { check: 285_295, within: 5e-4 },
  W3_512: { check: -2636.6, within: 5e-5 },
  W4: { check: 2.30395, within: 1e-5 },
  W5: { check: 2.31179, within: 1e-5 },
  W6: { check: 0.70566, within: 2e-5 },
  W7: { check: 0.1572, within: 5e-5 },
  W8: { check: 0.0012885, within: 1e-3 },
  W9: { check: 1, within: 0 },
  W9_params: { check: 1, within: 0 },
  jacobian: { check: 0.9259343, within: 1e-6 },
  hessian: { check: 0.006293525, within: 1e-6 },
};

/** Ops a step, where it is the overhead of an op that counts. */
export const opsPerStep: Readonly<Record<string, number>> = { W1: W1.ops, W8: W8.ops };

/** Floating-point operations a step, where it is arithmetic that counts. */
export const flopPerStep: Readonly<Record<string, number>> = {
  W3_512: 6 * 512 ** 3,
  W3_1024: 6 * 1024 ** 3,
  W4: 2 * 64 * (2 * 784 * 256 + 3 * (256 * 128 + 128 * 10)),
  W5: 2 * 16 * (2 * 784 * 9 * 16 + 3 * 196 * 144 * 32 + 3 * 1568 * 10),
  W6: 3 * 2 * 512 * (4 * 128 * 128 + 2 * 128 * 512) + 3 * 4 * 8 * 4 * 64 * 64 * 32,
};
