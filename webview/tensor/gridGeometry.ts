/** Browsers draw nothing beyond some millions of pixels; a longer list is scrolled in larger steps than its rows are high. */
const tallest = 8_000_000;

/** Where rows stand in a scrolled area. */
export interface RowScale {
  /** Of all rows, in pixels. */
  readonly height: number;
  /** The row at the top when scrolled so far; not whole in between. */
  rowAt(scrollTop: number): number;
  /** Where a row is drawn when scrolled so far. */
  placeOf(row: number, scrollTop: number): number;
  /** How far to scroll to have a row in sight; null when it is. */
  topOf(row: number, scrollTop: number): number | null;
}

/** Places rows of a height in an area of which `view` pixels are seen. */
export function scaleOfRows(rows: number, rowHeight: number, view: number): RowScale {
  const natural = rows * rowHeight;
  const height = Math.min(natural, tallest);
  const most = Math.max(1, height - view);
  const stretch = natural <= tallest ? 1 : (natural - view) / most;
  const rowAt = (scrollTop: number): number => (scrollTop * stretch) / rowHeight;
  return {
    height,
    rowAt,
    placeOf: (row, scrollTop) => (stretch === 1 ? row * rowHeight : scrollTop + (row - rowAt(scrollTop)) * rowHeight),
    topOf(row, scrollTop) {
      const first = rowAt(scrollTop);
      const seen = view / rowHeight;
      if (row < first) return (row * rowHeight) / stretch;
      return row + 1 > first + seen ? ((row + 1 - seen) * rowHeight) / stretch : null;
    },
  };
}

/** The rows or columns in sight and a few more on both sides, so that scrolling finds them there. */
export function visibleSpan(
  first: number,
  seen: number,
  total: number,
  more: number,
): { readonly from: number; readonly to: number } {
  const from = Math.max(0, Math.floor(first) - more);
  return { from, to: Math.min(total, Math.ceil(first + seen) + more) };
}
