import type { Guard } from "./guards.ts";

/** A function as it appears in a contract; every contract's methods and events are assignable to it. */
type AnyFunction = (...args: never[]) => unknown;

type ArgumentsOf<F> = F extends (...args: infer A) => unknown ? A : never;
type AnswerOf<F> = F extends (...args: never[]) => Promise<infer R> ? R : never;

/** What a panel asks of the extension: every call is answered or rejected. */
export type MethodsOf<T> = { readonly [K in keyof T]: AnyFunction };

/** Guards for one method: what the extension checks before it acts, and what the panel checks before it shows. */
export interface MethodGuards<F> {
  readonly args: Guard<ArgumentsOf<F>>;
  readonly answer: Guard<AnswerOf<F>>;
}

/**
 * What a panel and the extension may say to each other. Both ends are typed by the two interfaces and check what arrives with the
 * guards; a method without a guard does not compile.
 */
export interface Contract<Requests extends MethodsOf<Requests>, Events extends MethodsOf<Events>> {
  readonly panel: string;
  readonly requests: { readonly [K in keyof Requests & string]: MethodGuards<Requests[K]> };
  readonly events: { readonly [K in keyof Events & string]: Guard<ArgumentsOf<Events[K]>> };
}

/** Declares a contract. */
export function contract<Requests extends MethodsOf<Requests>, Events extends MethodsOf<Events>>(
  panel: string,
  guards: Omit<Contract<Requests, Events>, "panel">,
): Contract<Requests, Events> {
  return { panel, ...guards };
}

/**
 * The requests as the extension implements them: the last argument says when nobody waits for the answer any more. Its type is the
 * platform's AbortSignal, which a file without DOM and Node cannot name.
 */
export type Handlers<Requests extends MethodsOf<Requests>, Signal> = {
  readonly [K in keyof Requests & string]: (
    ...args: [...ArgumentsOf<Requests[K]>, signal: Signal]
  ) => Promise<AnswerOf<Requests[K]>> | AnswerOf<Requests[K]>;
};

/** The events as they are sent. */
export type Senders<Events extends MethodsOf<Events>> = {
  readonly [K in keyof Events & string]: (...args: ArgumentsOf<Events[K]>) => void;
};

export type { AnswerOf, ArgumentsOf };
