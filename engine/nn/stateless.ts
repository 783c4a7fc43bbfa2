/** `nn.utils.stateless.*` of the public surface: where `func.functionalCall` was before PyTorch 2. */
export { functionalCall } from "./functionalCall.ts";
