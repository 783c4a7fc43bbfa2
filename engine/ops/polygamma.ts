import { applyUnary } from "../autograd/dispatch.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError } from "../base/errors.ts";
import { elementwise } from "../kernels/elementwise.ts";
import { polygamma as psi } from "../kernels/special.ts";
import { unary } from "./define.ts";

interface Order {
  readonly n: number;
}

const polygammaOp = unary<Order>()({
  name: "polygamma",
  summary: "n-th derivative of digamma.",
  saves: ["x"],
  forward: elementwise<Order>((x, { n }) => psi(n, x)),
  backward: { x: ({ grad, x, attrs }) => grad.mul(polygamma(attrs.n + 1, x)) },
});

/** ψ⁽ⁿ⁾(x), the n-th derivative of digamma. The order comes first, as in PyTorch; as a method `x.polygamma(n)`. */
export function polygamma(n: number, x: Tensor): Tensor {
  if (!Number.isInteger(n) || n < 0) {
    throw new ArgumentError("polygamma", `polygamma(n, x) does not support negative n, nor a fraction, but got ${n}`);
  }
  return applyUnary(polygammaOp, x, { n });
}
