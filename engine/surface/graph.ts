/** `autograd.graph.*` of the public surface. */
export { GradientEdge, getGradientEdge } from "../autograd/gradientEdge.ts";
export { type MultiGradHook, registerMultiGradHook } from "../autograd/multiGradHook.ts";
export { allowMutationOnSavedTensors } from "../autograd/mutation.ts";
export { Node } from "../autograd/node.ts";
export {
  disableSavedTensorsHooks,
  incrementVersion,
  type PackHook,
  savedTensorsHooks,
  type UnpackHook,
} from "../autograd/saved.ts";
