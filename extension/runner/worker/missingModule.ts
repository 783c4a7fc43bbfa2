import { readdirSync } from "node:fs";
import path from "node:path";

/** What to tell a person whose import leads nowhere, with the nearest thing that is there. */
export function describeMissing(specifier: string, importer: string): string {
  const isPath = specifier.startsWith(".") || path.isAbsolute(specifier);
  if (!isPath) {
    const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
    return `Cannot find the package "${name}" from ${path.basename(importer)}. Is it installed? Try: npm install ${name}`;
  }
  const target = path.resolve(path.dirname(importer), specifier);
  const near = nearestFile(target);
  const hint = near === null ? `Nothing like it is in ${path.dirname(target)}.` : `Did you mean "${near}"?`;
  return `Cannot find "${specifier}" from ${path.basename(importer)}. ${hint}`;
}

function nearestFile(target: string): string | null {
  const wanted = withoutEnding(path.basename(target));
  let best: string | null = null;
  let bestDistance = Math.max(2, wanted.length / 3) + 1;
  for (const name of filesIn(path.dirname(target))) {
    const distance = editDistance(wanted, withoutEnding(name));
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).slice(0, 1000);
  } catch {
    return [];
  }
}

function withoutEnding(name: string): string {
  return name.replace(/\.[cm]?[jt]sx?$/i, "").toLowerCase();
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
