import type { ColumnArray, TableChunk } from "../../engine/recording/columns.ts";
import type { Recording, RecordingChunk, TableChunks } from "../../engine/recording/recording.ts";
import type { TableName } from "../../engine/recording/schema.ts";

/** Bytes of columns that are copied in one go: a few milliseconds' work. */
const sliceBytes = 2 << 20;

/** How much of a recording has been handed out. */
export class RecordingSlices {
  readonly #recording: Recording;
  readonly #rows = new Map<TableName, number>();
  // The recording's lists begin with an entry that stands for none.
  #strings = 1;
  #shapes = 1;
  #sites = 0;
  #names = 0;
  #symbols = 0;

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  /** What has come since the last time, in parts that are quickly copied; the lists first, as the tables refer to them. */
  *take(): Generator<RecordingChunk> {
    const { strings, shapes, sites, names, symbols, tables, meta, error } = this.#recording;
    yield {
      strings: strings.slice(this.#strings),
      shapes: shapes.slice(this.#shapes),
      sites: [...sites.values()].slice(this.#sites),
      names: [...names.values()].slice(this.#names),
      symbols: [...symbols].slice(this.#symbols),
      meta,
      ...(error === null ? {} : { error }),
    };
    this.#strings = strings.length;
    this.#shapes = shapes.length;
    this.#sites = sites.size;
    this.#names = names.size;
    this.#symbols = symbols.size;
    // What comes while the parts are under way waits for the next time: tables refer to each other.
    const ends = (Object.keys(tables) as TableName[]).map((name) => [name, tables[name].rows] as const);
    for (const [name, end] of ends) {
      for (let from = this.#rows.get(name) ?? 0; from < end; ) {
        const to = Math.min(end, from + rowsPerSlice(tables[name].types));
        yield { tables: { [name]: rowsOf(tables[name].column, from, to) } as TableChunks };
        this.#rows.set(name, to);
        from = to;
      }
    }
  }
}

const widths: Readonly<Record<string, number>> = { u8: 1, u16: 2, u32: 4, i32: 4, f64: 8 };

function rowsPerSlice(types: Readonly<Record<string, string>>): number {
  const bytes = Object.values(types).reduce((sum, type) => sum + (widths[type] ?? 8), 0);
  return Math.max(1, Math.floor(sliceBytes / Math.max(1, bytes)));
}

function rowsOf(column: Readonly<Record<string, ColumnArray>>, from: number, to: number): TableChunk {
  const columns = Object.entries(column).map(([name, array]) => [name, array.slice(from, to)] as const);
  return { rows: to - from, columns: Object.fromEntries(columns) };
}

/** The buffers of a part, to be handed over without another copy. */
export function buffersOf({ tables = {} }: RecordingChunk): ArrayBuffer[] {
  return Object.values(tables).flatMap((chunk) =>
    Object.values(chunk.columns).flatMap(({ buffer }) => (buffer instanceof ArrayBuffer ? [buffer] : [])),
  );
}
