/** Types of column a table can have. */
export type ColumnType = "u8" | "u16" | "u32" | "i32" | "f32" | "f64";

export type ColumnArray = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

/** Columns by name, in order. */
export type Columns = Readonly<Record<string, ColumnType>>;

/** Some rows of a table, as they travel. Arrays are cut to `rows`. */
export interface TableChunk {
  readonly rows: number;
  readonly columns: Readonly<Record<string, ColumnArray>>;
}

const arrays = {
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  i32: Int32Array,
  f32: Float32Array,
  f64: Float64Array,
};

export function makeColumn(type: ColumnType, length: number): ColumnArray {
  return new arrays[type](length);
}

/** In memory that threads can look at together, where there is such: a recording is kept once, however many ask about it. */
function makeSharedColumn(type: ColumnType, length: number): ColumnArray {
  if (typeof SharedArrayBuffer === "undefined") return makeColumn(type, length);
  const array: { new (memory: ArrayBufferLike): ColumnArray; readonly BYTES_PER_ELEMENT: number } = arrays[type];
  return new array(new SharedArrayBuffer(length * array.BYTES_PER_ELEMENT));
}

/** Whether an array that came from outside is a column of this type. */
export function isColumn(type: ColumnType, value: unknown): value is ColumnArray {
  return value instanceof arrays[type];
}

/** Rows being written: a block per column that is handed out whole and begun anew. */
export class TableWriter<C extends Columns> {
  readonly types: C;
  /** The block being filled; write at index `rows`, then call `next()`. */
  block: { [K in keyof C]: ColumnArray };
  /** Rows in the block. */
  rows = 0;
  /** Rows in earlier blocks. */
  taken = 0;
  private readonly capacity: number;
  /** Rows that the block has room for. */
  private room: number;

  constructor(types: C, capacity = 4096) {
    this.types = types;
    this.capacity = capacity;
    this.room = capacity;
    this.block = this.fresh(capacity);
  }

  /** Rows written so far, in all blocks. */
  get count(): number {
    return this.taken + this.rows;
  }

  /** Ends the row being written. */
  next(): void {
    if (++this.rows === this.room) this.grow();
  }

  /** Adds rows to a table of one column. */
  push(column: keyof C & string, values: ArrayLike<number>): void {
    while (this.room <= this.rows + values.length) this.grow();
    this.block[column].set(values, this.rows);
    this.rows += values.length;
  }

  private fresh(capacity: number): { [K in keyof C]: ColumnArray } {
    const columns = Object.entries(this.types).map(([name, type]) => [name, makeColumn(type, capacity)]);
    return Object.fromEntries(columns) as { [K in keyof C]: ColumnArray };
  }

  private grow(): void {
    this.room *= 2;
    const larger = this.fresh(this.room);
    for (const name of Object.keys(this.types) as (keyof C & string)[]) larger[name].set(this.block[name]);
    this.block = larger;
  }

  /** Hands out the rows since the last call, or null when there are none. */
  take(): TableChunk | null {
    if (this.rows === 0) return null;
    const columns: Record<string, ColumnArray> = {};
    for (const name of Object.keys(this.types) as (keyof C & string)[])
      columns[name] = this.block[name].slice(0, this.rows);
    const chunk = { rows: this.rows, columns };
    this.taken += this.rows;
    this.rows = 0;
    if (this.room > 4 * this.capacity) {
      this.room = this.capacity;
      this.block = this.fresh(this.capacity);
    }
    return chunk;
  }
}

/** Rows being read: whole columns that grow. */
export class Table<C extends Columns> {
  readonly types: C;
  /** Valid up to `rows`. */
  readonly column: { [K in keyof C]: ColumnArray };
  rows = 0;

  constructor(types: C) {
    this.types = types;
    this.column = {} as { [K in keyof C]: ColumnArray };
    for (const name of Object.keys(types) as (keyof C & string)[])
      this.column[name] = makeSharedColumn(types[name], 16);
  }

  /** The table as it is now, for another thread to look at: rows that come later are behind `rows`, or in other memory. */
  share(): TableChunk {
    return { rows: this.rows, columns: { ...this.column } };
  }

  /** Looks at another thread's table in place of its own. */
  adopt(shared: TableChunk): void {
    for (const name of this.namesIn(shared)) this.column[name] = shared.columns[name];
    this.rows = shared.rows;
  }

  /** Adds rows. Throws when the chunk has not this table's columns: nothing is added then. */
  append(chunk: TableChunk): void {
    const names = this.namesIn(chunk);
    const needed = this.rows + chunk.rows;
    for (const name of names) {
      if (this.column[name].length < needed) {
        const larger = makeSharedColumn(this.types[name], Math.max(needed, 2 * this.column[name].length));
        larger.set(this.column[name].subarray(0, this.rows));
        this.column[name] = larger;
      }
      this.column[name].set(chunk.columns[name].subarray(0, chunk.rows), this.rows);
    }
    this.rows = needed;
  }

  private namesIn(chunk: TableChunk): (keyof C & string)[] {
    const names = Object.keys(this.types) as (keyof C & string)[];
    for (const name of names) {
      const array = chunk.columns[name];
      if (!isColumn(this.types[name], array) || array.length < chunk.rows)
        throw new Error(`column '${name}' is missing or damaged`);
    }
    return names;
  }
}
