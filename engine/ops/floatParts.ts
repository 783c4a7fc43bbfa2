import { applyAll } from "../autograd/dispatch.ts";
import { densely, empty, type Tensor } from "../autograd/tensor.ts";
import { isFloat } from "../base/dtype.ts";
import { DTypeError } from "../base/errors.ts";
import * as kernels from "../kernels/floats.ts";
import { leadingDims } from "./batching.ts";
import { general } from "./define.ts";
import { type NamedResult, namedResult } from "./namedResult.ts";
import { checkTensor } from "./promotion.ts";
import { normal } from "./samples.ts";

const frexpOp = general()({
  name: "frexp",
  summary: "Each element as a mantissa between ½ and 1 and an exponent of 2.",
  inputs: ["x"],
  outputs: ["mantissa", "exponent"],
  saves: ["exponent"],
  forward: ([x]) => split(densely(x as Tensor)),
  onBatch: leadingDims,
  // The exponent is constant in between. PyTorch takes 2^exponent in float32, where that of most float64 is 0 or infinite.
  backward: { x: ({ grad, exponent }) => grad.div(exponent.to(grad.dtype).exp2()) },
  accepts: [normal([[2, 3]])],
});

function split(x: Tensor): Tensor[] {
  const [mantissa, exponent] = [empty(x.shape, x.dtype), empty(x.shape, "int32")];
  for (let i = 0; i < x.elements; i++) {
    const [fraction, power] = kernels.frexp(x.storage.values[x.offset + i]);
    mantissa.storage.values[i] = fraction;
    exponent.storage.values[i] = power;
  }
  return [mantissa, exponent];
}

/** self = mantissa · 2^exponent, with exponents as int32. */
export const frexp: (self: Tensor) => NamedResult<readonly ["mantissa", "exponent"]> = (self) => {
  checkTensor("frexp", "input", self);
  if (!isFloat(self.dtype)) {
    throw new DTypeError("frexp", `torch.frexp() only supports floating-point dtypes, but got ${self.dtype}`);
  }
  return namedResult(["mantissa", "exponent"], applyAll(frexpOp, [self], undefined));
};
