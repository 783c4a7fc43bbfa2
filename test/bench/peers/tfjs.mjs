// TensorFlow.js; variants cpu and wasm.

import path from "node:path";
import { labels, uniform, W1, W2, W3, W4, W5, W6, W7, W8 } from "../support/spec.ts";
import { oneHot } from "./oneHot.mjs";

export async function create({ require, variant }) {
  const tf = quietly(() => require("@tensorflow/tfjs"));
  if (variant === "wasm") {
    const wasm = require("@tensorflow/tfjs-backend-wasm");
    const home = path.dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json"));
    wasm.setWasmPaths(`${home}/dist/`);
  }
  await tf.setBackend(variant);
  await tf.ready();
  if (tf.getBackend() !== variant) throw new Error(`backend is ${tf.getBackend()}`);
  return { version: `@tensorflow/tfjs ${tf.version.tfjs}`, workloads: workloads(tf) };
}

/** It greets everybody who does not use its native package. */
function quietly(work) {
  const { warn } = console;
  console.warn = () => {};
  try {
    return work();
  } finally {
    console.warn = warn;
  }
}

function workloads(tf) {
  const tensor = (values, shape) => tf.tensor(values, shape, "float32");
  const variable = (values, shape) => tf.variable(tensor(values, shape));
  const zeros = (n) => tf.variable(tf.zeros([n]));
  const ones = (n) => tf.variable(tf.ones([n]));

  const chain =
    ({ ops, start }) =>
    () => {
      const x = tensor(start, [start.length]);
      const gradient = tf.grad((v) => {
        let y = v;
        for (let i = 0; i < ops; i++) y = i % 3 === 0 ? y.mul(0.5) : i % 3 === 1 ? y.add(0.5) : y.mul(y);
        return y.sum();
      });
      return () => tf.tidy(() => gradient(x).sum().dataSync()[0]);
    };
  const matrixProduct = (n) => () => {
    const [a, b, g] = [1, 2, 3].map((seed) => tensor(uniform(seed, n * n), [n, n]));
    const both = tf.valueAndGrads((x, y) => tf.matMul(x, y).mul(g).sum());
    return () => tf.tidy(() => both([a, b]).value.dataSync()[0]);
  };
  const train = (lr, variables, lossOf) => {
    const optimizer = tf.train.sgd(lr);
    return () => {
      const loss = optimizer.minimize(lossOf, true, variables);
      const value = loss.dataSync()[0];
      loss.dispose();
      return value;
    };
  };
  const layers = (dims, seed) =>
    dims.slice(1).map((size, i) => {
      const weight = uniform(seed + i, dims[i] * size, 1 / Math.sqrt(dims[i]));
      return [variable(weight, [dims[i], size]), zeros(size)];
    });
  const forward = (all, x, activate) =>
    all.reduce((h, [w, b], i) => {
      const out = tf.matMul(h, w).add(b);
      return i < all.length - 1 ? activate(out) : out;
    }, x);

  return {
    W1: chain(W1),
    W8: chain(W8),
    W2: () => {
      const [x, w, b] = [1, 2, 3].map((seed) => tensor(uniform(seed, W2.n), [W2.n]));
      const both = tf.valueAndGrads((v, c) => x.mul(v).add(c).tanh().square().sum());
      return () => tf.tidy(() => both([w, b]).value.dataSync()[0]);
    },
    W3_512: matrixProduct(W3.W3_512),
    W3_1024: matrixProduct(W3.W3_1024),
    W4: () => {
      const all = layers(W4.dims, 10);
      const x = tensor(uniform(1, 64 * 784), [64, 784]);
      const y = tensor(oneHot(labels(64, 10), 10), [64, 10]);
      return train(W4.lr, all.flat(), () =>
        tf.losses.softmaxCrossEntropy(
          y,
          forward(all, x, (h) => h.relu()),
        ),
      );
    },
    W5: () => {
      const c1 = variable(uniform(20, 144, 1 / 3), [3, 3, 1, 16]);
      const c2 = variable(uniform(21, 9 * 16 * 32, 1 / 12), [3, 3, 16, 32]);
      const weight = variable(uniform(22, 15_680, 1 / Math.sqrt(1568)), [1568, 10]);
      const [b1, b2, b3] = [16, 32, 10].map(zeros);
      const x = tensor(uniform(1, 16 * 784), [16, 28, 28, 1]);
      const y = tensor(oneHot(labels(16, 10), 10), [16, 10]);
      const block = (h, c, b) => tf.maxPool(tf.conv2d(h, c, 1, "same").add(b).relu(), 2, 2, "valid");
      return train(W5.lr, [c1, b1, c2, b2, weight, b3], () => {
        const h = block(block(x, c1, b1), c2, b2).reshape([16, 1568]);
        return tf.losses.softmaxCrossEntropy(y, tf.matMul(h, weight).add(b3));
      });
    },
    W6: () => {
      const { batch: B, tokens: S, width: D, heads: H, hidden: F } = W6;
      const matrix = (seed, from, to) => variable(uniform(seed, from * to, 1 / Math.sqrt(from)), [from, to]);
      const [wqkv, wo, w1, w2] = [matrix(30, D, 3 * D), matrix(31, D, D), matrix(32, D, F), matrix(33, F, D)];
      const [bqkv, bo, b1, b2] = [3 * D, D, F, D].map(zeros);
      const [g1, g2, e1, e2] = [ones(D), ones(D), zeros(D), zeros(D)];
      const x = tensor(uniform(1, B * S * D), [B * S, D]);
      const target = tensor(uniform(2, B * S * D), [B * S, D]);
      const layerNorm = (h, g, e) => {
        const { mean, variance } = tf.moments(h, -1, true);
        return h.sub(mean).mul(variance.add(1e-5).rsqrt()).mul(g).add(e);
      };
      const gelu = (h) => {
        const cubic = h.add(h.mul(h).mul(h).mul(0.044715));
        return h.mul(0.5).mul(cubic.mul(0.7978845608).tanh().add(1));
      };
      return train(W6.lr, [wqkv, wo, w1, w2, bqkv, bo, b1, b2, g1, e1, g2, e2], () => {
        const qkv = tf
          .matMul(layerNorm(x, g1, e1), wqkv)
          .add(bqkv)
          .reshape([B, S, 3, H, D / H]);
        const apart = qkv.transpose([2, 0, 3, 1, 4]).reshape([3, B * H, S, D / H]);
        const [q, k, v] = tf.split(apart, 3, 0).map((one) => one.reshape([B * H, S, D / H]));
        const scores = tf.softmax(tf.matMul(q, k, false, true).mul(1 / Math.sqrt(D / H)));
        const joined = tf
          .matMul(scores, v)
          .reshape([B, H, S, D / H])
          .transpose([0, 2, 1, 3])
          .reshape([B * S, D]);
        const r = x.add(tf.matMul(joined, wo)).add(bo);
        const out = r.add(tf.matMul(gelu(tf.matMul(layerNorm(r, g2, e2), w1).add(b1)), w2)).add(b2);
        return out.sub(target).square().mean();
      });
    },
    W7: () => {
      const all = layers(W7.dims, 40);
      const x = tensor(uniform(1, 16), [8, 2]);
      const target = tensor(uniform(2, 8), [8, 1]);
      const lossOf = () =>
        forward(all, x, (h) => h.tanh())
          .sub(target)
          .square()
          .mean();
      return train(W7.lr, all.flat(), lossOf);
    },
  };
}
