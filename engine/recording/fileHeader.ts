import type { ImportCycle, OpCounts, RecordingMeta } from "./recording.ts";
import type { StackFrame, TableName } from "./schema.ts";
import {
  type ConsoleRow,
  type ErrorRow,
  type GradcheckPairRow,
  type GradcheckRow,
  isInVersion,
  type NameRow,
  type PendingGradcheck,
  type SiteRow,
  schema,
} from "./schema.ts";

/** What a file says in words: everything of a recording that is no table, and how long the tables are. */
export interface FileHeader {
  readonly strings: readonly string[];
  readonly shapes: readonly (readonly number[])[];
  readonly sites: readonly SiteRow[];
  readonly names: readonly NameRow[];
  readonly gradchecks: readonly GradcheckRow[];
  readonly pendingGradcheck: PendingGradcheck | null;
  readonly console: readonly ConsoleRow[];
  readonly cycles: readonly ImportCycle[];
  readonly symbols: readonly (readonly [string, string])[];
  readonly error: ErrorRow | null;
  readonly meta: RecordingMeta;
  readonly rows: { readonly [K in TableName]: number };
}

/** A part of a header that is not what it has to be. */
export class WrongField extends Error {}

/** The header as text. JSON has no NaN and no Infinity, which a gradcheck may well find; they are written as words. */
export function headerText(header: FileHeader): string {
  return JSON.stringify(header, (_, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  );
}

/** The header in parsed JSON, made anew of the fields that belong there. Tables that its version had not are empty. Throws WrongField. */
export function readHeader(json: unknown, version: number): FileHeader {
  return headerOf(version)(json, "header");
}

/** Takes a value that came from outside, and gives it only when it is one of these. */
type Read<T> = (value: unknown, where: string) => T;

const refuse = (where: string): never => {
  throw new WrongField(where);
};

const text: Read<string> = (value, where) => (typeof value === "string" ? value : refuse(where));
const flag: Read<boolean> = (value, where) => (typeof value === "boolean" ? value : refuse(where));
const finite: Read<number> = (value, where) =>
  typeof value === "number" && Number.isFinite(value) ? value : refuse(where);
const natural: Read<number> = (value, where) =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : refuse(where);
const figure: Read<number> = (value, where) =>
  value === "NaN" || value === "Infinity" || value === "-Infinity" ? Number(value) : finite(value, where);

function oneOf<const T extends string>(...words: readonly T[]): Read<T> {
  return (value, where) => words.find((word) => word === value) ?? refuse(where);
}

function orNull<T>(read: Read<T>): Read<T | null> {
  return (value, where) => (value === null ? null : read(value, where));
}

function list<T>(read: Read<T>, atLeast = 0): Read<T[]> {
  return (value, where) =>
    Array.isArray(value) && value.length >= atLeast ? value.map((item) => read(item, where)) : refuse(where);
}

const pair: Read<readonly [string, string]> = (value, where) =>
  Array.isArray(value) && value.length === 2 ? [text(value[0], where), text(value[1], where)] : refuse(where);

/** Inherited fields do not count, so a file can say nothing through `__proto__`. */
function object<T extends object>(fields: { readonly [K in keyof T]-?: Read<T[K]> }): Read<T> {
  const reads = Object.entries(fields) as [string, Read<unknown>][];
  return (value, where) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return refuse(where);
    const found: Record<string, unknown> = {};
    for (const [name, read] of reads) {
      const field = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
      found[name] = read(field, `${where}.${name}`);
    }
    return found as T;
  };
}

const site = object<SiteRow>({
  id: natural,
  file: text,
  line: natural,
  column: natural,
  endLine: orNull(natural),
  endColumn: orNull(natural),
  functionName: orNull(text),
});

const name = object<NameRow>({
  id: natural,
  name: text,
  file: text,
  line: natural,
  column: natural,
  assignment: oneOf("declare", "assign"),
  alias: flag,
});

/** Jacobians fill their window, so that nobody reads past their end. */
const jacobians: Read<GradcheckPairRow> = (value, where) => {
  const found = jacobianWindow(value, where);
  const { shownRows, shownCols, analytical, numerical, slopes } = found;
  const lists = [analytical, numerical, ...(slopes === null ? [] : [...slopes.central, slopes.above, slopes.below])];
  const isWhole = slopes === null || slopes.central.length === slopes.steps.length;
  return isWhole && lists.every(({ length }) => length === shownRows * shownCols) ? found : refuse(where);
};

const jacobianWindow = object<GradcheckPairRow>({
  output: natural,
  input: natural,
  inputShape: list(natural),
  outputShape: list(natural),
  rows: natural,
  cols: natural,
  firstRow: natural,
  firstCol: natural,
  shownRows: natural,
  shownCols: natural,
  analytical: list(figure),
  numerical: list(figure),
  slopes: orNull(
    object<NonNullable<GradcheckPairRow["slopes"]>>({
      steps: list(figure),
      central: list(list(figure)),
      above: list(figure),
      below: list(figure),
    }),
  ),
});

const gradcheck = object<GradcheckRow>({
  name: text,
  site: natural,
  event: natural,
  passed: flag,
  maxAbsError: figure,
  maxRelError: figure,
  worst: orNull(
    object<NonNullable<GradcheckRow["worst"]>>({
      output: natural,
      input: natural,
      row: natural,
      col: natural,
      analytical: figure,
      numerical: figure,
    }),
  ),
  diagnosis: orNull(text),
  advice: orElse(orNull(text), null),
  cause: orElse(orNull(text), null),
  blame: orElse(orNull(object<NonNullable<GradcheckRow["blame"]>>({ op: text, site: natural })), null),
  eps: orElse(figure, 1e-6),
  atol: orElse(figure, 1e-5),
  rtol: orElse(figure, 1e-3),
  pairs: orElse(list(jacobians), []),
});

const frame = object<StackFrame>({ function: orNull(text), file: text, line: natural, column: natural });

const error = object<ErrorRow>({
  name: text,
  message: text,
  file: orNull(text),
  line: orNull(natural),
  column: orNull(natural),
  stack: list(frame),
});

/** Files written by earlier versions lack some fields. */
function orElse<T>(read: Read<T>, missing: T): Read<T> {
  return (value, where) => (value === undefined ? missing : read(value, where));
}

const meta = object<RecordingMeta>({
  file: text,
  startedAt: finite,
  durationMs: finite,
  outcome: text,
  truncated: orNull(text),
  unlisted: orElse(object<OpCounts>({ forward: natural, backward: natural }), { forward: 0, backward: 0 }),
  exitCode: orElse(orNull(finite), null),
});

const none: Read<number> = () => 0;

const rowsOf = (version: number): Read<FileHeader["rows"]> =>
  object<FileHeader["rows"]>(
    Object.fromEntries(
      Object.keys(schema).map((table) => [table, isInVersion(table, version) ? natural : none]),
    ) as Record<TableName, Read<number>>,
  );

const headerOf = (version: number): Read<FileHeader> =>
  object<FileHeader>({
    strings: list(text),
    shapes: list(list(natural)),
    sites: list(site),
    names: list(name),
    gradchecks: list(gradcheck),
    pendingGradcheck: orElse(orNull(object<PendingGradcheck>({ name: text, site: natural })), null),
    console: list(object<ConsoleRow>({ stream: oneOf("stdout", "stderr"), text })),
    cycles: list(object<ImportCycle>({ files: list(text, 1), line: orNull(natural) })),
    symbols: list(pair),
    error: orNull(error),
    meta,
    rows: rowsOf(version),
  });
