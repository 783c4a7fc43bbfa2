import type { Tensor } from "../autograd/tensor.ts";
import { cat } from "./joining.ts";
import type { Reduced } from "./reduce.ts";

/** Whether any element is zero: then a product can't be divided by its factors to get the others. */
export function hasZero(x: Tensor): boolean {
  const values = x.dense ? x.storage.values : x.toArray();
  const start = x.dense ? x.offset : 0;
  for (let i = start; i < start + x.elements; i++) if (values[i] === 0) return true;
  return false;
}

/**
 * For each element the product of all others that are reduced with it: those before it times those after it. Right with
 * any number of zeros, and differentiable again.
 */
export function productOfOthers(x: Tensor, { dims }: Reduced): Tensor {
  const kept = x.shape.map((_, d) => d).filter((d) => !dims.includes(d));
  const order = [...kept, ...dims];
  const moved = x.permute(order);
  const rows = moved.reshape([...kept.map((d) => x.shape[d]), -1]);
  const dim = kept.length;
  const others = productBefore(rows, dim).mul(productBefore(rows.flip(dim), dim).flip(dim));
  return others.reshape(moved.shape).permute(order.map((_, d) => order.indexOf(d)));
}

/** Per element, the product of those before it along `dim`; 1 for the first. */
function productBefore(x: Tensor, dim: number): Tensor {
  const first = x.detach().narrow(dim, 0, 1).onesLike();
  return cat([first, x.narrow(dim, 0, x.shape[dim] - 1)], dim).cumprod(dim);
}
