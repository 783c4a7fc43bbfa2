/** How wide a text stands in a terminal, near enough: combining marks none, East Asian wide characters two. */
function columnsOf(text: string): number {
  let width = 0;
  for (const c of text.replace(/\p{Mark}/gu, "")) width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1f64f}\u{20000}-\u{3fffd}]/u.test(c) ? 2 : 1;
  return width;
}

export interface TextColumn {
  readonly title: string;
  readonly align: "left" | "right";
  /** Wider cells are cut. */
  readonly maxWidth: number;
}

/** Rows as aligned lines under their titles. `style` may colour a finished cell; it must not change its width. */
export function textTable(columns: readonly TextColumn[], rows: readonly (readonly string[])[], style: (cell: string, row: number, column: number) => string): string[] {
  const cells = [columns.map((column) => column.title), ...rows.map((row) => row.map((cell, c) => cut(cell, columns[c]?.maxWidth ?? 80)))];
  const widths = columns.map((_, c) => Math.max(...cells.map((row) => columnsOf(row[c] ?? ""))));
  return cells.map((row, r) =>
    row
      .map((cell, c) => {
        const gap = " ".repeat((widths[c] ?? 0) - columnsOf(cell));
        return style(columns[c]?.align === "right" ? gap + cell : cell + gap, r - 1, c);
      })
      .join("  ")
      .trimEnd(),
  );
}

function cut(text: string, width: number): string {
  return columnsOf(text) <= width ? text : `${[...text].slice(0, width - 1).join("")}…`;
}
