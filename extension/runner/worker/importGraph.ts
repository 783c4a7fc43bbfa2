/** Which of the user's files import which when they are loaded; dynamic imports are no part of it. */
export class ImportGraph {
  readonly #imports = new Map<string, Set<string>>();
  readonly #told = new Set<string>();

  /** Adds an import and gives the circle it closes, the first file again at its end, unless that one is known. */
  add(from: string, to: string): readonly string[] | null {
    let targets = this.#imports.get(from);
    if (!targets) {
      targets = new Set();
      this.#imports.set(from, targets);
    }
    if (targets.has(to)) return null;
    targets.add(to);
    const way = this.#shortestWay(to, from);
    return way && this.#isNews(way) ? [from, ...way] : null;
  }

  /** A circle through this file, or null. */
  circleThrough(file: string): readonly string[] | null {
    let shortest: readonly string[] | null = null;
    for (const next of this.#imports.get(file) ?? []) {
      const way = this.#shortestWay(next, file);
      if (way && (!shortest || way.length + 1 < shortest.length)) shortest = [file, ...way];
    }
    return shortest;
  }

  #isNews(files: readonly string[]): boolean {
    const key = [...files].sort().join("\0");
    if (this.#told.has(key)) return false;
    this.#told.add(key);
    return true;
  }

  #shortestWay(from: string, to: string): readonly string[] | null {
    const cameFrom = new Map<string, string | null>([[from, null]]);
    for (const file of cameFrom.keys()) {
      if (file === to) return wayBack(cameFrom, file);
      for (const next of this.#imports.get(file) ?? []) if (!cameFrom.has(next)) cameFrom.set(next, file);
    }
    return null;
  }
}

function wayBack(cameFrom: ReadonlyMap<string, string | null>, last: string): readonly string[] {
  const way: string[] = [];
  for (let file: string | null = last; file !== null; file = cameFrom.get(file) ?? null) way.unshift(file);
  return way;
}
