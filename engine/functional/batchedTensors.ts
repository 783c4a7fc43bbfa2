import { conform, conformAll } from "../autograd/backward.ts";
import { applyAll, applyBinary, applyUnary, applyView } from "../autograd/dispatch.ts";
import { type Interpreter, interpreted, interpreting } from "../autograd/interpreter.ts";
import type { Gradients, Node } from "../autograd/node.ts";
import { OpNode } from "../autograd/opNode.ts";
import { Storage } from "../autograd/storage.ts";
import { Tensor } from "../autograd/tensor.ts";
import { AutogradError } from "../base/errors.ts";
import { isContiguous } from "../base/shape.ts";
import { broadcastable, expanded } from "../ops/batching.ts";
import { stack } from "../ops/joining.ts";
import type { BaseContext, BinaryOp, GeneralOp, Op, UnaryOp, ViewOp } from "../ops/op.ts";

// One backward for many vectors, as PyTorch's vmap runs it. A batched tensor has the logical shape, that of one of its
// elements, so that a formula sees what it always sees; the elements lie in its physical tensor, which has the batch
// dimension in front. An op on batched tensors runs once, on the physical ones, and is recorded there when a graph is
// wanted. Where an op has no batching rule, or a formula reads numbers, the node runs for each element.

/** Stands in for the storage of a batched tensor, of which nobody can read single numbers. */
class BatchedStorage extends Storage {
  declare readonly physical: Tensor;
  /** Whose batched tensor it is: vmaps nest, and what is a batch to the inner one is a tensor to the outer. */
  declare readonly level: Batching;
  /** The only tensor on it: another window would need a window on the physical tensor. */
  declare owner: Tensor | null;

  constructor(physical: Tensor, level: Batching) {
    super(NO_NUMBERS);
    this.physical = physical;
    this.level = level;
    this.owner = null;
  }
}

const NO_NUMBERS = new Float64Array(0);

Object.defineProperty(BatchedStorage.prototype, "values", {
  get() {
    throw new NotBatchable();
  },
  set() {}, // what the constructor of Storage writes
});

/** Something needs the elements of a batched tensor one by one. */
class NotBatchable extends AutogradError {
  constructor() {
    super(
      "The numbers of a gradient were read that stands for many vectors at once, by a hook that was registered while backward ran. Register it before, and every vector has a backward of its own.",
    );
  }
}

/** Runs ops for `size` elements at once. */
class Batching implements Interpreter {
  readonly size: number;
  /** The nodes that it ran, in their order. */
  readonly ran: Node[] = [];
  /** Who interprets what this one does. */
  private readonly outer = interpreting.by;

  constructor(size: number) {
    this.size = size;
  }

  unary<A>(op: UnaryOp<A>, x: Tensor, attrs: A): Tensor {
    return this.outside(() => {
      const physical = this.physicalOf(x);
      return physical === null ? applyUnary(op, x, attrs) : this.batched(applyUnary(op, physical, attrs));
    });
  }

  binary<A>(op: BinaryOp<A>, a: Tensor | number, b: Tensor | number, attrs: A): Tensor {
    return this.outside(() => {
      if (!this.isBatched(a) && !this.isBatched(b)) return applyBinary(op, a, b, attrs);
      const ndim = Math.max(typeof a === "number" ? 0 : a.ndim, typeof b === "number" ? 0 : b.ndim);
      return this.batched(applyBinary(op, this.operand(a, ndim), this.operand(b, ndim), attrs));
    });
  }

  view<A>(op: ViewOp<A>, x: Tensor, attrs: A): Tensor {
    return this.outside(() => {
      const physical = this.physicalOf(x);
      return physical === null ? applyView(op, x, attrs) : this.batched(applyView(onPhysical(op), physical, attrs));
    });
  }

  general<A>(op: GeneralOp<A>, inputs: readonly (Tensor | null)[], attrs: A): readonly Tensor[] {
    const isBatched = inputs.map((x) => this.isBatched(x));
    if (!isBatched.includes(true)) return this.outside(() => applyAll(op, inputs, attrs));
    const { onBatch } = op;
    const physical = inputs.map((x) => x && (this.physicalOf(x) ?? x));
    const result = this.outside(
      () =>
        onBatch?.(physical, attrs, {
          size: this.size,
          has: (input) => isBatched[input],
          run: (list, changed) => applyAll(op, list, changed),
        }) ?? null,
    );
    if (result === null) throw new NotBatchable();
    return result instanceof Tensor ? [this.batched(result)] : result.map((out) => this.batched(out));
  }

  node(node: Node, grads: Gradients, needed: (input: number) => boolean): Gradients {
    this.ran.push(node);
    if (node instanceof OpNode) return this.atOnce(grads, (list) => node.run(list, needed));
    // A user's own backward reads numbers.
    return this.oneByOne(grads, (list) => conformAll(node.run(list, needed), node));
  }

  /** What `run` makes of gradients: in one call where that can be. */
  atOnce(grads: Gradients, run: (grads: Gradients) => Gradients): Gradients {
    try {
      return interpreted(this, () => run(grads));
    } catch (error) {
      if (!(error instanceof NotBatchable)) throw error;
      return this.oneByOne(grads, run);
    }
  }

  private oneByOne(grads: Gradients, run: (grads: Gradients) => Gradients): Gradients {
    return this.outside(() => {
      const physical = grads.map((grad) => grad && this.physicalOf(grad));
      const rows = Array.from({ length: this.size }, (_, k) =>
        run(grads.map((grad, i) => physical[i]?.select(0, k) ?? grad)),
      );
      return rows[0].map((_, i) => {
        const column = rows.map((row) => row[i] ?? null);
        if (column.every((grad) => grad === null)) return null;
        // An undefined gradient is not the same as zero: 0 · ∞ lies before it.
        if (column.includes(null)) throw new NotBatchable();
        return this.batched(stack(column as Tensor[]));
      });
    });
  }

  batched(physical: Tensor): Tensor {
    const shape = physical.shape.slice(1);
    const strides = physical.strides.slice(1);
    const storage = new BatchedStorage(physical, this);
    const x = new Tensor(storage, shape, strides, physical.offset, physical.dtype, isContiguous(shape, strides));
    storage.owner = x;
    return x;
  }

  /** The physical tensor of what may be batched or the same for every element. */
  physical(x: Tensor): Tensor {
    return this.physicalOf(x) ?? this.outside(() => expanded(x, this.size));
  }

  private isBatched(x: Tensor | number | null): x is Tensor {
    return x instanceof Tensor && x.storage instanceof BatchedStorage && x.storage.level === this;
  }

  private physicalOf(x: Tensor): Tensor | null {
    const { storage } = x;
    if (!(storage instanceof BatchedStorage) || storage.level !== this) return null;
    if (storage.owner !== x) throw new NotBatchable();
    return storage.physical;
  }

  private operand(x: Tensor | number, ndim: number): Tensor | number {
    const physical = typeof x === "number" ? null : this.physicalOf(x);
    return physical === null ? x : broadcastable(physical, ndim);
  }

  private outside<R>(run: () => R): R {
    return interpreted(this.outer, run);
  }
}

/** The view ops that do to every element of a physical tensor what an op does to one. */
const viewsOnPhysical = new WeakMap<Op, Op>();

function onPhysical<A>(op: ViewOp<A>): ViewOp<A> {
  const known = viewsOnPhysical.get(op);
  if (known !== undefined) return known as ViewOp<A>;
  const made: ViewOp<A> = {
    ...op,
    geometry: (x, attrs) => {
      const { shape, strides, offset } = op.geometry(new Batching(x.shape[0]).batched(x), attrs);
      return { shape: [x.shape[0], ...shape], strides: [x.strides[0], ...strides], offset };
    },
    formulas: op.formulas.map(
      (formula) =>
        formula &&
        ((context, input) => {
          const { grad } = context;
          const batching = new Batching(grad.shape[0]);
          const [result] = batching.atOnce([batching.batched(grad)], ([one]) => {
            const logical = ofElement(context, one as Tensor);
            const made = formula(logical, input);
            // Sums over what was broadcast, which follow a formula, must leave the batch dimension alone.
            return [made && conform(made, logical.input(input), { name: op.node }, input)];
          });
          return result && batching.physical(result);
        }),
    ),
  };
  viewsOnPhysical.set(op, made);
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

type Vectors = readonly (Tensor | null)[];

/** What came of many vectors, and the nodes that ran for it. */
export interface Batched<R> {
  readonly grads: R[];
  readonly ran: readonly Node[];
}

/**
 * What `vjp`, a backward, makes of many vectors at once: it is given each tensor without its batch dimension, the first,
 * and what it returns comes back with one. Null where that cannot be. It has to retain the graph: what is freed could not
 * run once more.
 */
export function runBatched<R extends Tensor | null>(
  tensors: Vectors,
  vjp: (vectors: Vectors) => readonly R[],
): Batched<R> | null {
  const batching = new Batching(sizeOf(tensors));
  try {
    const results = interpreted(batching, () => vjp(tensors.map((x) => x && batching.batched(x))));
    const grads = results.map((result) => (result === null ? result : (batching.physical(result) as R)));
    return { grads, ran: batching.ran };
  } catch (error) {
    if (error instanceof NotBatchable) return null;
    throw error;
  }
}

/** The same by a call for each vector, which is told its number. Gradients that only some have are zero for the others. */
export function runEach<R extends Tensor | null>(
  tensors: Vectors,
  vjp: (vectors: Vectors, k: number) => readonly R[],
): R[] {
  const rows = Array.from({ length: sizeOf(tensors) }, (_, k) =>
    vjp(
      tensors.map((x) => x?.select(0, k) ?? null),
      k,
    ),
  );
  return rows[0].map((_, i) => {
    const some = rows.find((row) => row[i] !== null)?.[i] ?? null;
    if (some === null) return null as R;
    const zeros = some.detach().zerosLike();
    return stack(rows.map((row) => row[i] ?? zeros)) as Tensor as R;
  });
}

const sizeOf = (tensors: Vectors): number => tensors.find((x) => x !== null)?.shape[0] ?? 0;
