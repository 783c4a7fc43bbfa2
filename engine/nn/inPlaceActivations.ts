import type { Tensor } from "../autograd/tensor.ts";
import type * as activations from "../ops/activations.ts";

// The activations that write where they read, as functions: `F.relu_(x)` is `x.relu_()`.

type InPlace<Name extends keyof typeof activations> = (typeof activations)[Name];

/** `relu`, in place. */
export const relu_: (input: Tensor) => Tensor = (input) => input.relu_();
/** `elu`, in place. */
export const elu_: InPlace<"elu"> = (input, ...rest) => input.elu_(...rest);
/** `celu`, in place. */
export const celu_: InPlace<"celu"> = (input, ...rest) => input.celu_(...rest);
/** `selu`, in place. */
export const selu_: (input: Tensor) => Tensor = (input) => input.selu_();
/** `leakyRelu`, in place. */
export const leakyRelu_: InPlace<"leakyRelu"> = (input, ...rest) => input.leakyRelu_(...rest);
/** `hardtanh`, in place. */
export const hardtanh_: InPlace<"hardtanh"> = (input, ...rest) => input.hardtanh_(...rest);
/** `threshold`, in place. */
export const threshold_: InPlace<"threshold"> = (input, ...rest) => input.threshold_(...rest);
