import * as engine from "../../engine/index.ts";
import { Malformed } from "./wellFormed.ts";

type Callable = (...args: readonly unknown[]) => unknown;
type Constructor = new (...args: readonly unknown[]) => unknown;

/** The engine lacks what a case asks for. */
export class Unsupported extends Error {
  /** PyTorch's name of what is missing. */
  readonly what: string;

  constructor(what: string) {
    super(`there is no ${what}`);
    this.what = what;
  }
}

/** PyTorch's name in our spelling: underscores are folded, but for those at either end; `UPLO` stays as it is. */
export function camelCase(name: string): string {
  if (/^[A-Z]{2,}$/.test(name)) return name;
  const folded = name.replaceAll(/(?<=[^_])_+([^_])/g, (_match, letter: string) => letter.toUpperCase());
  return folded[0] === undefined ? folded : folded[0].toLowerCase() + folded.slice(1);
}

/** The public function that PyTorch calls `op`: `F.x`, `linalg.x`, `autograd.x`, a plain function, else a method of Tensor. */
export function findFunction(op: string): Callable {
  if (op === "__getitem__") return method("index");
  const dot = op.lastIndexOf(".");
  const name = camelCase(op.slice(dot + 1));
  const home = dot < 0 ? engine : lookUp(op.slice(0, dot));
  const found = (home as { readonly [key: string]: unknown } | undefined)?.[name];
  if (typeof found === "function") return found as Callable;
  if (dot < 0 && isMethod(name)) return method(name);
  throw new Unsupported(op);
}

/** The public class at a path such as `optim.lrScheduler.StepLR`. */
export function findClass(where: string): Constructor {
  const found = lookUp(where);
  if (typeof found !== "function") throw new Unsupported(where);
  return found as Constructor;
}

function method(name: string): Callable {
  if (!isMethod(name)) throw new Unsupported(`Tensor.${name}`);
  return (self, ...rest) => {
    if (!(self instanceof engine.Tensor)) throw new Malformed(`The first argument of ${name} must be a tensor.`);
    return (self as unknown as { readonly [key: string]: Callable })[name]?.call(self, ...rest);
  };
}

/** Getters and what every object has are no ops. */
const isMethod = (name: string): boolean =>
  !(name in Object.prototype) &&
  typeof Object.getOwnPropertyDescriptor(engine.Tensor.prototype, name)?.value === "function";

function lookUp(where: string): unknown {
  let found: unknown = engine;
  for (const part of where.split(".")) found = (found as { readonly [key: string]: unknown } | undefined)?.[part];
  return found;
}
