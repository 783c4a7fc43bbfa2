import { globSync, readFileSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { findGradcheckCalls } from "../runner/gradchecks/findCalls.ts";
import { type IsIgnored, ignoredBy } from "../runner/gradchecks/ignored.ts";
import { UsageError } from "./arguments.ts";

/** The files to check: files as named, the files with gradchecks of a folder, and those that a glob fits. */
export async function checkTargets(targets: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const target of targets) for (const file of await filesOf(target)) found.add(file);
  if (found.size === 0) throw new UsageError(`No file in ${targets.join(", ")} calls gradcheck or gradgradcheck.`);
  return [...found];
}

async function filesOf(target: string): Promise<string[]> {
  const kind = await stat(target).catch(() => null);
  if (kind?.isDirectory()) return checkedFilesIn(target);
  if (kind !== null || !/[*?[{]/.test(target)) return [target];
  const files = globSync(target).filter((file) => !/(^|[\\/])node_modules[\\/]/.test(file));
  if (files.length === 0) throw new UsageError(`No file fits ${target}.`);
  const expanded = await Promise.all(
    files.map(async (file) => ((await stat(file)).isDirectory() ? checkedFilesIn(file) : [file])),
  );
  return expanded.flat().sort();
}

async function checkedFilesIn(folder: string): Promise<string[]> {
  const found = await sourcesIn(folder, folder, ignoredBy(gitignoreOf(folder)));
  // A link may lead nowhere.
  const texts = await Promise.all(found.map((file) => readFile(file, "utf8").catch(() => "")));
  return found.filter((_, i) => findGradcheckCalls(texts[i] ?? "").length > 0);
}

async function sourcesIn(root: string, folder: string, isIgnored: IsIgnored): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = path.join(folder, entry.name);
    if (isIgnored(path.relative(root, file).replaceAll("\\", "/"))) continue;
    if (entry.isDirectory()) found.push(...(await sourcesIn(root, file, isIgnored)));
    else if (/\.[cm]?ts$/.test(entry.name) && !/\.d\.[cm]?ts$/.test(entry.name)) found.push(file);
  }
  return found;
}

function gitignoreOf(folder: string): string {
  try {
    return readFileSync(path.join(folder, ".gitignore"), "utf8");
  } catch {
    return "";
  }
}
