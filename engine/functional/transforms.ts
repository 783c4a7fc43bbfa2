import { AccumulateGrad } from "../autograd/accumulate.ts";
import { grad } from "../autograd/backward.ts";
import { enableGrad } from "../autograd/modes.ts";
import type { Node } from "../autograd/node.ts";
import { OpNode } from "../autograd/opNode.ts";
import { empty, type Tensor } from "../autograd/tensor.ts";
import { AutogradError, checkOptions } from "../base/errors.ts";
import { sameShape, showShape } from "../base/shape.ts";
import { stack } from "../ops/joining.ts";

type One<T> = T | readonly T[];

/** A function from one or several tensors to one or several. */
export type TensorFunction = (...inputs: Tensor[]) => One<Tensor>;

/** Options of the functional transforms. */
export interface FunctionalOptions {
  /** Make the result differentiable again. Default false. */
  readonly createGraph?: boolean;
  /** Throw when an output does not depend on an input, instead of giving zeros. Default false. */
  readonly strict?: boolean;
}

/** Options of `jacobian` and `hessian`. */
export interface JacobianOptions extends FunctionalOptions {
  /** PyTorch's way to be faster. The result is the same; how it is computed is decided here. */
  readonly vectorize?: boolean;
}

const OPTIONS = ["createGraph", "strict"];

const isList = (x: unknown): x is readonly Tensor[] => Array.isArray(x);
const toList = (x: One<Tensor>): readonly Tensor[] => (isList(x) ? x : [x as Tensor]);
const like = (results: readonly Tensor[], shape: One<Tensor>): One<Tensor> => (isList(shape) ? results : results[0]);

/** Inputs as they are differentiated: fresh views of theirs, so that nobody's `.grad` is touched. */
function prepare(inputs: readonly Tensor[], createGraph: boolean): Tensor[] {
  return inputs.map((x) => (createGraph && x.requiresGrad ? x.reshape(x.shape) : x.detach().requiresGrad_()));
}

function finish(results: readonly Tensor[], createGraph: boolean): Tensor[] {
  return results.map((x) => (createGraph ? x : x.detach()));
}

function call(op: string, fn: TensorFunction, inputs: Tensor[]): readonly Tensor[] {
  const outputs = toList(fn(...inputs));
  for (const out of outputs) {
    if (typeof out !== "object" || out === null || !("storage" in out))
      throw new AutogradError(`${op}(): the function must return tensors, but returned ${typeof out}`, op);
  }
  return outputs;
}

/** Gradients that are never null: zeros where the outputs do not depend on the input. */
function gradients(
  op: string,
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  vectors: readonly Tensor[],
  createGraph: boolean,
  strict: boolean,
): Tensor[] {
  const connected = outputs.map((out, i) => [out, vectors[i]] as const).filter(([out]) => out.requiresGrad);
  if (strict && connected.length < outputs.length)
    throw new AutogradError(`${op}(): an output is independent of the inputs, which strict does not allow`, op);
  if (connected.length === 0) return inputs.map((x) => x.detach().zerosLike());
  const found = grad(
    connected.map(([out]) => out),
    inputs,
    { gradOutputs: connected.map(([, v]) => v), createGraph, retainGraph: true, allowUnused: true },
  );
  return found.map((g, i) => {
    if (g === null && strict)
      throw new AutogradError(`${op}(): the outputs are independent of input ${i}, which strict does not allow`, op);
    return g ?? inputs[i].detach().zerosLike();
  });
}

function vectorsFor(op: string, given: One<Tensor> | undefined, tensors: readonly Tensor[], what: string): Tensor[] {
  if (given === undefined) {
    if (tensors.length !== 1 || tensors[0].elements !== 1) {
      throw new AutogradError(
        `${op}(): the vector v can only be left out when the ${what} is a single tensor with a single element`,
        op,
      );
    }
    return [tensors[0].detach().onesLike()];
  }
  const list = toList(given);
  if (list.length !== tensors.length)
    throw new AutogradError(`${op}(): got ${list.length} vectors for ${tensors.length} ${what}s`, op);
  list.forEach((v, i) => {
    if (!sameShape(v.shape, tensors[i].shape)) {
      throw new AutogradError(
        `${op}(): v[${i}] has shape ${showShape(v.shape)} but the ${what} has shape ${showShape(tensors[i].shape)}`,
        op,
      );
    }
  });
  return [...list];
}

/** [outputs, vᵀ J]: the product of a vector with the Jacobian of `fn` at `inputs`. */
export function vjp(
  fn: TensorFunction,
  inputs: One<Tensor>,
  v?: One<Tensor>,
  options: FunctionalOptions = {},
): [One<Tensor>, One<Tensor>] {
  checkOptions("vjp", options, OPTIONS);
  const { createGraph = false, strict = false } = options;
  return enableGrad(() => {
    const xs = prepare(toList(inputs), createGraph);
    const outputs = call("vjp", fn, xs);
    const products = gradients("vjp", outputs, xs, vectorsFor("vjp", v, outputs, "output"), createGraph, strict);
    const results = finish(outputs, createGraph);
    return [results.length === 1 ? results[0] : results, like(finish(products, createGraph), inputs)];
  });
}

/**
 * [outputs, J v]: the product of the Jacobian of `fn` at `inputs` with a vector, by differentiating vᵀJ with respect to
 * its vector (the double-backward trick).
 */
export function jvp(
  fn: TensorFunction,
  inputs: One<Tensor>,
  v?: One<Tensor>,
  options: FunctionalOptions = {},
): [One<Tensor>, One<Tensor>] {
  checkOptions("jvp", options, OPTIONS);
  const { createGraph = false, strict = false } = options;
  return enableGrad(() => {
    const xs = prepare(toList(inputs), createGraph);
    const vectors = vectorsFor("jvp", v, xs, "input");
    const outputs = call("jvp", fn, xs);
    const dummies = outputs.map((out) => out.detach().zerosLike().requiresGrad_());
    const pulled = gradients("jvp", outputs, xs, dummies, true, strict);
    const products = gradients("jvp", pulled, dummies, vectors, createGraph, false);
    const results = finish(outputs, createGraph);
    const tangents = finish(products, createGraph);
    return results.length === 1 ? [results[0], tangents[0]] : [results, tangents];
  });
}

/**
 * The Jacobian of `fn`: for one input and one output a tensor [...output, ...input]; for several, nested arrays
 * [output][input].
 */
export function jacobian(
  fn: TensorFunction,
  inputs: One<Tensor>,
  options: JacobianOptions = {},
): Tensor | Tensor[] | Tensor[][] {
  checkOptions("jacobian", options, [...OPTIONS, "vectorize"]);
  const { createGraph = false, strict = false } = options;
  return enableGrad(() => {
    const xs = prepare(toList(inputs), createGraph);
    const outputs = call("jacobian", fn, xs);
    const width = xs.reduce((sum, x) => sum + x.elements, 0);
    // A column costs two backwards through a graph of the gradient, so it must save some rows.
    const rows = outputs.map((out) =>
      !strict && out.requiresGrad && 4 * width < out.elements && isDifferentiableTwice(out)
        ? byColumns(out, xs, createGraph)
        : byRows(out, xs, createGraph, strict),
    );
    const done = rows.map((row) => finish(row, createGraph));
    if (outputs.length === 1) return isList(inputs) ? done[0] : done[0][0];
    return isList(inputs) ? done : done.map((row) => row[0]);
  });
}

/** One backward per element of the output. */
function byRows(out: Tensor, xs: readonly Tensor[], createGraph: boolean, strict: boolean): Tensor[] {
  const rows = Array.from({ length: out.elements }, (_, k) =>
    gradients("jacobian", [out], xs, [unitLike(out, k)], createGraph, strict),
  );
  return xs.map((x, i) =>
    stackRows(
      rows.map((row) => row[i]),
      out,
      x,
    ),
  );
}

/** Whether the graph is made of the engine's own ops: a custom backward, or a hook, may cut the graph of the gradient. */
function isDifferentiableTwice(out: Tensor): boolean {
  const seen = new Set<Node>();
  const waiting = [out.gradFn];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node === null || seen.has(node)) continue;
    if (node.hooks !== null || !OWN_NODES.some((kind) => node instanceof kind)) return false;
    seen.add(node);
    waiting.push(...node.next);
  }
  return true;
}

const OWN_NODES = [OpNode, AccumulateGrad] as const;

/** One differentiation of v ↦ vᵀJ per element of the inputs: quicker when there are few of them. */
function byColumns(out: Tensor, xs: readonly Tensor[], createGraph: boolean): Tensor[] {
  const vector = out.detach().zerosLike().requiresGrad_();
  const pulled = gradients("jacobian", [out], xs, [vector], true, false);
  return xs.map((x, i) => {
    const columns = Array.from({ length: x.elements }, (_, k) =>
      gradients("jacobian", [pulled[i]], [vector], [unitLike(x, k)], createGraph, false)[0].reshape([out.elements]),
    );
    const shape = [...out.shape, ...x.shape];
    return columns.length === 0 ? empty(shape, x.dtype) : stack(columns, 1).reshape(shape);
  });
}

/** Zeros with a 1 at one place. */
function unitLike(x: Tensor, at: number): Tensor {
  const unit = x.detach().zerosLike();
  unit.storage.values[at] = 1;
  return unit;
}

/** The rows of a Jacobian as one tensor [...output, ...input]. */
function stackRows(rows: readonly Tensor[], out: Tensor, x: Tensor): Tensor {
  const shape = [...out.shape, ...x.shape];
  if (rows.length === 0) return empty(shape, x.dtype);
  return stack(rows.map((row) => row.reshape([x.elements]))).reshape(shape);
}

/** The Hessian of a scalar function: [...input, ...input], or nested arrays [input][input] for several inputs. */
export function hessian(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: One<Tensor>,
  options: JacobianOptions = {},
): Tensor | Tensor[][] {
  checkOptions("hessian", options, [...OPTIONS, "vectorize"]);
  const { createGraph = false, strict = false } = options;
  const gradient: TensorFunction = (...xs) => {
    const out = call("hessian", fn, xs)[0];
    if (out.elements !== 1)
      throw new AutogradError(
        `hessian(): the function must return a single element, but returned shape ${showShape(out.shape)}`,
        "hessian",
      );
    return gradients("hessian", [out], xs, [out.detach().onesLike()], true, strict);
  };
  const blocks = jacobian(gradient, toList(inputs), { createGraph, strict }) as Tensor[] | Tensor[][];
  const nested = isList(blocks[0]) ? (blocks as Tensor[][]) : [blocks as Tensor[]];
  return isList(inputs) ? nested : nested[0][0];
}

/** [value, vᵀ H] for a scalar function: one backward through the gradient. */
export function vhp(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: One<Tensor>,
  v?: One<Tensor>,
  options: FunctionalOptions = {},
): [Tensor, One<Tensor>] {
  checkOptions("vhp", options, OPTIONS);
  const { createGraph = false, strict = false } = options;
  return enableGrad(() => {
    const xs = prepare(toList(inputs), createGraph);
    const vectors = vectorsFor("vhp", v, xs, "input");
    const out = call("vhp", fn, xs)[0];
    if (out.elements !== 1)
      throw new AutogradError(
        `vhp(): the function must return a single element, but returned shape ${showShape(out.shape)}`,
        "vhp",
      );
    const first = gradients("vhp", [out], xs, [out.detach().onesLike()], true, strict);
    const products = gradients("vhp", first, xs, vectors, createGraph, strict);
    return [finish([out], createGraph)[0], like(finish(products, createGraph), inputs)];
  });
}

/** [value, H v] for a scalar function; H is symmetric, so this is `vhp`. */
export function hvp(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: One<Tensor>,
  v?: One<Tensor>,
  options: FunctionalOptions = {},
): [Tensor, One<Tensor>] {
  return vhp(fn, inputs, v, options);
}
