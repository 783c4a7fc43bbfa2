/** `autograd.*` of the public surface. */
export { type AnomalyOptions, detectAnomaly, setDetectAnomaly } from "../autograd/anomaly.ts";
export {
  type BackwardCall,
  type BackwardOptions,
  backward,
  type GradOptions,
  grad,
  type TensorBackwardCall,
} from "../autograd/backward.ts";
export { Function, FunctionCtx } from "../autograd/function.ts";
export { enableGrad, inferenceMode, isGradEnabled, noGrad, setGradEnabled } from "../autograd/modes.ts";
export * as profiler from "../functional/profiler.ts";
export * as functional from "../functional/transforms.ts";
export { GradcheckError, type GradcheckOptions, gradcheck, gradgradcheck } from "../gradcheck/gradcheck.ts";
export * as graph from "./graph.ts";
