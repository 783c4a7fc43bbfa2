import type { Shape } from "../../base/shape.ts";
import { everywhere, type Suspect, same, type Verdict } from "./evidence.ts";

/** The right numbers stand in the places of a transposed gradient, or a matrix was used untransposed. */
export function transposition(suspect: Suspect): Verdict | null {
  const { rows, cols, numerical, inputShape, outputShape } = suspect.pair;
  const fits = (at: (row: number, col: number) => number): boolean =>
    everywhere(suspect, (a, _n, k) => same(suspect, a, numerical[at(Math.floor(k / cols), k % cols)]));

  for (const order of swaps(inputShape)) {
    if (fits((row, col) => order[row] * cols + col))
      return { says: "is transposed", advice: "Transpose the gradient before it is returned." };
  }
  if (rows === cols && fits((row, col) => col * cols + row)) {
    return {
      says: "is multiplied by a matrix that should be transposed",
      advice: "Backward multiplies by the transpose of what forward multiplied by.",
    };
  }
  for (const order of swaps(outputShape)) {
    if (fits((row, col) => row * cols + order[col]))
      return { says: "is made of the transposed gradOutput", advice: "Use gradOutput as it comes." };
  }
  return null;
}

/** For each two dimensions: where every element comes from when they are swapped and the result is read in the old shape. */
function swaps(shape: Shape): number[][] {
  const found: number[][] = [];
  for (let a = 0; a < shape.length; a++) {
    for (let b = a + 1; b < shape.length; b++) if (shape[a] > 1 && shape[b] > 1) found.push(...swapped(shape, a, b));
  }
  return found;
}

function swapped(shape: Shape, a: number, b: number): number[][] {
  const turned = [...shape];
  turned[a] = shape[b];
  turned[b] = shape[a];
  const strides = shape.map((_, d) => shape.slice(d + 1).reduce((n, size) => n * size, 1));
  const across = [...strides];
  across[a] = strides[b];
  across[b] = strides[a];
  let order = [0];
  turned.forEach((size, d) => {
    order = order.flatMap((at) => Array.from({ length: size }, (_, i) => at + i * across[d]));
  });
  const back = new Array<number>(order.length);
  order.forEach((from, to) => {
    back[from] = to;
  });
  return [order, back];
}
