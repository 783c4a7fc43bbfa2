// What of the Bessel functions is also a method, as in PyTorch; the others are in `special`.
export { i0 } from "./bessel.ts";
