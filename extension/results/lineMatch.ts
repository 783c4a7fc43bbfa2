/**
 * Where each line of an old text stands in a new one, both counted from 0; null for a line that was changed or taken out. A line keeps
 * its place when the lines around it moved, and comes back when its change is undone.
 */
export function matchLines(before: readonly string[], after: readonly string[]): (number | null)[] {
  const found: (number | null)[] = before.map(() => null);
  matchSpan(
    before.map((line) => line.trim()),
    after.map((line) => line.trim()),
    { from: 0, to: before.length, otherFrom: 0, otherTo: after.length },
    found,
  );
  return found;
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly otherFrom: number;
  readonly otherTo: number;
}

function matchSpan(before: readonly string[], after: readonly string[], span: Span, found: (number | null)[]): void {
  let { from, to, otherFrom, otherTo } = span;
  while (from < to && otherFrom < otherTo && before[from] === after[otherFrom]) found[from++] = otherFrom++;
  while (from < to && otherFrom < otherTo && before[to - 1] === after[otherTo - 1]) found[--to] = --otherTo;
  if (from === to || otherFrom === otherTo) return;

  const anchors = anchorsIn(before, after, { from, to, otherFrom, otherTo });
  let start = { from, otherFrom };
  for (const [line, other] of anchors) {
    found[line] = other;
    matchSpan(before, after, { ...start, to: line, otherTo: other }, found);
    start = { from: line + 1, otherFrom: other + 1 };
  }
  if (anchors.length > 0) matchSpan(before, after, { ...start, to, otherTo }, found);
}

/** Lines that stand exactly once on either side, in an order that both sides agree on: what "patience diff" starts from. */
function anchorsIn(before: readonly string[], after: readonly string[], span: Span): [number, number][] {
  const lines = onlyOnce(before, span.from, span.to);
  const others = onlyOnce(after, span.otherFrom, span.otherTo);
  const pairs: [number, number][] = [];
  for (const [text, line] of lines) {
    const other = others.get(text);
    if (line !== null && other !== undefined && other !== null) pairs.push([line, other]);
  }
  return longestRising(pairs);
}

/** The place of each text of a span; null for one that stands there more than once. */
function onlyOnce(lines: readonly string[], from: number, to: number): Map<string, number | null> {
  const places = new Map<string, number | null>();
  for (let i = from; i < to; i++) {
    const text = lines[i] ?? "";
    places.set(text, places.has(text) ? null : i);
  }
  return places;
}

/** The longest choice of pairs, which come by rising first number, whose second numbers rise too. */
function longestRising(pairs: readonly [number, number][]): [number, number][] {
  // ends[n] is the pair that ends the best chain of n + 1 pairs: the one with the smallest second number.
  const ends: number[] = [];
  const previous: number[] = [];
  pairs.forEach(([, other], i) => {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[ends[middle] ?? 0]?.[1] ?? 0) < other) low = middle + 1;
      else high = middle;
    }
    previous[i] = low === 0 ? -1 : (ends[low - 1] ?? -1);
    ends[low] = i;
  });
  const chosen: [number, number][] = [];
  for (let i = ends.at(-1) ?? -1; i !== -1; i = previous[i] ?? -1) {
    const pair = pairs[i];
    if (pair) chosen.unshift(pair);
  }
  return chosen;
}
