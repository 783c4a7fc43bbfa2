import type { OpRow } from "../../engine/recording/queries/profile/opTable.ts";
import type { PackedOps } from "../../webview/protocol/profiler.ts";
import type { SourcePlace } from "../../webview/protocol/timeline.ts";

/** The table of ops as columns: a hundred thousand rows as objects would hold up whoever passes them on. */
export function packOps(rows: readonly OpRow[]): PackedOps {
  const texts = new Interned<string>((text) => text);
  const places = new Interned<SourcePlace>(({ file, line, column }) => `${line}:${column}:${file}`);
  const numbers = (of: (row: OpRow) => number): Float64Array => Float64Array.from(rows, of);
  const ids = (of: (row: OpRow) => string | null): Int32Array => Int32Array.from(rows, (row) => texts.id(of(row)));
  const columns = {
    name: ids(({ name }) => name),
    shapes: ids(({ shapes }) => shapes),
    module: ids(({ module }) => module),
    place: Int32Array.from(rows, ({ place }) =>
      places.id(place && { file: place.file, line: place.line, column: place.column }),
    ),
  };
  return {
    count: rows.length,
    texts: texts.list,
    places: places.list,
    ...columns,
    kind: Uint8Array.from(rows, ({ kind }) => kind),
    calls: numbers(({ count }) => count),
    self: numbers(({ self }) => self),
    total: numbers(({ total }) => total),
    flops: numbers(({ flops }) => flops),
    bytes: numbers(({ bytes }) => bytes),
    moved: numbers(({ moved }) => moved),
    share: numbers(({ share }) => share),
    span: Int32Array.from(rows, ({ span }) => span),
  };
}

/** Equal things once; -1 for none. */
class Interned<T> {
  readonly list: T[] = [];
  readonly #ids = new Map<string, number>();
  readonly #key: (thing: T) => string;

  constructor(key: (thing: T) => string) {
    this.#key = key;
  }

  id(thing: T | null): number {
    if (thing === null) return -1;
    const key = this.#key(thing);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.list.push(thing) - 1;
    this.#ids.set(key, id);
    return id;
  }
}
