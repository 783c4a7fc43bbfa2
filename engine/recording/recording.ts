import { Table, type TableChunk } from "./columns.ts";
import { type FileMove, moveFiles } from "./moveFiles.ts";
import {
  type ConsoleRow,
  type ErrorRow,
  type GradcheckRow,
  type NameRow,
  type PendingGradcheck,
  type SiteRow,
  schema,
  type TableName,
} from "./schema.ts";

/** New rows, by table. */
export type TableChunks = { readonly [K in TableName]?: TableChunk };

/** New rows of some tables and new entries of some lists. Chunks are appended in the order they were made. */
export interface RecordingChunk {
  readonly tables?: TableChunks;
  readonly strings?: readonly string[];
  readonly shapes?: readonly (readonly number[])[];
  readonly sites?: readonly SiteRow[];
  readonly names?: readonly NameRow[];
  readonly gradchecks?: readonly GradcheckRow[];
  /** The gradcheck that goes on, or null when the last one has ended. */
  readonly pendingGradcheck?: PendingGradcheck | null;
  readonly console?: readonly ConsoleRow[];
  readonly cycles?: readonly ImportCycle[];
  /** Op names and what drawings write for them, where that is not the name. */
  readonly symbols?: readonly (readonly [name: string, symbol: string])[];
  readonly error?: ErrorRow;
  readonly meta?: Partial<RecordingMeta>;
}

/** Files of the user's that import each other; the first stands again at the end. */
export interface ImportCycle {
  readonly files: readonly string[];
  /** Of the import in the first file; null when unknown. */
  readonly line: number | null;
}

/** What run this is. */
export interface RecordingMeta {
  /** The model file, absolute. */
  readonly file: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly durationMs: number;
  /** "running", "ok", "error", "stopped", "timeout", "out-of-memory", "crashed", "compile-error", "exited". */
  readonly outcome: string;
  /** Why the recording is not whole, or null. */
  readonly truncated: string | null;
  /** What ran after the recording was full, and is only counted. */
  readonly unlisted: OpCounts;
  /** What a program that ended itself gave its system; null for other outcomes. */
  readonly exitCode: number | null;
}

/** How many ops ran forward, and how many nodes backward. */
export interface OpCounts {
  readonly forward: number;
  readonly backward: number;
}

/** What one run left: tables that only grow. Reading it never runs anything. */
export class Recording {
  readonly tables: { readonly [K in TableName]: Table<(typeof schema)[K]> };
  readonly strings: string[] = [""];
  readonly shapes: (readonly number[])[] = [[]];
  readonly sites = new Map<number, SiteRow>();
  readonly names = new Map<number, NameRow>();
  readonly gradchecks: GradcheckRow[] = [];
  /** The gradcheck that was going on when the recording ended. */
  pendingGradcheck: PendingGradcheck | null = null;
  readonly console: ConsoleRow[] = [];
  readonly cycles: ImportCycle[] = [];
  readonly symbols = new Map<string, string>();
  error: ErrorRow | null = null;
  meta: RecordingMeta = {
    file: "",
    startedAt: 0,
    durationMs: 0,
    outcome: "running",
    truncated: null,
    unlisted: { forward: 0, backward: 0 },
    exitCode: null,
  };

  constructor() {
    const tables = {} as Record<string, unknown>;
    for (const name of Object.keys(schema) as TableName[]) tables[name] = new Table(schema[name]);
    this.tables = tables as Recording["tables"];
  }

  /** Looks at the tables of a recording in another thread in place of its own. */
  adopt(tables: TableChunks): void {
    for (const [name, shared] of Object.entries(tables) as [TableName, TableChunk][])
      (this.tables[name] as Table<Record<string, "f64">>).adopt(shared);
  }

  /** The same run after a move of its files. Both share the tables, so it is for a recording that has ended. */
  movedBy(move: FileMove): Recording {
    const { strings, shapes, gradchecks, pendingGradcheck, console, symbols, error } = this;
    const { sites, names, cycles, meta } = this;
    const moved = new Recording();
    moved.adopt(shareTables(this.tables));
    moved.append({
      ...moveFiles({ sites: [...sites.values()], names: [...names.values()], cycles, meta }, move),
      ...(error === null ? {} : { error: moveFiles(error, move) }),
      strings: strings.slice(1),
      shapes: shapes.slice(1),
      symbols: [...symbols],
      gradchecks,
      pendingGradcheck,
      console,
    });
    return moved;
  }

  append(chunk: RecordingChunk): void {
    if (chunk.strings !== undefined) for (const text of chunk.strings) this.strings.push(text);
    if (chunk.shapes !== undefined) for (const shape of chunk.shapes) this.shapes.push(shape);
    for (const name of Object.keys(chunk.tables ?? {}) as TableName[]) {
      const rows = chunk.tables?.[name];
      if (rows !== undefined) (this.tables[name] as Table<Record<string, "f64">>).append(rows);
    }
    for (const site of chunk.sites ?? []) this.sites.set(site.id, site);
    for (const name of chunk.names ?? []) this.names.set(name.id, name);
    for (const gradcheck of chunk.gradchecks ?? []) this.gradchecks.push(gradcheck);
    if (chunk.pendingGradcheck !== undefined) this.pendingGradcheck = chunk.pendingGradcheck;
    for (const output of chunk.console ?? []) this.console.push(output);
    for (const cycle of chunk.cycles ?? []) this.cycles.push(cycle);
    for (const [name, symbol] of chunk.symbols ?? []) this.symbols.set(name, symbol);
    if (chunk.error !== undefined) this.error = chunk.error;
    if (chunk.meta !== undefined) this.meta = { ...this.meta, ...chunk.meta };
  }
}

function shareTables(tables: Recording["tables"]): TableChunks {
  return Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, table.share()]));
}
