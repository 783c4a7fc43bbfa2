import * as optimizers from "../../../engine/kernels/optimizers.ts";
import { assertClose, Numbers, SINGLE, withBoth } from "./twins.ts";

const N = 5003;
const FROM = 7;
const step = { lr: 0.1, weightDecay: 0.01, sign: -1 };
const momentum = { ...step, momentum: 0.9, dampening: 0.1 };
const moments = { beta1: 0.9, beta2: 0.999, eps: 1e-8, correction1: 0.19, correction2: 0.002 };

interface Buffers {
  readonly p: Float32Array;
  readonly g: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly largest: Float32Array;
}

type Update = (b: Buffers) => void;

const updates: Readonly<Record<string, Update>> = {
  SGD: ({ p, g }) => optimizers.sgd(p, 3, g, 1, FROM, N, step),
  "the first step of SGD with momentum": ({ p, g, first }) =>
    optimizers.sgdMomentum(p, 3, g, 1, FROM, N, { ...momentum, nesterov: false }, first, true),
  "SGD with momentum": ({ p, g, first }) =>
    optimizers.sgdMomentum(p, 3, g, 1, FROM, N, { ...momentum, nesterov: false }, first, false),
  "SGD with Nesterov's momentum": ({ p, g, first }) =>
    optimizers.sgdMomentum(p, 3, g, 1, FROM, N, { ...momentum, nesterov: true }, first, false),
  Adam: ({ p, g, first, second }) =>
    optimizers.adam(p, 3, g, 1, FROM, N, { ...step, ...moments, decoupled: false }, first, second, null),
  AdamW: ({ p, g, first, second }) =>
    optimizers.adam(p, 3, g, 1, FROM, N, { ...step, ...moments, decoupled: true }, first, second, null),
  AMSGrad: ({ p, g, first, second, largest }) =>
    optimizers.adam(p, 3, g, 1, FROM, N, { ...step, ...moments, decoupled: false }, first, second, largest),
};

describe("updates of parameters in WebAssembly", () => {
  for (const [name, update] of Object.entries(updates)) {
    it(`${name} changes parameters and state as in TypeScript but for rounding, and nothing outside of its range`, () => {
      const { wasm, typescript } = withBoth(() => {
        const numbers = new Numbers(3);
        const positive = (): Float32Array => numbers.singles(N).map(Math.abs);
        const buffers = {
          p: numbers.singles(N + 5),
          g: numbers.singles(N + 1),
          first: numbers.singles(N),
          second: positive(),
          largest: positive(),
        };
        update(buffers);
        return buffers;
      });
      for (const key of ["p", "g", "first", "second", "largest"] as const) {
        assertClose(wasm[key], typescript[key], 8 * SINGLE);
      }
    });
  }
});
