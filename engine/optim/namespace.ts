/** `optim.*` of the public surface but for `swaUtils`, which needs modules. */
export { Adadelta } from "./adadelta.ts";
export { Adafactor } from "./adafactor.ts";
export { Adagrad } from "./adagrad.ts";
export { Adam, AdamW } from "./adam.ts";
export { Adamax } from "./adamax.ts";
export { ASGD } from "./asgd.ts";
export { LBFGS } from "./lbfgs.ts";
export { Muon } from "./muon.ts";
export { NAdam } from "./nadam.ts";
export { Optimizer } from "./optimizer.ts";
export type { ParamGroup } from "./paramGroups.ts";
export { RAdam } from "./radam.ts";
export { RMSprop } from "./rmsprop.ts";
export { Rprop } from "./rprop.ts";
export * as lrScheduler from "./schedulers/namespace.ts";
export { SGD } from "./sgd.ts";
