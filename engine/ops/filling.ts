import { inPlace } from "../autograd/inplace.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { expandsTo, showShape } from "../base/shape.ts";
import { ShapeError } from "../base/errors.ts";

/** Overwrites the elements with those of `source`, which broadcasts; gradients then flow to `source`. */
export const copy_: (self: Tensor, source: Tensor) => Tensor = (self, source) =>
  inPlace("copy_", self, () => {
    if (!expandsTo(source.shape, self.shape)) {
      throw new ShapeError("copy_", `a source of shape ${showShape(source.shape)} can't be broadcast to ${showShape(self.shape)}`);
    }
    return source.to(self.dtype).expand(self.shape).clone();
  });

/** Sets every element. */
export const fill_: (self: Tensor, value: number) => Tensor = (self, value) => inPlace("fill_", self, () => self.detach().zerosLike().add(value));

/** Sets every element to zero. */
export const zero_: (self: Tensor) => Tensor = (self) => inPlace("zero_", self, () => self.detach().zerosLike());
