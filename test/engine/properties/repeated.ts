import type { Tensor } from "../../../engine/index.ts";

/** A leaf whose elements repeat along one dimension, by a stride of 0, and its copy; null where there is nothing to repeat. */
export function repeated(x: Tensor, dim: number): { view: Tensor; copy: Tensor } | null {
  if (dim >= x.ndim || (x.shape[dim] ?? 0) < 2) return null;
  const view = x.detach().narrow(dim, 0, 1).expand(x.shape).detach();
  const copy = view.clone().contiguous();
  return { view: view.requiresGrad_(x.requiresGrad), copy: copy.requiresGrad_(x.requiresGrad) };
}
