import { realpathSync } from "node:fs";
import path from "node:path";

/** A path as results are filed under it: VS Code writes Windows' drive letters small, programs write them large. */
export function pathKey(file: string): string {
  return /^[A-Z]:/.test(file) ? (file[0] ?? "").toLowerCase() + file.slice(1) : file;
}

/** The same, of the file behind links, which is the one a program speaks of. What is not there, or no more, is where it would be. */
export function realPathKey(file: string): string {
  const known = realPaths.get(file);
  if (known !== undefined) return known;
  const real = realPath(file);
  if (real !== null) {
    realPaths.set(file, pathKey(real));
    return pathKey(real);
  }
  const folder = path.dirname(file);
  // A recording from another system may name files that are no paths here.
  if (!path.isAbsolute(file) || folder === file) return pathKey(file);
  return path.join(realPathKey(folder), path.basename(file));
}

/** Asked for at every key stroke. Links that change while VS Code runs are not worth a look at the disk each time. */
const realPaths = new Map<string, string>();

/** Null for a file that is not there; it may come later, so that is not remembered. */
function realPath(file: string): string | null {
  try {
    return realpathSync(file);
  } catch {
    return null;
  }
}
