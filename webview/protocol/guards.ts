/** Says whether a value from outside is what it claims to be. */
export type Guard<T> = (value: unknown) => value is T;

export const isString: Guard<string> = (value) => typeof value === "string";
export const isNumber: Guard<number> = (value) => typeof value === "number";
export const isBoolean: Guard<boolean> = (value) => typeof value === "boolean";

/** Accepts anything: for a method that answers nothing. */
export const isAnything: Guard<void> = (_value): _value is void => true;

/** A whole number from `least` on. */
export function isWhole(least = 0): Guard<number> {
  return (value): value is number => typeof value === "number" && Number.isInteger(value) && value >= least;
}

/** One of the given strings. */
export function isOneOf<const T extends string>(...allowed: readonly T[]): Guard<T> {
  return (value): value is T => allowed.some((one) => one === value);
}

/** A string of at most `longest` characters. */
export function isStringUpTo(longest: number): Guard<string> {
  return (value): value is string => typeof value === "string" && value.length <= longest;
}

export function nullable<T>(guard: Guard<T>): Guard<T | null> {
  return (value) => value === null || guard(value);
}

export function arrayOf<T>(guard: Guard<T>): Guard<readonly T[]> {
  return (value) => Array.isArray(value) && value.every(guard);
}

/** The arguments of a method, one guard each. */
export function argumentsOf<T extends readonly unknown[]>(...guards: { [K in keyof T]: Guard<T[K]> }): Guard<T> {
  return (value): value is T =>
    Array.isArray(value) && value.length === guards.length && guards.every((guard, i) => guard(value[i]));
}

/** An object that has the given fields; more fields do no harm. */
export function shapeOf<T>(guards: { readonly [K in keyof T]-?: Guard<T[K]> }): Guard<T> {
  const fields = Object.entries<Guard<unknown>>(guards);
  return (value): value is T =>
    isRecord(value) && fields.every(([field, guard]) => guard(Object.hasOwn(value, field) ? value[field] : undefined));
}

/** A column of numbers, as a typed array. */
export function isColumnOf<T extends ArrayBufferView>(type: new (length: number) => T): Guard<T> {
  return (value): value is T => value instanceof type;
}

/** One of two shapes. */
export function either<A, B>(first: Guard<A>, second: Guard<B>): Guard<A | B> {
  return (value): value is A | B => first(value) || second(value);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
