import { type ColumnArray, type ColumnType, makeColumn, type TableChunk } from "./columns.ts";
import { type FileHeader, headerText, readHeader, WrongField } from "./fileHeader.ts";
import { refersToWhatIsThere } from "./fileReferences.ts";
import { Recording, type TableChunks } from "./recording.ts";
import { isInVersion, OLDEST_VERSION, SCHEMA_VERSION, schema, type TableName, typeIn } from "./schema.ts";

/**
 * A `*.gradlens` file: 8 bytes of magic, the schema version and the length of the header as two little-endian uint32, a
 * JSON header (strings, shapes, sites, counts), then every column of every table, each at a multiple of 8 bytes.
 */
const MAGIC = "GRADLENS";
const PREFIX = 16;

/** A larger file is not read: it would take the memory of everything else. */
export const mostFileBytes = 1 << 30;

/** A file that is no readable recording. The message says why, for people. */
export class RecordingFileError extends Error {
  override readonly name = "RecordingFileError";
}

interface Text {
  TextEncoder: new () => { encode(text: string): Uint8Array };
  TextDecoder: new (label: string, options: { fatal: boolean }) => { decode(bytes: Uint8Array): string };
}

const { TextEncoder, TextDecoder } = globalThis as unknown as Text;

const aligned = (n: number): number => (n + 7) & ~7;

/** The recording as bytes. */
export function encodeRecording(recording: Recording): Uint8Array {
  const rows = {} as Record<TableName, number>;
  for (const name of tableNames()) rows[name] = recording.tables[name].rows;
  const header: FileHeader = {
    strings: recording.strings.slice(1),
    shapes: recording.shapes.slice(1),
    sites: [...recording.sites.values()],
    names: [...recording.names.values()],
    gradchecks: recording.gradchecks,
    pendingGradcheck: recording.pendingGradcheck,
    console: recording.console,
    cycles: recording.cycles,
    symbols: [...recording.symbols],
    error: recording.error,
    meta: recording.meta,
    rows,
  };
  const text = new TextEncoder().encode(headerText(header));
  let size = aligned(PREFIX + text.length);
  const columns: ColumnArray[] = [];
  for (const name of tableNames()) {
    const table = recording.tables[name];
    for (const column of Object.keys(table.types) as (keyof typeof table.column)[]) {
      const part = (table.column[column] as ColumnArray).subarray(0, table.rows);
      columns.push(part);
      size += aligned(part.byteLength);
    }
  }
  const bytes = new Uint8Array(size);
  for (let i = 0; i < MAGIC.length; i++) bytes[i] = MAGIC.charCodeAt(i);
  new DataView(bytes.buffer).setUint32(8, SCHEMA_VERSION, true);
  new DataView(bytes.buffer).setUint32(12, text.length, true);
  bytes.set(text, PREFIX);
  let at = aligned(PREFIX + text.length);
  for (const column of columns) {
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
    at += aligned(column.byteLength);
  }
  return bytes;
}

/** The recording in a file. Throws RecordingFileError when the bytes are something else, damaged, or of a later version. */
export function decodeRecording(bytes: Uint8Array): Recording {
  if (bytes.length < PREFIX || ![...MAGIC].every((c, i) => bytes[i] === c.charCodeAt(0))) {
    throw new RecordingFileError(bytes.length === 0 ? "The file is empty." : "This is not a Gradlens recording.");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(8, true);
  if (version > SCHEMA_VERSION)
    throw new RecordingFileError(
      `The recording was made by a later version of Gradlens (format ${version}; this one reads ${SCHEMA_VERSION}). Update Gradlens to open it.`,
    );
  if (version < OLDEST_VERSION)
    throw new RecordingFileError(
      `The recording was made by an earlier version of Gradlens (format ${version}; this one reads ${SCHEMA_VERSION}). Run the model again to record it.`,
    );
  const length = view.getUint32(12, true);
  if (PREFIX + length > bytes.length)
    throw new RecordingFileError("The recording is cut off: its header is not whole.");
  const header = parseHeader(bytes.subarray(PREFIX, PREFIX + length), version);
  let at = aligned(PREFIX + length);
  const tables = {} as Record<string, TableChunk>;
  for (const name of tableNames()) {
    const rows = header.rows[name];
    const columns: Record<string, ColumnArray> = {};
    for (const [column, type] of Object.entries(schema[name])) {
      if (!isInVersion(`${name}.${column}`, version)) {
        columns[column] = makeColumn(type, rows);
        continue;
      }
      const kept = typeIn(`${name}.${column}`, type, version);
      const width = makeColumn(kept, 0).BYTES_PER_ELEMENT;
      if (at + rows * width > bytes.length)
        throw new RecordingFileError(`The recording is cut off in table '${name}'.`);
      const array = makeColumn(kept, rows);
      new Uint8Array(array.buffer).set(bytes.subarray(at, at + rows * width));
      columns[column] = kept === type ? array : widerColumn(type, array);
      at += aligned(rows * width);
    }
    tables[name] = { rows, columns };
  }
  const recording = new Recording();
  const { strings, shapes, sites, names, gradchecks, pendingGradcheck, console, cycles, symbols, error, meta } = header;
  recording.append({
    tables: tables as TableChunks,
    strings,
    shapes,
    sites,
    names,
    gradchecks,
    pendingGradcheck,
    console,
    cycles,
    symbols,
    meta,
    ...(error === null ? {} : { error }),
  });
  if (!refersToWhatIsThere(recording))
    throw new RecordingFileError("The recording is damaged: it refers to rows that are not there.");
  return recording;
}

function widerColumn(type: ColumnType, narrow: ColumnArray): ColumnArray {
  const wide = makeColumn(type, narrow.length);
  wide.set(narrow);
  return wide;
}

const tableNames = (): TableName[] => Object.keys(schema) as TableName[];

function parseHeader(bytes: Uint8Array, version: number): FileHeader {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new RecordingFileError("The recording is damaged: its header can't be read.");
  }
  try {
    return readHeader(json, version);
  } catch (error) {
    if (!(error instanceof WrongField)) throw error;
    throw new RecordingFileError(`The recording is damaged: its ${error.message} is not what it should be.`);
  }
}
