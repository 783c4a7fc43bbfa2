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

/**
 * For each other order of the dimensions: where every element comes from when they are put in that order, or back, and
 * the result is read in the old shape.
 */
function swaps(shape: Shape): number[][] {
  const real = shape.filter((size) => size > 1).length;
  // Five dimensions have 119 other orders, and nobody mixes those up by hand.
  if (real < 2 || shape.length > 4) return [];
  return permutations(shape.length).flatMap((dims) => reordered(shape, dims));
}

function permutations(n: number): number[][] {
  let found: number[][] = [[]];
  for (let d = 0; d < n; d++) {
    found = found.flatMap((dims) => Array.from({ length: d + 1 }, (_, at) => dims.toSpliced(at, 0, d)));
  }
  return found.filter((dims) => dims.some((dim, d) => dim !== d));
}

function reordered(shape: Shape, dims: readonly number[]): number[][] {
  const strides = shape.map((_, d) => shape.slice(d + 1).reduce((n, size) => n * size, 1));
  let order = [0];
  for (const dim of dims) {
    order = order.flatMap((at) => Array.from({ length: shape[dim] }, (_, i) => at + i * strides[dim]));
  }
  const back = new Array<number>(order.length);
  order.forEach((from, to) => {
    back[from] = to;
  });
  return [order, back];
}
