/** The name most like the wanted one, or null when none is like it. `key` is what is compared. */
export function nearest(
  wanted: string,
  names: readonly string[],
  key: (name: string) => string = (name) => name,
): string | null {
  const wantedKey = key(wanted);
  let best: string | null = null;
  let bestDistance = Math.max(1, wantedKey.length / 3) + 1;
  for (const name of names) {
    const distance = editDistance(wantedKey, key(name));
    if (distance >= bestDistance) continue;
    best = name;
    bestDistance = distance;
  }
  return best;
}

/** How many letters must be added, removed or changed. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const change = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
