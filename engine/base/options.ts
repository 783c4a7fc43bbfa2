import { checkOptions } from "./errors.ts";

/** Options may be left out by `undefined` as well. */
export type Loose<O> = { readonly [K in keyof O]?: O[K] | undefined };

/** Every option is there: undefined ones and those left out have their default. Unknown ones are refused. */
export function withDefaults<O extends object>(op: string, options: Loose<O> | undefined, defaults: O): O {
  checkOptions(op, options, Object.keys(defaults));
  const out = { ...defaults };
  for (const key of Object.keys(options ?? {}) as (keyof O)[]) {
    const value = (options as Loose<O>)[key];
    if (value !== undefined) out[key] = value as O[keyof O];
  }
  return out;
}

/** The positional arguments `P`, any first few of them, each way followed by options: `(3)`, `(3, { bias: false })`, `({ … })`. */
export type PositionalArgs<P extends readonly unknown[], O> = P extends readonly [...infer First, unknown]
  ? [...args: P, options?: Loose<O>] | PositionalArgs<First, O>
  : [options?: Loose<O>];
