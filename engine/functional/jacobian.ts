import { AccumulateGrad } from "../autograd/accumulate.ts";
import { edgeOf } from "../autograd/gradientEdge.ts";
import { enableGrad } from "../autograd/modes.ts";
import { nodesBehind, runUnseen } from "../autograd/nodesBehind.ts";
import { OpNode } from "../autograd/opNode.ts";
import { empty, type Tensor } from "../autograd/tensor.ts";
import { AutogradError, checkOptions } from "../base/errors.ts";
import { elementCount, showShape } from "../base/shape.ts";
import { cat } from "../ops/joining.ts";
import { isViewOp } from "../ops/op.ts";
import { runBatched, runEach } from "./batchedTensors.ts";
import {
  call,
  type FunctionalOptions,
  finish,
  gradients,
  isList,
  type One,
  OPTIONS,
  prepare,
  type TensorFunction,
  toList,
  transposed,
} from "./functionGradients.ts";

/** Options of `jacobian` and `hessian`. */
export interface JacobianOptions extends FunctionalOptions {
  /** PyTorch's way to be faster. The result is the same; how it is computed is decided here. */
  readonly vectorize?: boolean;
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

/** The rows of the Jacobian: vᵀJ for each unit vector v of the output. */
function byRows(out: Tensor, xs: readonly Tensor[], createGraph: boolean, strict: boolean): Tensor[] {
  const rows = unitGradients(out, xs, createGraph, strict);
  return rows.map((row, i) => row.reshape([...out.shape, ...xs[i].shape]));
}

/**
 * The gradients of each element of `out` by itself, at most `chunk` at once: [elements of out, ...input] for each input, in
 * memory of its own.
 */
export function unitGradients(
  out: Tensor,
  inputs: readonly Tensor[],
  createGraph: boolean,
  strict: boolean,
  chunk = Number.POSITIVE_INFINITY,
): Tensor[] {
  const n = out.elements;
  if (n === 0) return inputs.map((x) => empty([0, ...x.shape], x.dtype));
  const most = Math.min(batchSize(out), chunk);
  const vjp = ([unit]: readonly (Tensor | null)[]): Tensor[] =>
    gradients("jacobian", [out], inputs, [unit as Tensor], createGraph, strict);
  const parts: Tensor[][] = [];
  for (let from = 0; from < n; from += most) {
    const units = [unitsLike(out, from, Math.min(most, n - from))];
    parts.push((most > 1 ? runBatched(units, vjp)?.grads : null) ?? runEach(units, vjp));
  }
  const whole = inputs.map((_, i) =>
    parts.length === 1 ? parts[0][i].contiguous() : cat(parts.map((part) => part[i])),
  );
  return whole.map((rows, i) => (whole.findIndex(({ storage }) => storage === rows.storage) < i ? rows.clone() : rows));
}

/** Zeros in the shape of `out`, `count` times, with a 1 at one place each: from place `from` on. */
function unitsLike(out: Tensor, from: number, count: number): Tensor {
  const units = empty([count, ...out.shape], out.dtype);
  for (let k = 0; k < count; k++) units.storage.values[k * out.elements + from + k] = 1;
  return units;
}

/** The columns of the Jacobian: derivatives of v ↦ vᵀJ, of which there are as many as elements of the inputs. */
function byColumns(out: Tensor, xs: readonly Tensor[], createGraph: boolean): Tensor[] {
  const { vectors, products } = transposed("jacobian", [out], xs, false);
  return xs.map((x, i) => {
    const [columns] = unitGradients(products[i], vectors, createGraph, false);
    return columns
      .reshape(x.elements, out.elements)
      .transpose(0, 1)
      .contiguous()
      .reshape([...out.shape, ...x.shape]);
  });
}

/** Whether the graph is made of the engine's own ops: a custom backward, or a hook, may cut the graph of the gradient. */
function isDifferentiableTwice(out: Tensor): boolean {
  for (const node of nodesBehind([out.gradFn])) {
    if (node.hooks !== null || !(node instanceof OpNode || node instanceof AccumulateGrad)) return false;
  }
  return true;
}

/**
 * How many backwards through the graph of `out` run at once: as many as keep a gradient on its way within the processor's
 * caches, and one where somebody wants to see each.
 */
function batchSize(out: Tensor): number {
  const nodes = nodesBehind([edgeOf(out).node]);
  if (!runUnseen(nodes)) return 1;
  let largest = out.elements;
  for (const node of nodes) {
    // Of parameters and views of them, which may be large, nobody asks for the gradient.
    if (node instanceof AccumulateGrad || (node instanceof OpNode && isViewOp(node.op))) continue;
    for (const output of node.outputs)
      largest = Math.max(largest, output === undefined ? 0 : elementCount(output.shape));
  }
  return Math.max(1, Math.floor(BATCH_ELEMENTS / largest));
}

/** 2 MB of float64. */
const BATCH_ELEMENTS = 2 ** 18;
