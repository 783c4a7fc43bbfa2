/** Lists of integers, one per key, packed into two arrays: list `k` is `item[start[k]]` to `item[start[k + 1]]`, not included. */
export interface Adjacency {
  readonly start: Int32Array;
  readonly item: Int32Array;
}

/** Groups the indices of `keys` by key, keeping their order; a negative key belongs to no list. */
export function groupByKey(keyCount: number, keys: Int32Array): Adjacency {
  const start = new Int32Array(keyCount + 1);
  for (let i = 0; i < keys.length; i++) {
    if (keys[i] >= 0) start[keys[i] + 1]++;
  }
  for (let k = 0; k < keyCount; k++) start[k + 1] += start[k];

  const item = new Int32Array(start[keyCount]);
  const next = start.slice(0, keyCount);
  for (let i = 0; i < keys.length; i++) {
    if (keys[i] >= 0) item[next[keys[i]]++] = i;
  }
  return { start, item };
}

/** An array of integers that grows. */
export class IntList {
  #items = new Int32Array(16);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#items.length) {
      const larger = new Int32Array(this.#length * 2);
      larger.set(this.#items);
      this.#items = larger;
    }
    this.#items[this.#length++] = value;
  }

  toArray(): Int32Array {
    return this.#items.slice(0, this.#length);
  }
}

/** An array of floats that grows. */
export class FloatList {
  #items = new Float64Array(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  at(index: number): number {
    return this.#items[index];
  }

  push(value: number): void {
    if (this.#length === this.#items.length) {
      const larger = new Float64Array(this.#length * 2);
      larger.set(this.#items);
      this.#items = larger;
    }
    this.#items[this.#length++] = value;
  }

  truncate(length: number): void {
    this.#length = length;
  }

  toArray(): Float64Array {
    return this.#items.slice(0, this.#length);
  }
}
