import assert from "node:assert/strict";
import { atan2, maximum, type Tensor, tensor, where } from "../../../engine/index.ts";

type Function1 = (x: Tensor) => Tensor;

const NaNs = Number.NaN;
const Inf = Number.POSITIVE_INFINITY;

/** What PyTorch gives as the gradient of the sum of `fn` at a point where there is no derivative, or no single one. */
const conventions: readonly { name: string; fn: Function1; at: readonly number[]; gradient: readonly number[] }[] = [
  { name: "abs at 0", fn: (x) => x.abs(), at: [0], gradient: [0] },
  { name: "relu at 0", fn: (x) => x.relu(), at: [0], gradient: [0] },
  { name: "clamp at its bounds", fn: (x) => x.clamp(-1, 1), at: [-1, 1], gradient: [1, 1] },
  { name: "max of all with ties", fn: (x) => x.max(), at: [3, 1, 3], gradient: [0.5, 0, 0.5] },
  { name: "max along a dim with ties", fn: (x) => x.max(0).values, at: [3, 1, 3], gradient: [1, 0, 0] },
  { name: "sign", fn: (x) => x.sign(), at: [-2, 0, 3], gradient: [0, 0, 0] },
  { name: "round", fn: (x) => x.round(), at: [0.5, 1.2], gradient: [0, 0] },
  { name: "floor", fn: (x) => x.floor(), at: [1, 1.2], gradient: [0, 0] },
  { name: "sqrt at 0", fn: (x) => x.sqrt(), at: [0], gradient: [Inf] },
  { name: "the power 0.5 at 0", fn: (x) => x.pow(0.5), at: [0], gradient: [Inf] },
  { name: "log at 0", fn: (x) => x.log(), at: [0], gradient: [Inf] },
  { name: "the power 0 at 0", fn: (x) => x.pow(0), at: [0], gradient: [0] },
  { name: "norm at 0", fn: (x) => x.norm(), at: [0, 0], gradient: [0, 0] },
  { name: "x / x at 0", fn: (x) => x.div(x), at: [0], gradient: [NaNs] },
  { name: "acos at 1", fn: (x) => x.acos(), at: [1], gradient: [-Inf] },
  { name: "logsumexp of -Infinity only", fn: (x) => x.logsumexp(0), at: [-Inf, -Inf], gradient: [NaNs, NaNs] },
  { name: "prod with one zero", fn: (x) => x.prod(), at: [2, 0, 3], gradient: [0, 6, 0] },
  { name: "prod of a single zero", fn: (x) => x.prod(), at: [0], gradient: [1] },
  { name: "where over a masked branch", fn: (x) => where(x.gt(0), x.sqrt(), x), at: [-1], gradient: [NaNs] },
];

describe("derivative conventions at edges", () => {
  for (const { name, fn, at, gradient } of conventions) {
    it(`[M] the gradient of ${name} is ${gradient.join(", ")}`, () => {
      const x = tensor([...at], { requiresGrad: true });
      fn(x).sum().backward();
      assert.deepEqual(
        x.grad?.tolist(),
        gradient.map((value) => value),
      );
    });
  }

  it("[M] maximum gives half of the gradient to each side of a tie", () => {
    const [a, b] = [tensor([1, 5], { requiresGrad: true }), tensor([1, 2], { requiresGrad: true })];
    maximum(a, b).sum().backward();
    assert.deepEqual(
      [a.grad?.tolist(), b.grad?.tolist()],
      [
        [0.5, 1],
        [0.5, 0],
      ],
    );
  });

  it("[M] atan2 at the origin is NaN on both sides", () => {
    const [y, x] = [tensor([0], { requiresGrad: true }), tensor([0], { requiresGrad: true })];
    atan2(y, x).sum().backward();
    assert.deepEqual([y.grad?.item(), x.grad?.item()], [NaNs, NaNs]);
  });
});
