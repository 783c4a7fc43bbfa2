import { readdirSync } from "node:fs";
import path from "node:path";
import { nearest } from "./nearest.ts";

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
  return nearest(path.basename(target), filesIn(path.dirname(target)), withoutEnding);
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
