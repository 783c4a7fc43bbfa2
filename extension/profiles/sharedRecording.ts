import type { Recording, RecordingChunk, RecordingMeta, TableChunks } from "../../engine/recording/recording.ts";
import type { TableName } from "../../engine/recording/schema.ts";

/** What another thread is shown of a recording that may still grow. */
export class SharedRecording {
  readonly #recording: Recording;
  readonly #rows = new Map<TableName, number>();
  #meta: RecordingMeta | null = null;
  // The recording's lists begin with an entry that stands for none.
  #strings = 1;
  #shapes = 1;
  #sites = 0;
  #names = 0;
  #symbols = 0;

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  /** What has come since the last time: new entries of the lists, and the tables that grew, as the memory they are in; null for nothing. */
  take(): { readonly lists: Omit<RecordingChunk, "tables">; readonly tables: TableChunks } | null {
    const { strings, shapes, sites, names, symbols, tables, meta, error } = this.#recording;
    const grown = (Object.keys(tables) as TableName[]).filter(
      (name) => tables[name].rows > (this.#rows.get(name) ?? 0),
    );
    // Whatever else comes, comes with rows or with another state of the run.
    if (grown.length === 0 && meta === this.#meta) return null;
    this.#meta = meta;
    const lists = {
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
    for (const name of grown) this.#rows.set(name, tables[name].rows);
    return { lists, tables: Object.fromEntries(grown.map((name) => [name, tables[name].share()])) };
  }
}
