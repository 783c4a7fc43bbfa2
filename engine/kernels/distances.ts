import type { TypedArray } from "../base/dtype.ts";

/** out[n, m] = Euclidean distances of the rows of a[n, columns] and b[m, columns], all dense. */
export function distances(
  a: TypedArray,
  ao: number,
  b: TypedArray,
  bo: number,
  n: number,
  m: number,
  columns: number,
  out: TypedArray,
  oo: number,
): void {
  for (let i = 0, x = ao, to = oo; i < n; i++, x += columns) {
    for (let j = 0, y = bo; j < m; j++, y += columns) {
      let total = 0;
      for (let c = 0; c < columns; c++) total += (a[x + c] - b[y + c]) * (a[x + c] - b[y + c]);
      out[to++] = Math.sqrt(total);
    }
  }
}
