import type { Slice } from "./grid.ts";

/** A slice as a picture of at most so many cells a side. */
export interface HeatMap {
  readonly rows: number;
  readonly columns: number;
  /** Kept elements that one cell stands for, along each side. */
  readonly rowBlock: number;
  readonly columnBlock: number;
  /** Row-major; of each block the finite number farthest from zero, else what is there: a peak must not be averaged away. */
  readonly cells: readonly number[];
  /** The largest size of a finite number in the cells: the scale goes from minus that to that. */
  readonly scale: number;
}

/** Blocks of more elements than this are sampled. */
const MOST_PER_BLOCK = 64;

/** Shrinks a slice to a picture. */
export function heatMapOf({ rows, columns, at }: Slice, side = 128): HeatMap {
  const rowBlock = Math.max(1, Math.ceil(rows / side));
  const columnBlock = Math.max(1, Math.ceil(columns / side));
  const skip = Math.max(1, Math.ceil(Math.sqrt((rowBlock * columnBlock) / MOST_PER_BLOCK)));
  const cells: number[] = [];
  let scale = 0;
  for (let top = 0; top < rows; top += rowBlock) {
    for (let left = 0; left < columns; left += columnBlock) {
      let most = at(top, left);
      for (let r = top; r < Math.min(rows, top + rowBlock); r += skip) {
        for (let c = left; c < Math.min(columns, left + columnBlock); c += skip) most = farther(most, at(r, c));
      }
      cells.push(most);
      if (most - most === 0 && Math.abs(most) > scale) scale = Math.abs(most);
    }
  }
  return {
    rows: Math.ceil(rows / rowBlock),
    columns: Math.ceil(columns / columnBlock),
    rowBlock,
    columnBlock,
    cells,
    scale,
  };
}

/** Something that is not finite wins: it must not disappear. */
function farther(a: number, b: number): number {
  if (a - a !== 0) return a;
  return b - b !== 0 || Math.abs(b) > Math.abs(a) ? b : a;
}
