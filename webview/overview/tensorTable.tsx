import type { ComponentChild } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { displayName, shapeText, shortNumber } from "../../engine/recording/layout/text.ts";
import { heatColor, heatOf } from "../../engine/recording/paint/heat.ts";
import type { TensorLineInfo } from "../../engine/recording/queries/overview.ts";
import type { OverviewShown } from "../protocol/overview.ts";
import { useAtom } from "../ui/atom.ts";
import { HeatBar } from "../ui/heatBar.tsx";
import { Icon, TextField } from "../ui/kit.ts";
import { Outline } from "../ui/outline.tsx";
import { placeText } from "../ui/placeLink.tsx";
import { filterCounts, listed } from "./model.ts";
import type { OverviewPanel } from "./overviewPanel.ts";
import { columns, type TensorColumn } from "./tensorColumns.ts";

const rowHeight = 26;

interface TableProps {
  readonly panel: OverviewPanel;
  readonly shown: OverviewShown;
  readonly scroller: { readonly current: HTMLDivElement | null };
}

/** What stands beside the table's title: the legend of its colours. */
export function TensorTools({ panel, shown }: Omit<TableProps, "scroller">): ComponentChild {
  const { palette } = useAtom(panel.theme);
  if (shown.heatMedian === null) return null;
  return <HeatBar heat={{ median: shown.heatMedian }} color={(heat) => heatColor(palette, heat)} />;
}

/** The tensors of the run; only the rows in sight are in the page. Arrow keys walk, Enter goes to the line, V opens the viewer, G the graph. */
export function TensorTable({ panel, shown, scroller }: TableProps): ComponentChild {
  const look = useAtom(panel.look);
  const column = columns[look.column];
  const rows = useMemo(() => listed(shown.tensors, look, column?.order ?? null), [shown, look, column]);
  const body = useRef<HTMLTableSectionElement>(null);
  const [active, setActive] = useState(-1);
  const { first, count } = useRowsInSight(scroller, body, rows.length);

  const walkTo = (index: number): void => {
    const at = Math.max(0, Math.min(rows.length - 1, index));
    setActive(at);
    bringIntoSight(scroller.current, body.current, at);
    const tensor = rows[at];
    if (tensor !== undefined) panel.spoken.set(spokenRow(tensor));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // The headers are buttons of their own.
    if (event.target instanceof Element && event.target.closest("thead")) return;
    const tensor = rows[active];
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2);
    const to = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      Home: 0,
      End: rows.length - 1,
      PageDown: active + page,
      PageUp: active - page,
    }[event.key];
    if (to !== undefined) walkTo(to);
    else if (tensor !== undefined && event.key === "Enter") panel.reveal(tensor.place);
    else if (tensor !== undefined && event.key === "v") panel.send("viewTensor", tensor.id);
    else if (tensor?.place && event.key === "g") panel.send("showInGraph", tensor.place);
    else return;
    event.preventDefault();
  };

  return (
    <>
      <Filters panel={panel} shown={shown} found={rows.length} />
      <table
        class="tensors"
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose rows are walked through with the keyboard is a grid
        role="grid"
        aria-label="Tensors of the run"
        aria-rowcount={rows.length + 1}
        aria-activedescendant={active >= first && active < first + count ? `tensor-${active}` : undefined}
        aria-describedby="tensor-keys"
        tabIndex={0}
        onKeyDown={onKeyDown}
        onFocus={(event) => {
          if (active < 0 && event.target === event.currentTarget && rows.length > 0) setActive(0);
        }}
      >
        <thead>
          <tr>
            {columns.map((one, c) => (
              <Head key={one.name} panel={panel} column={one} index={c} />
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          <Gap rows={first} />
          {rows.slice(first, first + count).map((tensor, i) => (
            <Row
              key={tensor.id}
              panel={panel}
              tensor={tensor}
              index={first + i}
              isActive={first + i === active}
              median={shown.heatMedian}
              onChoose={() => setActive(first + i)}
            />
          ))}
          <Gap rows={rows.length - first - Math.min(count, Math.max(0, rows.length - first))} />
        </tbody>
      </table>
      {rows.length === 0 && <p class="nothing">No tensor is like that.</p>}
      <p class="only-spoken" id="tensor-keys">
        Arrow keys walk through the rows, Enter goes to the line, V opens the tensor viewer, G the graph. Tab leads to
        the headers, which sort.
      </p>
    </>
  );
}

function Filters({
  panel,
  shown,
  found,
}: {
  readonly panel: OverviewPanel;
  readonly shown: OverviewShown;
  readonly found: number;
}): ComponentChild {
  const look = useAtom(panel.look);
  const counts = useMemo(() => filterCounts(shown.tensors), [shown]);
  return (
    <div class="filters">
      <fieldset class="chips" aria-label="Which tensors">
        {counts.map(({ filter, words, count }) => (
          <button
            type="button"
            key={filter}
            class={`chip chip-${filter}`}
            aria-pressed={look.filter === filter}
            onClick={() => panel.look.patch({ filter })}
          >
            {words} <span class="chip-count">{count.toLocaleString("en")}</span>
          </button>
        ))}
      </fieldset>
      <span class="space" />
      <TextField
        label={`Search names; ${found} shown`}
        placeholder="Name"
        value={look.query}
        onInput={(query) => panel.look.patch({ query })}
        onKeyDown={(event) => {
          if (event.key === "Escape") panel.look.patch({ query: "" });
        }}
      >
        <span slot="start" class="codicon codicon-search" aria-hidden="true" />
      </TextField>
    </div>
  );
}

interface HeadProps {
  readonly panel: OverviewPanel;
  readonly column: TensorColumn;
  readonly index: number;
}

function Head({ panel, column, index }: HeadProps): ComponentChild {
  const look = useAtom(panel.look);
  const isSorted = look.column === index;
  const sort = isSorted ? (look.isDown ? "descending" : "ascending") : "none";
  if (column.order === null) {
    return (
      <th class={column.className} scope="col">
        <span class="th-words">{column.title}</span>
      </th>
    );
  }
  return (
    <th class={column.className} scope="col" aria-sort={sort}>
      <button
        type="button"
        onClick={() => panel.look.patch({ column: index, isDown: isSorted ? !look.isDown : column.isDownFirst })}
      >
        {column.title}
        {isSorted ? (look.isDown ? " ▾" : " ▴") : ""}
      </button>
    </th>
  );
}

interface RowProps {
  readonly panel: OverviewPanel;
  readonly tensor: TensorLineInfo;
  readonly index: number;
  readonly isActive: boolean;
  readonly median: number | null;
  readonly onChoose: () => void;
}

function Row({ panel, tensor, index, isActive, median, onChoose }: RowProps): ComponentChild {
  const cursor = useAtom(panel.cursor);
  const { place } = tensor;
  const isAtCursor = cursor !== null && place !== null && place.file === cursor.file && place.line === cursor.line;
  const classes = [isActive ? "active" : "", isAtCursor ? "at-cursor" : ""].filter(Boolean).join(" ");
  const choose = (): void => {
    onChoose();
    panel.reveal(place);
  };
  return (
    <tr
      id={`tensor-${index}`}
      class={classes}
      aria-rowindex={index + 2}
      aria-selected={isActive}
      onClick={choose}
      onDblClick={() => panel.send("viewTensor", tensor.id)}
    >
      <td class="col-name" title={displayName(tensor.name, 400)}>
        <span class="tensor-name">{displayName(tensor.name || "unnamed", 80)}</span>
        <span class="row-tools">
          <RowTool icon="table" label="View the tensor (V)" onClick={() => panel.send("viewTensor", tensor.id)} />
          {place && (
            <RowTool
              icon="type-hierarchy"
              label="Show in the graph (G)"
              onClick={() => panel.send("showInGraph", place)}
            />
          )}
        </span>
      </td>
      <td class="col-line">{place ? <span title={placeText(place)}>{place.line}</span> : ""}</td>
      <td class="col-shape">{shapeText(tensor.shape)}</td>
      <td class="col-kind">
        {tensor.isLeaf ? "leaf" : "non-leaf"}
        <span class="quiet">{moreKind[tensor.role]}</span>
        {tensor.role === "frozen" && <span class="codicon codicon-lock-small" aria-hidden="true" />}
      </td>
      <td class="col-requires">{tensor.requiresGrad ? "yes" : "no"}</td>
      <td class={`col-status status-${tensor.listing}`} title={reasonOf(tensor)}>
        <Status tensor={tensor} />
      </td>
      <td class="col-norm number">
        <Norm panel={panel} tensor={tensor} median={median} />
      </td>
      <td class="col-outline">
        <Outline digits={tensor.outline} label={`Histogram of the ${tensor.outlineOf}`} />
      </td>
    </tr>
  );
}

/** For the pointer: the keyboard has its own way, so this is no stop for Tab. */
function RowTool({
  icon,
  label,
  onClick,
}: {
  readonly icon: string;
  readonly label: string;
  readonly onClick: () => void;
}): ComponentChild {
  return (
    <button
      type="button"
      class="row-tool"
      tabIndex={-1}
      title={label}
      aria-label={label}
      onClick={(event) => {
        event.stopPropagation();
        onClick();
      }}
    >
      <Icon name={icon} />
    </button>
  );
}

/** What the role says besides leaf and non-leaf. */
const moreKind: Readonly<Record<TensorLineInfo["role"], string>> = {
  param: " param",
  frozen: " frozen",
  leaf: "",
  "non-leaf": "",
  "no grad": " cut off",
};

const statusWords = {
  present: "gradient",
  none: "∅ none",
  "not-retained": "not kept",
  zero: "all zero",
  nonfinite: "NaN or Inf",
  "not-required": "not asked for",
} as const;

const statusIcons: Readonly<Partial<Record<TensorLineInfo["listing"], string>>> = {
  nonfinite: "error",
  zero: "warning",
  none: "circle-slash",
};

function Status({ tensor }: { readonly tensor: TensorLineInfo }): ComponentChild {
  const icon = tensor.requiresGrad ? statusIcons[tensor.listing] : undefined;
  // That a non-leaf keeps no gradient is what everybody expects.
  const hasReason = tensor.reason !== null && (tensor.listing !== "not-retained" || tensor.isLeaf);
  return (
    <>
      {icon !== undefined && (
        <span class={`codicon codicon-${icon} cell-sign sign-${tensor.listing}`} aria-hidden="true" />
      )}
      {(icon !== undefined || !hasReason) && <span class="status-word">{statusWords[tensor.listing]}</span>}
      {hasReason && <span class="why">{displayName(tensor.reason ?? "", 200)}</span>}
    </>
  );
}

function reasonOf({ reason, reasonPlace }: TensorLineInfo): string {
  if (reason === null) return "";
  return `${displayName(reason, 400)}${reasonPlace === null ? "" : ` (${placeText(reasonPlace)})`}`;
}

function Norm({
  panel,
  tensor: { norm, size },
  median,
}: {
  readonly panel: OverviewPanel;
  readonly tensor: TensorLineInfo;
  readonly median: number | null;
}): ComponentChild {
  const { palette } = useAtom(panel.theme);
  if (norm === null) return <span class="quiet">∅</span>;
  const heat = median === null || size === null ? Number.NaN : heatOf({ median }, size);
  const color = Number.isFinite(norm) && !Number.isNaN(heat) ? heatColor(palette, heat) : palette.error;
  return (
    <>
      <HeatSign heat={heat} norm={norm} />
      {shortNumber(norm)}
      <span class="heat-swatch" style={{ background: color }} aria-hidden="true" />
    </>
  );
}

/** At the ends of the scale colour alone would not do. */
function HeatSign({ heat, norm }: { readonly heat: number; readonly norm: number }): ComponentChild {
  if (!Number.isFinite(norm) || norm === 0 || Math.abs(heat) < 1 || Number.isNaN(heat)) return null;
  const word = heat < 0 ? "vanishing" : "exploding";
  return (
    <span
      class={`codicon codicon-arrow-${heat < 0 ? "down" : "up"} heat-sign`}
      role="img"
      aria-label={word}
      title={word}
    />
  );
}

function spokenRow(tensor: TensorLineInfo): string {
  const parts = [
    displayName(tensor.name || "unnamed", 80),
    tensor.place ? `line ${tensor.place.line}` : "",
    `shape ${shapeText(tensor.shape)}`,
    tensor.role,
    tensor.isLeaf ? "leaf" : "non-leaf",
    tensor.norm === null ? statusWords[tensor.listing] : `gradient norm ${shortNumber(tensor.norm)}`,
    reasonOf(tensor),
  ];
  return parts.filter((part) => part !== "").join("; ");
}

/** The room of rows that are not in the page. */
function Gap({ rows }: { readonly rows: number }): ComponentChild {
  return rows > 0 ? <tr style={{ height: `${rows * rowHeight}px` }} /> : null;
}

/** Which rows can be seen while the whole panel scrolls. */
function useRowsInSight(
  scroller: { readonly current: HTMLElement | null },
  body: { readonly current: HTMLElement | null },
  total: number,
): { readonly first: number; readonly count: number } {
  const [span, setSpan] = useState({ first: 0, count: 40 });
  const look = (): void => {
    if (scroller.current === null || body.current === null) return;
    const view = scroller.current.getBoundingClientRect();
    const above = Math.max(0, view.top - body.current.getBoundingClientRect().top);
    const first = Math.max(0, Math.min(total - 1, Math.floor(above / rowHeight)) - 8);
    const count = Math.ceil(view.height / rowHeight) + 16;
    setSpan((before) => (before.first === first && before.count === count ? before : { first, count }));
  };
  useLayoutEffect(look);
  useEffect(() => {
    const holder = scroller.current;
    if (holder === null) return;
    holder.addEventListener("scroll", look, { passive: true });
    const resized = new ResizeObserver(look);
    resized.observe(holder);
    return () => {
      holder.removeEventListener("scroll", look);
      resized.disconnect();
    };
  });
  return span;
}

function bringIntoSight(scroller: HTMLElement | null, body: HTMLElement | null, row: number): void {
  if (scroller === null || body === null) return;
  const view = scroller.getBoundingClientRect();
  const top = body.getBoundingClientRect().top - view.top + row * rowHeight;
  const headHeight = 2 * rowHeight;
  if (top < headHeight) scroller.scrollTop += top - headHeight;
  else if (top + rowHeight > view.height) scroller.scrollTop += top + rowHeight - view.height;
}
