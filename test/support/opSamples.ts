import { fromBuffer, Tensor } from "../../engine/autograd/tensor.ts";
import { allocate, isFloat } from "../../engine/base/dtype.ts";
import { elementCount } from "../../engine/base/shape.ts";
import * as gradlens from "../../engine/index.ts";
import type { Op } from "../../engine/ops/op.ts";
import type { Sample, SampleTensor } from "../../engine/ops/samples.ts";

type AnyFunction = (...args: unknown[]) => unknown;

/** The public function or method that an op value stands behind, by its name. */
export function publicFunction(op: Op): AnyFunction | null {
  const surface = gradlens as unknown as Record<string, unknown>;
  for (const home of [surface, surface["F"], surface["linalg"], surface["special"]]) {
    const found = (home as Record<string, unknown> | undefined)?.[op.name];
    if (typeof found === "function") return found as AnyFunction;
  }
  const method = (Tensor.prototype as unknown as Record<string, unknown>)[op.name];
  return typeof method === "function" ? (self, ...rest) => (method as AnyFunction).call(self, ...rest) : null;
}

/** The sample's tensors; the seed follows from op and sample, so any test runs alone. */
export function sampleInputs(op: Op, sample: Sample): Tensor[] {
  const random = generator(`${op.name} ${sample.label}`);
  return sample.tensors.map((spec) => makeTensor(spec, random));
}

/** Calls the op on a sample and gives its floating-point outputs. */
export function callOp(op: Op, sample: Sample, inputs: readonly Tensor[]): Tensor[] {
  const fn = publicFunction(op);
  if (fn === null) throw new Error(`no public function for op ${op.name}`);
  const result = fn(...(sample.arrange?.(inputs) ?? [...inputs, ...sample.call]));
  const list = Array.isArray(result) ? result : [result];
  return list.filter((out): out is Tensor => out instanceof Tensor && isFloat(out.dtype));
}

function makeTensor({ shape, domain, dtype }: SampleTensor, random: () => number): Tensor {
  const n = elementCount(shape);
  const values = allocate(dtype, n);
  const draw = drawer(domain, random, n);
  for (let i = 0; i < n; i++) values[i] = draw(i);
  const x = fromBuffer(values, shape, dtype);
  if (typeof domain === "object" && "spd" in domain) return positiveDefinite(x).requiresGrad_();
  return isFloat(dtype) ? x.requiresGrad_() : x;
}

function drawer(domain: SampleTensor["domain"], random: () => number, n: number): (i: number) => number {
  if (typeof domain === "object")
    return "index" in domain ? () => Math.floor(random() * domain.index) : () => 2 * random() - 1;
  const sign = (): number => (random() < 0.5 ? -1 : 1);
  switch (domain) {
    case "normal":
      return () => sign() * (0.1 + 1.4 * random());
    case "positive":
      return () => 0.5 + 1.5 * random();
    case "unit":
      return () => 1.8 * random() - 0.9;
    case "above1":
      return () => 1.2 + 1.8 * random();
    case "mask":
      return () => (random() < 0.5 ? 1 : 0);
    case "distinct": {
      const order = Array.from({ length: n }, (_, i) => i);
      for (let i = n - 1; i > 0; i--) {
        const j = Math.floor(random() * (i + 1));
        [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
      }
      return (i) => ((order[i] ?? 0) - n / 2 + 0.5) * 0.1 + 0.02 * random();
    }
  }
}

/** A Aᵀ + n I, well away from singular. */
function positiveDefinite(a: Tensor): Tensor {
  const n = a.shape.at(-1) ?? 0;
  const product = gradlens.matmul(a, a.transpose(-1, -2));
  return product.add(gradlens.eye(n, { dtype: "float64" }).mul(n)).detach();
}

/** mulberry32, seeded by text. */
function generator(text: string): () => number {
  let state = 0;
  for (const c of text) state = (Math.imul(state, 31) + (c.codePointAt(0) ?? 0)) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
