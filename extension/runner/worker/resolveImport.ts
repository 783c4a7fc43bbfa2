import { realpathSync, statSync } from "node:fs";
import path from "node:path";

/** TypeScript is written with the name of the file that would be emitted. */
const writtenFor: Readonly<Record<string, readonly string[]>> = {
  ".js": [".ts", ".tsx"],
  ".mjs": [".mts"],
  ".cjs": [".cts"],
  ".jsx": [".tsx"],
};

const guessed = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json"];

/**
 * The file that an import means, as bundlers and `moduleResolution` understand it: the file itself, the TypeScript
 * behind a `.js`, a name without its ending, a folder's index. Links are followed, so a file is one module.
 */
export function findImportedFile(target: string): string | null {
  const extension = path.extname(target);
  const stem = target.slice(0, target.length - extension.length);
  const endings = writtenFor[extension];
  return (
    firstFile(stem, endings ?? []) ??
    firstFile(target, [""]) ??
    firstFile(target, guessed) ??
    firstFile(path.join(target, "index"), guessed)
  );
}

function firstFile(stem: string, endings: readonly string[]): string | null {
  for (const ending of endings) {
    const candidate = stem + ending;
    if (statSync(candidate, { throwIfNoEntry: false })?.isFile()) return realpathSync(candidate);
  }
  return null;
}
