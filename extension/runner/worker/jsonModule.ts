import { readFileSync } from "node:fs";
import path from "node:path";
import { type ErrorPlace, importError, placeError } from "./locatedErrors.ts";

const parse = JSON.parse;
const stringify = JSON.stringify;

/** A JSON file imported without `with { type: "json" }`: its value as default, and its keys by name as TypeScript has it. */
export function jsonModule(file: string, importedAt: ErrorPlace | undefined) {
  const value = readJson(file, importedAt);
  let source = `const value = JSON.parse(${stringify(stringify(value))});\nexport default value;\n`;
  let count = 0;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    for (const key in value) {
      if (key === "default") continue;
      count += 1;
      source += `const k${count} = value[${stringify(key)}];\nexport { k${count} as ${stringify(key)} };\n`;
    }
  }
  return { format: "module", source, shortCircuit: true } as const;
}

function readJson(file: string, importedAt: ErrorPlace | undefined): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  } catch {
    throw importError(`The file ${path.basename(file)} is not there or cannot be read.`, "ENOENT", importedAt ?? null);
  }
  try {
    return parse(text);
  } catch (error) {
    const wrong = new SyntaxError(
      `${path.basename(file)} is not valid JSON: ${error instanceof Error ? error.message : ""}`,
    );
    if (importedAt) placeError(wrong, importedAt);
    throw wrong;
  }
}
