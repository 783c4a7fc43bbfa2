import type { Tensor } from "../autograd/tensor.ts";
import { perDimension, readArguments } from "../base/arguments.ts";
import { avgPool1d, avgPool2d, avgPool3d } from "./averagePooling.ts";
import type { Sizes } from "./sliding.ts";

/** Options of `lpPool1d`, `lpPool2d` and `lpPool3d`. */
export interface LpPoolOptions {
  /** Default: the kernel size. */
  readonly stride?: Sizes | null;
  /** Round the output size up. Default false. */
  readonly ceilMode?: boolean;
}

type LpPoolArgs = [options?: LpPoolOptions] | [stride: Sizes | null, ceilMode?: boolean];
type LpPool = (input: Tensor, normType: number, kernelSize: Sizes, ...args: LpPoolArgs) => Tensor;

const MEANS = [avgPool1d, avgPool2d, avgPool3d];

/** (sum of xᵖ)^(1/p) over each window: its mean times its size. */
function lpPool(nd: 1 | 2 | 3, input: Tensor, p: number, kernelSize: Sizes, args: LpPoolArgs): Tensor {
  const op = `lpPool${nd}d`;
  const { stride = null, ceilMode = false } = readArguments<LpPoolOptions>(op, args, ["stride", "ceilMode"]);
  const size = perDimension(op, "kernelSize", kernelSize, nd).reduce((product, n) => product * n, 1);
  const means = MEANS[nd - 1](input.pow(p), kernelSize, { stride, ceilMode });
  return means
    .sign()
    .mul(means.abs().relu())
    .mul(size)
    .pow(1 / p);
}

/** (sum of xᵖ)^(1/p) over each window of [N, C, L] or [C, L]. */
export const lpPool1d: LpPool = (input, normType, kernelSize, ...args) => lpPool(1, input, normType, kernelSize, args);

/** (sum of xᵖ)^(1/p) over each window of [N, C, H, W] or [C, H, W]. */
export const lpPool2d: LpPool = (input, normType, kernelSize, ...args) => lpPool(2, input, normType, kernelSize, args);

/** (sum of xᵖ)^(1/p) over each window of [N, C, D, H, W] or [C, D, H, W]. */
export const lpPool3d: LpPool = (input, normType, kernelSize, ...args) => lpPool(3, input, normType, kernelSize, args);
