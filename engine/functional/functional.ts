/** `autograd.functional.*` of the public surface. */
export type { FunctionalOptions, TensorFunction } from "./functionGradients.ts";
export { hessian, type JacobianOptions, jacobian } from "./jacobian.ts";
export { hvp, jvp, vhp, vjp } from "./transforms.ts";
