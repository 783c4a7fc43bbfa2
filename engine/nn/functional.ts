/** Functions of neural networks, as `F`: what the modules of `nn` are built of. Each lives with its kind in `engine/ops`. */

export {
  celu,
  elu,
  gelu,
  glu,
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  leakyRelu,
  logsigmoid,
  mish,
  prelu,
  relu,
  relu6,
  selu,
  silu,
  softplus,
  softshrink,
  softsign,
  tanhshrink,
  threshold,
} from "../ops/activations.ts";
export { bilinear, linear } from "../ops/linear.ts";
export { sigmoid, tanh } from "../ops/pointwise.ts";
export { logSoftmax, softmax, softmin } from "../ops/softmax.ts";
