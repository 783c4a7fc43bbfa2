import { anomaly } from "../autograd/anomaly.ts";
import { conform } from "../autograd/backward.ts";
import { applyAll, applyBinary, applyUnary, applyView } from "../autograd/dispatch.ts";
import { type Interpreter, interpreting } from "../autograd/interpreter.ts";
import type { Gradients, Node } from "../autograd/node.ts";
import { watch } from "../autograd/observer.ts";
import { OpNode } from "../autograd/opNode.ts";
import { Storage } from "../autograd/storage.ts";
import { Tensor } from "../autograd/tensor.ts";
import { isContiguous } from "../base/shape.ts";
import { stack } from "../ops/joining.ts";
import type { BaseContext, BinaryOp, GeneralOp, Op, UnaryOp, ViewOp } from "../ops/op.ts";

// One backward for many vectors at once, as PyTorch's vmap runs it. A batched tensor has the shape of one of its
// elements, so that a formula sees what it always sees; all of them lie in one tensor, its whole, which has one more
// dimension in front. An op on batched tensors runs once, on the wholes, and is recorded there when a graph is wanted.
// Where an op has no rule for that, or a formula reads numbers, the node runs for each element, one after the other.

/** Stands where the numbers of a batched tensor would be: who reads them would read one of many. */
class BatchedStorage extends Storage {
  declare readonly whole: Tensor;
  /** The only tensor on it: where another window is opened, the whole has to be asked for one. */
  declare owner: Tensor | null;

  constructor(whole: Tensor) {
    super(NOTHING);
    this.whole = whole;
    this.owner = null;
  }
}

const NOTHING = new Float64Array(0);

Object.defineProperty(BatchedStorage.prototype, "values", {
  get() {
    throw oneByOne;
  },
  set() {}, // of the constructor of a storage
});

/** Thrown where the elements of a batched tensor are wanted one by one. */
const oneByOne = new Error("the elements of a batched tensor were read");

/** The batched tensor of what lies along the first dimension of `whole`. */
function batchOf(whole: Tensor): Tensor {
  const shape = whole.shape.slice(1);
  const strides = whole.strides.slice(1);
  const storage = new BatchedStorage(whole);
  const x = new Tensor(storage, shape, strides, whole.offset, whole.dtype, isContiguous(shape, strides));
  storage.owner = x;
  return x;
}

const isBatched = (x: Tensor | number | null): x is Tensor =>
  x instanceof Tensor && x.storage instanceof BatchedStorage;

/** All that a batched tensor stands for, along a first dimension; null for other tensors. */
function wholeOf(x: Tensor): Tensor | null {
  const { storage } = x;
  if (!(storage instanceof BatchedStorage)) return null;
  if (storage.owner !== x) throw oneByOne;
  return storage.whole;
}

/** An operand of an op that broadcasts to `ndim` dimensions: of a batch the whole, so that its elements do. */
function operand(x: Tensor | number, ndim: number): Tensor | number {
  const whole = typeof x === "number" ? null : wholeOf(x);
  if (whole === null) return x;
  const missing = ndim - (whole.ndim - 1);
  if (missing <= 0) return whole;
  const [size, ...rest] = whole.shape;
  return whole.reshape(size, ...new Array<number>(missing).fill(1), ...rest);
}

/** Runs ops on batched tensors of `size` elements. */
class Batches implements Interpreter {
  readonly size: number;

  constructor(size: number) {
    this.size = size;
  }

  unary<A>(op: UnaryOp<A>, x: Tensor, attrs: A): Tensor | null {
    const whole = wholeOf(x);
    return whole === null ? null : batchOf(applyUnary(op, whole, attrs));
  }

  binary<A>(op: BinaryOp<A>, a: Tensor | number, b: Tensor | number, attrs: A): Tensor | null {
    if (!isBatched(a) && !isBatched(b)) return null;
    const ndim = Math.max(typeof a === "number" ? 0 : a.ndim, typeof b === "number" ? 0 : b.ndim);
    return batchOf(applyBinary(op, operand(a, ndim), operand(b, ndim), attrs));
  }

  view<A>(op: ViewOp<A>, x: Tensor, attrs: A): Tensor | null {
    const whole = wholeOf(x);
    return whole === null ? null : batchOf(applyView(viewOfWhole(op), whole, attrs));
  }

  general<A>(op: GeneralOp<A>, inputs: readonly (Tensor | null)[], attrs: A): readonly Tensor[] | null {
    if (!inputs.some(isBatched)) return null;
    if (op.onBatch === null) throw oneByOne;
    const wholes = inputs.map((x) => (x === null ? null : (wholeOf(x) ?? x)));
    const result = op.onBatch(wholes, attrs, {
      size: this.size,
      has: (i) => isBatched(inputs[i]),
      run: (list, changed) => applyAll(op, list, changed),
    });
    if (result === null) throw oneByOne;
    return result instanceof Tensor ? [batchOf(result)] : result.map(batchOf);
  }

  node(node: Node, grads: Gradients, needed: (input: number) => boolean): Gradients {
    if (node instanceof OpNode) return this.atOnce(grads, (list) => node.run(list, needed));
    // A user's own backward would see tensors without numbers. What it is given, it may write to.
    return this.forEach(grads, (list) =>
      node.run(
        list.map((grad) => grad?.clone() ?? null),
        needed,
      ),
    );
  }

  /** What `run` makes of all gradients of batches: in one call where that can be. */
  atOnce(grads: Gradients, run: (grads: Gradients) => Gradients): Gradients {
    try {
      return interpreted(this, () => run(grads));
    } catch (error) {
      if (error !== oneByOne) throw error;
      return this.forEach(grads, run);
    }
  }

  private forEach(grads: Gradients, run: (grads: Gradients) => Gradients): Gradients {
    const wholes = grads.map((grad) => grad && wholeOf(grad));
    const results = interpreted(null, () =>
      Array.from({ length: this.size }, (_, k) => run(grads.map((grad, i) => wholes[i]?.select(0, k) ?? grad))),
    );
    return results[0].map((_, i) => together(results.map((result) => result[i] ?? null)));
  }
}

/** The batched tensor of results that were made one by one; null when there are none. */
function together(results: readonly (Tensor | null)[]): Tensor | null {
  const some = results.find((result) => result !== null);
  if (some === undefined || some === null) return null;
  const nothing = some.detach().zerosLike();
  return batchOf(stack(results.map((result) => result ?? nothing)));
}

/** The view ops that do to every element of a whole what an op does to one. */
const viewsOfWholes = new WeakMap<Op, Op>();

function viewOfWhole<A>(op: ViewOp<A>): ViewOp<A> {
  const known = viewsOfWholes.get(op);
  if (known !== undefined) return known as ViewOp<A>;
  const made: ViewOp<A> = {
    ...op,
    geometry: (whole, attrs) => {
      const { shape, strides, offset } = op.geometry(batchOf(whole), attrs);
      return { shape: [whole.shape[0], ...shape], strides: [whole.strides[0], ...strides], offset };
    },
    formulas: op.formulas.map(
      (formula) =>
        formula &&
        ((context, input) => {
          const { grad } = context;
          const run = ([one]: Gradients): Gradients => {
            const element = ofElement(context, one as Tensor);
            const result = formula(element, input);
            // Sums over what was broadcast, which follow a formula, must leave the first dimension alone.
            return [result && conform(result, element.input(input), { name: op.node }, input)];
          };
          const [result] = new Batches(grad.shape[0]).atOnce([batchOf(grad)], run);
          return result && wholeOf(result);
        }),
    ),
  };
  viewsOfWholes.set(op, made);
  return made;
}

/** What the formula of a view op reads, as of one element or a batch of them. */
function ofElement(context: BaseContext, grad: Tensor): BaseContext {
  return {
    grad,
    grads: [grad],
    attrs: context.attrs,
    input(i) {
      const { shape, dtype } = context.input(i);
      return { shape: shape.slice(1), dtype };
    },
  };
}

function interpreted<R>(by: Interpreter | null, fn: () => R): R {
  const outer = interpreting.by;
  interpreting.by = by;
  try {
    return fn();
  } finally {
    interpreting.by = outer;
  }
}

/**
 * What `fn` makes of many vectors at once: it is given each tensor of `wholes` without its first dimension, and what it
 * returns comes back with one. `fn` may only do what the engine's own code does.
 */
export function vmapped<R extends Tensor | null>(
  wholes: readonly (Tensor | null)[],
  fn: (vectors: readonly (Tensor | null)[]) => readonly R[],
): R[] {
  const size = wholes.find((whole) => whole !== null)?.shape[0] ?? 0;
  const results = interpreted(new Batches(size), () =>
    fn(wholes.map((whole) => (whole === null ? null : batchOf(whole)))),
  );
  return results.map((result) =>
    result === null ? result : ((wholeOf(result) ?? result.unsqueeze(0).expand(size, ...result.shape)) as R),
  );
}

/** Whether nobody wants to see every single backward through the graph of these nodes. */
export function runsUnseen(nodes: Iterable<Node>): boolean {
  if (watch.observer !== null || anomaly.enabled) return false;
  for (const node of nodes) if (node.hooks !== null) return false;
  return true;
}

/** All nodes that lead to these. */
export function nodesBehind(roots: readonly (Node | null)[]): Set<Node> {
  const nodes = new Set<Node>();
  const waiting = [...roots];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node === null || nodes.has(node)) continue;
    nodes.add(node);
    waiting.push(...node.next);
  }
  return nodes;
}
