import * as engine from "../../engine/index.ts";
import { camelCase } from "../golden/surface.ts";

/** What the names in an expression stand for; `torch`, `nn`, `F`, `True`, `False` and `None` stand for themselves. */
export type Names = { readonly [name: string]: unknown };

/** Computes an expression; `whole` says that it is written with whole numbers alone, of which Python makes int64. */
interface Node {
  readonly value: (names: Names) => unknown;
  readonly whole: boolean;
}

interface Arguments {
  readonly positional: readonly Node[];
  readonly named: readonly (readonly [name: string, node: Node])[];
}

type Members = { readonly [name: string]: unknown };
type Callable = (...args: readonly unknown[]) => unknown;
type Constructor = new (...args: readonly unknown[]) => unknown;

const constants: Names = { torch: engine, nn: engine.nn, F: engine.F, True: true, False: false, None: null };
const dtypes = new Set(["float32", "float64", "int32", "int64", "bool"]);

/**
 * Reads a call of PyTorch as Python writes it, with constants, lists, indices and little arithmetic, and gives what calls
 * the engine's twin: names are camelCase, keywords are one object of options.
 */
export function readExpression(text: string): (names: Names) => unknown {
  const reader = new Reader(text);
  const { value } = reader.comparison();
  reader.end();
  return value;
}

class Reader {
  private readonly tokens: readonly string[];
  private at = 0;

  constructor(text: string) {
    this.tokens = text.match(/\d+\.\d+|\d+|"[^"]*"|[A-Za-z_]\w*|\.\.\.|\S/g) ?? [];
  }

  comparison(): Node {
    const left = this.sum();
    return this.takes(">") ? operation("gt", left, this.sum()) : left;
  }

  end(): void {
    if (this.at < this.tokens.length) throw new SyntaxError(`"${this.tokens[this.at]}" after the expression's end`);
  }

  private sum(): Node {
    let left = this.product();
    for (;;) {
      if (this.takes("+")) left = operation("add", left, this.product());
      else if (this.takes("-")) left = operation("sub", left, this.product());
      else return left;
    }
  }

  private product(): Node {
    let left = this.unary();
    while (this.takes("*")) left = operation("mul", left, this.unary());
    return left;
  }

  private unary(): Node {
    if (!this.takes("-")) return this.postfix();
    const { value, whole } = this.unary();
    return { value: (names) => -(value(names) as number), whole };
  }

  private postfix(): Node {
    let node = this.atom();
    for (;;) {
      if (this.takes(".")) node = this.member(node);
      else if (this.takes("(")) node = module(node, this.arguments());
      else if (this.takes("["))
        node = indexed(
          node,
          this.list("]", () => this.part()),
        );
      else return node;
    }
  }

  private member(of: Node): Node {
    const name = this.next();
    return this.takes("(") ? method(of, name, this.arguments()) : property(of, name);
  }

  private atom(): Node {
    const token = this.next();
    if (token === "[") return listOf(this.list("]", () => this.comparison()));
    if (token === "(") return listOf(this.list(")", () => this.comparison()));
    if (token === "...") return constant("...");
    if (token.startsWith('"')) return constant(token.slice(1, -1));
    if (/^\d/.test(token)) return { value: () => Number(token), whole: !token.includes(".") };
    return { value: (names) => (token in names ? names[token] : constants[token]), whole: false };
  }

  private arguments(): Arguments {
    const positional: Node[] = [];
    const named: [string, Node][] = [];
    this.list(")", () => {
      if (this.tokens[this.at + 1] === "=") {
        const name = this.next();
        this.next();
        named.push([name, this.comparison()]);
      } else positional.push(this.comparison());
    });
    return { positional, named };
  }

  /** An index: an expression or `start:stop:step`. */
  private part(): Node {
    const bounds: (Node | null)[] = [this.bound()];
    while (this.takes(":")) bounds.push(this.bound());
    if (bounds.length === 1) return bounds[0] ?? constant(null);
    return { value: (names) => engine.slice(...bounds.map((b) => (b?.value(names) ?? null) as number)), whole: false };
  }

  private bound(): Node | null {
    const next = this.tokens[this.at];
    return next === ":" || next === "]" || next === "," ? null : this.comparison();
  }

  private list<T>(end: string, item: () => T): T[] {
    const items: T[] = [];
    while (!this.takes(end)) {
      items.push(item());
      this.takes(",");
    }
    return items;
  }

  private takes(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at++;
    return true;
  }

  private next(): string {
    const token = this.tokens[this.at++];
    if (token === undefined) throw new SyntaxError("the expression ends too early");
    return token;
  }
}

const constant = (value: unknown): Node => ({ value: () => value, whole: false });

const listOf = (items: readonly Node[]): Node => ({
  value: (names) => items.map((item) => item.value(names)),
  whole: items.length > 0 && items.every((item) => item.whole),
});

/** A method of whichever operand is a tensor; a number may stand first where the order does not matter. */
function operation(name: "add" | "sub" | "mul" | "gt", left: Node, right: Node): Node {
  const value = (names: Names): unknown => {
    const [a, b] = [left.value(names), right.value(names)];
    const [self, other] = a instanceof engine.Tensor ? [a, b] : [b, a];
    return (self as engine.Tensor)[name](other as engine.Tensor);
  };
  return { value, whole: false };
}

/** Classes, and options in capitals, keep their names. */
const nameOf = (name: string): string => (/^[A-Z]/.test(name) ? name : camelCase(name));

function property(of: Node, name: string): Node {
  const value = (names: Names): unknown => {
    const owner = of.value(names);
    return owner === engine && dtypes.has(name) ? name : (owner as Members)[nameOf(name)];
  };
  return { value, whole: false };
}

function method(of: Node, name: string, args: Arguments): Node {
  const value = (names: Names): unknown => {
    const owner = of.value(names);
    const called = (owner as Members)[nameOf(name)];
    if (typeof called !== "function") throw new TypeError(`the engine has no ${name}`);
    const given = valuesOf(args, names);
    if (/^[A-Z]/.test(name)) return new (called as Constructor)(...given);
    if (owner === engine && name === "tensor" && args.positional[0]?.whole) given.push({ dtype: "int64" });
    return (called as Callable).apply(owner, given);
  };
  return { value, whole: false };
}

/** What is called without a name before the bracket is a module. */
function module(node: Node, args: Arguments): Node {
  const value = (names: Names): unknown => {
    const called = node.value(names) as { readonly forward: Callable };
    return called.forward(...valuesOf(args, names));
  };
  return { value, whole: false };
}

function valuesOf({ positional, named }: Arguments, names: Names): unknown[] {
  const values = positional.map((node) => node.value(names));
  if (named.length === 0) return values;
  return [...values, Object.fromEntries(named.map(([name, node]) => [nameOf(name), node.value(names)]))];
}

function indexed(of: Node, parts: readonly Node[]): Node {
  const value = (names: Names): unknown => {
    const owner = of.value(names);
    const indices = parts.map((part) => part.value(names));
    if (Array.isArray(owner)) return owner.at(indices[0] as number);
    return (owner as engine.Tensor).index(...(indices as Parameters<engine.Tensor["index"]>));
  };
  return { value, whole: false };
}
