import { ArgumentError, nearest } from "../../base/errors.ts";
import type { KeyAverage } from "./keyAverages.ts";

/** How `table` sorts and cuts. */
export interface TableOptions {
  /** Largest first. Default `selfCpuTimeTotal`. */
  readonly sortBy?: keyof KeyAverage | `${string}_${string}`;
  /** Default 100. */
  readonly rowLimit?: number;
}

/** A column in PyTorch's table: what it is called, and what stands in a row. */
interface Column {
  readonly title: string;
  readonly cell: (row: KeyAverage) => string;
  readonly align?: "left";
}

/** Rows as text, in PyTorch's columns: those of shapes, places and FLOPs only where there are some. */
export function renderTable(
  rows: readonly KeyAverage[],
  { sortBy: asked = "selfCpuTimeTotal", rowLimit = 100 }: TableOptions,
): string {
  // PyTorch's spelling of the value, `"self_cpu_time_total"`, is right as well.
  const sortBy = asked.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase()) as keyof KeyAverage;
  if (rows.length > 0 && !(sortBy in rows[0])) {
    const guess = nearest(sortBy, Object.keys(rows[0]));
    throw new ArgumentError("table", `can't sort by '${sortBy}'.${guess === null ? "" : ` Did you mean '${guess}'?`}`);
  }
  const total = rows.reduce((sum, row) => sum + row.selfCpuTimeTotal, 0);
  const columns = [...timeColumns(total), ...moreColumns(rows)];
  const order = (row: KeyAverage): number | string => {
    const value = row[sortBy];
    return typeof value === "number" || typeof value === "string" ? value : "";
  };
  const sorted = [...rows].sort((a, b) => (order(a) < order(b) ? 1 : order(a) > order(b) ? -1 : 0)).slice(0, rowLimit);
  const cells = [columns.map(({ title }) => title), ...sorted.map((row) => columns.map(({ cell }) => cell(row)))];
  const widths = columns.map((_, c) => Math.max(...cells.map((row) => row[c].length)));
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  const line = (row: readonly string[]): string =>
    row
      .map((text, c) => (columns[c].align === "left" ? text.padEnd(widths[c]) : text.padStart(widths[c])))
      .join("  ")
      .trimEnd();
  const footer = `Self CPU time total: ${time(total)}`;
  return [rule, line(cells[0]), rule, ...cells.slice(1).map(line), rule, footer].join("\n");
}

function timeColumns(total: number): Column[] {
  const percent = (part: number): string => `${((100 * part) / (total || 1)).toFixed(2)}%`;
  return [
    { title: "Name", cell: ({ key }) => key, align: "left" },
    { title: "Self CPU %", cell: (row) => percent(row.selfCpuTimeTotal) },
    { title: "Self CPU", cell: (row) => time(row.selfCpuTimeTotal) },
    { title: "CPU total %", cell: (row) => percent(row.cpuTimeTotal) },
    { title: "CPU total", cell: (row) => time(row.cpuTimeTotal) },
    { title: "CPU time avg", cell: (row) => time(row.cpuTimeAvg) },
    { title: "CPU Mem", cell: (row) => memory(row.cpuMemoryUsage) },
    { title: "Self CPU Mem", cell: (row) => memory(row.selfCpuMemoryUsage) },
    { title: "# of Calls", cell: ({ count }) => String(count) },
  ];
}

function moreColumns(rows: readonly KeyAverage[]): Column[] {
  const columns: Column[] = [];
  if (rows.some(({ inputShapes }) => inputShapes !== null))
    columns.push({ title: "Input Shapes", cell: ({ inputShapes }) => inputShapes ?? "" });
  if (rows.some(({ stack }) => stack !== null))
    columns.push({ title: "Source Location", cell: ({ stack }) => stack?.join(" < ") ?? "", align: "left" });
  const counted = rows.filter(({ flops }) => flops > 0).map(({ flops }) => flops);
  if (counted.length > 0) {
    const { scale, unit } = flopsUnit(counted.reduce((least, flops) => Math.min(least, flops)));
    columns.push({
      title: `Total ${unit}`,
      cell: ({ flops }) => (flops === 0 ? "--" : (flops / scale).toFixed(3)),
    });
  }
  return columns;
}

/** One unit for the column, such that the smallest number has digits before the point. */
function flopsUnit(least: number): { readonly scale: number; readonly unit: string } {
  const units = ["FLOPs", "KFLOPs", "MFLOPs", "GFLOPs", "TFLOPs", "PFLOPs"];
  const steps = Math.max(0, Math.min(units.length - 1, Math.floor(Math.log10(least) / 3)));
  return { scale: 1000 ** steps, unit: units[steps] };
}

function time(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(3)}s`;
  return ms >= 1 ? `${ms.toFixed(3)}ms` : `${(ms * 1000).toFixed(3)}us`;
}

function memory(bytes: number): string {
  if (bytes >= 2 ** 30) return `${(bytes / 2 ** 30).toFixed(2)} Gb`;
  if (bytes >= 2 ** 20) return `${(bytes / 2 ** 20).toFixed(2)} Mb`;
  return bytes >= 1024 ? `${(bytes / 1024).toFixed(2)} Kb` : `${bytes} b`;
}
