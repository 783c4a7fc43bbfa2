import type { ComponentChild } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

/** A column of a table whose rows are numbers: what stands there, and what it is sorted by. */
export interface TableColumn {
  readonly name: string;
  readonly isNumber: boolean;
  readonly text: (row: number) => string;
  readonly order?: (row: number) => number | string;
  /** From 0 to 1: draws a faint bar behind the number. */
  readonly share?: (row: number) => number;
}

export interface TableSort {
  /** Index of a column; -1 for the order in which the rows come. */
  readonly column: number;
  readonly isDown: boolean;
}

interface VirtualTableProps {
  readonly label: string;
  readonly columns: readonly TableColumn[];
  /** The rows to show, in their own order. */
  readonly rows: ArrayLike<number>;
  readonly isSelected: (row: number) => boolean;
  readonly onChoose: (row: number) => void;
  readonly sort?: TableSort;
  /** What stands before the first column's text: a tree's indentation and its triangle. */
  readonly prefix?: (row: number) => ComponentChild;
  /** Keys a row takes besides those that walk through the table; true when it was one. */
  readonly onRowKey?: (row: number, key: string) => boolean;
}

const rowHeight = 24;
const overscan = 4;
/** What the first column has at least, in pixels; it takes what the others leave. */
const firstColumn = 150;

/** A table of any length: only the rows in sight are in the page. Headers sort, arrow keys walk, Enter chooses. */
export function VirtualTable(props: VirtualTableProps): ComponentChild {
  const { label, columns, rows, isSelected, onChoose } = props;
  const [sort, setSort] = useState<TableSort>(props.sort ?? { column: -1, isDown: false });
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const holder = useRef<HTMLDivElement>(null);
  const order = useMemo(() => sortedRows(rows, columns, sort), [rows, columns, sort]);
  const selected = useMemo(() => order.findIndex(isSelected), [order, isSelected]);

  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (holder.current) scrollInto(holder.current, selected);
  }, [selected]);

  const first = Math.max(0, Math.floor(top / rowHeight) - overscan);
  const slots = Math.ceil(height / rowHeight) + 2 * overscan;
  const last = Math.min(order.length, first + slots);
  const walkTo = (at: number): void => {
    if (holder.current) scrollInto(holder.current, at);
    // A row that was out of sight is in the page with the next frame.
    requestAnimationFrame(() =>
      holder.current?.querySelector<HTMLElement>(`[data-at="${at}"] button.cell-button`)?.focus(),
    );
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = placeOf(event.target);
    if (at < 0) return;
    const row = order[at] ?? -1;
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20, Home: -order.length, End: order.length }[
      event.key
    ];
    if (by === undefined && props.onRowKey?.(row, event.key) !== true) return;
    event.preventDefault();
    event.stopPropagation();
    if (by !== undefined) walkTo(Math.max(0, Math.min(order.length - 1, at + by)));
  };
  // Rows that stay in sight while the table scrolls are not drawn again: their drawing is kept as long as nothing else changes.
  const drawn = useMemo(
    () => new Map<number, ComponentChild>(),
    [order, columns, isSelected, onChoose, props.prefix, slots],
  );
  const shownRows = (from: number, to: number): ComponentChild[] => {
    if (drawn.size > 20 * slots) drawn.clear();
    return Array.from({ length: Math.max(0, to - from) }, (_, i) => {
      const at = from + i;
      const known = drawn.get(at);
      if (known !== undefined) return known;
      const row = order[at] ?? 0;
      // An element that went out of sight on one side is used again on the other.
      const made = (
        <Row
          key={at % slots}
          at={at}
          row={row}
          columns={columns}
          isSelected={isSelected(row)}
          prefix={props.prefix?.(row)}
          onChoose={onChoose}
          onKeyDown={(event) => handleKey.current(event)}
        />
      );
      drawn.set(at, made);
      return made;
    });
  };
  const handleKey = useRef(onKeyDown);
  handleKey.current = onKeyDown;
  return (
    <div class="table-holder" ref={holder} onScroll={(event) => setTop(event.currentTarget.scrollTop)}>
      <table
        aria-rowcount={order.length + 1}
        aria-label={label}
        style={{ minWidth: `${columns.reduce((sum, column, c) => sum + widthOf(column, c), 0)}px` }}
      >
        <colgroup>
          {columns.map((column, c) => (
            <col key={column.name} style={{ width: c === 0 ? "auto" : `${widthOf(column, c)}px` }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {columns.map((column, c) => (
              <th key={column.name} scope="col" class={column.isNumber ? "number" : ""} aria-sort={ariaSort(sort, c)}>
                {column.order ? (
                  <button
                    type="button"
                    onClick={() => setSort({ column: c, isDown: sort.column === c ? !sort.isDown : column.isNumber })}
                  >
                    {column.name}
                    {sort.column === c ? (sort.isDown ? " ▾" : " ▴") : ""}
                  </button>
                ) : (
                  <span class="plain-header">{column.name}</span>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Gap rows={first} />
          {shownRows(first, last)}
          <Gap rows={order.length - last} />
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  readonly at: number;
  readonly row: number;
  readonly columns: readonly TableColumn[];
  readonly isSelected: boolean;
  readonly prefix: ComponentChild;
  readonly onChoose: (row: number) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

function Row({ at, row, columns, isSelected, prefix, onChoose, onKeyDown }: RowProps): ComponentChild {
  return (
    <tr
      data-at={at}
      aria-rowindex={at + 2}
      class={isSelected ? "selected" : ""}
      aria-selected={isSelected}
      onClick={() => onChoose(row)}
    >
      {columns.map((column, c) => {
        const share = column.share?.(row) ?? 0;
        const text = column.text(row);
        return (
          <td
            key={column.name}
            class={`${column.isNumber ? "number" : ""}${share > 0 ? " share" : ""}`}
            style={share > 0 ? { "--share": `${Math.min(1, share) * 100}%` } : undefined}
            title={!column.isNumber && text.length > 14 ? text : undefined}
          >
            {c === 0 ? (
              <>
                {prefix}
                <button
                  type="button"
                  class="link-button cell-button"
                  onKeyDown={onKeyDown}
                  onClick={(event) => {
                    event.stopPropagation();
                    onChoose(row);
                  }}
                >
                  {text}
                </button>
              </>
            ) : (
              text
            )}
          </td>
        );
      })}
    </tr>
  );
}

/** The room of rows that are not in the page. */
function Gap({ rows }: { readonly rows: number }): ComponentChild {
  return rows > 0 ? <tr style={{ height: `${rows * rowHeight}px` }} /> : null;
}

function sortedRows(
  rows: ArrayLike<number>,
  columns: readonly TableColumn[],
  { column, isDown }: TableSort,
): Uint32Array {
  const order = Uint32Array.from(rows);
  const by = columns[column]?.order;
  if (!by) return order;
  const keys = new Map<number, number | string>();
  for (const row of order) keys.set(row, by(row));
  const sign = isDown ? -1 : 1;
  return order.sort((a, b) => sign * compare(keys.get(a), keys.get(b)) || a - b);
}

/** Numbers that are not known come last going up. */
function compare(a: number | string | undefined, b: number | string | undefined): number {
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  const [x, y] = [Number(a), Number(b)];
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
  return x - y;
}

function scrollInto(holder: HTMLElement, at: number): void {
  if (at < 0) return;
  const top = at * rowHeight;
  const room = holder.clientHeight - 2 * rowHeight;
  if (top < holder.scrollTop) holder.scrollTop = top;
  else if (top > holder.scrollTop + room) holder.scrollTop = top - room + rowHeight;
}

/** Pixels for a column: enough for its header and for a number with its unit. */
function widthOf({ name, isNumber }: TableColumn, at: number): number {
  return at === 0 ? firstColumn : Math.max(isNumber ? 92 : 116, name.length * 8 + 26);
}

function placeOf(target: EventTarget | null): number {
  const row = target instanceof HTMLElement ? target.closest<HTMLElement>("tr[data-at]") : null;
  return row ? Number(row.dataset["at"]) : -1;
}

function ariaSort(sort: TableSort, column: number): "ascending" | "descending" | "none" {
  if (sort.column !== column) return "none";
  return sort.isDown ? "descending" : "ascending";
}
