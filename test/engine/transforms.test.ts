import assert from "node:assert/strict";
import { type Observer, observe } from "../../engine/autograd/observer.ts";
import { autograd, type Tensor, tensor } from "../../engine/index.ts";

const { hessian, hvp, jacobian, jvp, vhp, vjp } = autograd.functional;
const wide = (values: unknown): Tensor => tensor(values as number[], { dtype: "float64" });

const x = wide([1, 2, 3]);
const cubes = (a: Tensor): Tensor => a.pow(3);
/** Σ a³ b: derivatives by hand are easy. */
const mixed = (a: Tensor, b: Tensor): Tensor => a.pow(3).mul(b).sum();

describe("functional transforms", () => {
  it("jacobian: a tensor for one input and output, nested arrays for several", () => {
    assert.deepEqual((jacobian(cubes, x) as Tensor).tolist(), [
      [3, 0, 0],
      [0, 12, 0],
      [0, 0, 27],
    ]);
    const [byX, byY] = jacobian((a, b) => a.mul(b), [x, wide([4, 5, 6])]) as Tensor[];
    assert.deepEqual(
      [byX?.tolist(), byY?.tolist()],
      [
        [
          [4, 0, 0],
          [0, 5, 0],
          [0, 0, 6],
        ],
        [
          [1, 0, 0],
          [0, 2, 0],
          [0, 0, 3],
        ],
      ],
    );
    const [sum, square] = jacobian((a) => [a.sum(), a.square()], x) as Tensor[];
    assert.deepEqual([sum?.shape, square?.shape], [[3], [3, 3]]);
    const nested = jacobian((a, b) => [a.sum(), b.square()], [x, wide([4])]) as Tensor[][];
    assert.deepEqual(
      nested.map((row) => row.map((one) => one.tolist())),
      [
        [[1, 1, 1], [0]],
        [[[0, 0, 0]], [[8]]],
      ],
    );
    assert.deepEqual((jacobian((a) => a.mul(2), wide([[1, 2]])) as Tensor).shape, [1, 2, 1, 2]);
    assert.deepEqual((jacobian(cubes, wide([])) as Tensor).shape, [0, 0]);
  });

  it("jacobian of few inputs and many outputs goes column by column, with the same result", () => {
    const few = wide([0.3, -0.7]);
    const many = (a: Tensor): Tensor =>
      a
        .unsqueeze(1)
        .mul(wide(Array.from({ length: 40 }, (_, i) => i / 10)))
        .sin();
    let backwards = 0;
    const counter = {
      backwardEnd(): void {
        backwards++;
      },
    };
    const get = (target: typeof counter, name: string | symbol): unknown =>
      name === "backwardEnd" ? target.backwardEnd : () => {};
    const before = observe(new Proxy(counter, { get }) as unknown as Observer);
    const whole = jacobian(many, few) as Tensor;
    assert.equal(backwards, 3);
    jacobian((a) => {
      a.registerHook(() => {});
      return many(a);
    }, few);
    assert.equal(backwards, 3 + 80, "a hook may cut the graph of the gradient");
    observe(before);
    assert.deepEqual(whole.shape, [2, 40, 2]);
    const rows = many(few).reshape([-1]).elements;
    const byRow = Array.from({ length: rows }, (_, k) => {
      const unit = wide(Array.from({ length: rows }, (_unused, i) => Number(i === k))).reshape(2, 40);
      return (vjp(many, few, unit)[1] as Tensor).tolist();
    });
    const close = (a: number[], b: number[]): boolean => a.every((value, i) => Math.abs(value - (b[i] ?? 0)) < 1e-12);
    assert.ok((whole.reshape(80, 2).tolist() as number[][]).every((row, i) => close(row, byRow[i] as number[])));
    assert.equal(
      autograd.gradcheck((a) => jacobian(many, a, { createGraph: true }) as Tensor, [few.clone().requiresGrad_()], {
        fastMode: true,
      }),
      true,
    );
    const other = jacobian((a, b) => [many(a), b.sum()], [few, x]) as Tensor[][];
    assert.deepEqual(
      other.map((row) => row.map((one) => one.shape)),
      [
        [
          [2, 40, 2],
          [2, 40, 3],
        ],
        [[2], [3]],
      ],
    );
  });

  it("vjp and jvp: products with the Jacobian from either side, with the outputs", () => {
    const [out, pulled] = vjp(cubes, x, wide([1, 10, 100])) as [Tensor, Tensor];
    assert.deepEqual(
      [out.tolist(), pulled.tolist()],
      [
        [1, 8, 27],
        [3, 120, 2700],
      ],
    );
    const [, pushed] = jvp(cubes, x, wide([1, 10, 100])) as [Tensor, Tensor];
    assert.deepEqual(pushed.tolist(), [3, 120, 2700]);
    const [, both] = vjp((a, b) => a.mul(b).sum(), [x, x]) as [Tensor, Tensor[]];
    assert.deepEqual(
      both.map((g) => g.tolist()),
      [
        [1, 2, 3],
        [1, 2, 3],
      ],
    );
    const [outputs, tangents] = jvp((a) => [a.sum(), a.square()], x, wide([1, 1, 1])) as unknown as [
      Tensor[],
      Tensor[],
    ];
    assert.deepEqual([outputs.length, tangents.map((t) => t.tolist())], [2, [3, [2, 4, 6]]]);
    const [, single] = jvp((a) => a.square(), wide(3)) as [Tensor, Tensor];
    assert.equal(single.item(), 6);
  });

  it("hessian, hvp and vhp of a scalar function", () => {
    assert.deepEqual((hessian((a) => cubes(a).sum(), x) as Tensor).tolist(), [
      [6, 0, 0],
      [0, 12, 0],
      [0, 0, 18],
    ]);
    const b = wide([4, 5, 6]);
    const [[, across], [, inner]] = hessian(mixed, [x, b]) as [[Tensor, Tensor], [Tensor, Tensor]];
    assert.deepEqual(across.tolist(), [
      [3, 0, 0],
      [0, 12, 0],
      [0, 0, 27],
    ]);
    assert.deepEqual(inner.tolist(), [
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]);
    const v = wide([1, 1, 2]);
    const [value, product] = hvp((a) => cubes(a).sum(), x, v) as [Tensor, Tensor];
    assert.deepEqual([value.item(), product.tolist()], [36, [6, 12, 36]]);
    assert.deepEqual((vhp((a) => cubes(a).sum(), x, v)[1] as Tensor).tolist(), [6, 12, 36]);
    assert.deepEqual(
      (hvp(mixed, [x, b], [v, v])[1] as Tensor[]).map((p) => p.tolist()),
      [
        [27, 72, 270],
        [3, 12, 54],
      ],
    );
  });

  it("results can be differentiated again with createGraph, to any order, and have no graph without", () => {
    const leaf = wide([1, 2, 3]).requiresGrad_();
    const third = jacobian((a) => hessian((b) => b.pow(4).sum(), a, { createGraph: true }) as Tensor, leaf, {
      createGraph: true,
    }) as Tensor;
    assert.equal((third.tolist() as number[][][])[1]?.[1]?.[1], 48);
    third.sum().backward();
    assert.deepEqual(leaf.grad?.tolist(), [24, 24, 24]);
    assert.equal((jacobian(cubes, leaf) as Tensor).requiresGrad, false);
    for (const transform of [vjp, jvp, hvp, vhp] as const) {
      const fn = (a: Tensor): Tensor => a.pow(3).sum();
      const v = transform === vjp ? wide(1) : wide([1, 1, 1]);
      const plain = transform(fn, leaf, v)[1] as Tensor;
      assert.equal(plain.requiresGrad, false);
      const check = (a: Tensor): Tensor => transform(fn, a, v, { createGraph: true })[1] as Tensor;
      assert.equal(autograd.gradcheck(check, [wide([1, 2, 3]).requiresGrad_()]), true);
    }
    assert.deepEqual(leaf.grad?.tolist(), [24, 24, 24], "nobody's .grad was touched");
  });

  it("zeros where nothing depends on an input, an error when strict", () => {
    const constant = (_a: Tensor): Tensor => wide([7, 7]);
    assert.deepEqual((jacobian(constant, x) as Tensor).tolist(), [
      [0, 0, 0],
      [0, 0, 0],
    ]);
    assert.throws(() => jacobian(constant, x, { strict: true }), /independent of the inputs/);
    assert.throws(() => jacobian((a, _b) => a.square(), [x, x], { strict: true }), /independent of input 1/);
    assert.deepEqual((hessian((a) => a.sum(), x) as Tensor).tolist(), [
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });

  it("wrong calls are refused", () => {
    assert.throws(
      () => vjp(cubes, x),
      /v can only be left out when the output is a single tensor with a single element/,
    );
    assert.throws(() => jvp(cubes, x, wide([1])), /v\[0\] has shape \[1\] but the input has shape \[3\]/);
    assert.throws(() => vjp(cubes, x, [x, x]), /got 2 vectors for 1 outputs/);
    assert.throws(() => hessian(cubes, x), /must return a single element/);
    assert.throws(() => vhp(cubes, x, x), /must return a single element/);
    assert.throws(() => jacobian(() => 1 as never, x), /must return tensors, but returned number/);
    assert.throws(() => jacobian(cubes, x, { vectorise: true } as never), /unknown option 'vectorise'/);
  });
});
