import type { OpRow } from "../queries/profile/opTable.ts";
import { kindNames } from "../queries/profile/profileJson.ts";

type Cell = string | number | null | undefined;

const columns: readonly (readonly [title: string, cell: (row: OpRow, relative: (file: string) => string) => Cell])[] = [
  ["name", ({ name }) => name],
  ["kind", ({ kind }) => kindNames[kind]],
  ["shapes", ({ shapes }) => shapes],
  ["module", ({ module }) => module],
  ["file", ({ place }, relative) => (place === null ? null : relative(place.file))],
  ["line", ({ place }) => place?.line],
  ["calls", ({ count }) => count],
  ["self_ms", ({ self }) => rounded(self)],
  ["total_ms", ({ total }) => rounded(total)],
  ["share", ({ share }) => rounded(share)],
  ["flops", ({ flops }) => flops],
  ["bytes_made", ({ bytes }) => bytes],
  ["bytes_moved", ({ moved }) => moved],
];

const rounded = (x: number): number => Math.round(x * 1e6) / 1e6;

/** The table of ops as comma-separated values (RFC 4180). */
export function opTableCsv(rows: readonly OpRow[], relative: (file: string) => string = (file) => file): string {
  const lines = [columns.map(([title]) => title).join()];
  for (const row of rows) lines.push(columns.map(([, cell]) => quoted(cell(row, relative))).join());
  return `${lines.join("\r\n")}\r\n`;
}

/** A text that begins like a formula gets an apostrophe, so that no spreadsheet computes what a foreign file says. */
function quoted(cell: Cell): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell === "number") return String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
