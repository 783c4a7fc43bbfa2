/** `autograd.*` of the public surface. */
export { type AnomalyOptions, detectAnomaly, setDetectAnomaly } from "../autograd/anomaly.ts";
export { backward } from "../autograd/backward.ts";
export type { BackwardCall, BackwardOptions, GradOptions, TensorBackwardCall } from "../autograd/backwardArguments.ts";
export { Function, FunctionCtx } from "../autograd/function.ts";
export { enableGrad, inferenceMode, isGradEnabled, noGrad, setGradEnabled } from "../autograd/modes.ts";
export { grad } from "../functional/batchedGrad.ts";
export * as functional from "../functional/functional.ts";
export * as profiler from "../functional/profiler.ts";
export { GradcheckError, type GradcheckOptions, gradcheck, gradgradcheck } from "../gradcheck/gradcheck.ts";
export * as graph from "./graph.ts";
