import { apply } from "../autograd/dispatch.ts";
import { densely, empty, type Tensor } from "../autograd/tensor.ts";
import { elementCount, type Shape } from "../base/shape.ts";
import { gatherPlanes, placePlanes, scatterPlanes } from "../kernels/maxPooling.ts";
import { leadingDims } from "./batching.ts";
import { general } from "./define.ts";

/** Spatial sizes of the result; everything before them counts the planes. */
interface PlaneShape {
  readonly spatial: Shape;
}

type PlaneKernel = typeof gatherPlanes;

/** Runs a kernel on planes; `size` is the number of places that the indices may name. */
function onPlanes(kernel: PlaneKernel, x: Tensor, indices: Tensor, spatial: Shape, size: number): Tensor {
  const values = densely(x);
  const places = densely(indices);
  const lead = x.shape.slice(0, x.ndim - spatial.length);
  const planes = elementCount(lead);
  const n = planes === 0 ? 0 : indices.elements / planes;
  const out = empty([...lead, ...spatial], x.dtype);
  kernel(
    values.storage.values,
    values.offset,
    places.storage.values,
    places.offset,
    planes,
    n,
    out.storage.values,
    size,
  );
  return out;
}

const scatterOp = general<PlaneShape>()({
  name: "scatterPlanes",
  summary: "Each element of a plane added at the place that its index names.",
  inputs: ["x", "indices"],
  saves: ["indices"],
  onBatch: leadingDims,
  forward: ([x, indices], { spatial }) =>
    onPlanes(scatterPlanes, x as Tensor, indices as Tensor, spatial, elementCount(spatial)),
  backward: { x: ({ grad, indices, attrs }) => takeFromPlanes(grad, indices, attrs.spatial.length), indices: null },
});

const gatherOp = general<PlaneShape>()({
  name: "takeFromPlanes",
  summary: "The elements of a plane that the indices name.",
  inputs: ["x", "indices"],
  saves: ["indices"],
  onBatch: leadingDims,
  forward: ([x, indices], { spatial }) => {
    const source = x as Tensor;
    const size = elementCount(source.shape.slice(source.ndim - spatial.length));
    return onPlanes(gatherPlanes, source, indices as Tensor, spatial, size);
  },
  backward: {
    x: (context) => {
      const { grad, indices, attrs } = context;
      return addToPlanes(grad, indices, context.input(0).shape.slice(-attrs.spatial.length));
    },
    indices: null,
  },
});

const placeOp = general<PlaneShape>()({
  name: "maxUnpool",
  node: "MaxUnpoolBackward0",
  summary: "Each element of a plane put at the place that its index names, zeros elsewhere.",
  inputs: ["x", "indices"],
  saves: ["indices"],
  onBatch: leadingDims,
  forward: ([x, indices], { spatial }) =>
    onPlanes(placePlanes, x as Tensor, indices as Tensor, spatial, elementCount(spatial)),
  backward: { x: ({ grad, indices, attrs }) => takeFromPlanes(grad, indices, attrs.spatial.length), indices: null },
});

/** Zeros of the given spatial sizes, with each element added at the place in its plane that its index names. */
export const addToPlanes = (x: Tensor, indices: Tensor, spatial: Shape): Tensor =>
  apply(scatterOp, [x, indices], { spatial });

/** The elements at the places in each plane that the indices name. */
export function takeFromPlanes(x: Tensor, indices: Tensor, dims: number): Tensor {
  return apply(gatherOp, [x, indices], { spatial: indices.shape.slice(-dims) });
}

/** The same with the element put in place of what was there. */
export const putInPlanes = (x: Tensor, indices: Tensor, spatial: Shape): Tensor =>
  apply(placeOp, [x, indices], { spatial });
