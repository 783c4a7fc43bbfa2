// jax-js on WebAssembly, one thread; variants wasm and wasm-jit.

import { pathToFileURL } from "node:url";
import { labels, uniform, W1, W2, W3, W4, W5, W6, W7, W8 } from "../support/spec.ts";
import { oneHot } from "./oneHot.mjs";

export async function create({ require, variant, versionOf }) {
  const jax = await import(pathToFileURL(require.resolve("@jax-js/jax")).href);
  const available = await jax.init("wasm");
  if (!available.includes("wasm")) throw new Error(`there is only ${available}`);
  jax.defaultDevice("wasm");
  return { version: `@jax-js/jax ${versionOf("@jax-js/jax")}`, workloads: workloads(jax, variant.endsWith("jit")) };
}

// An array is gone once it was used; `.ref` keeps it for another time.
function workloads({ numpy: np, valueAndGrad, grad, jit, nn, lax, tree, blockUntilReady }, compiles) {
  const compiled = (f) => (compiles ? jit(f) : f);
  const array = (values, shape) => np.array(values).reshape(shape);
  const number = (one) => one.dataSync()[0];

  const chain =
    ({ ops, start }) =>
    () => {
      const x = array(Float32Array.from(start), [start.length]);
      const gradient = compiled(
        grad((v) => {
          let y = v;
          for (let i = 0; i < ops; i++) y = i % 3 === 0 ? y.mul(0.5) : i % 3 === 1 ? y.add(0.5) : y.ref.mul(y);
          return y.sum();
        }),
      );
      return () => number(gradient(x.ref).sum());
    };
  const differentiate = (f, inputs) => {
    const both = compiled(valueAndGrad(f, { argnums: inputs.map((_, i) => i) }));
    return async () => {
      const [value, gradients] = both(...inputs.map((one) => one.ref));
      await blockUntilReady(tree.ref(gradients));
      tree.dispose(gradients);
      return number(value);
    };
  };
  const matrixProduct = (n) => () => {
    const [a, b, g] = [1, 2, 3].map((seed) => array(uniform(seed, n * n), [n, n]));
    return differentiate((x, y) => np.matmul(x, y).mul(g.ref).sum(), [a, b]);
  };
  const train = (lr, initial, lossOf) => {
    let parameters = initial;
    const both = valueAndGrad(lossOf);
    const step = compiled((before) => {
      const [loss, gradients] = both(tree.ref(before));
      return [loss, tree.map((p, g) => p.sub(g.mul(lr)), before, gradients)];
    });
    return async () => {
      const [loss, after] = step(parameters);
      parameters = after;
      await blockUntilReady(tree.ref(parameters));
      return number(loss);
    };
  };
  const layers = (dims, seed) =>
    dims.slice(1).map((size, i) => {
      const weight = uniform(seed + i, dims[i] * size, 1 / Math.sqrt(dims[i]));
      return { w: array(weight, [dims[i], size]), b: np.zeros([size]) };
    });
  const forward = (all, x, activate) =>
    all.reduce((h, { w, b }, i) => {
      const out = np.matmul(h, w).add(b);
      return i < all.length - 1 ? activate(out) : out;
    }, x.ref);
  const crossEntropy = (logits, y, n) =>
    nn
      .logSoftmax(logits, -1)
      .mul(y.ref)
      .sum()
      .mul(-1 / n);

  return {
    W1: chain(W1),
    W8: chain(W8),
    W2: () => {
      const [x, w, b] = [1, 2, 3].map((seed) => array(uniform(seed, W2.n), [W2.n]));
      return differentiate((v, c) => np.square(np.tanh(x.ref.mul(v).add(c))).sum(), [w, b]);
    },
    W3_512: matrixProduct(W3.W3_512),
    W3_1024: matrixProduct(W3.W3_1024),
    W4: () => {
      const x = array(uniform(1, 64 * 784), [64, 784]);
      const y = array(oneHot(labels(64, 10), 10), [64, 10]);
      return train(W4.lr, layers(W4.dims, 10), (all) => crossEntropy(forward(all, x, nn.relu), y, 64));
    },
    W5: () => {
      const x = array(uniform(1, 16 * 784), [16, 1, 28, 28]);
      const y = array(oneHot(labels(16, 10), 10), [16, 10]);
      const parameters = {
        c1: array(channelsFirst(uniform(20, 144, 1 / 3), 9, 1, 16), [16, 1, 3, 3]),
        c2: array(channelsFirst(uniform(21, 4608, 1 / 12), 9, 16, 32), [32, 16, 3, 3]),
        b1: np.zeros([16, 1, 1]),
        b2: np.zeros([32, 1, 1]),
        weight: array(channelsBeforePixels(uniform(22, 15_680, 1 / Math.sqrt(1568)), 49, 32, 10), [1568, 10]),
        b3: np.zeros([10]),
      };
      const block = (h, c, b, channels, size) => {
        const all = nn.relu(lax.conv(h, c, [1, 1], "SAME").add(b));
        return np.max(all.reshape([16, channels, size / 2, 2, size / 2, 2]), [3, 5]);
      };
      return train(W5.lr, parameters, ({ c1, c2, b1, b2, weight, b3 }) => {
        const h = block(block(x.ref, c1, b1, 16, 28), c2, b2, 32, 14).reshape([16, 1568]);
        return crossEntropy(np.matmul(h, weight).add(b3), y, 16);
      });
    },
    W6: () => {
      const { batch: B, tokens: S, width: D, heads: H, hidden: F } = W6;
      const matrix = (seed, from, to) => array(uniform(seed, from * to, 1 / Math.sqrt(from)), [from, to]);
      const parameters = {
        ...{ wqkv: matrix(30, D, 3 * D), wo: matrix(31, D, D), w1: matrix(32, D, F), w2: matrix(33, F, D) },
        ...{ bqkv: np.zeros([3 * D]), bo: np.zeros([D]), b1: np.zeros([F]), b2: np.zeros([D]) },
        ...{ g1: np.ones([D]), e1: np.zeros([D]), g2: np.ones([D]), e2: np.zeros([D]) },
      };
      const x = array(uniform(1, B * S * D), [B * S, D]);
      const target = array(uniform(2, B * S * D), [B * S, D]);
      const layerNorm = (h, g, e) => nn.standardize(h, -1).mul(g).add(e);
      return train(W6.lr, parameters, (p) => {
        const qkv = np
          .matmul(layerNorm(x.ref, p.g1, p.e1), p.wqkv)
          .add(p.bqkv)
          .reshape([B, S, 3, H, D / H]);
        const apart = np.transpose(qkv, [2, 0, 3, 1, 4]).reshape([3, B * H, S, D / H]);
        const [q, k, v] = np.split(apart, 3, 0).map((one) => one.reshape([B * H, S, D / H]));
        const scores = np.matmul(q, np.transpose(k, [0, 2, 1])).mul(1 / Math.sqrt(D / H));
        const attended = np.matmul(nn.softmax(scores, -1), v).reshape([B, H, S, D / H]);
        const joined = np.transpose(attended, [0, 2, 1, 3]).reshape([B * S, D]);
        const r = x.ref.add(np.matmul(joined, p.wo)).add(p.bo);
        const h = nn.gelu(np.matmul(layerNorm(r.ref, p.g2, p.e2), p.w1).add(p.b1));
        return np.mean(np.square(r.add(np.matmul(h, p.w2)).add(p.b2).sub(target.ref)));
      });
    },
    W7: () => {
      const x = array(uniform(1, 16), [8, 2]);
      const target = array(uniform(2, 8), [8, 1]);
      const lossOf = (all) => np.mean(np.square(forward(all, x, np.tanh).sub(target.ref)));
      return train(W7.lr, layers(W7.dims, 40), lossOf);
    },
  };
}

/** A kernel whose channels come last, as one whose channels come first. */
function channelsFirst(values, pixels, inputs, outputs) {
  const turned = new Float32Array(values.length);
  for (let p = 0; p < pixels; p++) {
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < outputs; o++) turned[(o * inputs + i) * pixels + p] = values[(p * inputs + i) * outputs + o];
    }
  }
  return turned;
}

/** The weight of a linear layer over pixels and channels, with the channels before the pixels. */
function channelsBeforePixels(values, pixels, channels, outputs) {
  const turned = new Float32Array(values.length);
  for (let p = 0; p < pixels; p++) {
    for (let c = 0; c < channels; c++) {
      for (let o = 0; o < outputs; o++) {
        turned[(c * pixels + p) * outputs + o] = values[(p * channels + c) * outputs + o];
      }
    }
  }
  return turned;
}
