import { type Token, tokenize } from "./tokens.ts";

/** Offsets in a text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** `x.log()`, `F.mseLoss(a, b)` or `where(c, a, b)`. */
export interface Call extends Span {
  readonly name: string;
  readonly nameStart: number;
  /** What stands before the last dot, and where that dot is; null for a plain function. */
  readonly receiver: (Span & { readonly dot: number }) | null;
  readonly args: readonly Span[];
  /** Past the opening parenthesis, and before the closing one. */
  readonly inside: Span;
}

/** A statement that stands on lines of its own. */
export interface Statement extends Span {
  /** From the beginning of its first line, past the end of its last. */
  readonly lines: Span;
  readonly indent: string;
}

const OPENING = "([{";
const CLOSING = ")]}";
/** After these a line goes on. */
const UNFINISHED = /^(?:[-+*/%&|^=<>!?:,.([{~]+|\?\.|=>|\.\.\.)$/;

/** A text of TypeScript, as tokens with their brackets paired. Nothing here evaluates or understands types. */
export class SourceCode {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly #partner: Int32Array;

  constructor(text: string) {
    this.text = text;
    this.tokens = tokenize(text);
    this.#partner = this.#pairs();
  }

  textOf({ start, end }: Span): string {
    return this.text.slice(start, end);
  }

  /** The token that begins at an offset; -1 when none does. */
  tokenAt(offset: number): number {
    let low = 0;
    let high = this.tokens.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.tokens[middle]?.start ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return this.tokens[low]?.start === offset ? low : -1;
  }

  /** The call whose name begins at an offset; null when there is none, or one that is too involved to be edited. */
  callAt(offset: number): Call | null {
    const name = this.tokenAt(offset);
    const open = name + 1;
    if (name === -1 || this.tokens[name]?.kind !== "name" || this.word(open) !== "(") return null;
    const close = this.#partner[open] ?? -1;
    if (close === -1) return null;
    const args = this.#split(open, close);
    const receiver = this.#receiverOf(name);
    if (args === null || receiver === undefined) return null;
    const [first, last] = [this.#token(name), this.#token(close)];
    return {
      name: this.word(name),
      nameStart: first.start,
      receiver,
      args,
      inside: { start: this.#token(open).end, end: last.start },
      start: receiver?.start ?? first.start,
      end: last.end,
    };
  }

  /** Whether a span is a chain of names, calls and indices, to which another `.call()` can be appended. */
  isChain({ start, end }: Span): boolean {
    const last = this.#lastIn(start, end);
    return last !== -1 && this.tokens[last]?.kind !== "number" && this.chainStart(last) === this.tokenAt(start);
  }

  /** The first token of the chain that ends with a token; -1 when it is none. */
  chainStart(last: number): number {
    let at = last;
    for (;;) {
      const word = this.word(at);
      if (word === "!") at--;
      else if (word === ")" || word === "]") {
        const open = this.#partner[at] ?? -1;
        if (open === -1) return -1;
        if (!this.#endsOperand(open - 1)) return open;
        at = open - 1;
      } else if (this.tokens[at]?.kind === "mark") return -1;
      else if (this.word(at - 1) === "." || this.word(at - 1) === "?.") at -= 2;
      else return this.word(at - 1) === "new" ? at - 1 : at;
    }
  }

  /** The statement that an offset is in, when it stands on lines of its own; null when it does not. */
  statementAt(offset: number): Statement | null {
    const token = this.tokens.findLastIndex(({ start }) => start <= offset);
    const first = this.#firstOfStatement(token);
    const last = this.#lastOfStatement(token);
    if (first === -1 || last === -1) return null;
    const [{ start }, { end }] = [this.#token(first), this.#token(last)];
    const lines = { start: this.text.lastIndexOf("\n", start - 1) + 1, end: this.#endOfLine(end) };
    const indent = this.text.slice(lines.start, start);
    const rest = this.text.slice(end, lines.end);
    if (indent.trim() !== "" || !/^[ \t]*(?:\/\/.*)?\r?\n?$/.test(rest)) return null;
    return { start, end, lines, indent };
  }

  /** The innermost braces around an offset, by their opening token; -1 at the top. */
  blockAt(offset: number): number {
    let at = this.tokens.findLastIndex(({ start }) => start < offset);
    for (; at >= 0; at--) {
      const word = this.word(at);
      if (word === "{") return at;
      if (CLOSING.includes(word)) at = this.#partner[at] ?? at;
    }
    return -1;
  }

  /** The names in a span that are no properties. */
  namesIn({ start, end }: Span): string[] {
    return this.tokens.flatMap((token, i) => {
      const isName = token.kind === "name" && token.start >= start && token.end <= end;
      return isName && !this.#isProperty(i) ? [this.word(i)] : [];
    });
  }

  /** Every name in the text that is no property. */
  namesAnywhere(): readonly Span[] {
    return this.tokens.filter(({ kind }, i) => kind === "name" && !this.#isProperty(i) && this.word(i + 1) !== ":");
  }

  /** Where a variable is declared first: the offset of its name; -1 when it is not seen to be. */
  declarationOf(name: string): number {
    const at = this.tokens.findIndex(
      (_, i) => this.word(i) === name && ["const", "let", "var"].includes(this.word(i - 1)),
    );
    return this.tokens[at]?.start ?? -1;
  }

  /** What a variable is declared to be: the expression after `const x =`; null when that is not seen. */
  initializerOf(name: string): Span | null {
    const declared = this.declarationOf(name);
    return declared === -1 ? null : this.initializerAt(declared);
  }

  /** The expression after the `=` behind a name. */
  initializerAt(offset: number): Span | null {
    const name = this.tokenAt(offset);
    if (name === -1 || this.word(name + 1) !== "=") return null;
    const last = this.#lastOfStatement(name);
    if (last === -1) return null;
    const end = this.word(last) === ";" ? last - 1 : last;
    const comma = this.#commaAfter(name + 2, end);
    return { start: this.#token(name + 2).start, end: this.#token(comma === -1 ? end : comma - 1).end };
  }

  /** The places of a name within a span where it is read. */
  readsOf(name: string, { start, end }: Span): Span[] {
    return this.tokens.filter((token, i) => {
      const isIn = token.start >= start && token.end <= end && this.word(i) === name;
      return isIn && !this.#isProperty(i) && this.word(i + 1) !== "=" && this.word(i + 1) !== ":";
    });
  }

  /** The text of a token by its number; empty beyond the ends. */
  word(token: number): string {
    const found = this.tokens[token];
    return found === undefined ? "" : this.text.slice(found.start, found.end);
  }

  #token(index: number): Token {
    return this.tokens[index] ?? { kind: "mark", start: this.text.length, end: this.text.length };
  }

  #isProperty(token: number): boolean {
    return this.word(token - 1) === "." || this.word(token - 1) === "?.";
  }

  #endsOperand(token: number): boolean {
    const { kind } = this.#token(token);
    const word = this.word(token);
    if (kind === "name") return !["return", "await", "of", "in", "new", "typeof", "if", "while", "for"].includes(word);
    return kind === "text" || word === ")" || word === "]" || word === "!";
  }

  /** Undefined when what stands before the dot can't be told apart. */
  #receiverOf(name: number): Call["receiver"] | undefined {
    const dot = this.word(name - 1);
    if (dot === "?.") return undefined;
    if (dot !== ".") return null;
    const first = this.chainStart(name - 2);
    if (first === -1) return undefined;
    return { start: this.#token(first).start, end: this.#token(name - 2).end, dot: this.#token(name - 1).start };
  }

  /** The arguments between two parentheses; null when a `<` makes it unclear what a comma means. */
  #split(open: number, close: number): Span[] | null {
    const args: Span[] = [];
    let first = open + 1;
    for (let at = open + 1; at <= close; at++) {
      const word = this.word(at);
      if (word === "<") return null;
      if (word === "," || at === close) {
        if (at > first) args.push({ start: this.#token(first).start, end: this.#token(at - 1).end });
        first = at + 1;
      } else if (OPENING.includes(word)) {
        const partner = this.#partner[at] ?? -1;
        if (partner === -1) return null;
        at = partner;
      }
    }
    return args;
  }

  #commaAfter(from: number, to: number): number {
    for (let at = from; at <= to; at++) {
      if (this.word(at) === ",") return at;
      if (OPENING.includes(this.word(at))) at = Math.max(at, this.#partner[at] ?? at);
    }
    return -1;
  }

  #lastIn(start: number, end: number): number {
    return this.tokens.findLastIndex((token) => token.start >= start && token.end <= end);
  }

  /** Backward to the beginning of a statement, out of all parentheses. */
  #firstOfStatement(from: number): number {
    for (let at = from; at > 0; at--) {
      const word = this.word(at);
      if (at !== from && CLOSING.includes(word)) at = this.#partner[at] ?? at;
      const before = this.word(at - 1);
      if (before === ";" || before === "{" || (before === "}" && this.#isBlockEnd(at - 1))) return at;
      if (before !== "(" && before !== "[" && this.#isLineEnd(at - 1)) return at;
    }
    return from === -1 ? -1 : 0;
  }

  #isBlockEnd(token: number): boolean {
    return this.#startsLine(token + 1);
  }

  #lastOfStatement(from: number): number {
    for (let at = from; at < this.tokens.length; at++) {
      const word = this.word(at);
      if (word === ";") return at;
      if (word === "}") return at === from ? -1 : at - 1;
      if (OPENING.includes(word)) {
        const partner = this.#partner[at] ?? -1;
        if (partner === -1) return -1;
        at = partner;
      }
      if (this.#isLineEnd(at)) return at;
    }
    return this.tokens.length - 1;
  }

  /** Whether a statement may end after a token because the line does. */
  #isLineEnd(token: number): boolean {
    if (!this.#startsLine(token + 1)) return false;
    return !UNFINISHED.test(this.word(token)) && !/^[.?,:)\]=+*/%&|<>-]/.test(this.word(token + 1));
  }

  #startsLine(token: number): boolean {
    const before = this.tokens[token - 1];
    const own = this.tokens[token];
    return before === undefined || own === undefined || this.text.slice(before.end, own.start).includes("\n");
  }

  #endOfLine(offset: number): number {
    const found = this.text.indexOf("\n", offset);
    return found === -1 ? this.text.length : found + 1;
  }

  #pairs(): Int32Array {
    const partner = new Int32Array(this.tokens.length).fill(-1);
    const open: number[] = [];
    this.tokens.forEach((token, i) => {
      if (token.kind !== "mark") return;
      const word = this.word(i);
      if (word.length === 1 && OPENING.includes(word)) open.push(i);
      else if (word.length === 1 && CLOSING.includes(word)) {
        const last = open.pop();
        if (last === undefined || OPENING.indexOf(this.word(last)) !== CLOSING.indexOf(word)) return;
        partner[last] = i;
        partner[i] = last;
      }
    });
    return partner;
  }
}
