import assert from "node:assert/strict";
import { addPerChannel } from "../../../engine/kernels/channels.ts";
import { type Extent, type Sliding, volume } from "../../../engine/kernels/columns.ts";
import * as convolutions from "../../../engine/kernels/convolution.ts";
import { maxPool, type Windows } from "../../../engine/kernels/maxPooling.ts";
import { assertClose, Numbers, SINGLE, withBoth } from "./twins.ts";

interface Case {
  readonly image: Extent;
  readonly kernel: Extent;
  readonly stride?: Extent;
  readonly padding?: Extent;
  readonly dilation?: Extent;
  readonly channels: number;
  readonly features: number;
  readonly groups?: number;
}

const cases: Readonly<Record<string, Case>> = {
  "of an image with padding": { image: [1, 9, 11], kernel: [1, 3, 3], padding: [0, 1, 1], channels: 3, features: 5 },
  "with a stride": {
    image: [1, 12, 13],
    kernel: [1, 3, 2],
    stride: [1, 2, 3],
    padding: [0, 2, 1],
    channels: 2,
    features: 7,
  },
  "with holes": {
    image: [1, 12, 13],
    kernel: [1, 3, 3],
    dilation: [1, 2, 3],
    padding: [0, 3, 0],
    channels: 2,
    features: 4,
  },
  "in groups": { image: [1, 8, 8], kernel: [1, 3, 3], channels: 6, features: 8, groups: 2 },
  "of a volume": {
    image: [5, 6, 7],
    kernel: [2, 3, 2],
    padding: [1, 0, 1],
    stride: [2, 1, 1],
    channels: 2,
    features: 3,
  },
  "of a signal": { image: [1, 1, 500], kernel: [1, 1, 7], padding: [0, 0, 3], channels: 4, features: 9 },
  "in several bands": { image: [1, 70, 60], kernel: [1, 3, 3], padding: [0, 1, 1], channels: 20, features: 100 },
  "too large to be brought in": { image: [1, 800, 700], kernel: [1, 2, 2], channels: 1, features: 2 },
};

function slidingOf({ image, kernel, ...how }: Case): Sliding {
  const { stride = [1, 1, 1], padding = [0, 0, 0], dilation = [1, 1, 1] } = how;
  const along = (d: 0 | 1 | 2): number =>
    Math.floor((image[d] + 2 * padding[d] - dilation[d] * (kernel[d] - 1) - 1) / stride[d]) + 1;
  return { image, kernel, out: [along(0), along(1), along(2)], stride, padding, dilation };
}

describe("convolutions in WebAssembly", () => {
  for (const [name, one] of Object.entries(cases)) {
    const sliding = slidingOf(one);
    const { channels, features, groups = 1 } = one;
    const sizes = { batch: 2, channels, features, groups, sliding };
    const numbers = new Numbers(channels * features);
    const seen = (channels / groups) * volume(sliding.kernel);
    const image = numbers.singles(2 * channels * volume(sliding.image) + 1);
    const weight = numbers.singles(features * seen + 2);
    const grad = numbers.singles(2 * features * volume(sliding.out) + 3);
    const same = (length: number, terms: number, run: (out: Float32Array) => void): void => {
      const { wasm, typescript } = withBoth(() => {
        const out = new Float32Array(length);
        run(out);
        return out;
      });
      assertClose(wasm, typescript, SINGLE * (Math.sqrt(terms) + 4), Math.sqrt(terms));
    };

    it(`${name} are those in TypeScript but for rounding`, () => {
      same(grad.length - 3, seen, (out) => convolutions.convolve(image, 1, weight, 2, sizes, out));
    });
    it(`${name} have the same gradient for the image`, () => {
      const terms = features * volume(sliding.kernel);
      same(image.length - 1, terms, (out) => convolutions.convolveTransposed(grad, 3, weight, 2, sizes, out));
    });
    it(`${name} have the same gradient for the weight`, () => {
      const terms = 2 * volume(sliding.out);
      same(weight.length - 2, terms, (out) => convolutions.convolveWeight(image, 1, grad, 3, sizes, out));
    });
  }

  it("add a bias to each channel", () => {
    const numbers = new Numbers(5);
    const base = numbers.singles(2 * 3 * 50);
    const bias = numbers.singles(4);
    const { wasm, typescript } = withBoth(() => {
      const out = base.slice();
      addPerChannel(out, bias, 1, 3, 50);
      return out;
    });
    assertClose(wasm, typescript, 0);
  });
});

const windows = (size: number, kernel: number, stride: number, padding = 0): Windows => {
  const n = Math.floor((size + 2 * padding - kernel) / stride) + 1;
  const first = (o: number): number => o * stride - padding;
  return {
    size,
    firsts: Int32Array.from({ length: n }, (_, o) => Math.max(0, first(o))),
    ends: Int32Array.from({ length: n }, (_, o) => Math.min(size, first(o) + kernel)),
    step: 1,
  };
};

const pools: Readonly<Record<string, readonly [Windows, Windows, Windows]>> = {
  "pairs, in rows of whole vectors": [windows(1, 1, 1), windows(6, 2, 2), windows(16, 2, 2)],
  "pairs, with a rest": [windows(1, 1, 1), windows(4, 2, 2), windows(22, 2, 2)],
  "windows that overlap, with padding": [windows(1, 1, 1), windows(9, 3, 2, 1), windows(11, 3, 2, 1)],
  "windows of a volume": [windows(5, 2, 1), windows(6, 3, 3), windows(7, 2, 2)],
};

describe("max pooling in WebAssembly", () => {
  for (const [name, pool] of Object.entries(pools)) {
    it(`has the same maxima at the same places for ${name}, the first of equals and NaN above all`, () => {
      const numbers = new Numbers(11);
      const planes = 40;
      const plane = pool.reduce((n, { size }) => n * size, 1);
      const results = planes * pool.reduce((n, { firsts }) => n * firsts.length, 1);
      const x = numbers.singles(planes * plane + 1).map((value) => {
        if (value > 0.96) return Number.NaN;
        return value > 0.5 ? 1 : value;
      });
      const { wasm, typescript } = withBoth(() => {
        const out = new Float32Array(results);
        const places = new Float64Array(results);
        maxPool(x, 1, planes, pool, out, places);
        return { out, places };
      });
      assert.deepEqual(wasm, typescript);
    });
  }
});
