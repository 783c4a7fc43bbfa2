/** A file to be written: its path below the folder, with forward slashes, and its text. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** Says in a package.json that the package is ours to write again. */
const mark = "gradlensTypes";

/**
 * A package that holds nothing but a pointer to the extension's declarations, so that every TypeScript finds them by the rules it has
 * anyway. `typesEntry` is the absolute path of their `index.d.ts`.
 */
export function stubPackage(typesEntry: string): TextFile[] {
  const target = typesEntry.replaceAll("\\", "/").replace(/\.d\.ts$/, ".js");
  const manifest = {
    name: "gradlens",
    version: "0.0.0",
    private: true,
    description:
      "Types for models that the Gradlens extension runs. Written by its command Set Up Types; safe to delete.",
    [mark]: typesEntry,
    type: "module",
    types: "./index.d.ts",
    exports: { ".": { types: "./index.d.ts" } },
  };
  return [
    { path: "package.json", text: `${JSON.stringify(manifest, null, 2)}\n` },
    { path: "index.d.ts", text: `export * from ${JSON.stringify(target)};\n` },
    { path: ".gitignore", text: "*\n" },
  ];
}

/** What the package.json of a package `gradlens` is: our stub, with where it points, or somebody else's. */
export function stubTarget(manifest: string): string | null {
  try {
    const target: unknown = JSON.parse(manifest)?.[mark];
    return typeof target === "string" ? target : null;
  } catch {
    return null;
  }
}
