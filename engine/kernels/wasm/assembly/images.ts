import { VECTOR } from "./vector";

// Images as columns: what each position of a kernel sees of an image, one row per channel and kernel position, one column
// per output position. `how` is the address of 19 int32: channels, then depth, height and width each of the image, the
// kernel, the output, the stride, the padding and the dilation. Of the output only lines `first` to `end` are looked at, a
// line being a row of output positions.

@inline
function number(how: usize, i: usize): i32 {
  return load<i32>(how + i * 4);
}

/** Writes the columns of some lines to `columns`, densely; positions outside of the image give zeros. */
export function imageToColumns(how: usize, image: usize, columns: usize, first: i32, end: i32): void {
  walk(how, image, columns, first, end, 0, false);
}

/** Adds every entry of columns, whose rows lie `row` bytes apart, to the image position that it shows. */
export function columnsToImage(how: usize, image: usize, columns: usize, first: i32, end: i32, row: usize): void {
  walk(how, image, columns, first, end, row, true);
}

@inline
function walk(how: usize, image: usize, columns: usize, first: i32, end: i32, row: usize, add: bool): void {
  const channels = number(how, 0);
  const depth = number(how, 1);
  const height = number(how, 2);
  const width = number(how, 3);
  const deepKernel = number(how, 4);
  const highKernel = number(how, 5);
  const wideKernel = number(how, 6);
  const wide = number(how, 9);
  // Lines that lie in the columns as in the image but for a shift can be moved all together.
  const shifted =
    wide === width && depth === 1 && number(how, 7) === 1 && number(how, 11) === 1 && number(how, 12) === 1;
  for (let c = 0; c < channels; c++) {
    const plane = image + (<usize>(c * depth * height * width)) * 4;
    for (let kd = 0; kd < deepKernel; kd++) {
      for (let kh = 0; kh < highKernel; kh++) {
        for (let kw = 0; kw < wideKernel; kw++) {
          if (shifted && deepKernel === 1) walkShifted(how, plane, columns, kh, kw, first, end, add);
          else walkLines(how, plane, columns, kd, kh, kw, first, end, add);
          columns += add ? row : (<usize>((end - first) * wide)) * 4;
        }
      }
    }
  }
}

/** One row of the columns, line by line. */
@inline
function walkLines(
  how: usize,
  plane: usize,
  columns: usize,
  kd: i32,
  kh: i32,
  kw: i32,
  first: i32,
  end: i32,
  add: bool,
): void {
  const depth = number(how, 1);
  const height = number(how, 2);
  const width = number(how, 3);
  const high = number(how, 8);
  const wide = number(how, 9);
  const step = number(how, 12);
  // Outputs lo to hi see the image, at w0 + output · step.
  const w0 = kw * number(how, 18) - number(how, 15);
  const lo = min(wide, w0 >= 0 ? 0 : (step - 1 - w0) / step);
  const hi = max(lo, w0 >= width ? 0 : min(wide, (width - 1 - w0) / step + 1));
  let od = first / high;
  let oh = first % high;
  for (let line = first; line < end; line++, columns += (<usize>wide) * 4) {
    const d = od * number(how, 10) - number(how, 13) + kd * number(how, 16);
    const h = oh * number(how, 11) - number(how, 14) + kh * number(how, 17);
    const seen = d >= 0 && d < depth && h >= 0 && h < height;
    const from = plane + <usize>(((d * height + h) * width + w0) * 4);
    if (add) {
      if (seen) addLine(columns, from, lo, hi, step);
    } else if (seen) copyLine(from, columns, lo, hi, wide, step);
    else memory.fill(columns, 0, (<usize>wide) * 4);
    if (++oh === high) {
      oh = 0;
      od++;
    }
  }
}

/** One row of the columns as a whole: all lines, of which those ends that see nothing are then made zero. */
@inline
function walkShifted(
  how: usize,
  plane: usize,
  columns: usize,
  kh: i32,
  kw: i32,
  first: i32,
  end: i32,
  add: bool,
): void {
  const height = number(how, 2);
  const width = number(how, 3);
  const w0 = kw * number(how, 18) - number(how, 15);
  const h0 = kh * number(how, 17) - number(how, 14);
  const lo = min(width, max(0, -w0));
  const hi = max(lo, min(width, width - w0));
  // Lines top to bottom see the image.
  const top = min(end, max(first, -h0));
  const bottom = max(top, min(end, height - h0));
  const line = (<usize>width) * 4;
  const begin = columns + (<usize>(top - first)) * line;
  const stop = columns + (<usize>(bottom - first)) * line;
  const from = plane + <usize>(((top + h0) * width + w0) * 4);
  if (!add) {
    memory.fill(columns, 0, begin - columns);
    memory.copy(begin, from, stop - begin);
    memory.fill(stop, 0, (<usize>(end - bottom)) * line);
  }
  for (let at = begin; at < stop; at += line) {
    for (let w = 0; w < lo; w++) store<f32>(at + (<usize>w) * 4, 0);
    for (let w = hi; w < width; w++) store<f32>(at + (<usize>w) * 4, 0);
  }
  if (add) addLine(begin, from, 0, <i32>((stop - begin) >>> 2), 1);
}

@inline
function copyLine(from: usize, to: usize, lo: i32, hi: i32, wide: i32, step: i32): void {
  for (let w = 0; w < lo; w++) store<f32>(to + (<usize>w) * 4, 0);
  let w = lo;
  let x = from + (<usize>(lo * step)) * 4;
  let y = to + (<usize>lo) * 4;
  if (step === 1) {
    for (; w + 4 <= hi; w += 4, x += VECTOR, y += VECTOR) v128.store(y, v128.load(x));
  }
  for (; w < hi; w++, x += (<usize>step) * 4, y += 4) store<f32>(y, load<f32>(x));
  for (; w < wide; w++, y += 4) store<f32>(y, 0);
}

@inline
function addLine(from: usize, to: usize, lo: i32, hi: i32, step: i32): void {
  let w = lo;
  let x = from + (<usize>lo) * 4;
  let y = to + (<usize>(lo * step)) * 4;
  if (step === 1) {
    for (; w + 4 <= hi; w += 4, x += VECTOR, y += VECTOR) v128.store(y, f32x4.add(v128.load(y), v128.load(x)));
  }
  for (; w < hi; w++, x += 4, y += (<usize>step) * 4) store<f32>(y, load<f32>(y) + load<f32>(x));
}
