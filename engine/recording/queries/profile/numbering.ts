/** Gives small numbers to sequences of numbers, so that a group can be looked up without building a text for it. */
export class Numbering {
  private readonly known = new Map<number, number>();
  private readonly wide = new Map<string, number>();
  private last = 0;

  /** The number of `before` followed by `value`; 0 is the empty sequence. */
  after(before: number, value: number): number {
    const key = before * 2 ** 22 + value;
    if (before < 2 ** 30 && value < 2 ** 22) return this.find(this.known, key);
    return this.find(this.wide, `${before},${value}`);
  }

  private find<K>(known: Map<K, number>, key: K): number {
    let number = known.get(key);
    if (number === undefined) {
      number = ++this.last;
      known.set(key, number);
    }
    return number;
  }
}
