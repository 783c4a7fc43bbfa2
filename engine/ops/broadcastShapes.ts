import { ArgumentError, ShapeError } from "../base/errors.ts";
import { type Shape, showShape } from "../base/shape.ts";

/** The shape that tensors of these shapes broadcast to. A number stands for the shape of a vector. */
export function broadcastShapes(...shapes: readonly (Shape | number)[]): number[] {
  const result: number[] = [];
  shapes.forEach((given, argument) => {
    const shape = typeof given === "number" ? [given] : given;
    checkSizes(shape);
    while (result.length < shape.length) result.unshift(1);
    for (let d = 1; d <= shape.length; d++) join(result, shape, d, argument);
  });
  return result;
}

function checkSizes(shape: Shape): void {
  if (!Array.isArray(shape) || !shape.every(Number.isInteger)) {
    throw new ArgumentError(
      "broadcastShapes",
      `Input shapes should be of type ints, or a list of ints, got ${String(shape)}`,
    );
  }
  if (shape.some((size) => size < 0)) {
    throw new ShapeError(
      "broadcastShapes",
      `Attempting to broadcast a dimension with negative length! It is in ${showShape(shape)}`,
    );
  }
}

/** Counted from the end, dimension `d` of a shape joins that of the result so far. */
function join(result: number[], shape: Shape, d: number, argument: number): void {
  const [at, size] = [result.length - d, shape[shape.length - d]];
  if (size === 1 || size === result[at]) return;
  if (result[at] !== 1) {
    throw new ShapeError(
      "broadcastShapes",
      `Attempting to broadcast a dimension of length ${size} at -${d}! Mismatching argument at index ${argument} had ${showShape(shape)}; but expected shape should be broadcastable to ${showShape(result)}`,
    );
  }
  result[at] = size;
}
