import { Atom } from "../ui/atom.ts";

/** Something that is asked for the first time it is looked at. */
export type Loaded<T> =
  | { readonly kind: "waiting" }
  | { readonly kind: "there"; readonly value: T }
  | { readonly kind: "failed"; readonly message: string };

/** Asks once, and again after `forget`; an answer that comes too late is dropped. */
export class Loadable<T> {
  readonly state = new Atom<Loaded<T>>({ kind: "waiting" });
  readonly #load: () => Promise<T>;
  #asked: Promise<T> | null = null;

  constructor(load: () => Promise<T>) {
    this.#load = load;
  }

  /** Sees to it that it is there, or on its way. */
  ensure(): void {
    if (this.#asked !== null) return;
    const asked = this.#load();
    this.#asked = asked;
    asked.then(
      (value) => this.#asked === asked && this.state.set({ kind: "there", value }),
      (error: unknown) =>
        this.#asked === asked &&
        this.state.set({ kind: "failed", message: error instanceof Error ? error.message : String(error) }),
    );
  }

  forget(): void {
    this.#asked = null;
    this.state.set({ kind: "waiting" });
  }

  /** What is there; null while it is not. */
  get value(): T | null {
    const state = this.state.get();
    return state.kind === "there" ? state.value : null;
  }
}
