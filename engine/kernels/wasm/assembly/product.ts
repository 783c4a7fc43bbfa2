import { packAcross, packAlong } from "./pack";
import { tile4, tile6 } from "./tiles";
import { VECTOR } from "./vector";

// Packing for every width of a strip, and the products of packed operands. Strips of the left operand are four or six rows
// wide, those of the right one two vectors.

export function packAcross4(from: usize, to: usize, lines: i32, depth: i32, step: usize, strip: usize): void {
  packAcross<f32>(4, from, to, lines, depth, step, strip);
}

export function packAcross6(from: usize, to: usize, lines: i32, depth: i32, step: usize, strip: usize): void {
  packAcross<f32>(6, from, to, lines, depth, step, strip);
}

export function packAcross8(from: usize, to: usize, lines: i32, depth: i32, step: usize, strip: usize): void {
  packAcross<f32>(8, from, to, lines, depth, step, strip);
}

export function packAcross4f64(from: usize, to: usize, lines: i32, depth: i32, step: usize, strip: usize): void {
  packAcross<f64>(4, from, to, lines, depth, step, strip);
}

export function packAcross6f64(from: usize, to: usize, lines: i32, depth: i32, step: usize, strip: usize): void {
  packAcross<f64>(6, from, to, lines, depth, step, strip);
}

export function packAlong4(
  from: usize,
  to: usize,
  lines: i32,
  depth: i32,
  line: usize,
  strip: usize,
  zeros: usize,
): void {
  packAlong<f32>(4, from, to, lines, depth, line, strip, zeros);
}

export function packAlong6(
  from: usize,
  to: usize,
  lines: i32,
  depth: i32,
  line: usize,
  strip: usize,
  zeros: usize,
): void {
  packAlong<f32>(6, from, to, lines, depth, line, strip, zeros);
}

export function packAlong8(
  from: usize,
  to: usize,
  lines: i32,
  depth: i32,
  line: usize,
  strip: usize,
  zeros: usize,
): void {
  packAlong<f32>(8, from, to, lines, depth, line, strip, zeros);
}

export function packAlong4f64(
  from: usize,
  to: usize,
  lines: i32,
  depth: i32,
  line: usize,
  strip: usize,
  zeros: usize,
): void {
  packAlong<f64>(4, from, to, lines, depth, line, strip, zeros);
}

export function packAlong6f64(
  from: usize,
  to: usize,
  lines: i32,
  depth: i32,
  line: usize,
  strip: usize,
  zeros: usize,
): void {
  packAlong<f64>(6, from, to, lines, depth, line, strip, zeros);
}

/**
 * c = a b, or c += a b unless `fresh`, of `rowStrips` packed strips at `a` and `columnStrips` at `b`; `row` is the length of
 * a row of c in bytes. A strip of b stays in the first-level cache while all strips of a pass it.
 */
@inline
function multiply<T>(
  height: i32,
  a: usize,
  b: usize,
  c: usize,
  row: usize,
  rowStrips: i32,
  columnStrips: i32,
  depth: i32,
  fresh: bool,
): void {
  const aStrip = (<usize>(height * depth)) * sizeof<T>();
  const bStrip = (<usize>depth) * 2 * VECTOR;
  for (; columnStrips > 0; columnStrips--, b += bStrip, c += 2 * VECTOR) {
    let x = a;
    let y = c;
    for (let i = rowStrips; i > 0; i--, x += aStrip, y += (<usize>height) * row) {
      if (height === 4) tile4<T>(x, b, y, row, depth, fresh);
      else tile6<T>(x, b, y, row, depth, fresh);
    }
  }
}

export function multiply4(
  a: usize,
  b: usize,
  c: usize,
  row: usize,
  rowStrips: i32,
  columnStrips: i32,
  depth: i32,
  fresh: bool,
): void {
  multiply<f32>(4, a, b, c, row, rowStrips, columnStrips, depth, fresh);
}

export function multiply6(
  a: usize,
  b: usize,
  c: usize,
  row: usize,
  rowStrips: i32,
  columnStrips: i32,
  depth: i32,
  fresh: bool,
): void {
  multiply<f32>(6, a, b, c, row, rowStrips, columnStrips, depth, fresh);
}

export function multiply4f64(
  a: usize,
  b: usize,
  c: usize,
  row: usize,
  rowStrips: i32,
  columnStrips: i32,
  depth: i32,
  fresh: bool,
): void {
  multiply<f64>(4, a, b, c, row, rowStrips, columnStrips, depth, fresh);
}

export function multiply6f64(
  a: usize,
  b: usize,
  c: usize,
  row: usize,
  rowStrips: i32,
  columnStrips: i32,
  depth: i32,
  fresh: bool,
): void {
  multiply<f64>(6, a, b, c, row, rowStrips, columnStrips, depth, fresh);
}
