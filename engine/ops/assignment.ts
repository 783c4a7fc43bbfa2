import { apply } from "../autograd/dispatch.ts";
import { inPlace } from "../autograd/inplace.ts";
import { densely, empty, Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { asElement } from "../base/dtype.ts";
import { DTypeError, IndexError } from "../base/errors.ts";
import { expandsTo, showShape } from "../base/shape.ts";
import * as kernels from "../kernels/select.ts";
import { addingBooleans } from "./addingBooleans.ts";
import { allBatched } from "./batching.ts";
import { general } from "./define.ts";
import { applyBasic, type IndexPart, type Resolved, resolve } from "./indexParts.ts";
import { type Folded, folded, repeated, takeRows } from "./placing.ts";
import { arranged, mixed } from "./samples.ts";
import type { PutOptions } from "./scattering.ts";
import { slice } from "./slice.ts";

interface Attributes extends Folded {
  readonly accumulate: boolean;
}

const indexPutOp = general<Attributes>()({
  name: "indexPut",
  summary: "A copy with elements written where index tensors say.",
  inputs: ["x", "positions", "values"],
  saves: ["positions"],
  forward: ([x, positions, values], fold) => {
    const self = densely(x as Tensor);
    const source = densely(values as Tensor);
    const out = empty(self.shape, self.dtype);
    kernels.copyRow(self.storage.values, self.offset, self.elements, out.storage.values, 0);
    const write = fold.accumulate ? kernels.add : kernels.put;
    const at = (positions as Tensor).storage.values as Int32Array;
    if (source.elements > 0) write(folded(out, fold), at, source.storage.values, source.offset, 1);
    return out;
  },
  onBatch: (inputs, fold, batch) => {
    const [x, , values] = allBatched(inputs, batch);
    return batch.run([x, inputs[1], values], { ...fold, ...repeated(fold, batch.size) });
  },
  backward: {
    x: ({ grad, positions, attrs }) => (attrs.accumulate ? grad : blanked(grad, positions, attrs)),
    positions: null,
    values: ({ grad, positions, attrs }) => takeRows(grad, positions, attrs),
  },
  accepts: [
    arranged(
      mixed([
        ["normal", [3, 2]],
        [{ index: 3 }, [1]],
        ["normal", [1, 2]],
      ]),
      "rows",
      ([x, i, v]) => [x, [i], v],
    ),
    arranged(
      mixed([
        ["normal", [3, 2]],
        [{ index: 3 }, [4]],
        [{ index: 2 }, [4]],
        ["normal", [1]],
      ]),
      "adding up",
      ([x, i, j, v]) => [x, [i, j], v, { accumulate: true }],
    ),
    arranged(
      mixed([
        ["normal", [3, 2]],
        ["mask", [3]],
        ["normal", [2]],
      ]),
      "by mask",
      ([x, m, v]) => [x, [m], v],
    ),
    arranged(
      mixed([
        ["normal", [3, 4]],
        [{ index: 4 }, [1]],
        ["normal", [3, 1]],
      ]),
      "columns",
      ([x, i, v]) => [x, [null, i], v],
    ),
  ],
  rejects: [
    arranged(
      mixed([
        ["normal", [3, 2]],
        [{ index: 3 }, [2]],
        ["normal", [3]],
      ]),
      "rows",
      ([x, i, v]) => [x, [i], v],
    ),
  ],
});

/** The gradient with zeros where values were written. */
function blanked(grad: Tensor, positions: Tensor, attrs: Attributes): Tensor {
  return apply(indexPutOp, [grad, positions, empty(attrs.to, grad.dtype)], attrs);
}

/** The values in the shape of what they are written to. */
function fitted(op: string, value: Tensor | number | boolean, self: Tensor, shape: readonly number[]): Tensor {
  const values = value instanceof Tensor ? value : scalar(asElement(op, self.dtype, Number(value)), self);
  const squeezed = op === "set" ? leadingOnesCut(values, shape.length) : values;
  if (!expandsTo(squeezed.shape, shape)) {
    throw new IndexError(
      op,
      `shape mismatch: value tensor of shape ${showShape(values.shape)} cannot be broadcast to indexing result of shape ${showShape(shape)}`,
    );
  }
  return squeezed.expand(shape);
}

/** As in NumPy, a value assigned with `x[…] = value` may have more dimensions than its place when the extra ones have size 1. */
function leadingOnesCut(x: Tensor, ndim: number): Tensor {
  let extra = 0;
  while (x.ndim - extra > ndim && x.shape[extra] === 1) extra++;
  return extra === 0 ? x : x.reshape(x.shape.slice(extra));
}

function scalar(value: number, like: Tensor): Tensor {
  const out = empty([], like.dtype);
  out.storage.values[0] = value;
  return out;
}

function written(
  op: string,
  { x, fold, positions }: Resolved,
  value: Tensor | number | boolean,
  accumulate: boolean,
): Tensor {
  const values = fitted(op, value, x, fold.to);
  const put = (self: Tensor, from: Tensor): Tensor =>
    apply(indexPutOp, [self, positions, from], { ...fold, accumulate });
  return accumulate ? addingBooleans(x, values, put) : put(x, values);
}

type Indices = readonly IndexPart[];

/** In the list that `indexPut` takes, null leaves a dimension whole. */
const wholeForNull = (indices: Indices): Indices => indices.map((part) => (part === null ? slice() : part));

function readPut(op: string, options: boolean | PutOptions | undefined): boolean {
  return readArguments<PutOptions>(op, [options], ["accumulate"]).accumulate ?? false;
}

/**
 * A copy with `values`, which broadcast, written (or with `accumulate` added) where the index tensors say: one for each of
 * the first dimensions, null leaving one whole.
 */
export const indexPut: (
  self: Tensor,
  indices: Indices,
  values: Tensor | number | boolean,
  options?: boolean | PutOptions,
) => Tensor = (self, indices, values, options) => {
  const accumulate = readPut("indexPut", options);
  checkPut("indexPut", self, values);
  const direct = indices.every((part) => part instanceof Tensor && part.ndim > 0);
  if (!direct) return assign("indexPut", self.clone(), wholeForNull(indices), values, accumulate);
  return written("indexPut", resolve("indexPut", applyBasic("indexPut", self, indices)), values, accumulate);
};

function checkPut(op: string, self: Tensor, values: Tensor | number | boolean): void {
  if (values instanceof Tensor && values.dtype !== self.dtype) {
    throw new DTypeError(
      op,
      `Index put requires the source and destination dtypes match, got ${self.dtype} for the destination and ${values.dtype} for the source.`,
    );
  }
}

/** Writes `values`, which broadcast, where the index tensors say, in place; with `accumulate` adds them. */
export const indexPut_: typeof indexPut = (self, indices, values, options) => {
  checkPut("indexPut_", self, values);
  return assign("indexPut_", self, wholeForNull(indices), values, readPut("indexPut_", options));
};

/** `x[…] = value`, in place: `x.set([0], 1)`, `x.set([slice(), mask], y)`. The value broadcasts and is converted; gradients flow to it. */
export const set: (self: Tensor, indices: Indices, value: Tensor | number | boolean) => Tensor = (
  self,
  indices,
  value,
) => assign("set", self, indices, value, false);

function assign(
  op: string,
  self: Tensor,
  indices: Indices,
  value: Tensor | number | boolean,
  accumulate: boolean,
): Tensor {
  const advanced = applyBasic(op, self, indices);
  const source = value instanceof Tensor && value.dtype !== self.dtype ? value.to(self.dtype) : value;
  if (advanced.dims.length > 0) {
    const place = resolve(op, advanced);
    inPlace("indexPut_", place.x, () => written(op, place, source, accumulate));
    return self;
  }
  const place = advanced.x;
  const values = fitted(op, source, self, place.shape);
  if (accumulate) place.add_(values);
  else place.copy_(values);
  return self;
}
