import { ArgumentError, AutogradError } from "../../base/errors.ts";

/** Which arguments to differentiate for, by number: one, or several. Negative ones count from the last. */
export type Argnums = number | readonly number[];

/** What belongs to those arguments: the one, or a list. */
export type Of<A extends readonly unknown[], N> = N extends number
  ? A[N]
  : N extends readonly number[]
    ? { -readonly [K in keyof N]: A[N[K] & number] }
    : A[0];

/** The places of the arguments in a list of `count`. */
export function placesOf(name: string, argnums: unknown, count: number): number[] {
  const list: readonly unknown[] = Array.isArray(argnums) ? argnums : [argnums];
  if (list.length === 0) throw new ArgumentError(name, "argnums must be non-empty");
  const places = list.map((each) => placeOf(name, each, count));
  if (new Set(places).size < places.length)
    throw new ArgumentError(name, `argnums elements must be unique, but got [${list.join(", ")}]`);
  return places;
}

function placeOf(name: string, argnum: unknown, count: number): number {
  if (typeof argnum !== "number" || !Number.isInteger(argnum))
    throw new ArgumentError(name, `argnums must be a number or a list of numbers, got: ${typeof argnum}`);
  if (argnum >= -count && argnum < count) return argnum < 0 ? argnum + count : argnum;
  throw new AutogradError(`${name}(): Got argnum=${argnum}, but only ${count} positional inputs`, name);
}
