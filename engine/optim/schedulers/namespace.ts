/** `optim.lrScheduler.*` of the public surface. */
export { ChainedScheduler, SequentialLR } from "./composed.ts";
export { CosineAnnealingLR, CosineAnnealingWarmRestarts } from "./cosine.ts";
export { CyclicLR } from "./cyclic.ts";
export {
  ConstantLR,
  ExponentialLR,
  LambdaLR,
  LinearLR,
  MultiplicativeLR,
  MultiStepLR,
  PolynomialLR,
  StepLR,
} from "./decay.ts";
export { OneCycleLR } from "./oneCycle.ts";
export { ReduceLROnPlateau } from "./plateau.ts";
export { LRScheduler } from "./scheduler.ts";
