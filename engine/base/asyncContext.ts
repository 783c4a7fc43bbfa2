/** A value that follows one chain of `await`s and leaks into no other. */
export interface AsyncContext<T> {
  run<R>(value: T, fn: () => R): R;
  get(): T | undefined;
}

interface Storage<T> {
  run<R>(value: T, fn: () => R): R;
  getStore(): T | undefined;
}

interface Host {
  process?: { getBuiltinModule?: (name: string) => { AsyncLocalStorage: new <T>() => Storage<T> } | undefined };
}

/**
 * The host's async context, or null where there is none (a browser): modes are then right up to the first `await`.
 * Asked of the host at run time because the engine itself depends on no host.
 */
export function createAsyncContext<T>(): AsyncContext<T> | null {
  const hooks = (globalThis as Host).process?.getBuiltinModule?.("node:async_hooks");
  if (hooks === undefined) return null;
  const storage = new hooks.AsyncLocalStorage<T>();
  return { run: (value, fn) => storage.run(value, fn), get: () => storage.getStore() };
}
