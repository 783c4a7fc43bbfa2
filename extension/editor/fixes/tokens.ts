/** A piece of TypeScript as far as moving and wrapping calls needs it; comments and spaces are left out. */
export interface Token {
  readonly kind: "name" | "number" | "text" | "mark";
  readonly start: number;
  readonly end: number;
}

const NAME = /[\p{ID_Start}$_#][\p{ID_Continue}$\u200c\u200d]*/uy;
const NUMBER = /(?:0[xXbBoO][\da-fA-F_]+|(?:\d[\d_]*)?\.?\d[\d_]*(?:[eE][+-]?\d+)?)n?/y;
const SPACE = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const QUOTED = /"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'/y;
const REGEX = /\/(?![*/])(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const MARK = /\?\.(?!\d)|=>|\.\.\.|[=!]==?|[<>]=|&&=?|\|\|=?|\?\?=?|\+\+|--|\*\*=?|[-+*/%&|^]=|[\s\S]/y;

/** After these words a slash begins a pattern, after other names a division. */
const BEFORE_REGEX = new Set([
  "return",
  "typeof",
  "case",
  "in",
  "of",
  "do",
  "else",
  "void",
  "delete",
  "throw",
  "await",
]);

/** Reads a text into tokens. What is not TypeScript gives some tokens, too: it never throws and never loops. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): number => {
    pattern.lastIndex = at;
    return pattern.test(text) ? pattern.lastIndex : -1;
  };
  while (at < text.length) {
    const space = take(SPACE);
    if (space !== -1) {
      at = space;
      continue;
    }
    const [kind, end] = next(text, at, take, tokens.at(-1));
    tokens.push({ kind, start: at, end });
    at = end;
  }
  return tokens;
}

function next(
  text: string,
  at: number,
  take: (pattern: RegExp) => number,
  before: Token | undefined,
): [Token["kind"], number] {
  const first = text[at] ?? "";
  if (first === '"' || first === "'") return ["text", Math.max(take(QUOTED), at + 1)];
  if (first === "`") return ["text", endOfTemplate(text, at)];
  if (/[\d.]/.test(first)) {
    const end = take(NUMBER);
    if (end > at && /\d/.test(text.slice(at, end)) && !(first === "." && !/\d/.test(text[at + 1] ?? "")))
      return ["number", end];
  }
  const name = take(NAME);
  if (name !== -1) return ["name", name];
  const regex = first === "/" && canBeRegex(text, before) ? take(REGEX) : -1;
  return regex === -1 ? ["mark", Math.max(take(MARK), at + 1)] : ["text", regex];
}

function canBeRegex(text: string, before: Token | undefined): boolean {
  if (before === undefined) return true;
  const word = text.slice(before.start, before.end);
  if (before.kind === "name") return BEFORE_REGEX.has(word);
  return before.kind === "mark" && !/[)\]}]$/.test(word);
}

/** Past the closing backquote; templates may hold code that holds templates. */
function endOfTemplate(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "`") return at + 1;
    else if (text.startsWith("${", at)) at = endOfHole(text, at + 2);
  }
  return text.length;
}

function endOfHole(text: string, start: number): number {
  let depth = 1;
  for (let at = start; at < text.length; at++) {
    if (text[at] === "`") at = endOfTemplate(text, at) - 1;
    else if (text[at] === "{") depth++;
    else if (text[at] === "}" && --depth === 0) return at;
  }
  return text.length;
}
