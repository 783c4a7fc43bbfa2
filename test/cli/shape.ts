/** Says what is wrong with a value, one sentence each; `at` is the path to it. */
export type Shape = (value: unknown, at: string) => string[];

const test =
  (what: string, accepts: (value: unknown) => boolean): Shape =>
  (value, at) =>
    accepts(value) ? [] : [`${at} should be ${what}, but is ${JSON.stringify(value)}`];

export const text = test("text", (value) => typeof value === "string");
export const flag = test("true or false", (value) => typeof value === "boolean");
export const number = test("a finite number", (value) => typeof value === "number" && Number.isFinite(value));
export const count = test("a whole number from 0", (value) => Number.isInteger(value) && (value as number) >= 0);
export const line = test("a line from 1", (value) => Number.isInteger(value) && (value as number) >= 1);
/** JSON has no words for these, so the report has. */
export const numeric = test("a number or one of three words", (value) =>
  (typeof value === "number" && Number.isFinite(value)) || /^(NaN|-?Infinity)$/.test(String(value)));

export function exactly(...values: readonly unknown[]): Shape {
  return test(values.map((value) => JSON.stringify(value)).join(" or "), (value) => values.includes(value));
}

export function orNull(shape: Shape): Shape {
  return (value, at) => (value === null ? [] : shape(value, at));
}

export function list(shape: Shape): Shape {
  return (value, at) =>
    Array.isArray(value)
      ? value.flatMap((item, i) => shape(item, `${at}[${i}]`))
      : [`${at} should be a list, but is ${JSON.stringify(value)}`];
}

/** These keys, and no others. */
export function object(shapes: Readonly<Record<string, Shape>>): Shape {
  return (value, at) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return [`${at} should be an object`];
    const known = Object.entries(shapes).flatMap(([key, shape]) =>
      key in value ? shape((value as Record<string, unknown>)[key], `${at}.${key}`) : [`${at}.${key} is missing`],
    );
    const unknown = Object.keys(value).filter((key) => !(key in shapes));
    return [...known, ...unknown.map((key) => `${at}.${key} is not in the contract`)];
  };
}
