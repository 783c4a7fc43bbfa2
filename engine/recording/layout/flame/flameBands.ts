import type { FlameRows } from "./flameRows.ts";

/** Heights in CSS pixels. */
export const bandSizes = { row: 18, title: 20, gap: 6 } as const;

/** Where lanes and rows stand below each other, in CSS pixels from the top of the chart. */
export interface FlameBands {
  /** Top of each lane's title. */
  readonly titleTop: Float64Array;
  /** Top of each row. */
  readonly rowTop: Float64Array;
  readonly height: number;
}

/** Puts lanes below each other, each with its title above its rows; a chart of one lane needs no title. */
export function flameBands({ count, firstOfLane, spans }: FlameRows): FlameBands {
  const lanes = spans.lanes.length;
  const titleTop = new Float64Array(lanes);
  const rowTop = new Float64Array(count);
  let top = 0;
  for (let lane = 0; lane < lanes; lane++) {
    titleTop[lane] = top;
    if (lanes > 1) top += bandSizes.title;
    for (let row = firstOfLane[lane]; row < firstOfLane[lane + 1]; row++) {
      rowTop[row] = top;
      top += bandSizes.row;
    }
    top += bandSizes.gap;
  }
  return { titleTop, rowTop, height: top };
}

/** The row at a height; -1 on a title or between lanes. */
export function rowAt({ rowTop }: FlameBands, y: number): number {
  const row = lastAtOrAbove(rowTop, y);
  return row >= 0 && y < rowTop[row] + bandSizes.row ? row : -1;
}

/** The first row or lane that reaches below a height, given the tops and how high each is. */
export function firstBelow(tops: Float64Array, y: number, height: number): number {
  return Math.max(0, lastAtOrAbove(tops, y - height) + 1);
}

function lastAtOrAbove(tops: Float64Array, y: number): number {
  let low = 0;
  let high = tops.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tops[middle] <= y) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
