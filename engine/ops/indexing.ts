import { apply } from "../autograd/dispatch.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { general } from "./define.ts";
import { none } from "./flops.ts";
import { applyBasic, type IndexPart, resolve } from "./indexParts.ts";
import { type Folded, placeRows, takeAt } from "./placing.ts";
import { normal } from "./samples.ts";
import { slice } from "./slice.ts";

const indexOp = general<Folded>()({
  name: "index",
  summary: "Elements named by index tensors, as a copy.",
  inputs: ["x", "positions", "indices"],
  flops: none,
  saves: ["positions"],
  forward: ([x, positions], fold) => takeAt(x as Tensor, positions as Tensor, fold),
  backward: {
    x: ({ grad, positions, attrs }) => placeRows(grad, positions, attrs),
    positions: null,
    indices: null,
  },
  accepts: [
    normal([[3, 4]], [2, 0, 2]),
    normal([[3, 4]], slice(), [1, -1]),
    normal([[3, 4, 2]], [0, 2], slice(1, 3), [1, 1]),
    normal([[3, 4]], [true, false, true]),
    normal([[3, 4]], 1),
    normal([[3, 4]], "...", null, slice(null, null, 2)),
  ],
  rejects: [normal([[3, 4]], [3]), normal([[3, 4]], 0, 0, 0), normal([[3, 4]], [true, false])],
});

/**
 * `x[…]`: `x.index(0)`, `x.index(slice(1), "...", null)`, `x.index(mask)`, `x.index([0, 2], rows)`. Numbers, slices, null and
 * "..." give views; tensors and lists give copies, repeated elements adding up in the gradient.
 */
export const index: (self: Tensor, ...parts: IndexPart[]) => Tensor = (self, ...parts) => {
  const advanced = applyBasic("index", self, parts);
  if (advanced.dims.length > 0) {
    const { x, fold, positions } = resolve("index", advanced);
    return apply(indexOp, [x, positions, ...advanced.indices], fold);
  }
  return advanced.x === self ? self.view(self.shape) : advanced.x;
};
