import { type AnyNode, type Options, type Program, parse } from "acorn";
import { isFunction, someChild } from "./walk.ts";

/** A parsed file, and which kind of module its syntax makes it. */
export interface ParsedModule {
  readonly program: Program;
  readonly usesImports: boolean;
  /** Things that CommonJS has no words for. */
  readonly usesMetaOrAwait: boolean;
}

const base: Options = { ecmaVersion: "latest", allowHashBang: true };

/** Parses as a module, and as a script what is none; null for code that is nested too deeply to be parsed. */
export function parseModule(code: string): ParsedModule | null {
  try {
    const program = parse(code, { ...base, sourceType: "module" });
    return {
      program,
      usesImports: program.body.some(isModuleStatement),
      usesMetaOrAwait: mayHave(code) && hasMetaOrAwait(program, false),
    };
  } catch (error) {
    return error instanceof RangeError ? null : parseScript(code);
  }
}

function parseScript(code: string): ParsedModule | null {
  try {
    const program = parse(code, { ...base, sourceType: "script", allowReturnOutsideFunction: true });
    return { program, usesImports: false, usesMetaOrAwait: false };
  } catch {
    return null;
  }
}

const moduleStatements = new Set([
  "ImportDeclaration",
  "ExportNamedDeclaration",
  "ExportDefaultDeclaration",
  "ExportAllDeclaration",
]);

function isModuleStatement(node: AnyNode): boolean {
  return moduleStatements.has(node.type);
}

function mayHave(code: string): boolean {
  return code.includes("await") || code.includes("import.meta");
}

function hasMetaOrAwait(node: AnyNode, inFunction: boolean): boolean {
  if (node.type === "MetaProperty") return node.meta.name === "import";
  if (!inFunction && (node.type === "AwaitExpression" || (node.type === "ForOfStatement" && node.await))) return true;
  const inside = inFunction || (isFunction(node) && node.type !== "StaticBlock");
  return someChild(node, (child) => hasMetaOrAwait(child, inside));
}
