import type { ComponentChild } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { NumbersOf, SliceReply, TensorShown } from "../protocol/tensor.ts";
import { useAtom } from "../ui/atom.ts";
import { SignedColors } from "./colors.ts";
import { scaleOfRows, visibleSpan } from "./gridGeometry.ts";
import { cellIndices, kindsShown, type TensorLook } from "./model.ts";
import type { Cells, TensorPanel, Window } from "./tensorPanel.ts";
import { cellText, kindWords } from "./words.ts";

const rowHeight = 24;
const columnWidth = 88;
const headWidth = 72;

interface GridProps {
  readonly panel: TensorPanel;
  readonly shown: TensorShown;
  readonly look: TensorLook;
  readonly slice: SliceReply;
}

interface Spot {
  readonly row: number;
  readonly column: number;
}

/** The numbers of a slice. Only the cells in sight are in the page, and only their numbers are asked for. Arrow keys walk from cell to cell. */
export function NumberGrid({ panel, shown, look, slice }: GridProps): ComponentChild {
  const kinds = kindsShown(shown, look);
  const isMatrix = shown.shape.length > 1;
  const columns = isMatrix ? slice.columns : kinds.length;
  const scroller = useRef<HTMLDivElement>(null);
  const [scroll, setScroll] = useState({ top: 0, left: 0, width: 600, height: 400 });
  const [spot, setSpot] = useState<Spot>({ row: 0, column: 0 });
  // Another slice may have fewer rows or columns.
  const active: Spot = { row: clamp(spot.row, slice.rows), column: clamp(spot.column, columns) };
  const cells = useAtom(panel.cells);
  const { palette } = useAtom(panel.theme);
  const colors = useMemo(() => new SignedColors(palette, 0.45), [palette]);

  const rows = scaleOfRows(slice.rows, rowHeight, scroll.height - rowHeight);
  const rowSpan = visibleSpan(rows.rowAt(scroll.top), scroll.height / rowHeight, slice.rows, 4);
  const columnSpan = visibleSpan(scroll.left / columnWidth, scroll.width / columnWidth, columns, 2);
  const window: Window = {
    fromRow: rowSpan.from,
    toRow: rowSpan.to,
    fromColumn: isMatrix ? columnSpan.from : 0,
    toColumn: isMatrix ? columnSpan.to : 1,
  };
  useEffect(() => panel.want(window));

  const measure = (): void => {
    const holder = scroller.current;
    if (holder === null) return;
    const { scrollTop: top, scrollLeft: left, clientWidth: width, clientHeight: height } = holder;
    setScroll((before) =>
      before.top === top && before.left === left && before.width === width && before.height === height
        ? before
        : { top, left, width, height },
    );
  };
  useLayoutEffect(() => {
    const holder = scroller.current;
    if (holder === null) return;
    measure();
    const resized = new ResizeObserver(measure);
    resized.observe(holder);
    return () => resized.disconnect();
  }, []);

  const numberAt = (row: number, column: number): number | undefined =>
    isMatrix
      ? numberIn(cells, look, shown.id, look.of, row, column)
      : numberIn(cells, look, shown.id, kinds[column] ?? "value", row, 0);

  const walkTo = (row: number, column: number): void => {
    const next = { row: clamp(row, slice.rows), column: clamp(column, columns) };
    setSpot(next);
    const holder = scroller.current;
    if (holder === null) return;
    const top = rows.topOf(next.row, holder.scrollTop);
    if (top !== null) holder.scrollTop = top;
    const left = next.column * columnWidth;
    if (left < holder.scrollLeft) holder.scrollLeft = left;
    const right = left + columnWidth + headWidth;
    if (right > holder.scrollLeft + holder.clientWidth) holder.scrollLeft = right - holder.clientWidth;
    measure();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const { row, column } = active;
    const page = Math.max(1, Math.floor(scroll.height / rowHeight) - 2);
    const isFar = event.ctrlKey || event.metaKey;
    const to: Readonly<Record<string, readonly [row: number, column: number]>> = {
      ArrowDown: [isFar ? slice.rows : row + 1, column],
      ArrowUp: [isFar ? 0 : row - 1, column],
      ArrowRight: [row, isFar ? columns : column + 1],
      ArrowLeft: [row, isFar ? 0 : column - 1],
      PageDown: [row + page, column],
      PageUp: [row - page, column],
      Home: [isFar ? 0 : row, 0],
      End: [isFar ? slice.rows : row, columns],
    };
    const next = to[event.key];
    if (next === undefined) return;
    event.preventDefault();
    walkTo(...next);
  };

  const isNear =
    active.row >= rowSpan.from &&
    active.row < rowSpan.to &&
    active.column >= columnSpan.from &&
    active.column < columnSpan.to;
  const columnIndices = indices(columnSpan.from, columnSpan.to);
  return (
    <>
      <div class="grid" ref={scroller} onScroll={measure}>
        <table
          class="grid-all"
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose cells are walked through with the keyboard is a grid
          role="grid"
          tabIndex={0}
          aria-label={`Numbers of ${isMatrix ? kindWords[look.of] : "the tensor"}`}
          aria-rowcount={slice.rows + 1}
          aria-colcount={columns + 1}
          aria-activedescendant={isNear ? `cell-${active.row}-${active.column}` : undefined}
          onKeyDown={onKeyDown}
          style={{ width: `${headWidth + columns * columnWidth}px`, height: `${rowHeight + rows.height}px` }}
        >
          <thead>
            <tr class="grid-head" aria-rowindex={1}>
              <th class="grid-corner" scope="col">
                {isMatrix ? "row" : "index"}
              </th>
              {columnIndices.map((c) => (
                <th
                  key={c}
                  scope="col"
                  aria-colindex={c + 2}
                  class="grid-column"
                  style={{ left: `${headWidth + c * columnWidth}px`, width: `${columnWidth}px` }}
                >
                  {isMatrix
                    ? (c * slice.columnStep).toLocaleString("en")
                    : kindWords[kinds[c] ?? "value"].replace("gradient ÷ value", "∇ ÷ value")}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {indices(rowSpan.from, rowSpan.to).map((r) => (
              <tr
                key={r}
                class="grid-row"
                aria-rowindex={r + 2}
                style={{ top: `${rowHeight + rows.placeOf(r, scroll.top)}px` }}
              >
                <th class="grid-index" scope="row">
                  {(r * slice.rowStep).toLocaleString("en")}
                </th>
                {columnIndices.map((c) => {
                  const x = numberAt(r, c);
                  const isActive = active.row === r && active.column === c;
                  const isBad = x !== undefined && x - x !== 0;
                  const isColored = x !== undefined && !isBad && (isMatrix || kinds[c] === look.of);
                  return (
                    <td
                      key={c}
                      id={`cell-${r}-${c}`}
                      aria-colindex={c + 2}
                      class={`grid-cell${isActive ? " active" : ""}${isBad ? " bad" : ""}`}
                      style={{
                        left: `${headWidth + c * columnWidth}px`,
                        width: `${columnWidth}px`,
                        ...(isColored ? { background: colors.of(x, slice.heat.scale) } : {}),
                      }}
                      onPointerDown={() => setSpot({ row: r, column: c })}
                    >
                      {cellText(x)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Reading
        place={cellIndices(look.at, active.row * slice.rowStep, isMatrix ? active.column * slice.columnStep : 0)}
        kind={isMatrix ? look.of : (kinds[active.column] ?? "value")}
        number={numberAt(active.row, active.column)}
      />
    </>
  );
}

interface ReadingProps {
  readonly place: readonly number[];
  readonly kind: NumbersOf;
  readonly number: number | undefined;
}

/** The active cell with all its digits. */
function Reading({ place, kind, number }: ReadingProps): ComponentChild {
  return (
    <div class="grid-reading" role="status">
      <span class="quiet">
        {kindWords[kind]} at [{place.join(", ")}]
      </span>{" "}
      <b>{number === undefined ? "…" : String(number)}</b>
    </div>
  );
}

/** A number of a window that was loaded; undefined while it is not there. */
function numberIn(
  cells: Cells | null,
  look: TensorLook,
  id: number,
  kind: NumbersOf,
  row: number,
  column: number,
): number | undefined {
  if (cells === null || cells.id !== id || cells.look.at !== look.at || cells.look.moment !== look.moment)
    return undefined;
  const numbers = cells.numbers[cells.kinds.indexOf(kind)];
  if (!numbers || row < cells.fromRow || row >= cells.toRow || column < cells.fromColumn || column >= cells.toColumn)
    return undefined;
  return numbers[(row - cells.fromRow) * (cells.toColumn - cells.fromColumn) + column - cells.fromColumn];
}

function indices(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}

const clamp = (index: number, length: number): number => Math.max(0, Math.min(length - 1, index));
