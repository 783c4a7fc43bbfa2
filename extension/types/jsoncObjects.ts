/** A property of an object in JSON with comments; offsets are of characters in the text. */
export interface JsoncProperty {
  readonly key: string;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** An object in JSON with comments: where its brace opens, and what is in it. */
export interface JsoncObject {
  /** Offset just behind the opening brace. */
  readonly inside: number;
  readonly properties: readonly JsoncProperty[];
}

/** Reads the object that starts at or after an offset, one level deep; null when there is none, or the text is not well formed. */
export function readObject(text: string, offset = 0): JsoncObject | null {
  const tokens = tokensFrom(text, offset);
  if (tokens.next().value?.text !== "{") return null;
  const inside = firstBrace(text, offset) + 1;
  const properties: JsoncProperty[] = [];
  for (let token = tokens.next().value; token !== undefined; token = tokens.next().value) {
    if (token.text === "}") return { inside, properties };
    if (token.text === ",") continue;
    const key = keyOf(token.text);
    if (key === null || tokens.next().value?.text !== ":") return null;
    const value = readValue(tokens);
    if (value === null) return null;
    properties.push({ key, valueStart: value.start, valueEnd: value.end });
  }
  return null;
}

interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Strings, punctuation and words; space and comments are skipped. */
function* tokensFrom(text: string, offset: number): Generator<Token, undefined> {
  const pattern = /\s+|\uFEFF|\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"/]+/gy;
  pattern.lastIndex = offset;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [token] = match;
    if (!/^(?:\s|\uFEFF|\/\/|\/\*)/.test(token)) yield { text: token, start: match.index, end: pattern.lastIndex };
  }
  return undefined;
}

function firstBrace(text: string, offset: number): number {
  return tokensFrom(text, offset).next().value?.start ?? offset;
}

function keyOf(token: string): string | null {
  try {
    const key: unknown = JSON.parse(token);
    return typeof key === "string" ? key : null;
  } catch {
    return null;
  }
}

function readValue(tokens: Iterator<Token, undefined>): { start: number; end: number } | null {
  const first = tokens.next().value;
  if (first === undefined) return null;
  let depth = 0;
  for (let token: Token | undefined = first; token !== undefined; token = tokens.next().value) {
    if (token.text === "{" || token.text === "[") depth++;
    if (token.text === "}" || token.text === "]") depth--;
    if (depth === 0) return { start: first.start, end: token.end };
  }
  return null;
}
