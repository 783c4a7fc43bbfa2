import { lstat } from "node:fs/promises";
import path from "node:path";

/**
 * Whether nothing on the way from a folder down to these files is a symbolic link, so that writing them writes below the folder. What is
 * not there yet is no link.
 */
export async function arePlain(folder: string, files: readonly string[]): Promise<boolean> {
  const ways = new Set(files.flatMap((file) => wayTo(file)));
  const links = await Promise.all([...ways].map((way) => isLink(path.join(folder, way))));
  return !links.includes(true);
}

/** `a`, `a/b`, `a/b/c` */
function wayTo(file: string): string[] {
  const parts = file.split("/");
  return parts.map((_, i) => parts.slice(0, i + 1).join("/"));
}

async function isLink(file: string): Promise<boolean> {
  try {
    return (await lstat(file)).isSymbolicLink();
  } catch {
    return false;
  }
}
