import fc from "fast-check";
import { autograd, noGrad, stack, type Tensor, tensor, where } from "../../../engine/index.ts";
import { broadcastable, laidOut, layouts, options, randomTensor, seeds, shapes } from "./arbitraries.ts";
import { assertAllClose, assertClose } from "./assertClose.ts";

type Binary = (a: Tensor, b: Tensor) => Tensor;
type Method = (...args: unknown[]) => Tensor;

const binaries: Readonly<Record<string, Binary>> = {
  add: (a, b) => a.add(b, { alpha: 2 }),
  sub: (a, b) => a.sub(b),
  mul: (a, b) => a.mul(b),
  div: (a, b) => a.div(b),
  maximum: (a, b) => a.maximum(b),
  atan2: (a, b) => a.atan2(b),
  pow: (a, b) => a.abs().pow(b),
  hypot: (a, b) => a.hypot(b),
  where: (a, b) => where(a.gt(0), a, b),
  lerp: (a, b) => a.lerp(b, 0.3),
};

const leaf = (shape: readonly number[], seed: number): Tensor => randomTensor(shape, seed).requiresGrad_();

/** In-place methods with arguments that keep every value where the op is defined. */
const inPlace: Readonly<Record<string, (other: Tensor) => unknown[]>> = {
  add_: (b) => [b],
  sub_: (b) => [b],
  mul_: (b) => [b],
  div_: (b) => [b],
  neg_: () => [],
  exp_: () => [],
  sigmoid_: () => [],
  tanh_: () => [],
  relu_: () => [],
  sin_: () => [],
  square_: () => [],
  abs_: () => [],
  clamp_: () => [-0.5, 0.5],
  pow_: () => [2],
  addcmul_: (b) => [b, b],
  lerp_: (b) => [b, 0.25],
  fmod_: () => [0.7],
  reciprocal_: () => [],
  copy_: (b) => [b],
  fill_: () => [3],
  zero_: () => [],
  tril_: () => [],
};

const call = (x: Tensor, name: string, args: unknown[]): Tensor =>
  (x as unknown as Record<string, Method>)[name]?.call(x, ...args) as Tensor;

describe("element-wise ops on random shapes", () => {
  for (const [name, fn] of Object.entries(binaries)) {
    it(`${name} of inputs that broadcast equals ${name} of expanded ones, and gradients are summed to the inputs`, () => {
      const property = fc.property(
        broadcastable,
        layouts,
        seeds,
        fc.boolean(),
        ([shape, smaller], layout, seed, swap) => {
          const [x, y] = [leaf(shape, seed), laidOut(leaf(smaller, seed + 1), layout)];
          const [a, b] = swap ? [y, x] : [x, y];
          const plain = fn(a, b);
          const expanded = fn(a.expand(shape).clone(), b.expand(shape).clone());
          assertClose(plain, expanded, "result");
          const gradOutputs = randomTensor(shape, seed + 2);
          assertAllClose(
            autograd.grad(plain, [a, b], { gradOutputs, allowUnused: true }),
            autograd.grad(expanded, [a, b], { gradOutputs, allowUnused: true }),
            "gradient",
          );
        },
      );
      fc.assert(property, options(40));
    });
  }

  for (const [name, argumentsFor] of Object.entries(inPlace)) {
    it(`${name} gives what its out-of-place twin gives, on views too, with the same gradients`, () => {
      const property = fc.property(shapes(3), layouts, seeds, (given, layout, seed) => {
        const shape = name === "tril_" ? [...given, 2, 3] : given;
        const [x, other] = [leaf(shape, seed), leaf(shape, seed + 1)];
        const gradOutputs = randomTensor([...shape, 2], seed + 2);
        const run = (write: boolean): { result: Tensor; gradients: (Tensor | null)[] } => {
          // The op goes to one half of a larger tensor, which has a history of its own.
          const base = x.unsqueeze(-1).mul(tensor([1, 2], { dtype: "float64" }));
          const part = base.select(-1, 1);
          if (write) call(part, name, argumentsFor(other));
          const result = write ? base : stack([base.select(-1, 0), outOfPlace(part, name, argumentsFor(other))], -1);
          return {
            result,
            gradients: autograd.grad(result, [x, other], { gradOutputs, allowUnused: true, materializeGrads: true }),
          };
        };
        const [got, want] = [run(true), run(false)];
        assertClose(got.result, want.result, "result");
        assertAllClose(got.gradients, want.gradients, "gradient");
        const strided = noGrad(() => laidOut(x.detach(), layout));
        const plain = x.detach().clone();
        noGrad(() => {
          call(strided, name, argumentsFor(other));
          call(plain, name, argumentsFor(other));
        });
        assertClose(strided, plain, "on strides");
      });
      fc.assert(property, options(25));
    });
  }
});

/** copy_, fill_ and zero_ have no twin: what they write is their result. */
function outOfPlace(x: Tensor, name: string, args: unknown[]): Tensor {
  if (name === "copy_") return (args[0] as Tensor).expand(x.shape);
  if (name === "fill_")
    return x
      .detach()
      .zerosLike()
      .add(args[0] as number);
  if (name === "zero_") return x.detach().zerosLike();
  return call(x, name.slice(0, -1), args);
}
