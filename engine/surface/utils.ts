/** `utils.*` of the public surface. */
export * as checkpoint from "../functional/checkpoint.ts";
export * as safetensors from "../nn/safetensors.ts";
