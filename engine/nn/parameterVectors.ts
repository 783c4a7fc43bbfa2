import { noGrad } from "../autograd/modes.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { ShapeError } from "../base/errors.ts";
import { cat } from "../ops/joining.ts";

/** All parameters as one vector; gradients flow back to them. */
export function parametersToVector(parameters: Iterable<Tensor>): Tensor {
  return cat([...parameters].map((p) => p.reshape(-1)));
}

/** Writes a vector into parameters, one after the other. */
export function vectorToParameters(vector: Tensor, parameters: Iterable<Tensor>): void {
  const list = [...parameters];
  const n = list.reduce((sum, p) => sum + p.elements, 0);
  if (vector.ndim !== 1 || vector.elements !== n) {
    throw new ShapeError(
      "vectorToParameters",
      `the parameters have ${n} elements, but the vector has shape [${vector.shape.join(", ")}]`,
    );
  }
  noGrad(() => {
    let at = 0;
    for (const p of list) {
      p.copy_(vector.narrow(0, at, p.elements).reshape(p.shape));
      at += p.elements;
    }
  });
}
