/** `func.*` of the public surface: functions of functions, and modules as functions of their parameters. */
export type { Argnums } from "../functional/func/argnums.ts";
export { type GradientOptions, grad, gradAndValue } from "../functional/func/gradient.ts";
export { hessian, type JacrevOptions, jacfwd, jacrev } from "../functional/func/jacobians.ts";
export { jvp, type ProductOptions, type Pullback, vjp } from "../functional/func/products.ts";
export { type VmapOptions, vmap } from "../functional/func/vmap.ts";
export { type FunctionalCallOptions, functionalCall } from "../nn/functionalCall.ts";
export { stackModuleState } from "../nn/stackModuleState.ts";
