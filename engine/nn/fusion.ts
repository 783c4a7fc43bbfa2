import { noGrad } from "../autograd/modes.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, AutogradError } from "../base/errors.ts";
import type { BatchNorm } from "./batchNorm.ts";
import { deepcopy } from "./copyModule.ts";
import type { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/** A convolution or a linear layer. */
interface Layer extends Module {
  weight: Parameter;
  bias: Parameter | null;
}

type Weights = [weight: Parameter, bias: Parameter];

/** A copy of a convolution that does what it and the batch norm behind it do, both in evaluation mode. */
export function fuseConvBnEval<L extends Layer>(conv: L, bn: BatchNorm, transpose = false): L {
  const { runningMean, runningVar } = figuresForUse("fuseConvBnEval", conv, bn);
  const fused = deepcopy(conv);
  const { eps, weight, bias } = bn;
  [fused.weight, fused.bias] = fuseConvBnWeights(
    fused.weight,
    fused.bias,
    runningMean,
    runningVar,
    eps,
    weight,
    bias,
    transpose,
  );
  return fused;
}

/** Weight and bias that do what those of a convolution and the figures of a batch norm do. */
export function fuseConvBnWeights(
  convW: Tensor,
  convB: Tensor | null,
  bnRm: Tensor,
  bnRv: Tensor,
  bnEps: number,
  bnW: Tensor | null,
  bnB: Tensor | null,
  transpose = false,
): Weights {
  const ones = new Array<number>(convW.ndim - 2).fill(1);
  return fused(convW, convB, bnRm, bnRv, bnEps, bnW, bnB, transpose ? [1, -1, ...ones] : [-1, 1, ...ones]);
}

/** A copy of a linear layer that does what it and the batch norm behind it do, both in evaluation mode. */
export function fuseLinearBnEval<L extends Layer & { readonly outFeatures: number }>(linear: L, bn: BatchNorm): L {
  const { runningMean, runningVar } = figuresForUse("fuseLinearBnEval", linear, bn);
  if (linear.outFeatures !== bn.numFeatures && bn.numFeatures !== 1) {
    throw new ArgumentError(
      "fuseLinearBnEval",
      `To fuse, linear.outFeatures == bn.numFeatures or bn.numFeatures == 1, but they are ${linear.outFeatures} and ${bn.numFeatures}`,
    );
  }
  const copy = deepcopy(linear);
  const { eps, weight, bias } = bn;
  [copy.weight, copy.bias] = fuseLinearBnWeights(copy.weight, copy.bias, runningMean, runningVar, eps, weight, bias);
  return copy;
}

/** Weight and bias that do what those of a linear layer and the figures of a batch norm do. */
export function fuseLinearBnWeights(
  linearW: Tensor,
  linearB: Tensor | null,
  bnRm: Tensor,
  bnRv: Tensor,
  bnEps: number,
  bnW: Tensor | null,
  bnB: Tensor | null,
): Weights {
  return fused(linearW, linearB, bnRm, bnRv, bnEps, bnW, bnB, [-1, 1]);
}

/** With s = γ / √(variance + ε): W s and (b − mean) s + β. */
function fused(
  weight: Tensor,
  bias: Tensor | null,
  mean: Tensor,
  variance: Tensor,
  eps: number,
  gamma: Tensor | null,
  beta: Tensor | null,
  shape: readonly number[],
): Weights {
  return noGrad(() => {
    const rsqrt = variance.add(eps).rsqrt();
    const scale = gamma === null ? rsqrt : rsqrt.mul(gamma);
    const centred = bias === null ? mean.neg() : bias.sub(mean);
    const offset = beta === null ? centred.mul(scale) : centred.mul(scale).add(beta);
    const dtype = bias?.dtype ?? weight.dtype;
    return [
      new Parameter(weight.mul(scale.reshape(shape)).to(weight.dtype), { requiresGrad: weight.requiresGrad }),
      new Parameter(offset.to(dtype), { requiresGrad: bias?.requiresGrad ?? false }),
    ];
  });
}

function figuresForUse(op: string, layer: Module, bn: BatchNorm): { runningMean: Tensor; runningVar: Tensor } {
  if (layer.training || bn.training) throw new AutogradError("Fusion only for eval! Call eval() of both first.", op);
  const { runningMean, runningVar } = bn;
  if (runningMean === null || runningVar === null)
    throw new ArgumentError(op, "bn.runningMean and bn.runningVar must not be null");
  return { runningMean, runningVar };
}
