import type { TextDocument } from "vscode";

/** The languages that a model can be written in, as VS Code calls them. */
export const modelLanguages = ["typescript"] as const;

/** Further down than this nobody imports. */
const searched = 50_000;

/** An import from "gradlens" that stands at the start of a statement; comments and strings that speak of one do not count. */
const imports = /^[ \t]*(?:import|export)\b(?:[^"'`;]*?\bfrom)?\s*["']gradlens["']/m;

/** Whether a program imports the engine, and not only its types. */
export function importsEngine(text: string): boolean {
  const found = imports.exec(withoutBlockComments(text.slice(0, searched)));
  return found !== null && !/^\s*(?:import|export)\s+type\b/.test(found[0]);
}

/** Whether a document is a model: a TypeScript file on disk or about to be, that imports the engine. */
export function isModel(document: TextDocument): boolean {
  const isModelLanguage = modelLanguages.some((language) => language === document.languageId);
  if (!isModelLanguage || !["file", "untitled"].includes(document.uri.scheme)) return false;
  const known = models.get(document);
  if (known?.version === document.version) return known.isModel;
  const answer = importsEngine(document.getText());
  models.set(document, { version: document.version, isModel: answer });
  return answer;
}

const models = new WeakMap<TextDocument, { readonly version: number; readonly isModel: boolean }>();

function withoutBlockComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, " "));
}
