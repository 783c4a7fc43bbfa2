import { VECTOR } from "./vector";

// A product of matrices reads its operands in strips: `width` lines (rows of the left operand, columns of the right one)
// side by side, element by element along the depth that is summed over. Packing puts them so. `from` holds `lines` lines
// of `depth` elements; strips begin `strip` bytes apart at `to`. Lines that are missing from the last strip become zeros.

/** Packs lines that lie side by side: the elements of one depth are neighbours, the next depth is `step` bytes on. */
@inline
export function packAcross<T>(
  width: i32,
  from: usize,
  to: usize,
  lines: i32,
  depth: i32,
  step: usize,
  strip: usize,
): void {
  const bytes = (<usize>width) * sizeof<T>();
  for (; lines >= width; lines -= width, from += bytes, to += strip) {
    let x = from;
    let y = to;
    for (let p = depth; p > 0; p--, x += step, y += bytes) {
      for (let at: usize = 0; at + VECTOR <= bytes; at += VECTOR) v128.store(y + at, v128.load(x + at));
      if (bytes % VECTOR !== 0) store<u64>(y + bytes - 8, load<u64>(x + bytes - 8));
    }
  }
  if (lines > 0) packRest<T>(width, from, to, lines, depth, step);
}

function packRest<T>(width: i32, from: usize, to: usize, lines: i32, depth: i32, step: usize): void {
  for (let p = depth; p > 0; p--, from += step, to += (<usize>width) * sizeof<T>()) {
    for (let i = 0; i < width; i++) {
      const at = (<usize>i) * sizeof<T>();
      store<T>(to + at, i < lines ? load<T>(from + at) : <T>0);
    }
  }
}

/** Packs lines whose elements are neighbours along the depth; the next line is `line` bytes on. `zeros` has room for a line. */
@inline
export function packAlong<T>(
  width: i32,
  from: usize,
  to: usize,
  lines: i32,
  depth: i32,
  line: usize,
  strip: usize,
  zeros: usize,
): void {
  for (; lines > 0; lines -= width, from += (<usize>width) * line, to += strip) {
    const a = from;
    const b = lines > 1 ? from + line : zeros;
    const c = lines > 2 ? from + 2 * line : zeros;
    const d = lines > 3 ? from + 3 * line : zeros;
    if (sizeof<T>() === 4) packFour(width, a, b, c, d, to, depth);
    else packTwos(width, a, b, c, d, to, depth);
    if (width === 4) continue;
    const e = lines > 4 ? from + 4 * line : zeros;
    const f = lines > 5 ? from + 5 * line : zeros;
    if (width === 6) {
      packTwo<T>(width, e, f, to + 4 * sizeof<T>(), depth);
    } else {
      const g = lines > 6 ? from + 6 * line : zeros;
      const h = lines > 7 ? from + 7 * line : zeros;
      packFour(width, e, f, g, h, to + VECTOR, depth);
    }
  }
}

/** Four lines of float32 into strips of `width`. */
@inline
function packFour(width: i32, a: usize, b: usize, c: usize, d: usize, to: usize, depth: i32): void {
  const next = (<usize>width) * 4;
  let p = depth;
  for (; p >= 4; p -= 4, a += VECTOR, b += VECTOR, c += VECTOR, d += VECTOR, to += 4 * next) {
    const va = v128.load(a);
    const vb = v128.load(b);
    const vc = v128.load(c);
    const vd = v128.load(d);
    const ab01 = i32x4.shuffle(va, vb, 0, 4, 1, 5);
    const ab23 = i32x4.shuffle(va, vb, 2, 6, 3, 7);
    const cd01 = i32x4.shuffle(vc, vd, 0, 4, 1, 5);
    const cd23 = i32x4.shuffle(vc, vd, 2, 6, 3, 7);
    v128.store(to, i64x2.shuffle(ab01, cd01, 0, 2));
    v128.store(to + next, i64x2.shuffle(ab01, cd01, 1, 3));
    v128.store(to + 2 * next, i64x2.shuffle(ab23, cd23, 0, 2));
    v128.store(to + 3 * next, i64x2.shuffle(ab23, cd23, 1, 3));
  }
  for (; p > 0; p--, a += 4, b += 4, c += 4, d += 4, to += next) {
    store<f32>(to, load<f32>(a));
    store<f32>(to, load<f32>(b), 4);
    store<f32>(to, load<f32>(c), 8);
    store<f32>(to, load<f32>(d), 12);
  }
}

/** Four lines of float64 into strips of `width`. */
@inline
function packTwos(width: i32, a: usize, b: usize, c: usize, d: usize, to: usize, depth: i32): void {
  packTwo<f64>(width, a, b, to, depth);
  packTwo<f64>(width, c, d, to + VECTOR, depth);
}

/** Two lines into strips of `width`. */
@inline
function packTwo<T>(width: i32, a: usize, b: usize, to: usize, depth: i32): void {
  const next = (<usize>width) * sizeof<T>();
  let p = depth;
  if (sizeof<T>() === 4) {
    for (; p >= 4; p -= 4, a += VECTOR, b += VECTOR, to += 4 * next) {
      const va = v128.load(a);
      const vb = v128.load(b);
      const ab01 = i32x4.shuffle(va, vb, 0, 4, 1, 5);
      const ab23 = i32x4.shuffle(va, vb, 2, 6, 3, 7);
      v128.store64_lane(to, ab01, 0);
      v128.store64_lane(to + next, ab01, 1);
      v128.store64_lane(to + 2 * next, ab23, 0);
      v128.store64_lane(to + 3 * next, ab23, 1);
    }
  }
  for (; p > 0; p--, a += sizeof<T>(), b += sizeof<T>(), to += next) {
    store<T>(to, load<T>(a));
    store<T>(to + sizeof<T>(), load<T>(b));
  }
}
