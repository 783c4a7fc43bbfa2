import type { Tensor } from "../../../engine/index.ts";
import { derivatives, labels, uniform, W1, W2, W3, W4, W5, W6, W7, W8, W9 } from "./spec.ts";

/** The engine's public surface, from wherever it is loaded. */
export type Engine = typeof import("../../../engine/index.ts");

/** Prepares a workload and gives its step: forward, backward, the optimizer's where there is one, and the result read. */
export type Workload = (engine: Engine) => () => number;

const chain =
  ({ ops, start }: typeof W1): Workload =>
  ({ tensor }) =>
  () => {
    const [first = 0] = start;
    const x = tensor(start.length === 1 ? first : start, { requiresGrad: true });
    let y = x;
    for (let i = 0; i < ops; i++) y = i % 3 === 0 ? y.mul(0.5) : i % 3 === 1 ? y.add(0.5) : y.mul(y);
    (start.length === 1 ? y : y.sum()).backward();
    return gradientOf(x).sum().item();
  };

const elementwise: Workload = ({ tensor }) => {
  const x = tensor(uniform(1, W2.n));
  const w = tensor(uniform(2, W2.n), { requiresGrad: true });
  const b = tensor(uniform(3, W2.n), { requiresGrad: true });
  return () => {
    w.grad = null;
    b.grad = null;
    const y = x.mul(w).add(b).tanh().pow(2).sum();
    y.backward();
    return y.item();
  };
};

const matrixProduct =
  (n: number): Workload =>
  (engine) => {
    const a = parameter(engine, 1, [n, n]);
    const b = parameter(engine, 2, [n, n]);
    const g = constant(engine, 3, [n, n]);
    return () => {
      a.grad = null;
      b.grad = null;
      const y = a.matmul(b).mul(g).sum();
      y.backward();
      return y.item();
    };
  };

const perceptron: Workload = (engine) => {
  const layers = linearLayers(engine, W4.dims, 10);
  const x = constant(engine, 1, [W4.batch, W4.dims[0] ?? 0]);
  const y = engine.tensor(labels(W4.batch, 10), { dtype: "int64" });
  return trainingStep(engine, layers.flat(), W4.lr, () => {
    const logits = forward(layers, x, (h) => h.relu());
    return engine.F.crossEntropy(logits, y);
  });
};

const convolutional: Workload = (engine) => {
  const { F, tensor, zeros } = engine;
  const [inputs, first, second] = W5.channels as [number, number, number];
  // Peers keep channels last; in that order the numbers are drawn.
  const kernel = (seed: number, from: number, to: number) =>
    constant(engine, seed, [3, 3, from, to], 1 / Math.sqrt(9 * from))
      .permute(3, 2, 0, 1)
      .clone()
      .requiresGrad_();
  const c1 = kernel(20, inputs, first);
  const c2 = kernel(21, first, second);
  const side = W5.size / 4;
  const features = side * side * second;
  const weight = constant(engine, 22, [side, side, second, W5.classes], 1 / Math.sqrt(features))
    .permute(2, 0, 1, 3)
    .reshape(features, W5.classes)
    .clone()
    .requiresGrad_();
  const [b1, b2, b3] = [first, second, W5.classes].map((n) => zeros(n, { requiresGrad: true })) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  const x = constant(engine, 1, [W5.batch, inputs, W5.size, W5.size]);
  const y = tensor(labels(W5.batch, W5.classes), { dtype: "int64" });
  return trainingStep(engine, [c1, b1, c2, b2, weight, b3], W5.lr, () => {
    const h1 = F.maxPool2d(F.conv2d(x, c1, b1, { padding: 1 }).relu(), 2);
    const h2 = F.maxPool2d(F.conv2d(h1, c2, b2, { padding: 1 }).relu(), 2);
    return F.crossEntropy(b3.addmm(h2.flatten(1), weight), y);
  });
};

const transformerBlock: Workload = (engine) => {
  const { F, ones, zeros } = engine;
  const { batch, tokens, width, heads, hidden } = W6;
  const wqkv = parameter(engine, 30, [width, 3 * width], 1 / Math.sqrt(width));
  const wo = parameter(engine, 31, [width, width], 1 / Math.sqrt(width));
  const w1 = parameter(engine, 32, [width, hidden], 1 / Math.sqrt(width));
  const w2 = parameter(engine, 33, [hidden, width], 1 / Math.sqrt(hidden));
  const zero = (n: number) => zeros(n, { requiresGrad: true });
  const [bqkv, bo, b1, b2] = [zero(3 * width), zero(width), zero(hidden), zero(width)];
  const [g1, g2] = [ones(width, { requiresGrad: true }), ones(width, { requiresGrad: true })];
  const [e1, e2] = [zero(width), zero(width)];
  const x = constant(engine, 1, [batch, tokens, width]);
  const target = constant(engine, 2, [batch, tokens, width]);
  const scale = 1 / Math.sqrt(width / heads);
  const parameters = [wqkv, wo, w1, w2, bqkv, bo, b1, b2, g1, g2, e1, e2];
  return trainingStep(engine, parameters, W6.lr, () => {
    const normed = F.layerNorm(x, [width], g1, e1);
    const qkv = normed
      .matmul(wqkv)
      .add(bqkv)
      .reshape(batch, tokens, 3, heads, width / heads)
      .permute(2, 0, 3, 1, 4);
    const [q, k, v] = [0, 1, 2].map((i) => qkv.select(0, i)) as [Tensor, Tensor, Tensor];
    const attended = F.softmax(q.matmul(k.transpose(-1, -2)).mul(scale), -1).matmul(v);
    const joined = attended.transpose(1, 2).reshape(batch, tokens, width);
    const r = x.add(joined.matmul(wo)).add(bo);
    const h = F.gelu(F.layerNorm(r, [width], g2, e2).matmul(w1).add(b1), { approximate: "tanh" });
    const out = r.add(h.matmul(w2)).add(b2);
    return out.sub(target).pow(2).mean();
  });
};

const tiny: Workload = (engine) => {
  const layers = linearLayers(engine, W7.dims, 40);
  const x = constant(engine, 1, [W7.batch, 2]);
  const target = constant(engine, 2, [W7.batch, 1]);
  return trainingStep(engine, layers.flat(), W7.lr, () => {
    const h = forward(layers, x, (one) => one.tanh());
    return h.sub(target).pow(2).mean();
  });
};

const gradcheckOfMlp =
  (dims: readonly number[], withParameters: boolean): Workload =>
  (engine) => {
    const layers = doubleLayers(engine, dims, withParameters);
    const x = constant(engine, 1, [1, dims[0] ?? 0])
      .to("float64")
      .requiresGrad_();
    const inputs = withParameters ? [x, ...layers.flat()] : [x];
    const f = (first: Tensor): Tensor => forward(layers, first, (h) => h.tanh());
    return () => Number(engine.gradcheck(f, inputs));
  };

const derivativesOfMlp =
  (order: "jacobian" | "hessian"): Workload =>
  (engine) => {
    const layers = doubleLayers(engine, derivatives[order], false);
    const x = constant(engine, 1, [1, derivatives[order][0] ?? 0]).to("float64");
    const f = (first: Tensor): Tensor => forward(layers, first, (h) => h.tanh());
    const derivative = engine.autograd.functional[order];
    return () => (derivative(f, x) as Tensor).square().sum().item();
  };

/** By the names that every engine is measured under. */
export const workloads: Readonly<Record<string, Workload>> = {
  W1: chain(W1),
  W2: elementwise,
  W3_512: matrixProduct(W3.W3_512),
  W3_1024: matrixProduct(W3.W3_1024),
  W4: perceptron,
  W5: convolutional,
  W6: transformerBlock,
  W7: tiny,
  W8: chain(W8),
  W9: gradcheckOfMlp(W9.W9, false),
  W9_params: gradcheckOfMlp(W9.W9_params, true),
  jacobian: derivativesOfMlp("jacobian"),
  hessian: derivativesOfMlp("hessian"),
};

type Layer = readonly [weight: Tensor, bias: Tensor];

function constant({ tensor }: Engine, seed: number, shape: readonly number[], scale = 1): Tensor {
  const n = shape.reduce((product, size) => product * size, 1);
  return tensor(uniform(seed, n, scale))
    .reshape(shape)
    .clone();
}

function parameter(engine: Engine, seed: number, shape: readonly number[], scale = 1): Tensor {
  return constant(engine, seed, shape, scale).requiresGrad_();
}

function linearLayers(engine: Engine, dims: readonly number[], seed: number): Layer[] {
  return dims.slice(1).map((size, i): Layer => {
    const inputs = dims[i] ?? 0;
    return [
      parameter(engine, seed + i, [inputs, size], 1 / Math.sqrt(inputs)),
      engine.zeros(size, { requiresGrad: true }),
    ];
  });
}

function doubleLayers(engine: Engine, dims: readonly number[], requiresGrad: boolean): Layer[] {
  return dims.slice(1).map((size, i): Layer => {
    const inputs = dims[i] ?? 0;
    const weight = constant(engine, 50 + i, [inputs, size], 1 / Math.sqrt(inputs)).to("float64");
    return [weight.requiresGrad_(requiresGrad), engine.zeros(size, { dtype: "float64", requiresGrad })];
  });
}

function forward(layers: readonly Layer[], x: Tensor, activate: (h: Tensor) => Tensor): Tensor {
  return layers.reduce((h, [weight, bias], i) => {
    const out = bias.addmm(h, weight);
    return i < layers.length - 1 ? activate(out) : out;
  }, x);
}

function trainingStep({ optim }: Engine, parameters: Tensor[], lr: number, lossOf: () => Tensor): () => number {
  const optimizer = new optim.SGD(parameters, { lr });
  return () => {
    optimizer.zeroGrad();
    const loss = lossOf();
    loss.backward();
    optimizer.step();
    return loss.item();
  };
}

function gradientOf(x: Tensor): Tensor {
  if (x.grad === null) throw new Error("there is no gradient");
  return x.grad;
}
