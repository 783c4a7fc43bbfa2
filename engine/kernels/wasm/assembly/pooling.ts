import { select, VECTOR } from "./vector";

// Maxima of windows. The windows along one dimension begin at `firsts` (int32) and end before `ends`, elements `step`
// apart. Results are the largest element, the first of equals and NaN above all, and its place in the plane as float64.

/** One plane of depth, height and width. */
export function maxPool(
  x: usize,
  height: i32,
  width: i32,
  deepFirsts: usize,
  deepEnds: usize,
  deep: i32,
  deepStep: i32,
  highFirsts: usize,
  highEnds: usize,
  high: i32,
  highStep: i32,
  wideFirsts: usize,
  wideEnds: usize,
  wide: i32,
  wideStep: i32,
  out: usize,
  places: usize,
): void {
  for (let od: usize = 0; od < <usize>deep; od++) {
    for (let oh: usize = 0; oh < <usize>high; oh++) {
      for (let ow: usize = 0; ow < <usize>wide; ow++, out += 4, places += 8) {
        let best: f32 = -Infinity;
        let at = -1;
        for (let d = load<i32>(deepFirsts + od * 4); d < load<i32>(deepEnds + od * 4); d += deepStep) {
          for (let h = load<i32>(highFirsts + oh * 4); h < load<i32>(highEnds + oh * 4); h += highStep) {
            const row = (d * height + h) * width;
            for (let w = load<i32>(wideFirsts + ow * 4); w < load<i32>(wideEnds + ow * 4); w += wideStep) {
              const value = load<f32>(x + (<usize>(row + w)) * 4);
              if (at === -1 || value > best || (value !== value && best === best)) {
                best = value;
                at = row + w;
              }
            }
          }
        }
        store<f32>(out, best);
        store<f64>(places, <f64>at);
      }
    }
  }
}

/** Windows of two by two, side by side, in `planes` planes of even height and width. */
export function maxPoolPairs(x: usize, planes: i32, height: i32, width: i32, out: usize, places: usize): void {
  const row = (<usize>width) * 4;
  for (; planes > 0; planes--) {
    for (let h = 0; h < height; h += 2, x += 2 * row) {
      let place = i32x4.add(i32x4.splat(h * width), i32x4(0, 2, 4, 6));
      let w = 0;
      for (; w + 8 <= width; w += 8, out += VECTOR, places += 2 * VECTOR) {
        const at = x + (<usize>w) * 4;
        const best = largestOf(
          v128.load(at),
          v128.load(at, VECTOR),
          v128.load(at + row),
          v128.load(at + row, VECTOR),
          place,
          width,
          places,
        );
        v128.store(out, best);
        place = i32x4.add(place, i32x4.splat(8));
      }
      for (; w < width; w += 2, out += 4, places += 8) single(x + (<usize>w) * 4, row, h * width + w, width, out, places);
    }
  }
}

/** Of two vectors of the upper row and two of the lower one; writes the four places. */
@inline
function largestOf(a: v128, b: v128, c: v128, d: v128, place: v128, width: i32, places: usize): v128 {
  let best = i32x4.shuffle(a, b, 0, 2, 4, 6);
  let at = place;
  const right = i32x4.shuffle(a, b, 1, 3, 5, 7);
  let better = isBetter(right, best);
  best = select(better, right, best);
  at = select(better, i32x4.add(place, i32x4.splat(1)), at);
  const below = i32x4.shuffle(c, d, 0, 2, 4, 6);
  better = isBetter(below, best);
  best = select(better, below, best);
  at = select(better, i32x4.add(place, i32x4.splat(width)), at);
  const last = i32x4.shuffle(c, d, 1, 3, 5, 7);
  better = isBetter(last, best);
  best = select(better, last, best);
  at = select(better, i32x4.add(place, i32x4.splat(width + 1)), at);
  v128.store(places, f64x2.convert_low_i32x4_s(at));
  v128.store(places, f64x2.convert_low_i32x4_s(i64x2.shuffle(at, at, 1, 1)), VECTOR);
  return best;
}

/** Larger, or the first NaN. */
@inline
function isBetter(value: v128, best: v128): v128 {
  return v128.andnot(v128.not(f32x4.le(value, best)), f32x4.ne(best, best));
}

@inline
function single(x: usize, row: usize, place: i32, width: i32, out: usize, places: usize): void {
  let best = load<f32>(x);
  let at = place;
  for (let i = 1; i < 4; i++) {
    const value = load<f32>(x + (i & 1 ? 4 : 0) + (i & 2 ? row : 0));
    if (value <= best || best !== best) continue;
    best = value;
    at = place + (i & 1) + (i & 2 ? width : 0);
  }
  store<f32>(out, best);
  store<f64>(places, <f64>at);
}

/** Adds `n` numbers of each plane at `x` to the places in its plane at `out`, of `size` numbers, that the float64 at `places` name. */
export function addToPlaces(x: usize, places: usize, planes: i32, n: i32, out: usize, size: i32): void {
  for (; planes > 0; planes--, out += (<usize>size) * 4) {
    for (let i = n; i > 0; i--, x += 4, places += 8) {
      const place = <u32>(<i32>load<f64>(places));
      if (place >= <u32>size) continue;
      const at = out + (<usize>place) * 4;
      store<f32>(at, load<f32>(at) + load<f32>(x));
    }
  }
}
