import assert from "node:assert/strict";
import { autograd, noGrad, ones, Tensor, tensor, zeros } from "../../engine/index.ts";
import * as inPlaceViews from "../../engine/ops/inPlaceViews.ts";
import { type Op, ops } from "../../engine/ops/op.ts";
import type { Sample } from "../../engine/ops/samples.ts";
import { callOp, sampleInputs } from "../support/opSamples.ts";

/** All that a refused call must leave as it was. */
function state(x: Tensor): unknown[] {
  return [[...x.storage.values], x._version, x.grad, x.requiresGrad, x.gradFn, x.shape];
}

type Method = (...args: unknown[]) => unknown;

const methodsInPlace = Object.getOwnPropertyNames(Tensor.prototype).filter(
  (name) => name.endsWith("_") && !["requiresGrad_", "detach_"].includes(name),
);
const call = (x: Tensor, name: string, args: readonly unknown[]): unknown =>
  (x as unknown as Record<string, Method>)[name]?.call(x, ...args);

/** Refused calls of an op, also in place on its first input. */
function refusals(op: Op, sample: Sample): { readonly words: string; run(inputs: readonly Tensor[]): unknown }[] {
  const out = { words: "", run: (inputs: readonly Tensor[]) => callOp(op, sample, inputs) };
  if (sample.arrange !== undefined || !methodsInPlace.includes(`${op.name}_`)) return [out];
  const run = ([self, ...others]: readonly Tensor[]): unknown =>
    noGrad(() => call(self as Tensor, `${op.name}_`, [...others, ...sample.call]));
  return [out, { words: " in place", run }];
}

describe("what PyTorch refuses", () => {
  const mask = tensor([true, false]);
  const x = tensor([1, 2]);
  const cases: readonly [string, () => unknown, RegExp][] = [
    ["a difference with a mask", () => x.sub(mask), /subtraction with a bool tensor is not supported/],
    ["a difference of a mask and a number", () => mask.sub(1), /subtraction with a bool tensor is not supported/],
    [
      "lerp between dtypes",
      () => x.lerp(x.to("float64"), 0.5),
      /expected dtype float32 for `end` but got dtype float64/,
    ],
    ["lerp by another dtype", () => x.lerp(x, x.to("float64")), /expected dtype float32 for `weight` but got/],
    ["two indices of a scalar", () => tensor(1).indexSelect(0, tensor([0, 0], { dtype: "int64" })), /Index to scalar/],
    ["what is no integer as one", () => tensor([1], { dtype: "int64" }).set([0], Number.NaN), /without overflow/],
    ["too large an integer", () => zeros([1], { dtype: "int32" }).fill_(3e9), /without overflow/],
    [
      "integers for what requires grad",
      () => {
        const y = x.clone().requiresGrad_().mul(2);
        y.data = tensor([1, 2], { dtype: "int64" });
      },
      /must be of a floating point dtype/,
    ],
    ["roll along a dimension of a scalar", () => tensor(1).roll(1, 0), /Dimension specified as 0 but tensor has no/],
    ["a copy of what is no tensor", () => x.copy_(2 as never), /argument 'source' must be a Tensor, but got number/],
  ];
  for (const [what, run, message] of cases) it(what, () => void assert.throws(run, message));
});

describe("a refused call", () => {
  for (const op of ops.values()) {
    for (const sample of op.rejects) {
      for (const { words, run } of refusals(op, sample)) {
        it(`of ${op.name}${words} on ${sample.label} changes nothing`, () => {
          const inputs = sampleInputs(op, sample);
          const before = inputs.map(state);
          assert.throws(() => run(inputs));
          assert.deepEqual(inputs.map(state), before);
        });
      }
    }
  }

  for (const name of methodsInPlace.filter((method) => !(method in inPlaceViews))) {
    it(`of ${name} on a leaf that requires grad, on elements that overlap or on a result that does not fit changes nothing`, () => {
      const leaf = ones([2, 3], { dtype: "float64", requiresGrad: true });
      const overlapping = tensor([0.5]).expand(2, 3);
      const small = ones([2, 1]);
      const index = tensor([[0], [1]], { dtype: "int64" });
      const wide = [
        [],
        [ones(2, 3)],
        [2],
        [1, 2],
        [0, index, ones(2, 3)],
        [ones(2, 3), ones(2, 3)],
        [ones(2, 3), 0.5],
        [[index], ones(2, 3)],
      ];
      for (const x of [leaf, overlapping]) {
        const before = state(x);
        for (const args of wide) assert.throws(() => call(x, name, args), `${name}(${args.join(", ")})`);
        assert.deepEqual(state(x), before);
      }
      for (const args of wide) {
        const before = state(small);
        try {
          call(small, name, args);
          break; // this one fits, and has written
        } catch {
          assert.deepEqual(state(small), before);
        }
      }
    });
  }

  it("of backward leaves no gradient in some leaves only", () => {
    class Fails extends autograd.Function {
      static forward(_ctx: autograd.FunctionCtx, x: Tensor): Tensor {
        return x.clone();
      }
      static backward(): never {
        throw new Error("no");
      }
    }
    const leaves = [1, 2, 3].map((value) => tensor([value], { requiresGrad: true })) as [Tensor, Tensor, Tensor];
    const [a, b, c] = leaves;
    b.grad = tensor([5]);
    const wrong = Fails.apply(a).add(b.mul(2)).add(c.mul(3));
    assert.throws(() => wrong.backward());
    assert.deepEqual(
      leaves.map((x) => x.grad?.tolist() ?? null),
      [null, [5], null],
    );
    const shapes = a.mul(b).add(c);
    assert.throws(() => autograd.backward([shapes, shapes], [tensor([1]), tensor([1, 2])]));
    assert.throws(() => shapes.backward(null, { retain: true } as never));
    assert.deepEqual(
      leaves.map((x) => x.grad?.tolist() ?? null),
      [null, [5], null],
    );
  });
});
