import { useEffect, useState } from "preact/hooks";

/** A value that tells its readers when it changes. */
export class Atom<T> {
  #value: T;
  readonly #listeners = new Set<(value: T) => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get(): T {
    return this.#value;
  }

  set(value: T): void {
    if (value === this.#value) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener(value);
  }

  /** Changes some fields and keeps the rest. */
  patch(change: Partial<T>): void {
    this.set({ ...this.#value, ...change });
  }

  subscribe(listener: (value: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** The value of an atom, drawn again whenever it changes. */
export function useAtom<T>(atom: Atom<T>): T {
  const [value, setValue] = useState(atom.get());
  useEffect(() => {
    setValue(atom.get());
    return atom.subscribe(setValue);
  }, [atom]);
  return value;
}
