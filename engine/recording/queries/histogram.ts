/** How many numbers lie in each of equally wide bins from `from` to `to`; NaN and infinities are counted apart. */
export interface Histogram {
  readonly from: number;
  readonly to: number;
  readonly counts: readonly number[];
  readonly nan: number;
  readonly inf: number;
  /** How many numbers were looked at, and one in how many that is. */
  readonly looked: number;
  readonly every: number;
}

/** More numbers than this are sampled evenly: what is drawn looks the same. */
const MOST = 1 << 18;

/** The histogram of numbers; bins reach from the least to the greatest finite one. */
export function histogramOf(numbers: ArrayLike<number>, bins = 32, most = MOST): Histogram {
  const every = Math.max(1, Math.ceil(numbers.length / most));
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  let nan = 0;
  let inf = 0;
  let looked = 0;
  for (let i = 0; i < numbers.length; i += every) {
    const x = numbers[i];
    looked++;
    if (Number.isNaN(x)) nan++;
    else if (x - x !== 0) inf++;
    else {
      if (x < from) from = x;
      if (x > to) to = x;
    }
  }
  const counts = new Array<number>(bins).fill(0);
  if (from > to) return { from: Number.NaN, to: Number.NaN, counts, nan, inf, looked, every };
  // Halved, because the whole width of doubles is larger than the largest double.
  const half = to / 2 - from / 2;
  for (let i = 0; i < numbers.length; i += every) {
    const x = numbers[i];
    if (x - x !== 0) continue;
    const share = half === 0 ? 0 : (x / 2 - from / 2) / half;
    counts[Math.min(bins - 1, Math.floor(share * bins))]++;
  }
  return { from, to, counts, nan, inf, looked, every };
}

/** The outline of a histogram as digits from 0 to 9, one for each bin, for a picture of a few pixels: a bin that is not empty is at least 1. */
export function outlineOf({ counts }: Histogram): string {
  const most = Math.max(...counts);
  if (most === 0) return "";
  return counts.map((count) => (count === 0 ? 0 : Math.max(1, Math.round((9 * count) / most)))).join("");
}
