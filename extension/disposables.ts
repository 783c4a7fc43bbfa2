/** Anything that has to be ended. */
export interface Disposable {
  dispose(): void;
}

/** Ends what it owns, last first. What is given to it after its end is ended at once, so that nothing slips through while something was awaited. */
export class Bag implements Disposable {
  #owned: Disposable[] | null = [];

  own<T extends Disposable>(thing: T): T {
    if (this.#owned === null) thing.dispose();
    else this.#owned.push(thing);
    return thing;
  }

  dispose(): void {
    const owned = this.#owned ?? [];
    this.#owned = null;
    for (const thing of owned.reverse()) thing.dispose();
  }
}
