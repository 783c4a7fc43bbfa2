import type { Tensor } from "../../autograd/tensor.ts";
import { squares } from "../statistics.ts";
import { elementsOf } from "./elements.ts";

/** How far a step moved one parameter. */
export interface Update {
  readonly tensor: Tensor;
  /** Norm before. */
  readonly size: number;
  /** Norm of the change. */
  readonly change: number;
}

/** Steps of an optimizer that are looked at: the first ones, then each 16th; the longer it trains, the fewer, so that some hundreds come together. */
const isSampled = (step: number): boolean =>
  step <= 8 || step % Math.max(16, 2 ** (Math.floor(Math.log2(step)) - 7)) === 0;

interface Before {
  readonly tensor: Tensor;
  readonly values: ArrayLike<number>;
  readonly size: number;
}

/** Measures how far the steps of optimizers move their parameters, in some of the steps. */
export class UpdateSampler {
  private readonly steps = new Map<object, number>();
  /** Copies of the parameters, while a sampled step runs. */
  private readonly running = new Map<object, Before[]>();

  /** A step begins. */
  begin(optimizer: object, parameters: readonly Tensor[]): void {
    const step = (this.steps.get(optimizer) ?? 0) + 1;
    this.steps.set(optimizer, step);
    if (!isSampled(step)) return;
    this.running.set(optimizer, parameters.map(copyOf));
  }

  /** The step ended. Empty when it was not sampled. */
  end(optimizer: object): readonly Update[] {
    const before = this.running.get(optimizer);
    if (before === undefined) return [];
    this.running.delete(optimizer);
    return before.map(({ tensor, values, size }) => ({ tensor, size, change: distance(values, elementsOf(tensor)) }));
  }
}

function copyOf(tensor: Tensor): Before {
  const { storage, dense, offset, elements } = tensor;
  const values = dense ? storage.values.slice(offset, offset + elements) : elementsOf(tensor);
  return { tensor, values, size: Math.sqrt(squares(values, 0, values.length)) };
}

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  // Four sums, because one would wait for each addition to end.
  let p = 0;
  let q = 0;
  let r = 0;
  let s = 0;
  const n = a.length;
  let i = 0;
  for (; i + 3 < n; i += 4) {
    const dp = b[i] - a[i];
    const dq = b[i + 1] - a[i + 1];
    const dr = b[i + 2] - a[i + 2];
    const ds = b[i + 3] - a[i + 3];
    p += dp * dp;
    q += dq * dq;
    r += dr * dr;
    s += ds * ds;
  }
  for (; i < n; i++) p += (b[i] - a[i]) * (b[i] - a[i]);
  return Math.sqrt(p + q + (r + s));
}
