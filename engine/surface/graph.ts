/** `autograd.graph.*` of the public surface. */
export { Node } from "../autograd/node.ts";
export { type PackHook, savedTensorsHooks, type UnpackHook } from "../autograd/saved.ts";
