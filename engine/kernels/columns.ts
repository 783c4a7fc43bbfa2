import type { TypedArray } from "../base/dtype.ts";

/** Sizes over depth, height and width; what has fewer dimensions has ones in front. */
export type Extent = readonly [depth: number, height: number, width: number];

/** How a kernel slides over an image: output o of a dimension sees image position o · stride − padding + k · dilation for each k. */
export interface Sliding {
  readonly image: Extent;
  readonly kernel: Extent;
  readonly out: Extent;
  readonly stride: Extent;
  readonly padding: Extent;
  readonly dilation: Extent;
}

export const volume = ([depth, height, width]: Extent): number => depth * height * width;

/**
 * Writes what each kernel position sees: row (channel, kernel position), column (output position). Positions outside of
 * the image give zeros.
 */
export function imageToColumns(
  image: TypedArray,
  io: number,
  channels: number,
  sliding: Sliding,
  columns: TypedArray,
  co: number,
): void {
  walk(image, io, channels, sliding, columns, co, false);
}

/** The adjoint: adds every entry of the columns to the image position that it shows. */
export function columnsToImage(
  columns: TypedArray,
  co: number,
  image: TypedArray,
  io: number,
  channels: number,
  sliding: Sliding,
): void {
  walk(image, io, channels, sliding, columns, co, true);
}

/** Goes through the columns by rows of output positions; `add` says which way the numbers go. */
function walk(
  image: TypedArray,
  io: number,
  channels: number,
  sliding: Sliding,
  columns: TypedArray,
  co: number,
  add: boolean,
): void {
  const { image: size, kernel, out, stride, padding, dilation } = sliding;
  const [depth, height, width] = size;
  const step = stride[2];
  let at = co;
  for (let c = 0; c < channels; c++) {
    for (let kd = 0; kd < kernel[0]; kd++) {
      for (let kh = 0; kh < kernel[1]; kh++) {
        for (let kw = 0; kw < kernel[2]; kw++) {
          // Outputs lo to hi see the image, at w0 + output · step.
          const w0 = kw * dilation[2] - padding[2];
          const lo = Math.min(out[2], Math.max(0, Math.ceil(-w0 / step)));
          const hi = Math.max(lo, Math.min(out[2], Math.floor((width - 1 - w0) / step) + 1));
          for (let od = 0; od < out[0]; od++) {
            const d = od * stride[0] - padding[0] + kd * dilation[0];
            for (let oh = 0; oh < out[1]; oh++, at += out[2]) {
              const h = oh * stride[1] - padding[1] + kh * dilation[1];
              const row = io + ((c * depth + d) * height + h) * width + w0;
              const seen = d >= 0 && d < depth && h >= 0 && h < height;
              if (add) {
                if (seen) addRow(columns, at, image, row, lo, hi, step);
              } else if (seen) copyRow(image, row, columns, at, lo, hi, out[2], step);
              else columns.fill(0, at, at + out[2]);
            }
          }
        }
      }
    }
  }
}

function copyRow(
  image: TypedArray,
  row: number,
  columns: TypedArray,
  at: number,
  lo: number,
  hi: number,
  width: number,
  step: number,
): void {
  for (let w = 0; w < lo; w++) columns[at + w] = 0;
  for (let w = lo, i = row + lo * step; w < hi; w++, i += step) columns[at + w] = image[i];
  for (let w = hi; w < width; w++) columns[at + w] = 0;
}

function addRow(
  columns: TypedArray,
  at: number,
  image: TypedArray,
  row: number,
  lo: number,
  hi: number,
  step: number,
): void {
  for (let w = lo, i = row + lo * step; w < hi; w++, i += step) image[i] += columns[at + w];
}
