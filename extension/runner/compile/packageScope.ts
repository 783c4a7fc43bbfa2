import { readFileSync } from "node:fs";
import path from "node:path";

/** What the package.json above a file says about running it. */
export interface PackageScope {
  readonly type: "module" | "commonjs" | null;
  /** Whether the package builds on the engine, so that its calls are the user's to see. */
  readonly usesEngine: boolean;
}

const none: PackageScope = { type: null, usesEngine: false };

/** Reads the nearest package.json, once per folder and run. */
export class PackageScopes {
  readonly #byFolder = new Map<string, PackageScope>();

  forFile(file: string): PackageScope {
    return this.#forFolder(path.dirname(file));
  }

  #forFolder(folder: string): PackageScope {
    const known = this.#byFolder.get(folder);
    if (known) return known;
    const parent = path.dirname(folder);
    const isTop = parent === folder || path.basename(folder) === "node_modules";
    const scope = readPackage(folder) ?? (isTop ? none : this.#forFolder(parent));
    this.#byFolder.set(folder, scope);
    return scope;
  }
}

function readPackage(folder: string): PackageScope | null {
  let text: string;
  try {
    text = readFileSync(path.join(folder, "package.json"), "utf8");
  } catch {
    return null;
  }
  return parsePackage(text);
}

function parsePackage(text: string): PackageScope {
  try {
    const parsed: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    if (typeof parsed !== "object" || parsed === null) return none;
    const type = "type" in parsed && (parsed.type === "module" || parsed.type === "commonjs") ? parsed.type : null;
    return { type, usesEngine: dependsOnEngine(parsed) };
  } catch {
    return none;
  }
}

function dependsOnEngine(manifest: object): boolean {
  return Object.entries(manifest).some(
    ([key, value]) => /dependencies$/i.test(key) && typeof value === "object" && value !== null && "gradlens" in value,
  );
}
