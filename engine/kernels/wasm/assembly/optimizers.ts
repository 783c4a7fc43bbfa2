import { multiplyAdd, VECTOR } from "./vector";

// Updates of `n` parameters at `p` by their gradients at `g`, state beside them, all float32 and in whole vectors. `sign` is
// −1 for climbing.

@inline
function gradient(p: usize, g: usize, sign: f32, weightDecay: f32): v128 {
  return multiplyAdd<f32>(v128.load(p), f32x4.splat(weightDecay), f32x4.mul(v128.load(g), f32x4.splat(sign)));
}

/** p − lr · (gradient + decay) */
export function sgd(p: usize, g: usize, n: i32, lr: f32, weightDecay: f32, sign: f32): void {
  for (const end = p + (<usize>n) * 4; p < end; p += VECTOR, g += VECTOR) {
    const step = f32x4.mul(f32x4.splat(lr), gradient(p, g, sign, weightDecay));
    v128.store(p, f32x4.sub(v128.load(p), step));
  }
}

/** With `kept` of the velocity and `taken` of the gradient; `ahead` is the momentum for Nesterov's look ahead, else 0. */
export function sgdMomentum(
  p: usize,
  g: usize,
  velocity: usize,
  n: i32,
  lr: f32,
  weightDecay: f32,
  sign: f32,
  kept: f32,
  taken: f32,
  ahead: f32,
): void {
  for (const end = p + (<usize>n) * 4; p < end; p += VECTOR, g += VECTOR, velocity += VECTOR) {
    const slope = gradient(p, g, sign, weightDecay);
    const old = f32x4.mul(v128.load(velocity), f32x4.splat(kept));
    const v = multiplyAdd<f32>(slope, f32x4.splat(taken), old);
    v128.store(velocity, v);
    const direction = ahead === 0 ? v : multiplyAdd<f32>(v, f32x4.splat(ahead), slope);
    v128.store(p, f32x4.sub(v128.load(p), f32x4.mul(direction, f32x4.splat(lr))));
  }
}

/**
 * Adam: `rate1` and `rate2` are 1 − β, `beta2` is β₂, `root` the square root of the second correction. `shrink` is the
 * factor of the weight (AdamW), `pull` what of it goes to the gradient. `largest` is 0 without AMSGrad.
 */
export function adam(
  p: usize,
  g: usize,
  first: usize,
  second: usize,
  largest: usize,
  n: i32,
  step: f32,
  rate1: f32,
  beta2: f32,
  rate2: f32,
  root: f32,
  eps: f32,
  shrink: f32,
  pull: f32,
  sign: f32,
): void {
  for (let at: usize = 0, end = (<usize>n) * 4; at < end; at += VECTOR) {
    const w = f32x4.mul(v128.load(p + at), f32x4.splat(shrink));
    const slope = multiplyAdd<f32>(w, f32x4.splat(pull), f32x4.mul(v128.load(g + at), f32x4.splat(sign)));
    const before = v128.load(first + at);
    const m = multiplyAdd<f32>(f32x4.sub(slope, before), f32x4.splat(rate1), before);
    const square = f32x4.mul(f32x4.mul(slope, slope), f32x4.splat(rate2));
    let v = multiplyAdd<f32>(v128.load(second + at), f32x4.splat(beta2), square);
    v128.store(first + at, m);
    v128.store(second + at, v);
    if (largest !== 0) {
      v = f32x4.max(v128.load(largest + at), v); // a NaN stays one
      v128.store(largest + at, v);
    }
    const scale = f32x4.add(f32x4.div(f32x4.sqrt(v), f32x4.splat(root)), f32x4.splat(eps));
    v128.store(p + at, f32x4.sub(w, f32x4.div(f32x4.mul(m, f32x4.splat(step)), scale)));
  }
}
