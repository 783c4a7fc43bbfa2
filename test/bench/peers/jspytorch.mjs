// js-pytorch: nested arrays of doubles, Adam alone, no tanh, no convolution; so it takes part where it computes the same.

import { pathToFileURL } from "node:url";
import { labels, uniform, W1, W4 } from "../support/spec.ts";

export async function create({ require, versionOf }) {
  const { torch } = await import(pathToFileURL(require.resolve("js-pytorch")).href);
  return { version: `js-pytorch ${versionOf("js-pytorch")}`, workloads: workloads(torch) };
}

function workloads(torch) {
  const nested = (values, [first, ...rest]) => {
    if (rest.length === 0) return Array.from(values);
    const size = values.length / first;
    return Array.from({ length: first }, (_, i) => nested(values.subarray(i * size, (i + 1) * size), rest));
  };
  const number = (one) => [one.data].flat(Number.POSITIVE_INFINITY)[0];

  const chain =
    ({ ops, start }) =>
    () =>
    () => {
      const x = torch.tensor(start, true);
      let y = x;
      for (let i = 0; i < ops; i++) {
        y = i % 3 === 0 ? torch.mul(y, 0.5) : i % 3 === 1 ? torch.add(y, 0.5) : torch.mul(y, y);
      }
      y.sum().backward();
      return x.grad.flat().reduce((sum, one) => sum + one, 0);
    };
  const parameter = (values, shape) => {
    const made = torch.randn(shape, true);
    made._data = nested(values, shape);
    return made;
  };

  return {
    W1: chain(W1),
    W4: () => {
      const relu = new torch.nn.ReLU();
      const crossEntropy = new torch.nn.CrossEntropyLoss();
      const layers = W4.dims.slice(1).map((size, i) => {
        const weight = uniform(10 + i, W4.dims[i] * size, 1 / Math.sqrt(W4.dims[i]));
        return [parameter(weight, [W4.dims[i], size]), parameter(new Float32Array(size), [size])];
      });
      const x = torch.tensor(nested(uniform(1, 64 * 784), [64, 784]));
      const y = torch.tensor(labels(64, 10));
      const optimizer = new torch.optim.Adam(layers.flat(), W4.lr, 0);
      return () => {
        const logits = layers.reduce((h, [w, b], i) => {
          const out = torch.add(torch.matmul(h, w), b);
          return i < layers.length - 1 ? relu.forward(out) : out;
        }, x);
        const loss = crossEntropy.forward(logits, y);
        loss.backward();
        optimizer.step();
        optimizer.zero_grad();
        return number(loss);
      };
    },
  };
}
