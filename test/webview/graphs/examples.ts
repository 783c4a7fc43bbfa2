import type { Graph } from "../../../engine/recording/queries/graphTypes.ts";
import { GraphBuilder, scalarStats, stats } from "./graphBuilder.ts";

/** `y = ((x * 2) + 5) ** 2` at x = 3: every factor of the chain rule is a number. */
export function chainRuleExample(): Graph {
  const g = new GraphBuilder();
  const x = g.tensor("x", [], { valueText: "3", gradText: "44", value: scalarStats(3), grad: scalarStats(44) });
  const mul = g.op("× 2", [x], [], { op: "mul", gradFn: "MulBackward0", valueText: "6", value: scalarStats(6) });
  const add = g.op("+ 5", [mul], [], { op: "add", gradFn: "AddBackward0", valueText: "11", value: scalarStats(11) });
  const pow = g.op("^2", [add], [], { op: "pow", gradFn: "PowBackward0", valueText: "121", value: scalarStats(121) });
  g.named("y", pow, { isRoot: true, valueText: "121", value: scalarStats(121), gradText: "1", grad: scalarStats(1) });
  g.backward([
    { node: pow, event: 0, gradIn: "1", crossed: [{ edge: 2, grad: "22", factor: 22 }] },
    { node: add, event: 0, gradIn: "22", crossed: [{ edge: 1, grad: "22", factor: 1 }] },
    { node: mul, event: 0, gradIn: "22", crossed: [{ edge: 0, grad: "44", factor: 2 }] },
    { node: x, event: 0, gradIn: "44", crossed: [] },
  ]);
  return g.build();
}

/** `y = x² + 3x + 1` at 2: two ways from y to x, and x enters one op twice. */
export function twoPathsExample(): Graph {
  const g = new GraphBuilder();
  const x = g.tensor("x", [], { valueText: "2", gradText: "7", value: scalarStats(2), grad: scalarStats(7) });
  const square = g.op("×", [x, x], []);
  const triple = g.op("× 3", [x], []);
  const sum = g.op("+", [square, triple], []);
  const plus = g.op("+ 1", [sum], []);
  g.named("y", plus, { isRoot: true, valueText: "11", value: scalarStats(11) });
  g.backward([
    { node: plus, event: 0, gradIn: "1", crossed: [{ edge: 5, grad: "1", factor: 1 }] },
    {
      node: sum,
      event: 0,
      gradIn: "1",
      crossed: [
        { edge: 3, grad: "1", factor: 1 },
        { edge: 4, grad: "1", factor: 1 },
      ],
    },
    { node: triple, event: 0, gradIn: "1", crossed: [{ edge: 2, grad: "3", factor: 3 }] },
    {
      node: square,
      event: 0,
      gradIn: "1",
      crossed: [
        { edge: 0, grad: "2", factor: 2 },
        { edge: 1, grad: "2", factor: 2 },
      ],
    },
    { node: x, event: 0, gradIn: "7", crossed: [] },
  ]);
  return g.build();
}

/** A classifier with three linear layers, each a module. */
export function mlp(): Graph {
  const g = new GraphBuilder();
  let h = g.constant("x", [64, 784]);
  const sizes = [784, 256, 128, 10];
  for (let layer = 0; layer < 3; layer++) {
    const [inputs = 0, outputs = 0] = sizes.slice(layer);
    h = g.module(`fc${layer + 1}`, "Linear", () => linear(g, h, [64], inputs, outputs, 10 ** (1 - layer)));
    if (layer < 2) h = g.op("relu", [h], [64, outputs]);
  }
  const logits = g.named("logits", h);
  const target = g.constant("target", [64], { dtype: "int64" });
  const loss = g.op("crossEntropy", [logits, target], []);
  g.named("loss", loss, { isRoot: true, valueText: "2.25", value: scalarStats(2.25), grad: scalarStats(1) });
  g.backwardInReverse();
  return g.build();
}

function linear(g: GraphBuilder, x: number, batch: number[], inputs: number, outputs: number, heat = 1): number {
  const weight = g.parameter("weight", [outputs, inputs], { grad: stats([outputs, inputs], 0.01 * heat) });
  const bias = g.parameter("bias", [outputs], { grad: stats([outputs], 0.02 * heat) });
  const transposed = g.op("ᵀ", [weight], [inputs, outputs], { op: "t" });
  const product = g.op("matmul", [x, transposed], [...batch, outputs]);
  return g.op("+", [product, bias], [...batch, outputs], { op: "add" });
}

/** A GPT of equal blocks: residual connections, attention with three branches. */
export function transformer(blocks = 12): Graph {
  const g = new GraphBuilder();
  const tokens = g.constant("tokens", [8, 128], { dtype: "int64" });
  const table = g.parameter("wte", [50257, 768]);
  let h = g.op("embedding", [table, tokens], [8, 128, 768]);
  const hidden = [8, 128, 768];
  g.module("h", "ModuleList", () => {
    for (let block = 0; block < blocks; block++)
      h = g.module(`h.${block}`, "Block", () => transformerBlock(g, h, hidden));
  });
  h = g.module("ln_f", "LayerNorm", () => layerNorm(g, h, hidden));
  const logits = g.named(
    "logits",
    g.module("head", "Linear", () => linear(g, h, [8, 128], 768, 50257)),
  );
  const target = g.constant("target", [8, 128], { dtype: "int64" });
  g.named("loss", g.op("crossEntropy", [logits, target], []), {
    isRoot: true,
    valueText: "10.82",
    grad: scalarStats(1),
  });
  g.backwardInReverse();
  return g.build();
}

function transformerBlock(g: GraphBuilder, x: number, hidden: number[]): number {
  const normed = g.module("ln_1", "LayerNorm", () => layerNorm(g, x, hidden));
  const attended = g.module("attn", "SelfAttention", () => attention(g, normed));
  const middle = g.op("+", [x, attended], hidden, { op: "add" });
  const again = g.module("ln_2", "LayerNorm", () => layerNorm(g, middle, hidden));
  const fed = g.module("mlp", "MLP", () => {
    const wide = g.module("c_fc", "Linear", () => linear(g, again, [8, 128], 768, 3072));
    const active = g.op("gelu", [wide], [8, 128, 3072]);
    return g.module("c_proj", "Linear", () => linear(g, active, [8, 128], 3072, 768));
  });
  return g.op("+", [middle, fed], hidden, { op: "add" });
}

function layerNorm(g: GraphBuilder, x: number, hidden: number[]): number {
  const weight = g.parameter("weight", [768]);
  const bias = g.parameter("bias", [768]);
  return g.op("layerNorm", [x, weight, bias], hidden);
}

function attention(g: GraphBuilder, x: number): number {
  const heads = [8, 12, 128, 64];
  const project = (name: string): number => {
    const projected = g.module(name, "Linear", () => linear(g, x, [8, 128], 768, 768));
    return g.op("view", [projected], heads);
  };
  const q = project("q");
  const k = project("k");
  const v = project("v");
  const scores = g.op("matmul", [q, g.op("ᵀ", [k], [8, 12, 64, 128])], [8, 12, 128, 128]);
  const scaled = g.op("÷ 8", [scores], [8, 12, 128, 128]);
  const weights = g.op("softmax", [scaled], [8, 12, 128, 128]);
  const mixed = g.op("view", [g.op("matmul", [weights, v], heads)], [8, 128, 768]);
  return g.module("proj", "Linear", () => linear(g, mixed, [8, 128], 768, 768));
}

/** A small residual CNN. */
export function cnn(): Graph {
  const g = new GraphBuilder();
  let h = g.constant("images", [32, 1, 28, 28]);
  h = g.module("stem", "Conv2d", () => convolution(g, h, [32, 16, 28, 28], 1, 16));
  for (let block = 0; block < 3; block++) {
    h = g.module(`blocks.${block}`, "ResidualBlock", () => {
      const shape = [32, 16, 28, 28];
      const first = g.module("conv1", "Conv2d", () => convolution(g, h, shape, 16, 16));
      const second = g.module("conv2", "Conv2d", () => convolution(g, g.op("relu", [first], shape), shape, 16, 16));
      return g.op("relu", [g.op("+", [second, h], shape)], shape);
    });
  }
  const pooled = g.op("mean", [h], [32, 16]);
  const scores = g.module("fc", "Linear", () => linear(g, pooled, [32], 16, 10));
  const labels = g.constant("labels", [32], { dtype: "int64" });
  g.named("loss", g.op("crossEntropy", [scores, labels], []), {
    isRoot: true,
    valueText: "2.31",
    grad: scalarStats(1),
  });
  g.backwardInReverse();
  return g.build();
}

function convolution(g: GraphBuilder, x: number, shape: number[], from: number, to: number): number {
  const weight = g.parameter("weight", [to, from, 3, 3]);
  const bias = g.parameter("bias", [to]);
  return g.op("conv2d", [x, weight, bias], shape);
}

/** A frozen backbone, a detached branch, a part under noGrad, and a leaf whose gradient is missing because of it. */
export function detachedParts(): Graph {
  const g = new GraphBuilder();
  const x = g.constant("x", [16, 8]);
  const backbone = g.module("backbone", "Linear", () => {
    const none = { requiresGrad: false, grad: null, gradStatus: "none", gradReason: "not-required" };
    const weight = g.parameter("weight", [32, 8], { role: "frozen", ...none });
    const bias = g.parameter("bias", [32], { role: "frozen", ...none });
    return g.op("+", [g.op("matmul", [x, weight], [16, 32]), bias], [16, 32]);
  });
  const w1 = g.parameter("w1", [32, 4]);
  const features = g.named("features", g.op("matmul", [backbone, w1], [16, 4]));
  const fixed = g.op("detach", [], [16, 4], { requiresGrad: false });
  g.edge(features, fixed, { gradient: "cut", cutBy: "detach" });
  const w2 = g.parameter("w2", [4, 1], { grad: null, gradStatus: "none", gradReason: "detached" });
  const teacher = g.named("teacher", g.op("mean", [fixed], [16, 1]), { requiresGrad: false });
  const student = g.named("student", g.op("matmul", [features, w2], [16, 1]));
  g.named("loss", g.op("mse", [student, teacher], []), { isRoot: true, valueText: "0.7312", grad: scalarStats(1) });
  const logged = g.op("mean", [], [], { requiresGrad: false });
  g.edge(student, logged, { gradient: "cut", cutBy: "noGrad" });
  g.named("logged", logged, { requiresGrad: false, valueText: "0.12" });
  g.backwardInReverse();
  return g.build();
}

/** log of zero: the fault is born in the middle and shows in a parameter's gradient. */
export function nanPath(): Graph {
  const g = new GraphBuilder();
  const nan = { grad: { ...stats([4], 1), nan: 4 }, gradStatus: "nonfinite" };
  const x = g.constant("x", [8, 4]);
  const w = g.parameter("w", [4], { ...nan, gradText: "[NaN, NaN, NaN, NaN]" });
  const product = g.op("×", [x, w], [8, 4], { op: "mul" });
  const relu = g.op("relu", [product], [8, 4]);
  const log = g.op("log", [relu], [8, 4]);
  const scaled = g.op("× 0", [log], [8, 4], { op: "mul" });
  const mean = g.op("mean", [scaled], []);
  g.named("loss", mean, { isRoot: true, valueText: "NaN", value: scalarStats(Number.NaN), grad: scalarStats(1) });
  const b = g.parameter("b", [4]);
  const regular = g.op("sum", [g.op("^2", [b], [4])], []);
  g.edge(regular, mean);
  g.alert({
    kind: "nan",
    severity: "error",
    message: "Gradient of `w` is NaN: `log` met 0 at line 6",
    origin: log,
    phase: "backward",
    chain: [log, relu, product, w],
  });
  g.backwardInReverse();
  return g.build();
}

/** A plain loop of `ops` operations with skips and weights, no modules: an unrolled network. */
export function longChain(ops: number): Graph {
  const g = new GraphBuilder();
  const shared = g.parameter("W", [32, 32]);
  let h = g.constant("h0", [8, 32]);
  let earlier = h;
  for (let step = 0; g.build().nodes.length + 4 < ops; step++) {
    h = g.op("matmul", [h, shared], [8, 32]);
    if (step % 3 === 0) h = g.op("+", [h, g.parameter(`b${step}`, [32])], [8, 32]);
    h = g.op("tanh", [h], [8, 32]);
    if (step % 7 === 6) {
      h = g.op("+", [h, earlier], [8, 32]);
      earlier = h;
    }
  }
  g.named("loss", g.op("sum", [h], []), { isRoot: true, valueText: "1.5", grad: scalarStats(1) });
  g.backwardInReverse();
  return g.build();
}

/** Names as an attacker or a careless generator would choose them. */
export function hostileNames(): Graph {
  const g = new GraphBuilder();
  const names = [
    "<img src=x onerror=alert(1)>",
    "\u202Egnp.exe\u202C",
    "n".repeat(4000),
    "a\nb\u0000c",
    "]]><script>",
    '"; digraph {',
  ];
  const tensors = names.map((name) => g.tensor(name, [2]));
  g.module("<b>bold</b>", "</style><script>alert(1)</script>", () => {
    const sum = g.op("<i>+</i>", tensors, [2]);
    g.named("ok", sum, { isRoot: true });
  });
  g.backwardInReverse();
  return g.build();
}
