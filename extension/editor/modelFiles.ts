import type { TextDocument } from "vscode";

/** The languages that a model can be written in, as VS Code calls them. */
export const modelLanguages = ["typescript"] as const;

/** Further down than this nobody imports. */
const searched = 50_000;

/**
 * Whether a program imports the engine, and not only its types. Comments and strings that speak of an import do not count. Looks at each
 * character a few times at most, whatever the text: it is asked for at key strokes.
 */
export function importsEngine(text: string): boolean {
  const code = withoutBlockComments(text.slice(0, searched));
  return [...code.matchAll(/["']gradlens["']/g)].some(({ index }) => importsAt(code, index));
}

/** Whether what stands before a module's name makes it an import of values. No import has quotes or a semicolon before that name. */
function importsAt(code: string, name: number): boolean {
  let start = name;
  while (start > 0 && !"\"'`;".includes(code[start - 1] ?? "")) start--;
  const before = code.slice(start, name).trimEnd();
  // What follows a quote or a semicolon on the same line is at no line's start.
  const lines = start === 0 ? before : before.slice(lineEnd(before));
  const statement = [...lines.matchAll(/^[ \t]*(?:import|export)\b/gm)].at(-1);
  if (statement === undefined) return false;
  const clause = lines.slice(statement.index + statement[0].length);
  return (clause === "" || /\bfrom$/.test(clause)) && !/^\s+type\b/.test(clause);
}

function lineEnd(text: string): number {
  const at = text.search(/[\r\n]/);
  return at < 0 ? text.length : at;
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

/** Keeps the line ends of comments, so that lines begin where they did. */
function withoutBlockComments(text: string): string {
  const kept: string[] = [];
  let from = 0;
  for (;;) {
    const start = text.indexOf("/*", from);
    const end = start < 0 ? -1 : text.indexOf("*/", start + 2);
    if (end < 0) return kept.join("") + text.slice(from);
    kept.push(text.slice(from, start), text.slice(start, end + 2).replace(/[^\n]/g, " "));
    from = end + 2;
  }
}
