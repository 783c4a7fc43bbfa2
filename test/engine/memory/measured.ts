// What programs take of memory, one in a process: `node --expose-gc measured.ts PROGRAM`. Prints one JSON object.

import v8 from "node:v8";
import { checkpoint, full, ones, optim, type Tensor, zeros } from "../../../engine/index.ts";

const MB = 2 ** 20;
const FLOAT = 4;

/** The most that the process has held so far, in MB. */
const peak = (): number => process.resourceUsage().maxRSS / 1024;

/** Bytes of objects in V8's heap, garbage included. */
const heap = (): number => v8.getHeapStatistics().used_heap_size;

/** More than once, because buffers are freed beside the program. */
function collect(): void {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
}

/** W1's chain on `n` numbers: y·0.5, y + 0.5, y·y in turn. */
function chain(x: Tensor, ops: number): Tensor {
  let y = x;
  for (let i = 0; i < ops; i++) y = i % 3 === 0 ? y.mul(0.5) : i % 3 === 1 ? y.add(0.5) : y.mul(y);
  return y;
}

function perceptron(widths: readonly number[], batch: number): () => void {
  const layers = widths.slice(1).map((width, i) => {
    const inputs = widths[i] as number;
    const weight = full([inputs, width], 1 / inputs, { requiresGrad: true });
    return { weight, bias: zeros(width, { requiresGrad: true }) };
  });
  const x = ones(batch, widths[0] as number);
  const optimizer = new optim.SGD(
    layers.flatMap(({ weight, bias }) => [weight, bias]),
    { lr: 0.01 },
  );
  return () => {
    optimizer.zeroGrad();
    const out = layers.reduce((h, { weight, bias }, i) => {
      const linear = bias.addmm(h, weight);
      return i < layers.length - 1 ? linear.relu() : linear;
    }, x);
    out.pow(2).mean().backward();
    optimizer.step();
  };
}

/** The most that `steps` steps take on top of what was there before `prepare`, in MB. */
function peakOf(prepare: () => () => void, steps: number): number {
  perceptron([8, 8, 8], 8)(); // so that what every program has is there already
  collect();
  const before = process.memoryUsage.rss() / MB;
  const step = prepare();
  for (let i = 0; i < steps; i++) step();
  return peak() - before;
}

/** tanh after tanh of 4 Mi numbers, in parts of which each is run by `run`. */
function curves(parts: number, each: number, run: (part: (x: Tensor) => Tensor, x: Tensor) => Tensor): () => void {
  const w = ones(4 * MB, { requiresGrad: true });
  const part = (x: Tensor): Tensor => {
    let y = x;
    for (let i = 0; i < each; i++) y = y.tanh();
    return y;
  };
  return () => {
    w.grad = null;
    let y: Tensor = w;
    for (let i = 0; i < parts; i++) y = run(part, y);
    y.sum().backward();
  };
}

const programs: Readonly<Record<string, () => object>> = {
  /** Bytes of an op: what forward and backward allocate, garbage included. */
  op() {
    const ops = 900;
    const x = ones(16, { requiresGrad: true });
    for (let i = 0; i < 3; i++) chain(x, ops).sum().backward();
    collect();
    const start = heap();
    const y = chain(x, ops);
    const forward = heap() - start;
    const loss = y.sum();
    const begun = heap();
    loss.backward();
    const backward = heap() - begun;
    return { forward: forward / ops, backward: backward / ops };
  },

  /** Memory after many steps that never let the event loop turn, and after a few. */
  loop() {
    const step = perceptron([32, 128, 64, 10], 32);
    const held = (): number => {
      collect();
      const { heapUsed, external } = process.memoryUsage();
      return (heapUsed + external) / MB;
    };
    for (let i = 0; i < 2000; i++) step();
    const [early, earlyPeak] = [held(), peak()];
    for (let i = 2000; i < 10_000; i++) step();
    const latePeak = peak();
    return { early, late: held(), earlyPeak, latePeak };
  },

  parameters() {
    const [width, layers, batch] = [2048, 12, 8];
    const widths = new Array<number>(layers + 1).fill(width);
    const weight = width * width + width;
    // Parameters and their gradients; what relu and the square keep; one temporary.
    const needed = 2 * layers * weight + layers * batch * width + weight;
    return { needed: (needed * FLOAT) / MB, peak: peakOf(() => perceptron(widths, batch), 3) };
  },

  activations() {
    const each = 24;
    // The leaf and its gradient, what each tanh keeps, one temporary; in units of 4 Mi numbers.
    const needed = 2 + each + 1;
    return { needed: needed * 4 * FLOAT, peak: peakOf(() => curves(1, each, (part, x) => part(x)), 3) };
  },

  checkpointed() {
    const [parts, each] = [6, 4];
    // The leaf and its gradient, what lies between the parts, one part that is run again, one temporary.
    const needed = 2 + (parts - 1) + each + 1;
    const run = (part: (x: Tensor) => Tensor, x: Tensor): Tensor => checkpoint(part, x);
    return { needed: needed * 4 * FLOAT, peak: peakOf(() => curves(parts, each, run), 3) };
  },
};

console.log(JSON.stringify(programs[process.argv[2] ?? ""]?.()));
