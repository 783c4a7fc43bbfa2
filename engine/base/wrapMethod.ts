/** A method of any class. */
export type Method = (this: never, ...args: never[]) => unknown;

const wrapped = new WeakSet<object>();

/**
 * Wraps the method that objects of a class call, whichever class of the chain defines it, once however many objects
 * are made. So a base class can do something around a method that its users override without calling `super`.
 */
export function wrapMethod(prototype: object, name: string, wrap: (method: Method) => Method): void {
  let owner: object | null = prototype;
  while (owner !== null && !Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner);
  if (owner === null) return;
  const method = (owner as { [name: string]: unknown })[name];
  if (typeof method !== "function" || wrapped.has(method)) return;
  const replacement = wrap(method as Method);
  wrapped.add(replacement);
  Object.defineProperty(owner, name, { value: replacement, writable: true, configurable: true });
}
