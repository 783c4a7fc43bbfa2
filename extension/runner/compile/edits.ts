import type { AnyNode } from "acorn";
import type MagicString from "magic-string";

/**
 * Collects insertions while a tree is walked. Openings are written when a node is entered and closings when it is left,
 * so insertions at the same offset nest as the nodes do.
 */
export class Edits {
  readonly #text: MagicString;
  #closings: (() => void)[] = [];

  constructor(text: MagicString) {
    this.#text = text;
  }

  /** Puts text around a range; the closing one is written when the current node is left. */
  wrap(range: { readonly start: number; readonly end: number }, opening: string, closing: string): void {
    this.#text.appendLeft(range.start, opening);
    this.#closings.push(() => this.#text.appendLeft(range.end, closing));
  }

  /** Calls a function around an expression: `name(` expression `)`. */
  wrapCall(expression: AnyNode, opening: string): void {
    // The parentheses of `f((a, b))` are not part of the node, and a second pair keeps one argument one argument.
    const isList = expression.type === "SequenceExpression";
    this.wrap(expression, isList ? `${opening}(` : opening, isList ? "))" : ")");
  }

  insert(offset: number, text: string): void {
    this.#text.appendLeft(offset, text);
  }

  /** What to do when the current node is left, or undefined. */
  takeClosings(): (() => void) | undefined {
    const closings = this.#closings;
    if (closings.length === 0) return undefined;
    this.#closings = [];
    return () => {
      for (const close of closings) close();
    };
  }
}
