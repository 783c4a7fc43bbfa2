import { stripVTControlCharacters } from "node:util";

/** One column of a table in a terminal. */
export interface TextColumn {
  readonly title: string;
  readonly align: "left" | "right";
  /** Wider cells are cut. */
  readonly maxWidth: number;
  /** Where the table is too wide, the column with the highest number goes first; one without stays. */
  readonly spare?: number;
}

/** Colours a finished cell; must not change its width. Titles are row −1. */
export type CellStyle = (cell: string, row: number, column: TextColumn) => string;

const gap = 2;

/** Rows as aligned lines under their titles, no wider than `width` while columns can be spared. */
export function textTable(
  columns: readonly TextColumn[],
  rows: readonly (readonly string[])[],
  width: number,
  style: CellStyle,
): string[] {
  const cells = columns.map((column, c) => [column.title, ...rows.map((row) => cut(row[c] ?? "", column.maxWidth))]);
  const widths = cells.map((column) => column.reduce((widest, cell) => Math.max(widest, columnsOf(cell)), 0));
  const kept = fitting(columns, widths, width);
  return Array.from({ length: rows.length + 1 }, (_, r) => {
    const line = kept.map(({ column, index }) => {
      const cell = cells[index]?.[r] ?? "";
      const space = " ".repeat((widths[index] ?? 0) - columnsOf(cell));
      return style(column.align === "right" ? space + cell : cell + space, r - 1, column);
    });
    return line.join(" ".repeat(gap)).trimEnd();
  });
}

interface Kept {
  readonly column: TextColumn;
  readonly index: number;
}

function fitting(columns: readonly TextColumn[], widths: readonly number[], width: number): Kept[] {
  const kept = columns.map((column, index) => ({ column, index }));
  const total = (): number => kept.reduce((sum, { index }) => sum + (widths[index] ?? 0) + gap, -gap);
  while (total() > width) {
    const [first] = kept
      .filter(({ column }) => column.spare)
      .sort((a, b) => (b.column.spare ?? 0) - (a.column.spare ?? 0));
    if (first === undefined) break;
    kept.splice(kept.indexOf(first), 1);
  }
  return kept;
}

function cut(text: string, width: number): string {
  return columnsOf(text) <= width ? text : `${[...text].slice(0, width - 1).join("")}…`;
}

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1f64f}\u{20000}-\u{3fffd}]/u;

/** How wide a text stands in a terminal, near enough: East Asian wide characters twice, colours and combining marks not at all. */
export function columnsOf(text: string): number {
  let width = 0;
  for (const c of stripVTControlCharacters(text).replace(/\p{Mark}/gu, "")) width += wide.test(c) ? 2 : 1;
  return width;
}
