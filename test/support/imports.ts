import { readFileSync } from "node:fs";
import path from "node:path";
// TypeScript 7 has no parser to call from a program, so this one comes from 6.
import ts from "typescript6";

/** One import or re-export, as it stands in a file. */
export interface Import {
  /** What is imported: a file of the project as a path from its root, or the name of a package. */
  readonly what: string;
  readonly isFile: boolean;
  /** True for `import type`, which is gone when the program runs. */
  readonly typeOnly: boolean;
}

/** Every import of a file, static and dynamic, of values and of types; `file` is a path from `root` with forward slashes. */
export function importsOf(root: string, file: string): Import[] {
  return importsIn(file, readFileSync(path.join(root, file), "utf8"));
}

/** The same for a text that would stand in that file. */
export function importsIn(file: string, text: string): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean) => {
    if (specifier && ts.isStringLiteralLike(specifier)) found.push(resolve(file, specifier.text, typeOnly));
  };

  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, node.isTypeOnly);
    } else if (ts.isImportTypeNode(node)) {
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
  return found;
}

function resolve(file: string, specifier: string, typeOnly: boolean): Import {
  const isFile = specifier.startsWith(".");
  const what = isFile ? path.posix.join(path.posix.dirname(file), specifier) : specifier;
  return { what, isFile, typeOnly };
}
