import type { TypedArray } from "../base/dtype.ts";
import { between } from "./between.ts";
import { limits } from "./switch.ts";
import { type Part, updateInWasm } from "./wasm/optimizers.ts";

// One fused loop per optimizer: parameter, gradient and state are read and written once per element. `p` is the
// parameter from `po` on, `g` its gradient from `go` on; state buffers start at 0. Elements `from` to `to` (exclusive) are
// updated. `sign` is -1 when the optimizer maximizes, else 1.

/** Numbers that every update of one parameter shares. */
export interface Step {
  readonly lr: number;
  readonly weightDecay: number;
  readonly sign: number;
}

/** SGD without momentum. */
export function sgd(p: TypedArray, po: number, g: TypedArray, go: number, from: number, to: number, s: Step): void {
  const { lr, weightDecay, sign } = s;
  if (to - from >= limits.plain) {
    const parts: Part[] = [
      [p, po],
      [g, go],
    ];
    if (updateInWasm(parts, 1, from, to, (e, [w, grad], n) => e.sgd(w, grad, n, lr, weightDecay, sign))) return;
  }
  for (let i = from; i < to; i++) {
    const w = p[po + i];
    p[po + i] = w - lr * (sign * g[go + i] + weightDecay * w);
  }
}

/** SGD with momentum in `buffer`, which on the first step becomes the gradient itself. */
export function sgdMomentum(
  p: TypedArray,
  po: number,
  g: TypedArray,
  go: number,
  from: number,
  to: number,
  s: Step & { readonly momentum: number; readonly dampening: number; readonly nesterov: boolean },
  buffer: TypedArray,
  first: boolean,
): void {
  const { lr, weightDecay, sign, momentum, nesterov } = s;
  const kept = first ? 0 : momentum;
  const taken = first ? 1 : 1 - s.dampening;
  if (to - from >= limits.plain) {
    const parts: Part[] = [
      [p, po],
      [buffer, 0],
      [g, go],
    ];
    const ahead = nesterov ? momentum : 0;
    const done = updateInWasm(parts, 2, from, to, (e, [w, velocity, grad], n) =>
      e.sgdMomentum(w, grad, velocity, n, lr, weightDecay, sign, kept, taken, ahead),
    );
    if (done) return;
  }
  for (let i = from; i < to; i++) {
    const w = p[po + i];
    const grad = sign * g[go + i] + weightDecay * w;
    const velocity = kept * buffer[i] + taken * grad;
    buffer[i] = velocity;
    p[po + i] = w - lr * (nesterov ? grad + momentum * velocity : velocity);
  }
}

/** Numbers of Adam and its relatives; the corrections are 1 − βᵗ. */
export interface AdamStep extends Step {
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly correction1: number;
  readonly correction2: number;
  /** The weight decays by itself (AdamW) instead of through the gradient. */
  readonly decoupled: boolean;
}

/** Adam and AdamW; `largest` holds the largest second moment so far for AMSGrad. */
export function adam(
  p: TypedArray,
  po: number,
  g: TypedArray,
  go: number,
  from: number,
  to: number,
  s: AdamStep,
  first: TypedArray,
  second: TypedArray,
  largest: TypedArray | null,
): void {
  const { beta1, beta2, eps, sign } = s;
  const stepSize = s.lr / s.correction1;
  const root = Math.sqrt(s.correction2);
  const shrink = s.decoupled ? 1 - s.lr * s.weightDecay : 1;
  const pull = s.decoupled ? 0 : s.weightDecay;
  if (to - from >= limits.plain) {
    const parts: Part[] = [
      [p, po],
      [first, 0],
      [second, 0],
      [largest ?? g, largest === null ? go : 0],
      [g, go],
    ];
    const done = updateInWasm(parts, largest === null ? 3 : 4, from, to, (e, [w, m, v, most, grad], n) =>
      e.adam(
        w,
        grad,
        m,
        v,
        largest === null ? 0 : most,
        n,
        stepSize,
        1 - beta1,
        beta2,
        1 - beta2,
        root,
        eps,
        shrink,
        pull,
        sign,
      ),
    );
    if (done) return;
  }
  for (let i = from; i < to; i++) {
    const w = p[po + i] * shrink;
    const grad = sign * g[go + i] + pull * w;
    const m = first[i] + (grad - first[i]) * (1 - beta1);
    const v = beta2 * second[i] + (1 - beta2) * grad * grad;
    first[i] = m;
    second[i] = v;
    let scale = v;
    if (largest !== null) {
      // Not Math.max alone: a NaN must stay one, and it does.
      scale = Math.max(largest[i], v);
      largest[i] = scale;
    }
    p[po + i] = w - (stepSize * m) / (Math.sqrt(scale) / root + eps);
  }
}

/** Adamax: the second moment is a maximum norm. */
export function adamax(
  p: TypedArray,
  po: number,
  g: TypedArray,
  go: number,
  from: number,
  to: number,
  s: AdamStep,
  first: TypedArray,
  norm: TypedArray,
): void {
  const { beta1, beta2, eps, sign, weightDecay } = s;
  const stepSize = s.lr / s.correction1;
  for (let i = from; i < to; i++) {
    const w = p[po + i];
    const grad = sign * g[go + i] + weightDecay * w;
    const m = first[i] + (grad - first[i]) * (1 - beta1);
    const u = Math.max(beta2 * norm[i], Math.abs(grad) + eps);
    first[i] = m;
    norm[i] = u;
    p[po + i] = w - (stepSize * m) / u;
  }
}

/** NAdam: the step is `towardGrad` of the gradient and `towardMoment` of the first moment. */
export function nadam(
  p: TypedArray,
  po: number,
  g: TypedArray,
  go: number,
  from: number,
  to: number,
  s: AdamStep,
  towardGrad: number,
  towardMoment: number,
  first: TypedArray,
  second: TypedArray,
): void {
  const { beta1, beta2, eps, sign, correction2 } = s;
  const shrink = s.decoupled ? 1 - s.lr * s.weightDecay : 1;
  const pull = s.decoupled ? 0 : s.weightDecay;
  for (let i = from; i < to; i++) {
    const w = p[po + i] * shrink;
    const grad = sign * g[go + i] + pull * w;
    const m = first[i] + (grad - first[i]) * (1 - beta1);
    const v = beta2 * second[i] + (1 - beta2) * grad * grad;
    first[i] = m;
    second[i] = v;
    p[po + i] = w - (towardGrad * grad + towardMoment * m) / (Math.sqrt(v / correction2) + eps);
  }
}

/** RAdam: `rectification` is null while the variance of the second moment is still unknown. */
export function radam(
  p: TypedArray,
  po: number,
  g: TypedArray,
  go: number,
  from: number,
  to: number,
  s: AdamStep,
  rectification: number | null,
  first: TypedArray,
  second: TypedArray,
): void {
  const { beta1, beta2, eps, sign } = s;
  const stepSize = s.lr / s.correction1;
  const adaptive = rectification === null ? 0 : rectification * Math.sqrt(s.correction2);
  const shrink = s.decoupled ? 1 - s.lr * s.weightDecay : 1;
  const pull = s.decoupled ? 0 : s.weightDecay;
  for (let i = from; i < to; i++) {
    const w = p[po + i] * shrink;
    const grad = sign * g[go + i] + pull * w;
    const m = first[i] + (grad - first[i]) * (1 - beta1);
    const v = beta2 * second[i] + (1 - beta2) * grad * grad;
    first[i] = m;
    second[i] = v;
    p[po + i] = w - stepSize * m * (rectification === null ? 1 : adaptive / (Math.sqrt(v) + eps));
  }
}

/** Numbers of RMSprop. */
export interface RmsStep extends Step {
  readonly alpha: number;
  readonly eps: number;
  readonly momentum: number;
}

/** RMSprop; `mean` is there when it is centered, `buffer` when it has momentum. */
export function rmsprop(
  p: TypedArray,
  po: number,
  g: TypedArray,
  go: number,
  from: number,
  to: number,
  s: RmsStep,
  square: TypedArray,
  mean: TypedArray | null,
  buffer: TypedArray | null,
): void {
  const { lr, weightDecay, sign, alpha, eps, momentum } = s;
  for (let i = from; i < to; i++) {
    const w = p[po + i];
    const grad = sign * g[go + i] + weightDecay * w;
    const v = alpha * square[i] + (1 - alpha) * grad * grad;
    square[i] = v;
    let variance = v;
    if (mean !== null) {
      const average = mean[i] + (grad - mean[i]) * (1 - alpha);
      mean[i] = average;
      variance = v - average * average;
    }
    let move = grad / (Math.sqrt(variance) + eps);
    if (buffer !== null) {
      move += momentum * buffer[i];
      buffer[i] = move;
    }
    p[po + i] = w - lr * move;
  }
}

/** Adagrad; `s.lr` has decayed already. */
export function adagrad(
  p: TypedArray,
  po: number,
  g: TypedArray,
  go: number,
  from: number,
  to: number,
  s: Step & { readonly eps: number },
  sum: TypedArray,
): void {
  const { lr, weightDecay, sign, eps } = s;
  for (let i = from; i < to; i++) {
    const w = p[po + i];
    const grad = sign * g[go + i] + weightDecay * w;
    const total = sum[i] + grad * grad;
    sum[i] = total;
    p[po + i] = w - (lr * grad) / (Math.sqrt(total) + eps);
  }
}

/** Adadelta: steps in units of the average of earlier steps. */
export function adadelta(
  p: TypedArray,
  po: number,
  g: TypedArray,
  go: number,
  from: number,
  to: number,
  s: Step & { readonly rho: number; readonly eps: number },
  square: TypedArray,
  moved: TypedArray,
): void {
  const { lr, weightDecay, sign, rho, eps } = s;
  for (let i = from; i < to; i++) {
    const w = p[po + i];
    const grad = sign * g[go + i] + weightDecay * w;
    const v = rho * square[i] + (1 - rho) * grad * grad;
    const delta = (Math.sqrt(moved[i] + eps) / Math.sqrt(v + eps)) * grad;
    square[i] = v;
    moved[i] = rho * moved[i] + (1 - rho) * delta * delta;
    p[po + i] = w - lr * delta;
  }
}

/** Numbers of Rprop. */
export interface RpropStep {
  readonly sign: number;
  readonly etaMinus: number;
  readonly etaPlus: number;
  readonly smallest: number;
  readonly largest: number;
}

/** Rprop: only the sign of the gradient counts; each element has a step size that grows until the sign turns. */
export function rprop(
  p: TypedArray,
  po: number,
  g: TypedArray,
  go: number,
  from: number,
  to: number,
  s: RpropStep,
  previous: TypedArray,
  stepSize: TypedArray,
): void {
  const { sign, etaMinus, etaPlus, smallest, largest } = s;
  for (let i = from; i < to; i++) {
    let grad = sign * g[go + i];
    const agreement = grad * previous[i];
    const factor = agreement > 0 ? etaPlus : agreement < 0 ? etaMinus : 1;
    const size = Math.min(Math.max(stepSize[i] * factor, smallest), largest);
    if (agreement < 0) grad = 0;
    stepSize[i] = size;
    previous[i] = grad;
    p[po + i] -= Math.sign(grad) * size;
  }
}

/** Averaged SGD; `average` moves toward the parameter by `share`. */
export function asgd(
  p: TypedArray,
  po: number,
  g: TypedArray,
  go: number,
  from: number,
  to: number,
  s: Step & { readonly lambd: number; readonly eta: number; readonly share: number },
  average: TypedArray,
): void {
  const { weightDecay, sign, lambd, eta, share } = s;
  for (let i = from; i < to; i++) {
    const w = p[po + i];
    const grad = sign * g[go + i] + weightDecay * w;
    const moved = w * (1 - lambd * eta) - eta * grad;
    p[po + i] = moved;
    average[i] = share === 1 ? moved : average[i] + (moved - average[i]) * share;
  }
}

/** The direction of Muon: `average`, which moves towards the gradient, or with `nesterov` a look ahead along it. */
export function muonDirection(
  g: TypedArray,
  go: number,
  average: TypedArray,
  s: { readonly momentum: number; readonly nesterov: boolean },
): Float64Array {
  const { momentum, nesterov } = s;
  const direction = new Float64Array(average.length);
  for (let i = 0; i < direction.length; i++) {
    const grad = g[go + i];
    average[i] = between(average[i], grad, 1 - momentum);
    direction[i] = nesterov ? between(grad, average[i], momentum) : average[i];
  }
  return direction;
}
