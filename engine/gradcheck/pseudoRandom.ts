/** Numbers in (-1, 1) that look random and are the same in every run. */
export function pseudoRandom(n: number, seed: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => {
    const x = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    return 2 * (x - Math.floor(x)) - 1;
  });
}

/** A direction: positive numbers, like PyTorch's, scaled to length 1. */
export function unitVector(n: number, seed: number): Float64Array {
  const values = pseudoRandom(n, seed).map((value) => (value + 1) / 2);
  const length = Math.hypot(...values);
  return length === 0 ? values : values.map((value) => value / length);
}
