import assert from "node:assert/strict";
import type { Columns } from "../../../engine/recording/columns.ts";
import { TableWriter } from "../../../engine/recording/columns.ts";
import type { RecordOptions } from "../../../engine/recording/recorderContract.ts";
import { Recording, type RecordingChunk, type TableChunks } from "../../../engine/recording/recording.ts";
import { startRecording } from "../../../engine/recording/runRecorder.ts";
import { type SiteRow, schema, type TableName } from "../../../engine/recording/schema.ts";

type Values<T extends TableName> = { readonly [K in keyof (typeof schema)[T]]?: number };
type Rows = { readonly [T in TableName]?: readonly Values<T>[] };

/** A recording written by hand: columns that are left out are 0. Row 0 of events, tensors and scopes is put before. */
export function written(rows: Rows, words: Omit<RecordingChunk, "tables"> = {}): Recording {
  const tables: Record<string, unknown> = {};
  for (const name of Object.keys(schema) as TableName[]) {
    const hasNone = name === "events" || name === "tensors" || name === "scopes";
    const all = [...(hasNone ? [{}] : []), ...(rows[name] ?? [])] as readonly Readonly<Record<string, number>>[];
    const writer = new TableWriter<Columns>(schema[name]);
    for (const row of all) {
      for (const column of Object.keys(schema[name])) {
        const array = writer.block[column];
        if (array !== undefined) array[writer.rows] = row[column] ?? 0;
      }
      writer.next();
    }
    tables[name] = writer.take() ?? undefined;
  }
  const recording = new Recording();
  recording.append({ ...words, tables: tables as TableChunks });
  return recording;
}

/** A call at a line of `/work/model.ts`. */
export function siteAt(id: number, line: number, functionName: string | null = null): SiteRow {
  return { id, file: "/work/model.ts", line, column: 1, endLine: line, endColumn: 20, functionName };
}

/** What is recorded of a program that runs here. `at(site)` says which call is running. */
export function recorded(
  program: (at: (site: number) => void) => void,
  sites: readonly SiteRow[] = [],
  options: RecordOptions = {},
): Recording {
  const recording = new Recording();
  recording.append({ sites, meta: { file: "/work/model.ts", outcome: "ok" } });
  const recorder = startRecording(
    { send: (chunk: RecordingChunk) => recording.append(chunk), tick: () => undefined },
    options,
  );
  try {
    program((site) => {
      recorder.site.current = site;
    });
  } finally {
    recorder.finish();
    recorder.site.current = 0;
  }
  return recording;
}

/** Compares two numbers, relative to the second. */
export function assertNear(got: number, wanted: number, tolerance = 1e-9): void {
  assert.ok(Math.abs(got - wanted) <= tolerance * Math.max(1, Math.abs(wanted)), `${got} is not ${wanted}`);
}
