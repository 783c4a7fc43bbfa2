/** Folders that hold no sources of the user's. */
export const neverSources: readonly string[] = ["node_modules", "dist", "out", "build", "coverage"];

/** Answers whether a path, relative and with slashes, is left out. */
export type IsIgnored = (relative: string) => boolean;

/** Reads a `.gitignore`; hidden folders and those of packages and builds are left out anyway. Later lines win, as in Git. */
export function ignoredBy(gitignore: string): IsIgnored {
  const rules = gitignore
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => {
      const negated = line.startsWith("!");
      return { negated, pattern: patternOf(line.slice(negated ? 1 : 0).trimEnd()) };
    });
  return (relative) => {
    const parts = relative.split("/");
    if (parts.some((part) => part.startsWith(".") || neverSources.includes(part))) return true;
    let ignored = false;
    for (const { negated, pattern } of rules) if (pattern.test(relative)) ignored = !negated;
    return ignored;
  };
}

/** A line of a `.gitignore` as a pattern for whole paths. What matches a folder matches everything in it. */
function patternOf(line: string): RegExp {
  const rooted = line.slice(0, -1).includes("/");
  const body = line
    .replace(/^\/|\/$/g, "")
    .replace(/[.+^${}()|\\]/g, "\\$&")
    .replace(/\*\*\/|\*\*|\*|\?/g, (mark) => wildcards[mark] ?? mark);
  try {
    return new RegExp(`${rooted ? "^" : "(?:^|/)"}${body}(?:/|$)`);
  } catch {
    // An open bracket is no pattern, and fits nothing in Git either.
    return /(?!)/;
  }
}

const wildcards: Readonly<Record<string, string>> = {
  "**/": "(?:.*/)?",
  "**": ".*",
  "*": "[^/]*",
  "?": "[^/]",
};
