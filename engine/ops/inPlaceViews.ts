import { viewInPlace } from "../autograd/inPlaceView.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { swapaxes, swapdims, t, transpose } from "./permuting.ts";
import { asStrided } from "./striding.ts";
import { squeeze, unsqueeze } from "./views.ts";

// Methods that change what a tensor shows of its storage. The elements stay where they are.

/** Leaves out dimensions of size 1, in place. */
export const squeeze_: typeof squeeze = (self, dim) => viewInPlace("squeeze_", self, (x) => squeeze(x, dim));

/** Adds a dimension of size 1, in place. */
export const unsqueeze_: typeof unsqueeze = (self, dim) => viewInPlace("unsqueeze_", self, (x) => unsqueeze(x, dim));

/** Transposes a matrix in place. */
export const t_: (self: Tensor) => Tensor = (self) => viewInPlace("t_", self, t);

/** Swaps two dimensions in place. */
export const transpose_: typeof transpose = (self, dim0, dim1) =>
  viewInPlace("transpose_", self, (x) => transpose(x, dim0, dim1));

/** The same as `transpose_`. */
export const swapaxes_: typeof swapaxes = (self, axis0, axis1) =>
  viewInPlace("swapaxes_", self, (x) => swapaxes(x, axis0, axis1));

/** The same as `transpose_`. */
export const swapdims_: typeof swapdims = (self, dim0, dim1) =>
  viewInPlace("swapdims_", self, (x) => swapdims(x, dim0, dim1));

/** Shows the storage with another shape and other strides, in place. */
export const asStrided_: typeof asStrided = (self, shape, strides, offset) =>
  viewInPlace("asStrided_", self, (x) => asStrided(x, shape, strides, offset));
