import type { Slice } from "./grid.ts";

/** A slice as comma-separated values, a line for each row; what is not finite is a word. */
export function sliceCsv({ rows, columns, at }: Slice): string {
  let text = "";
  for (let r = 0; r < rows; r++) {
    const line: string[] = [];
    for (let c = 0; c < columns; c++) line.push(String(at(r, c)));
    text += `${line.join(",")}\n`;
  }
  return text;
}

/** A slice as JSON, after what else is said of it; what is not finite is a string. */
export function sliceJson({ rows, columns, at }: Slice, facts: Readonly<Record<string, unknown>>): string {
  const values: (number | string)[][] = [];
  for (let r = 0; r < rows; r++) {
    const row: (number | string)[] = [];
    for (let c = 0; c < columns; c++) {
      const x = at(r, c);
      row.push(Number.isFinite(x) ? x : String(x));
    }
    values.push(row);
  }
  return JSON.stringify({ ...facts, values });
}
