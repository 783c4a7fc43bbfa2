import { checkOptions } from "../../base/errors.ts";
import type { ProfiledEvent } from "./collector.ts";
import { renderTable, type TableOptions } from "./table.ts";

/** All events of one name. Times are in milliseconds. */
export interface KeyAverage {
  /** Name of the op, the node or the scope. */
  readonly key: string;
  /** How many there were. */
  readonly count: number;
  /** Without what ran inside. */
  readonly selfCpuTimeTotal: number;
  /** With what ran inside. */
  readonly cpuTimeTotal: number;
  /** Total per call. */
  readonly cpuTimeAvg: number;
  /** Bytes of the tensors it made. */
  readonly selfCpuMemoryUsage: number;
  /** Bytes with those of what ran inside. */
  readonly cpuMemoryUsage: number;
  /** Floating-point operations of all calls; 0 without `withFlops`. */
  readonly flops: number;
  /** The input shapes, `[[2, 3], [3, 4]]`, when grouped by them. */
  readonly inputShapes: string | null;
  /** The user's calls that led to it, innermost first, when grouped by them. */
  readonly stack: readonly string[] | null;
}

/** How `keyAverages` groups. */
export interface GroupOptions {
  /** A row for each combination of input shapes. */
  readonly groupByInputShape?: boolean;
  /** A row for each place in the program: by so many innermost calls; `true` for 5. Needs `withStack`. */
  readonly groupByStack?: boolean | number;
}

/** Rows per name, printable. */
export class KeyAverages extends Array<KeyAverage> {
  /** What `map` and `filter` give are plain arrays. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** The rows as text, in PyTorch's columns. */
  table(options: TableOptions = {}): string {
    checkOptions("table", options, ["sortBy", "rowLimit"]);
    return renderTable(this, options);
  }
}

type Growing = { -readonly [K in keyof KeyAverage]: KeyAverage[K] };

/** Events summed by name (and input shapes, and stack), the most expensive first. */
export function keyAverages(events: readonly ProfiledEvent[], options: GroupOptions = {}): KeyAverages {
  checkOptions("keyAverages", options, ["groupByInputShape", "groupByStack"]);
  const byShape = options.groupByInputShape === true;
  const frames = options.groupByStack === true ? 5 : Number(options.groupByStack ?? 0);
  const rows = new Map<string, Growing>();
  for (const event of events) {
    const inputShapes = byShape ? shapesOf(event) : null;
    const stack = frames > 0 ? (event.stack ?? []).slice(0, frames) : null;
    const key = `${event.key} ${inputShapes ?? ""} ${stack?.join("\n") ?? ""}`;
    let row = rows.get(key);
    if (row === undefined) {
      row = emptyRow(event.key, inputShapes, stack);
      rows.set(key, row);
    }
    addTo(row, event);
  }
  const sorted = [...rows.values()].sort((a, b) => b.selfCpuTimeTotal - a.selfCpuTimeTotal);
  return KeyAverages.from(sorted) as KeyAverages;
}

function emptyRow(key: string, inputShapes: string | null, stack: readonly string[] | null): Growing {
  return {
    key,
    count: 0,
    selfCpuTimeTotal: 0,
    cpuTimeTotal: 0,
    cpuTimeAvg: 0,
    selfCpuMemoryUsage: 0,
    cpuMemoryUsage: 0,
    flops: 0,
    inputShapes,
    stack,
  };
}

function addTo(row: Growing, { start, end, inner, bytes, innerBytes, flops }: ProfiledEvent): void {
  row.count++;
  row.selfCpuTimeTotal += end - start - inner;
  row.cpuTimeTotal += end - start;
  row.cpuTimeAvg = row.cpuTimeTotal / row.count;
  row.selfCpuMemoryUsage += bytes;
  row.cpuMemoryUsage += bytes + innerBytes;
  row.flops += flops;
}

const shapesOf = ({ dims }: ProfiledEvent): string => `[${dims.map((shape) => `[${shape.join(", ")}]`).join(", ")}]`;
