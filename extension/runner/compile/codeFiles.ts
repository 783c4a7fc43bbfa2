type CodeKind = "ts" | "tsx" | "js" | "jsx";

const kinds: Readonly<Record<string, CodeKind>> = {
  ".ts": "ts",
  ".mts": "ts",
  ".cts": "ts",
  ".tsx": "tsx",
  ".jsx": "jsx",
  ".js": "js",
  ".mjs": "js",
  ".cjs": "js",
};

/** How a file with this ending is compiled; undefined for what is no code. */
export function loaderOf(extension: string): CodeKind | undefined {
  return kinds[extension];
}

/** The endings of files that are code, without their points. */
export const codeEndings: readonly string[] = Object.keys(kinds).map((ending) => ending.slice(1));
