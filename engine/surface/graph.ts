/** `autograd.graph.*` of the public surface. */
export { type MultiGradHook, registerMultiGradHook } from "../autograd/multiGradHook.ts";
export { Node } from "../autograd/node.ts";
export { type PackHook, savedTensorsHooks, type UnpackHook } from "../autograd/saved.ts";
