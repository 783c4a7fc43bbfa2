import assert from "node:assert/strict";
import { GradlensError } from "../../engine/base/errors.ts";
import * as gradlens from "../../engine/index.ts";
import {
  add,
  allclose,
  arange,
  div,
  F,
  isclose,
  logit,
  pow,
  remainder,
  resultType,
  special,
  sub,
  type Tensor,
  tensor,
  where,
} from "../../engine/index.ts";

const doubles = (...data: number[]): Tensor => tensor(data, { dtype: "float64" });
const integers = (...data: number[]): Tensor => tensor(data, { dtype: "int64" });
const list = (x: Tensor): unknown => x.tolist();

/** The gradient of the sum of f at x. */
function slope(f: (x: Tensor) => Tensor, ...data: number[]): number[] {
  const x = doubles(...data).requiresGrad_();
  f(x).sum().backward();
  return [...(x.grad as Tensor).toArray()];
}

describe("arithmetic with plain numbers", () => {
  it("takes a number on either side", () => {
    const x = doubles(1, 2, 4);
    assert.deepEqual(list(sub(1, x)), [0, -1, -3]);
    assert.deepEqual(list(div(1, x)), [1, 0.5, 0.25]);
    assert.deepEqual(list(pow(2, x)), [2, 4, 16]);
    assert.deepEqual(list(remainder(5, x)), [0, 1, 1]);
    assert.deepEqual(list(x.rsub(1)), [0, -1, -3]);
    assert.deepEqual(list(add(x, 1, { alpha: 2 })), [3, 4, 6]);
  });

  it("differentiates a number to the power of a tensor", () => {
    assert.deepEqual(
      slope((x) => pow(2, x), 3),
      [8 * Math.LN2],
    );
    assert.deepEqual(
      slope((x) => pow(0, x), 0, 2),
      [0, 0],
    );
  });

  it("computes in float32 with float32 numbers, so that a comparison with 0.1 finds what tensor(0.1) stored", () => {
    assert.deepEqual(list(tensor([0.1, 0.2]).eq(0.1)), [true, false]);
    assert.deepEqual(list(tensor([0.3]).remainder(0.1).lt(0.05)), [true]);
    assert.equal(tensor([1]).mul(0.1).item(), Math.fround(0.1));
  });

  it("refuses two numbers, and operands that are neither tensor nor number", () => {
    assert.throws(() => add(1, 2), /add\(\): one of 1 and 2 must be a Tensor/);
    assert.throws(
      () => doubles(1).mul("2" as unknown as number),
      /mul\(\): argument 'other' must be a Tensor or a number, but got '2'/,
    );
    assert.throws(() => doubles(1).add(undefined as unknown as number), /but got undefined/);
    assert.throws(() => where(doubles(1), 1, 2), /where\(\): expected condition to be a boolean tensor/);
  });
});

describe("arithmetic of integers and booleans", () => {
  it("keeps integers in rounded divisions and gives float32 in plain ones", () => {
    const a = integers(7, -7);
    assert.equal(a.div(2).dtype, "float32");
    assert.deepEqual(list(a.div(2, { roundingMode: "floor" })), [3, -4]);
    assert.deepEqual(list(a.div(2, { roundingMode: "trunc" })), [3, -3]);
    assert.equal(a.floorDivide(2).dtype, "int64");
    assert.equal(a.pow(2).dtype, "int64");
    assert.equal(a.mul(0.5).dtype, "float32");
    assert.equal(a.sqrt().dtype, "float32");
  });

  it("refuses what integers cannot hold", () => {
    assert.throws(() => integers(1).floorDivide(0), /ZeroDivisionError/);
    assert.throws(() => integers(1).remainder(integers(0)), /ZeroDivisionError/);
    assert.throws(() => integers(2).pow(-1), /Integers to negative integer powers are not allowed/);
    const scalar = tensor(1, { dtype: "float64" });
    assert.equal(scalar.add(integers(2), { alpha: 0.5 }).dtype, "float64");
    // Sums save nothing, with a factor or without.
    const y = tensor([2], { requiresGrad: true });
    const sum = add(tensor([1]), y, { alpha: 0.5 }).sum();
    for (let i = 0; i < 2; i++) sum.backward();
    assert.deepEqual(y.grad?.tolist(), [1]);
    assert.throws(() => integers(2).add(1, { alpha: 0.5 }), /alpha must not be a floating point number/);
    assert.throws(() => integers(2).div_(2), /can't be cast/);
    assert.throws(() => integers(1).maskedFill(tensor([true]), Number.NaN), GradlensError);
  });

  it("treats booleans as truth values", () => {
    const t = tensor([true, true, false]);
    const u = tensor([true, false, false]);
    assert.deepEqual(list(t.add(u)), [true, true, false]);
    assert.deepEqual(list(t.bitwiseXor(u)), [false, true, false]);
    assert.deepEqual(list(t.bitwiseNot()), [false, false, true]);
    assert.deepEqual(list(tensor([Number.NaN, 0, 2]).logicalNot()), [false, true, false]);
    assert.throws(() => t.sub(u), /logicalXor/);
    assert.throws(() => t.neg(), /logicalNot/);
  });

  it("works on the bits of 64-bit integers", () => {
    assert.deepEqual(list(integers(6, -1).bitwiseAnd(3)), [2, 3]);
    assert.deepEqual(list(integers(2 ** 40 + 5).bitwiseAnd(2 ** 40 + 1)), [2 ** 40 + 1]);
    assert.deepEqual(list(integers(1, -8).bitwiseLeftShift(3)), [8, -64]);
    assert.deepEqual(list(integers(9, -9).bitwiseRightShift(1)), [4, -5]);
    assert.throws(() => doubles(1).bitwiseAnd(1), /not implemented for float64/);
  });
});

describe("powers at their edges", () => {
  it("follow C where JavaScript differs", () => {
    const inf = Number.POSITIVE_INFINITY;
    assert.deepEqual(list(doubles(1, 1, -1).pow(doubles(Number.NaN, inf, inf))), [1, 1, 1]);
  });

  it("have a zero slope for exponent 0, and an infinite one for the root at 0", () => {
    assert.deepEqual(
      slope((x) => x.pow(0), 0),
      [0],
    );
    assert.deepEqual(
      slope((x) => x.pow(0.5), 0),
      [Number.POSITIVE_INFINITY],
    );
  });

  it("do not keep the result for backward", () => {
    const x = doubles(3).requiresGrad_();
    const y = x.pow(2);
    y.add_(1);
    y.backward(doubles(1));
    assert.deepEqual(list(x.grad as Tensor), [6]);
  });
});

describe("rounding", () => {
  it("takes halves to the even neighbour", () => {
    assert.deepEqual(list(doubles(0.5, 1.5, 2.5, -1.5).round()), [0, 2, 2, -2]);
    assert.deepEqual(list(doubles(2.345, 1250).round({ decimals: 2 })), [2.35, 1250]);
    assert.deepEqual(list(doubles(1250, 1350).round({ decimals: -2 })), [1200, 1400]);
  });

  it("gives a gradient of zero rather than none", () => {
    for (const f of ["round", "floor", "ceil", "trunc", "sign"] as const) {
      assert.deepEqual(
        slope((x) => x[f](), 0.3, -1.7),
        [0, 0],
      );
    }
  });
});

describe("comparisons and predicates", () => {
  it("give masks without a graph", () => {
    const x = doubles(1, Number.NaN, Number.POSITIVE_INFINITY).requiresGrad_();
    assert.equal(x.gt(0).requiresGrad, false);
    assert.deepEqual(list(x.isnan()), [false, true, false]);
    assert.deepEqual(list(x.isfinite()), [true, false, false]);
    assert.deepEqual(list(x.ne(x)), [false, true, false]);
    assert.deepEqual(list(doubles(-0, 0, -1).signbit()), [true, false, true]);
  });

  it("compare within a tolerance", () => {
    const a = doubles(1, 100, Number.NaN);
    const b = doubles(1 + 1e-9, 101, Number.NaN);
    assert.deepEqual(list(isclose(a, b)), [true, false, false]);
    assert.deepEqual(list(isclose(a, b, { rtol: 0.1, equalNan: true })), [true, true, true]);
    assert.equal(allclose(a, b, 0.1, 0), false);
    assert.equal(allclose(a, b, { rtol: 0.1, equalNan: true }), true);
    assert.throws(() => allclose(a, b, { rotl: 1 } as object), /Did you mean 'rtol'/);
    assert.equal(doubles(1, 2).equal(doubles(1, 2)), true);
    assert.equal(doubles(1, 2).equal(doubles(1, 2).reshape(2, 1)), false);
  });
});

describe("choosing elements", () => {
  it("has the condition first as a function and the tensor first as a method", () => {
    const x = doubles(1, -2);
    assert.deepEqual(list(where(x.gt(0), x, 0)), [1, 0]);
    assert.deepEqual(list(x.where(x.gt(0), 7)), [1, 7]);
    assert.deepEqual(list(where(x.gt(0), 1, 0.5)), [1, 0.5]);
  });

  it("says where a mask is true when asked for nothing else", () => {
    const mask = tensor([
      [true, false],
      [false, true],
    ]);
    assert.deepEqual(where(mask).map(list), [
      [0, 1],
      [0, 1],
    ]);
  });

  it("lets a NaN of the branch not taken back through, as PyTorch does", () => {
    assert.deepEqual(
      slope((x) => where(x.gt(0), x.sqrt(), x), -1),
      [Number.NaN],
    );
  });

  it("broadcasts a mask and fills in place", () => {
    const x = doubles(1, 2, 3, 4).reshape(2, 2).clone();
    x.maskedFill_(tensor([true, false]), -1);
    assert.deepEqual(list(x), [
      [-1, 2],
      [-1, 4],
    ]);
    assert.throws(() => x.maskedFill(doubles(1), 0), /boolean/);
    assert.throws(() => x.maskedFill(tensor([true, false]), doubles(1, 2)), /0-dimensional value tensor/);
  });

  it("clamps with numbers, tensors, one bound or crossed bounds", () => {
    const x = doubles(-2, 0.5, 3);
    assert.deepEqual(list(x.clamp(-1, 1)), [-1, 0.5, 1]);
    assert.deepEqual(list(x.clamp({ max: 1 })), [-2, 0.5, 1]);
    assert.deepEqual(list(x.clamp(1, 0)), [0, 0, 0]);
    assert.deepEqual(list(x.clamp(doubles(0, 1, 2), 2.5)), [0, 1, 2.5]);
    assert.deepEqual(list(arange(3).clamp(0.5)), [0.5, 1, 2]);
    assert.throws(() => x.clamp(), /At least one of 'min' or 'max'/);
  });

  it("passes the gradient of clamp on the bounds themselves", () => {
    assert.deepEqual(
      slope((x) => x.clamp(-1, 1), -1, 1, 1.5),
      [1, 1, 0],
    );
  });

  it("sends the gradient of a clamped element to its bound", () => {
    const low = doubles(0, 0).requiresGrad_();
    const x = doubles(-1, 1).requiresGrad_();
    x.clamp(low).sum().backward();
    assert.deepEqual(
      [list(x.grad as Tensor), list(low.grad as Tensor)],
      [
        [0, 1],
        [1, 0],
      ],
    );
  });
});

describe("logit", () => {
  it("undoes sigmoid, and with eps has no slope outside", () => {
    assert.ok(allclose(logit(doubles(0.1, -2).sigmoid()), doubles(0.1, -2)));
    assert.ok(Number.isNaN(logit(doubles(1.5)).item()));
    assert.deepEqual(
      slope((x) => logit(x, { eps: 0.1 }), 0.05, 0.5),
      [0, 4],
    );
  });
});

describe("activations", () => {
  const everyOne = [
    "celu",
    "elu",
    "gelu",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "leakyRelu",
    "logsigmoid",
    "mish",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
  ] as const;

  it("are finite and have finite slopes far out", () => {
    for (const name of everyOne) {
      const x = doubles(-750, -30, 0, 30, 750).requiresGrad_();
      const y = F[name](x);
      y.sum().backward();
      assert.ok([...y.toArray(), ...(x.grad as Tensor).toArray()].every(Number.isFinite), name);
    }
  });

  it("let NaN through", () => {
    for (const name of everyOne) assert.ok(Number.isNaN(F[name](doubles(Number.NaN)).item()), name);
  });

  it("come as functions, methods and in place", () => {
    const x = doubles(-1, 2);
    assert.deepEqual(list(F.relu(x)), [0, 2]);
    assert.deepEqual(list(x.relu()), [0, 2]);
    assert.deepEqual(list(x.leakyRelu(0.5)), [-0.5, 2]);
    assert.deepEqual(list(x.leakyRelu({ negativeSlope: 0.25 })), [-0.25, 2]);
    assert.equal(x.relu_(), x);
    assert.deepEqual(list(x), [0, 2]);
  });

  it("differentiate in place from what they saved", () => {
    const w = doubles(-1, 2).requiresGrad_();
    w.mul(3).relu_().sum().backward();
    assert.deepEqual(list(w.grad as Tensor), [0, 3]);
    const s = w.mul(1).sigmoid_();
    s.mul_(2);
    assert.throws(() => s.sum().backward(), /modified by an inplace operation/);
  });

  it("name the option that was meant", () => {
    assert.throws(() => F.leakyRelu(doubles(1), { negative_slope: 1 } as object), /Did you mean 'negativeSlope'/);
    assert.throws(() => F.gelu(doubles(1), { approximate: "tan" as "tanh" }), /either none or tanh/);
    assert.throws(() => F.glu(doubles(1, 2, 3)), /must be even/);
  });

  it("give every channel a slope of its own in prelu", () => {
    const x = doubles(-1, -1, -1, -1).reshape(2, 2);
    assert.deepEqual(list(F.prelu(x, doubles(0.1, 0.2))), [
      [-0.1, -0.2],
      [-0.1, -0.2],
    ]);
    assert.throws(() => F.prelu(x, doubles(1, 2, 3)), /input channel size/);
  });
});

describe("the special namespace", () => {
  it("has the normal distribution and its inverse", () => {
    const x = doubles(-1.96, 0, 3);
    assert.ok(Math.abs((special.ndtr(x).toArray()[0] ?? 0) - 0.024997895148220435) < 1e-15);
    assert.ok(allclose(special.ndtri(special.ndtr(x)), x));
  });

  it("knows that 0 times a logarithm is 0", () => {
    assert.deepEqual(list(special.entr(doubles(0, 1, -1)).add(0)), [0, 0, Number.NEGATIVE_INFINITY]);
    assert.deepEqual(list(special.xlog1py(doubles(0, 2), doubles(-1, 0))), [0, 0]);
  });
});

describe("the result type", () => {
  it("is the tensors' own unless a number is of a higher kind", () => {
    assert.equal(resultType(integers(1), 2), "int64");
    assert.equal(resultType(integers(1), 0.5), "float32");
    assert.equal(resultType(tensor([1]), tensor(1, { dtype: "float64" })), "float32");
    assert.equal(resultType(tensor([1]), doubles(1)), "float64");
    assert.equal(resultType(tensor([true]), 1), "int64");
  });
});

describe("second names", () => {
  it("stand for the same functions", () => {
    const { absolute, abs, multiply, mul, greaterEqual, ge, clip, clamp } = gradlens;
    assert.deepEqual([absolute, multiply, greaterEqual, clip], [abs, mul, ge, clamp]);
  });
});
