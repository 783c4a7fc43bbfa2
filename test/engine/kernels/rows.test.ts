import type { Block } from "../../../engine/kernels/block.ts";
import * as norms from "../../../engine/kernels/normalization.ts";
import { logSoftmax, logSoftmaxBackward, softmax, softmaxBackward } from "../../../engine/kernels/softmax.ts";
import { sum } from "../../../engine/kernels/sum.ts";
import { assertClose, DOUBLE, Numbers, SINGLE, withBoth } from "./twins.ts";

const blocks: readonly (readonly [outer: number, n: number, inner: number])[] = [
  [1, 1, 1],
  [3, 5, 1],
  [1, 20_001, 1],
  [40, 300, 1],
  [2, 9000, 1],
  [9000, 3, 1],
  [2, 70, 5],
  [3, 2, 3001],
];

function block(seed: number, [outer, n, inner]: readonly [number, number, number], scale = 3): Block {
  return { values: new Numbers(seed).singles(outer * n * inner + 3, scale), offset: 3, outer, n, inner };
}

const count = ({ outer, n, inner }: Block): number => outer * n * inner;

describe("sums in WebAssembly", () => {
  for (const [i, sizes] of blocks.entries()) {
    it(`of [${sizes}] are kept in float64`, () => {
      const x = block(i, sizes);
      const { wasm, typescript } = withBoth(() => {
        const out = new Float64Array(x.outer * x.inner);
        sum(x, out);
        return out;
      });
      assertClose(wasm, typescript, DOUBLE * 64, Math.sqrt(x.n));
    });
  }
});

const softmaxes = {
  softmax: { forward: softmax, backward: softmaxBackward },
  logSoftmax: { forward: logSoftmax, backward: logSoftmaxBackward },
};

describe("softmax in WebAssembly", () => {
  for (const [i, sizes] of blocks.entries()) {
    for (const name of ["softmax", "logSoftmax"] as const) {
      it(`${name} of [${sizes}] and its gradient are those in TypeScript but for rounding`, () => {
        const x = block(i, sizes, 20);
        const forward = withBoth(() => {
          const out = new Float32Array(count(x));
          softmaxes[name].forward(x, out);
          return out;
        });
        assertClose(forward.wasm, forward.typescript, 8 * SINGLE, name === "softmax" ? 1e-4 : 1);

        const y = new Float32Array([0, ...forward.typescript]);
        const backward = withBoth(() => {
          const out = new Float32Array(count(x));
          softmaxes[name].backward({ ...x, values: new Numbers(i + 50).singles(count(x) + 3) }, y, 1, out);
          return out;
        });
        assertClose(backward.wasm, backward.typescript, 8 * SINGLE, Math.sqrt(x.n));
      });
    }
  }

  it("gives NaN for rows with NaN or nothing but −∞, as in TypeScript", () => {
    const rows = [
      [1, Number.NaN, 2, 3, 4],
      [Number.NaN, 1, 2, 3, 4],
      [0, Number.NEGATIVE_INFINITY, 1, 0, 0],
      new Array<number>(5).fill(Number.NEGATIVE_INFINITY),
    ];
    const x = { values: Float32Array.from(rows.flat()), offset: 0, outer: rows.length, n: 5, inner: 1 };
    for (const name of ["softmax", "logSoftmax"] as const) {
      const { wasm, typescript } = withBoth(() => {
        const out = new Float32Array(x.values.length);
        softmaxes[name].forward(x, out);
        return out;
      });
      assertClose(wasm, typescript, 8 * SINGLE);
    }
  });
});

const layouts: Readonly<Record<string, norms.NormLayout>> = {
  "layer norm": { segments: 1, groups: 40, length: 130, inner: 1, period: 130 },
  "layer norm of long rows": { segments: 1, groups: 3, length: 9001, inner: 1, period: 9001 },
  "batch norm of images": { segments: 4, groups: 6, length: 49, inner: 49, period: 6 },
  "batch norm of vectors": { segments: 50, groups: 6, length: 1, inner: 1, period: 6 },
  "group norm": { segments: 1, groups: 4, length: 90, inner: 30, period: 6 },
};

describe("normalization in WebAssembly", () => {
  for (const [name, layout] of Object.entries(layouts)) {
    for (const center of [0, 1000]) {
      it(`${name} around ${center} and its gradients are those in TypeScript but for rounding`, () => {
        const numbers = new Numbers(center + layout.length);
        const n = layout.segments * layout.groups * layout.length;
        const x = numbers.singles(n + 1, 2).map((value) => value + center);
        const g = numbers.singles(n + 2);
        const weight = numbers.singles(layout.period);
        const bias = numbers.singles(layout.period);

        const moments = withBoth(() => {
          const mean = new Float64Array(layout.groups);
          const variance = new Float64Array(layout.groups);
          norms.moments(x, 1, layout, mean, variance);
          return { mean, variance };
        });
        assertClose(moments.wasm.mean, moments.typescript.mean, DOUBLE * 64);
        assertClose(moments.wasm.variance, moments.typescript.variance, DOUBLE * 64);

        const { mean, variance } = moments.typescript;
        const scale = variance.map((value) => 1 / Math.sqrt(value + 0.01));
        // Backward reads them from tensors of the input's type.
        const [saved, savedScale] = [mean.map(Math.fround), scale.map(Math.fround)];
        const compare = (length: number, tolerance: number, run: (out: Float64Array & Float32Array) => void): void => {
          const of = (out: Float32Array | Float64Array): Float32Array | Float64Array => {
            run(out as Float64Array & Float32Array);
            return out;
          };
          const make = (): Float32Array | Float64Array =>
            length === n ? new Float32Array(length) : new Float64Array(length);
          const { wasm, typescript } = withBoth(() => of(make()));
          assertClose(wasm, typescript, tolerance);
        };
        for (const affine of [true, false]) {
          const [w, b] = affine ? [weight, bias] : [null, null];
          compare(n, 8 * SINGLE, (out) => norms.standardize(x, 1, layout, mean, scale, w, b, out));
          compare(n, 32 * SINGLE, (out) => norms.standardizeInput(g, 2, x, 1, layout, saved, savedScale, w, out));
        }
        const { period } = layout;
        compare(period, 64 * SINGLE, (out) => norms.standardizeWeight(g, 2, x, 1, layout, saved, savedScale, out));
        compare(period, DOUBLE * 64, (out) => norms.standardizeBias(g, 2, n, layout, out));
      });
    }
  }
});
