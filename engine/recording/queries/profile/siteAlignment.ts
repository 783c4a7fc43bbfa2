import type { SiteRow } from "../../schema.ts";

/** A place and what ran there. */
export interface OpsAtSite {
  readonly site: SiteRow;
  /** The place's file as seen from the model: two runs may have been in different folders, or on different machines. */
  readonly file: string;
  readonly ops: readonly string[];
}

/** Positions of two places that are the same; null on the side where there is none. */
export type SitePair = readonly [first: number | null, second: number | null];

/** So many comparisons at most; with more places than that, only what stands at the same line and column is matched. */
const MAX_COMPARISONS = 16_000_000;

/**
 * Matches places of two versions of a program, both in the order of the file: the longest common subsequence, where
 * places at the same line and column are worth more than those that moved.
 */
export function alignSites(first: readonly OpsAtSite[], second: readonly OpsAtSite[]): SitePair[] {
  const [a, b] = [first.map(identityOf), second.map(identityOf)];
  let start = 0;
  while (start < a.length && start < b.length && a[start].exact === b[start].exact) start++;
  let endA = a.length;
  let endB = b.length;
  while (endA > start && endB > start && a[endA - 1].exact === b[endB - 1].exact) {
    endA--;
    endB--;
  }
  const middle = [a.slice(start, endA), b.slice(start, endB)] as const;
  const between = middle[0].length * middle[1].length > MAX_COMPARISONS ? samePlaces(...middle) : longest(...middle);
  const shift = (i: number | null): number | null => (i === null ? null : i + start);
  return [
    ...a.slice(0, start).map((_, i): SitePair => [i, i]),
    ...between.map(([i, j]): SitePair => [shift(i), shift(j)]),
    ...a.slice(endA).map((_, i): SitePair => [endA + i, endB + i]),
  ];
}

/** The path of a file relative to the model's folder; the model itself has none, so that a copy under another name is the same. */
export function fromModel(model: string, file: string): string {
  if (file === model) return "";
  const [from, to] = [model.split(/[\\/]/).slice(0, -1), file.split(/[\\/]/)];
  let common = 0;
  while (common < from.length && common < to.length - 1 && from[common] === to[common]) common++;
  return [...from.slice(common).map(() => ".."), ...to.slice(common)].join("/");
}

interface Identity {
  /** What stays when lines move: file, function and ops. */
  readonly loose: string;
  /** That, at the same line and column. */
  readonly exact: string;
}

function identityOf({ site, file, ops }: OpsAtSite): Identity {
  const loose = `${file} ${site.functionName ?? ""} ${ops.join()}`;
  return { loose, exact: `${loose} ${site.line}:${site.column}` };
}

const worth = (a: Identity, b: Identity): number => (a.exact === b.exact ? 3 : a.loose === b.loose ? 2 : 0);

function longest(a: readonly Identity[], b: readonly Identity[]): SitePair[] {
  const width = b.length + 1;
  const best = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const value = worth(a[i], b[j]);
      const skip = Math.max(best[(i + 1) * width + j], best[i * width + j + 1]);
      best[i * width + j] = value === 0 ? skip : Math.max(skip, value + best[(i + 1) * width + j + 1]);
    }
  }
  const pairs: SitePair[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const value = worth(a[i], b[j]);
    const here = best[i * width + j];
    if (value > 0 && here === value + best[(i + 1) * width + j + 1]) pairs.push([i++, j++]);
    else if (here === best[(i + 1) * width + j]) pairs.push([i++, null]);
    else pairs.push([null, j++]);
  }
  while (i < a.length) pairs.push([i++, null]);
  while (j < b.length) pairs.push([null, j++]);
  return pairs;
}

function samePlaces(a: readonly Identity[], b: readonly Identity[]): SitePair[] {
  const places = new Map(b.map(({ exact }, j) => [exact, j]));
  const pairs = a.map(({ exact }, i): SitePair => [i, places.get(exact) ?? null]);
  const matched = new Set(pairs.map(([, j]) => j));
  return [...pairs, ...b.flatMap((_, j): SitePair[] => (matched.has(j) ? [] : [[null, j]]))];
}
