import { readFileSync } from "node:fs";
import path from "node:path";
import type { UserError } from "../outcome.ts";
import type { EngineNames } from "./engineNames.ts";
import type { ImportGraph } from "./importGraph.ts";
import { nearest } from "./nearest.ts";
import { findImportedFile } from "./resolveImport.ts";

/** Adds to an error what to do about it, for faults whose own words mislead. */
export function withAdvice(error: UserError, graph: ImportGraph, engine: EngineNames): UserError {
  const advice = circleAdvice(error, graph) ?? exportAdvice(error, engine.exports) ?? memberAdvice(error, engine);
  return advice === null ? error : { ...error, message: `${error.message}. ${advice}` };
}

/** A value read too early, in files that import each other. */
function circleAdvice({ name, message, file }: UserError, graph: ImportGraph): string | null {
  const [, value] = /^Cannot access '(.+)' before initialization$/.exec(message) ?? [];
  if (name !== "ReferenceError" || value === undefined || file === null) return null;
  const circle = graph.circleThrough(file);
  if (!circle) return null;
  let way = "";
  for (let i = 0; i < circle.length; i++) way += `${i === 0 ? "" : " → "}${path.basename(circle[i] ?? "")}`;
  return (
    `These files import each other in a circle: ${way}. So "${value}" is read before its file has run. ` +
    "Move what both need into a third file, or read it inside a function that is called later."
  );
}

/** A misspelt name, or a type that is imported or exported as if it were a value. */
function exportAdvice({ message, file }: UserError, engineExports: readonly string[]): string | null {
  const [, specifier, name] = /module '(.+)' does not provide an export named '(.+)'/.exec(message) ?? [];
  if (specifier === undefined || name === undefined || file === null) return null;
  const similar = specifier === "gradlens" ? nearest(name, engineExports) : null;
  if (similar !== null) return `Did you mean "${similar}"?`;
  const target = specifier.startsWith(".") ? findImportedFile(path.resolve(path.dirname(file), specifier)) : null;
  const isType = target !== null && declaresType(target, name);
  const fault = isType ? `"${name}" is a type and is gone when the program runs` : `If "${name}" is a type`;
  return `${fault}${isType ? ":" : ","} write "import type { ${name} }", or "export type { ${name} }" to pass it on.`;
}

/** A misspelt member of one of the engine's namespaces: V8 only says what it is not. */
function memberAdvice({ name, message }: UserError, { namespaces }: EngineNames): string | null {
  const [, path, member] = /^([\w$.]+)\.([\w$]+) is not a (?:function|constructor)$/.exec(message) ?? [];
  if (name !== "TypeError" || path === undefined || member === undefined) return null;
  // `import * as g` puts its own name before the path.
  for (let rest = path; rest !== ""; rest = rest.includes(".") ? rest.slice(rest.indexOf(".") + 1) : "") {
    const members = namespaces.get(rest);
    if (members === undefined || members.includes(member)) continue;
    const similar = nearest(member, members);
    return `${rest} has no '${member}'.${similar === null ? "" : ` Did you mean '${similar}'?`}`;
  }
  return null;
}

function declaresType(file: string, name: string): boolean {
  const word = name.replace(/[$\\^.*+?()[\]{}|]/g, "\\$&");
  try {
    return new RegExp(`\\b(interface|type)\\s+${word}\\b`).test(readFileSync(file, "utf8"));
  } catch {
    return false;
  }
}
