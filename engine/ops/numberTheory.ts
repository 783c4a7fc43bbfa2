import type { Tensor } from "../autograd/tensor.ts";
import { isFloat } from "../base/dtype.ts";
import * as kernels from "../kernels/integers.ts";
import { binary } from "./define.ts";
import { notImplementedFor } from "./notImplemented.ts";
import type { BinaryOp } from "./op.ts";
import { applyPair } from "./pair.ts";
import { checkTensor, resultType } from "./promotion.ts";
import { mixed, normal } from "./samples.ts";

type OfTensors = (self: Tensor, other: Tensor) => Tensor;

const samples = {
  accepts: [
    mixed([
      [{ index: 40 }, [2, 3]],
      [{ index: 40 }, [3]],
    ]),
  ],
  rejects: [normal([[2], [2]])],
};

const gcdOp = binary()({
  name: "gcd",
  summary: "Greatest common divisor of integers.",
  forward: kernels.gcd,
  backward: null,
  ...samples,
});

/** The greatest common divisor, element by element; that of 0 and 0 is 0. */
export const gcd: OfTensors = (self, other) => ofIntegers(gcdOp, self, other);

const lcmOp = binary()({
  name: "lcm",
  summary: "Least common multiple of integers.",
  forward: kernels.lcm,
  backward: null,
  ...samples,
});

/** The least common multiple, element by element; 0 where either is 0. */
export const lcm: OfTensors = (self, other) => ofIntegers(lcmOp, self, other);

function ofIntegers(op: BinaryOp<undefined>, self: Tensor, other: Tensor): Tensor {
  checkTensor(op.name, "input", self);
  checkTensor(op.name, "other", other);
  const dtype = resultType(self, other);
  if (isFloat(dtype) || dtype === "bool") throw notImplementedFor(op.name, dtype, 'convert with .to("int64")');
  return applyPair(op, self, other, undefined);
}
