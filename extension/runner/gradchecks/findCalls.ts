/** A call of `gradcheck` or `gradgradcheck` in a text. Lines and columns count from 1. */
export interface GradcheckCall {
  readonly kind: "gradcheck" | "gradgradcheck";
  /** What it checks, as the text has it, shortened: `x => x.relu()`. */
  readonly subject: string;
  /** Of the name. */
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** Longer subjects are cut. */
const longestSubject = 60;

/**
 * The gradchecks of a TypeScript text, found without running or parsing it: comments, strings and regular expressions
 * are skipped. A text that never imports them has none.
 */
export function findGradcheckCalls(text: string): GradcheckCall[] {
  if (!/\bgradlens\b|\bimport\b[^;]*\bgrad(?:grad)?check\b/.test(text) || !text.includes("check")) return [];
  const code = blanked(text);
  const calls: GradcheckCall[] = [];
  const lines = new LineNumbers(text);
  for (const match of code.matchAll(/(?<![\w$#])(gradcheck|gradgradcheck)\s*(?:<[^()<>]*>)?\(/g)) {
    const [whole, kind] = match;
    const start = match.index;
    if (isDefinition(code, start)) continue;
    const open = start + whole.length - 1;
    const close = closing(code, open);
    if (
      /^\s*(?::\s*[\w<>[\]| ]+)?\{/.test(code.slice(close + 1, close + 80)) &&
      !/[=(,?:]\s*$/.test(code.slice(0, start))
    )
      continue;
    const end = lines.at(Math.min(close + 1, text.length));
    const { line, column } = lines.at(start);
    calls.push({
      kind: kind as GradcheckCall["kind"],
      subject: subjectOf(text, code, open),
      line,
      column,
      endLine: end.line,
      endColumn: end.column,
    });
  }
  return calls;
}

const isDefinition = (code: string, start: number): boolean =>
  /\b(?:function\*?|class|get|set)\s+$/.test(code.slice(Math.max(0, start - 20), start));

/** Where the bracket that opens at `open` is closed; the end of the text when it is not. */
function closing(code: string, open: number): number {
  let depth = 0;
  for (let i = open; i < code.length; i++) {
    const c = code[i];
    if (c === "(" || c === "[" || c === "{") depth++;
    else if (c === ")" || c === "]" || c === "}") depth--;
    if (depth === 0) return i;
  }
  return code.length;
}

/** The first argument in one line. */
function subjectOf(text: string, code: string, open: number): string {
  let depth = 0;
  let end = open + 1;
  for (; end < code.length; end++) {
    const c = code[end];
    if (c === "(" || c === "[" || c === "{") depth++;
    else if (c === ")" || c === "]" || c === "}") depth--;
    if (depth < 0 || (depth === 0 && c === ",")) break;
  }
  const flat = text
    .slice(open + 1, end)
    .replace(/\s+/g, " ")
    .trim();
  return flat.length > longestSubject ? `${flat.slice(0, longestSubject - 1)}…` : flat;
}

/** The text with comments, strings and regular expressions blanked out, each character in its place. */
function blanked(text: string): string {
  const out: string[] = [];
  /** How many braces are open in each `${…}` that the scan is in. */
  const templates: number[] = [];
  let i = 0;
  const skipTo = (end: number): void => {
    out.push(text.slice(i, end).replace(/[^\n]/g, " "));
    i = end;
  };
  while (i < text.length) {
    const c = text[i];
    const next = text[i + 1];
    if (c === "/" && next === "/") skipTo(orEnd(text, text.indexOf("\n", i)));
    else if (c === "/" && next === "*") skipTo(after(text, "*/", i + 2));
    else if (c === '"' || c === "'") skipTo(stringEnd(text, i));
    else if (c === "`") skipTo(templatePart(text, i + 1, templates));
    else if (c === "}" && templates.at(-1) === 0) {
      templates.pop();
      skipTo(templatePart(text, i + 1, templates));
    } else if (c === "/" && startsRegExp(out)) skipTo(regExpEnd(text, i));
    else {
      const depth = templates.length - 1;
      if (c === "{" && depth >= 0) templates[depth] = (templates[depth] ?? 0) + 1;
      if (c === "}" && depth >= 0) templates[depth] = (templates[depth] ?? 0) - 1;
      out.push(c ?? "");
      i++;
    }
  }
  return out.join("");
}

const orEnd = (text: string, at: number): number => (at === -1 ? text.length : at);

function after(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at === -1 ? text.length : at + mark.length;
}

function stringEnd(text: string, start: number): number {
  const quote = text[start];
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === quote) return i + 1;
    else if (text[i] === "\n") return i;
  }
  return text.length;
}

/** The end of a template's text: behind its last backtick, or at the code of a `${`. */
function templatePart(text: string, from: number, templates: number[]): number {
  for (let i = from; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === "`") return i + 1;
    else if (text[i] === "$" && text[i + 1] === "{") {
      templates.push(0);
      return i + 2;
    }
  }
  return text.length;
}

/** Whether a slash here begins a regular expression: nothing stands before it that could be divided. */
function startsRegExp(before: readonly string[]): boolean {
  const tail = before.slice(-20).join("").trimEnd();
  return (
    tail === "" || /[(,=:[!&|?{};+\-*%<>~^]$|\b(?:return|typeof|case|in|of|do|else|void|delete|await|yield)$/.test(tail)
  );
}

function regExpEnd(text: string, start: number): number {
  let inClass = false;
  for (let i = start + 1; i < text.length; i++) {
    const c = text[i];
    if (c === "\\") i++;
    else if (c === "[") inClass = true;
    else if (c === "]") inClass = false;
    else if (c === "\n") return start + 1;
    else if (c === "/" && !inClass) return i + 1;
  }
  return start + 1;
}

class LineNumbers {
  readonly #starts: number[] = [0];

  constructor(text: string) {
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) this.#starts.push(at + 1);
  }

  at(offset: number): { readonly line: number; readonly column: number } {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }
}
