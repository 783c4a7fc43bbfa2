/** The public surface of Gradlens: `import { tensor, nn, optim } from "gradlens"`. */
import "./ops/methods.ts";

export { Tensor } from "./autograd/tensor.ts";
export { enableGrad, inferenceMode, isGradEnabled, isInferenceModeEnabled, noGrad, setGradEnabled } from "./autograd/modes.ts";
export type { DType } from "./base/dtype.ts";
export { checkpoint } from "./functional/checkpoint.ts";
export { gradcheck, gradgradcheck } from "./gradcheck/gradcheck.ts";
export * as autograd from "./surface/autograd.ts";
export * as utils from "./surface/utils.ts";
export * as profiler from "./functional/profiler.ts";
export * as F from "./nn/functional.ts";
export { tensordot } from "./ops/contractions.ts";
export { einsum } from "./ops/einsum.ts";
export * as linalg from "./ops/linalg.ts";
export * as optim from "./optim/namespace.ts";

// Ops, one line per family.
export * from "./ops/addedProducts.ts";
export * from "./ops/arithmetic.ts";
export * from "./ops/matrixFunctions.ts";
export * from "./ops/decompositions.ts";
export * from "./ops/conversion.ts";
export * from "./ops/creation.ts";
export * from "./ops/matrices.ts";
export * from "./ops/pointwise.ts";
export * from "./ops/random.ts";
export * from "./ops/reductions.ts";
export { bernoulli, multinomial } from "./ops/sampling.ts";
export * from "./ops/views.ts";
