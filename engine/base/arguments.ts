import { ArgumentError, checkOptions } from "./errors.ts";

/**
 * Reads optional arguments that may come by position, by name in a trailing options object, or both, as in
 * `avgPool2d(x, 2, 1, { padding: 1 })`. `names` lists them in PyTorch's order.
 *
 * @throws ArgumentError for an unknown option, one too many, or one given twice.
 */
export function readArguments<O extends object>(
  op: string,
  args: readonly unknown[],
  names: readonly (keyof O & string)[],
): O {
  const last = args[args.length - 1];
  const named: object = isOptions(last) ? last : {};
  const positional = isOptions(last) ? args.slice(0, -1) : args;
  checkOptions(op, named, names);
  if (positional.length > names.length) {
    throw new ArgumentError(op, `too many arguments: the optional ones are ${names.join(", ") || "none"}`);
  }
  const result: Record<string, unknown> = { ...named };
  positional.forEach((value, i) => {
    if (value === undefined) return;
    if (names[i] in named) throw new ArgumentError(op, `'${names[i]}' is given twice, by position and by name`);
    result[names[i]] = value;
  });
  return result as O;
}

/**
 * The arguments with those that are required in their places, whether they came by position or by name in a trailing
 * options object, as in `quantile(x, { q: 0.5, dim: 1 })`. `names` lists them in order.
 *
 * @throws ArgumentError when an options object comes in their place and has not all of them.
 */
export function byPosition(op: string, args: readonly unknown[], names: readonly string[]): unknown[] {
  const at = args.findIndex(isOptions);
  if (at === -1 || at >= names.length) return [...args];
  const rest: Record<string, unknown> = { ...(args[at] as object) };
  const out = args.slice(0, at);
  for (const name of names.slice(at)) {
    if (rest[name] === undefined) {
      const given = Object.keys(rest).join(", ") || "nothing";
      throw new ArgumentError(op, `'${name}' is missing: the options give ${given}`);
    }
    out.push(rest[name]);
    delete rest[name];
  }
  return Object.keys(rest).length === 0 ? [...out, ...args.slice(at + 1)] : [...out, rest, ...args.slice(at + 1)];
}

/** Tensors, arrays and null are values; any other object holds options. */
export function isOptions(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !("storage" in value);
}

/** One size per dimension, from a number that holds for all or a list of as many. */
export function perDimension(op: string, name: string, value: number | readonly number[], n: number): number[] {
  if (typeof value !== "number" && !Array.isArray(value)) {
    throw new ArgumentError(
      op,
      `${name} must be a number or a list of ${n}, but got ${value === undefined ? "nothing" : typeof value}`,
    );
  }
  const sizes = typeof value === "number" ? new Array<number>(n).fill(value) : [...value];
  if (sizes.length === 1 && n > 1) return new Array<number>(n).fill(sizes[0]);
  if (sizes.length !== n) {
    throw new ArgumentError(op, `${name} must be a number or a list of ${n}, but got [${sizes.join(", ")}]`);
  }
  for (const size of sizes) {
    if (!Number.isInteger(size)) throw new ArgumentError(op, `${name} must be whole numbers, but got ${size}`);
  }
  return sizes;
}

/** A whole number of at least `least`. Throws ArgumentError for anything else. */
export function wholeNumber(op: string, name: string, value: unknown, least: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= least) return value;
  const asked = least === 1 ? "a whole number greater than 0" : `a whole number from ${least} on`;
  throw new ArgumentError(op, `${name} must be ${asked}, but got ${shownValue(value)}`);
}

/** One size, or a list of them, each a whole number of at least `least`. */
export function wholeNumbers<V>(op: string, name: string, value: V, least: number): V {
  for (const size of Array.isArray(value) ? value : [value]) wholeNumber(op, name, size, least);
  return value;
}

function shownValue(value: unknown): string {
  if (typeof value === "number") return String(value);
  if (typeof value === "object" && value !== null && "storage" in value) return "a Tensor";
  return value === undefined ? "nothing" : (JSON.stringify(value) ?? typeof value);
}
