import { noGrad } from "../autograd/modes.ts";
import { Tensor } from "../autograd/tensor.ts";
import { BatchNorm } from "./batchNorm.ts";
import type { Module } from "./module.ts";

/**
 * Computes the running figures of all batch norms anew, in one pass over the batches of `loader`, all of the same weight: those
 * of an averaged model are none of what its weights give. Of a batch that is a list, the first element is the input.
 */
export function updateBn(loader: Iterable<Tensor | readonly [Tensor, ...unknown[]]>, model: Module): void {
  const norms = model.modules().filter((module) => module instanceof BatchNorm);
  if (norms.length === 0) return;
  const momenta = norms.map((norm) => norm.momentum);
  const wasTraining = model.training;
  model.train();
  for (const norm of norms) {
    norm.resetRunningStats();
    // All batches then count the same.
    norm.momentum = null;
  }
  noGrad(() => {
    for (const batch of loader) model.forward(batch instanceof Tensor ? batch : batch[0]);
  });
  norms.forEach((norm, i) => {
    norm.momentum = momenta[i];
  });
  model.train(wasTraining);
}
