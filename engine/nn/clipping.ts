import { noGrad } from "../autograd/modes.ts";
import { watch } from "../autograd/observer.ts";
import { densely, empty, Tensor } from "../autograd/tensor.ts";
import type { DType } from "../base/dtype.ts";
import { AutogradError, checkOptions } from "../base/errors.ts";

/** Options of `clipGradNorm_` and `getTotalNorm`. */
export interface ClipOptions {
  /** Which norm; Infinity for the largest absolute value. Default 2. */
  readonly normType?: number | undefined;
  /** Throw when the norm is NaN or infinite instead of spreading it. Default false. */
  readonly errorIfNonfinite?: boolean | undefined;
  /** Taken and ignored: it changes only how PyTorch computes. */
  readonly foreach?: boolean | null | undefined;
}

const OPTIONS = ["normType", "errorIfNonfinite", "foreach"];

/**
 * Scales all gradients together so that their norm is at most `maxNorm`. Gives the norm before. Belongs between backward
 * and the optimizer's step.
 */
export function clipGradNorm_(
  parameters: Tensor | Iterable<Tensor>,
  maxNorm: number,
  options: ClipOptions = {},
): Tensor {
  checkOptions("clipGradNorm_", options, OPTIONS);
  return scoped("clipGradNorm_", () => {
    const grads = gradientsOf(parameters);
    const norm = totalNorm(grads, options);
    const factor = maxNorm / (norm + 1e-6);
    // NaN fails the comparison and so spreads to all gradients, as in PyTorch.
    if (!(factor >= 1)) noGrad(() => grads.forEach((grad) => void grad.mul_(factor)));
    watch.observer?.clip?.(grads, maxNorm, norm);
    return scalar(norm, grads);
  });
}

/** The norm of all tensors as one vector. */
export function getTotalNorm(tensors: Tensor | Iterable<Tensor>, options: ClipOptions = {}): Tensor {
  checkOptions("getTotalNorm", options, OPTIONS);
  const list = tensors instanceof Tensor ? [tensors] : [...tensors];
  return scalar(totalNorm(list, options), list);
}

/** Scales all gradients together by a total norm that is known already, so that it is at most `maxNorm`. */
export function clipGradsWithNorm_(parameters: Tensor | Iterable<Tensor>, maxNorm: number, totalNorm: Tensor): void {
  scoped("clipGradsWithNorm_", () => {
    const norm = totalNorm.item();
    const factor = maxNorm / (norm + 1e-6);
    const grads = gradientsOf(parameters);
    if (!(factor >= 1)) noGrad(() => grads.forEach((grad) => void grad.mul_(factor)));
    watch.observer?.clip?.(grads, maxNorm, norm);
  });
}

/** Limits every element of every gradient to [−clipValue, clipValue]. */
export function clipGradValue_(
  parameters: Tensor | Iterable<Tensor>,
  clipValue: number,
  options: Pick<ClipOptions, "foreach"> = {},
): void {
  checkOptions("clipGradValue_", options, ["foreach"]);
  scoped("clipGradValue_", () => {
    const grads = gradientsOf(parameters);
    noGrad(() => grads.forEach((grad) => void grad.clamp_(-clipValue, clipValue)));
    watch.observer?.clip?.(grads, clipValue, null);
  });
}

function gradientsOf(parameters: Tensor | Iterable<Tensor>): Tensor[] {
  const list = parameters instanceof Tensor ? [parameters] : [...parameters];
  return list.map((p) => p.grad).filter((grad) => grad !== null);
}

function totalNorm(tensors: readonly Tensor[], { normType = 2, errorIfNonfinite = false }: ClipOptions): number {
  const norm = normOf(
    tensors.map((x) => normOf(valuesOf(x), normType)),
    normType,
  );
  if (errorIfNonfinite && !Number.isFinite(norm)) {
    throw new AutogradError(
      `The total norm of order ${normType} for gradients from \`parameters\` is non-finite (${norm}), so it cannot be clipped. To scale the gradients by the non-finite norm anyway, set errorIfNonfinite: false.`,
      "clipGradNorm_",
    );
  }
  return norm;
}

function valuesOf(x: Tensor): ArrayLike<number> {
  const { storage, offset, elements } = densely(x);
  return storage.values.subarray(offset, offset + elements);
}

function normOf(values: ArrayLike<number>, p: number): number {
  let total = 0;
  if (p === Number.POSITIVE_INFINITY) {
    for (let i = 0; i < values.length; i++) total = Math.max(total, Math.abs(values[i]));
    return total;
  }
  if (p === 2) {
    for (let i = 0; i < values.length; i++) total += values[i] * values[i];
    return Math.sqrt(total);
  }
  for (let i = 0; i < values.length; i++) total += Math.abs(values[i]) ** p;
  return total ** (1 / p);
}

function scalar(value: number, like: readonly Tensor[]): Tensor {
  const dtype: DType = like[0]?.dtype ?? "float32";
  const out = empty([], dtype);
  out.storage.values[0] = value;
  return out;
}

/** What happens inside has a name in profiles and recordings. */
function scoped<R>(name: string, run: () => R): R {
  const { observer } = watch;
  observer?.scopeStart(null, name);
  try {
    return run();
  } finally {
    observer?.scopeEnd();
  }
}
