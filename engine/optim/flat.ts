import { densely, type Tensor } from "../autograd/tensor.ts";
import { aboutToWrite } from "../autograd/writes.ts";
import { gather, scatter } from "../kernels/copy.ts";

/** Parameters one after the other, as one vector of float64. */
export class FlatParameters {
  private readonly params: readonly Tensor[];
  private readonly n: number;

  constructor(params: readonly Tensor[]) {
    this.params = params;
    this.n = params.reduce((sum, p) => sum + p.elements, 0);
  }

  /** A copy of the elements. */
  read(): Float64Array {
    const out = new Float64Array(this.n);
    this.forEach((p, at) => {
      gather(p, out, at);
    });
    return out;
  }

  /** Their gradients; zero where there is none. */
  readGradients(): Float64Array {
    const out = new Float64Array(this.n);
    this.forEach((p, at) => {
      const { grad } = p;
      if (grad !== null) gather(densely(grad), out, at);
    });
    return out;
  }

  /** Sets the elements to `x + t · direction`. */
  write(x: Float64Array, t: number, direction: Float64Array): void {
    const moved = x.map((value, i) => value + t * direction[i]);
    this.forEach((p, at) => {
      aboutToWrite(p.storage);
      scatter(moved, at, p);
      p.storage.version++;
    });
  }

  private forEach(visit: (p: Tensor, at: number) => void): void {
    let at = 0;
    for (const p of this.params) {
      visit(p, at);
      at += p.elements;
    }
  }
}

export function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i] * b[i];
  return total;
}

/** The largest absolute element. */
export function largest(a: Float64Array): number {
  let most = 0;
  for (const value of a) if (!(Math.abs(value) <= most)) most = Math.abs(value);
  return most;
}

/** a += factor · b */
export function addScaled(a: Float64Array, factor: number, b: Float64Array): void {
  for (let i = 0; i < a.length; i++) a[i] += factor * b[i];
}
