import { type FlameRows, firstEndingAfter } from "../layout/flame/flameRows.ts";
import { busySteps, type FlameColors, fillIndex, shadesOfKind } from "./flameColors.ts";

/** A picture that is being painted, in the screen's own pixels. */
export interface Pixels {
  readonly data: Uint32Array;
  readonly width: number;
  readonly height: number;
}

/** A stretch of time on a picture's width. */
export interface RowWindow {
  /** Milliseconds at the left edge. */
  readonly begin: number;
  readonly pixelsPerMs: number;
}

/** What is searched for: everything else is faint. */
export interface Found {
  /** By span: 1 when it is found. */
  readonly isFound: Uint8Array;
  /** As `countSums` makes them. */
  readonly sums: Uint32Array;
}

/** Spans wide enough to be written on, as the raster came across them. Kept from frame to frame. */
export class LabelPlaces {
  static readonly most = 4096;
  count = 0;
  readonly span = new Uint32Array(LabelPlaces.most);
  readonly row = new Uint32Array(LabelPlaces.most);
  readonly left = new Float64Array(LabelPlaces.most);
  readonly right = new Float64Array(LabelPlaces.most);

  add(span: number, row: number, left: number, right: number): void {
    if (this.count === LabelPlaces.most) return;
    this.span[this.count] = span;
    this.row[this.count] = row;
    this.left[this.count] = left;
    this.right[this.count] = right;
    this.count++;
  }
}

/**
 * Paints one row of spans into a picture. A span narrower than two pixels is no rectangle: each pixel takes what share of its time is
 * busy as the strength of its colour. So the work is bounded by the picture's width, however many spans there are, and nothing
 * flickers when the chart is moved.
 */
export function paintRow(
  pixels: Pixels,
  rows: FlameRows,
  row: number,
  window: RowWindow,
  place: { readonly top: number; readonly height: number; readonly widthOfLabel: number },
  look: { readonly colors: FlameColors; readonly found: Found | null },
  labels: LabelPlaces,
): void {
  const { spans, span: order, first, busy } = rows;
  const { start, end, kind, name } = spans;
  const { begin, pixelsPerMs } = window;
  const { colors, found } = look;
  const line = pixels.width * Math.max(0, place.top);
  const last = first[row + 1];
  const msPerPixel = 1 / pixelsPerMs;
  let i = firstEndingAfter(rows, row, begin);
  while (i < last) {
    const span = order[i];
    const left = (start[span] - begin) * pixelsPerMs;
    if (left >= pixels.width) break;
    const right = (end[span] - begin) * pixelsPerMs;
    const shade = name[span] % shadesOfKind;
    if (right - left >= 2) {
      const isDim = found !== null && found.isFound[span] === 0;
      const from = Math.max(0, Math.round(left));
      // A gap of one pixel, where there is room for it, tells two spans from one.
      const to = Math.min(pixels.width, Math.round(right) - (right - left >= 4 ? 1 : 0));
      pixels.data.fill(colors.fills[fillIndex(isDim, kind[span], shade) + busySteps - 1], line + from, line + to);
      if (right - left >= place.widthOfLabel) labels.add(span, row, Math.max(0, left), Math.min(pixels.width, right));
      i++;
      continue;
    }
    const column = Math.max(0, Math.floor(left));
    const next = Math.max(i + 1, endOfPixel(rows, i, last, begin + (column + 1) * msPerPixel));
    const share = Math.min(1, (busy[next] - busy[i]) * pixelsPerMs);
    const step = Math.max(4, Math.ceil(share * busySteps) - 1);
    const isDim = found !== null && found.sums[next] === found.sums[i];
    pixels.data[line + column] = colors.fills[fillIndex(isDim, kind[span], shade) + Math.min(busySteps - 1, step)];
    i = next;
  }
  repeatLine(pixels, line, place);
}

/** The first span from `from` on that ends after a time: by doubling steps, as it is mostly near. */
function endOfPixel({ spans: { end }, span }: FlameRows, from: number, last: number, time: number): number {
  let step = 1;
  let low = from;
  while (low + step < last && end[span[low + step]] <= time) {
    low += step;
    step *= 2;
  }
  let high = Math.min(last, low + step);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (end[span[middle]] <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A row is its first line again and again. */
function repeatLine({ data, width, height }: Pixels, line: number, place: { top: number; height: number }): void {
  const bottom = Math.min(height, place.top + place.height);
  for (let y = Math.max(0, place.top) + 1; y < bottom; y++) data.copyWithin(y * width, line, line + width);
}
