import type { ComponentChild } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { opaque, over } from "../../engine/recording/paint/color.ts";
import { type Atom, useAtom } from "./atom.ts";
import { type Theme, withColors } from "./theme.ts";
import { VirtualTable } from "./virtualTable.tsx";

/** One line of a chart. Values that are not finite are gaps. */
export interface ChartSeries {
  readonly name: string;
  readonly values: ArrayLike<number>;
}

interface LineChartProps {
  /** What the chart shows, for those who do not see it too. */
  readonly title: string;
  readonly theme: Atom<Theme>;
  readonly xName: string;
  readonly x: ArrayLike<number>;
  readonly xText: (x: number) => string;
  readonly yText: (y: number) => string;
  /** What the axis writes, where that is shorter. */
  readonly yTick?: (y: number) => string;
  /** How far apart the axis may write: ascending; without it, round decimal numbers. */
  readonly ySteps?: readonly number[];
  readonly series: readonly ChartSeries[];
  readonly isLog?: boolean;
  /** Only some points are known, and lines lead from one to the next; otherwise a gap is shown as one. */
  readonly isSampled?: boolean;
  /** Areas on top of each other instead of lines. */
  readonly isStacked?: boolean;
  /** Shows the same as a table. */
  readonly isTable: boolean;
  /** A point that is marked, as an index; -1 for none. */
  readonly marked?: number;
  readonly onPick?: (index: number) => void;
}

/** Six series at most can be told apart; each has a colour and a pattern. */
const looks = [
  { color: "charts-blue", dash: [] },
  { color: "charts-orange", dash: [6, 3] },
  { color: "charts-green", dash: [2, 2] },
  { color: "charts-purple", dash: [8, 3, 2, 3] },
  { color: "charts-yellow", dash: [4, 4] },
  { color: "charts-red", dash: [10, 4] },
] as const;

/** Lines over time or steps, with axes, a legend that reads the values under the cursor, and a table behind it. */
export function LineChart(props: LineChartProps): ComponentChild {
  const { title, series, x, xText, yText, isTable } = props;
  const [at, setAt] = useState(-1);
  const theme = useAtom(props.theme);
  const colors = useMemo(() => readColors(theme), [theme]);
  return (
    <figure class="chart" aria-label={title}>
      <figcaption>
        <strong>{title}</strong>
        {!isTable && at >= 0 && x[at] !== undefined && <span class="quiet">{`${props.xName} ${xText(x[at])}`}</span>}
        {!isTable &&
          series.map(({ name, values }, s) => (
            <span key={name} class="chart-key">
              <KeyLine color={colors[s % colors.length] ?? ""} dash={looks[s % looks.length]?.dash ?? []} />
              {name}
              {at >= 0 && <span class="chart-value">{readAt(values, at, yText)}</span>}
            </span>
          ))}
      </figcaption>
      {isTable ? <ChartTable {...props} /> : <Plot {...props} colors={colors} palette={theme} onCursor={setAt} />}
    </figure>
  );
}

function readAt(values: ArrayLike<number>, at: number, text: (value: number) => string): string {
  const value = values[at] ?? Number.NaN;
  return Number.isNaN(value) ? "–" : text(value);
}

function KeyLine({ color, dash }: { readonly color: string; readonly dash: readonly number[] }): ComponentChild {
  return (
    <svg width="22" height="8" aria-hidden="true">
      <line x1="0" y1="4" x2="22" y2="4" stroke={color} stroke-width="2" stroke-dasharray={dash.join(" ")} />
    </svg>
  );
}

interface PlotProps extends LineChartProps {
  readonly colors: readonly string[];
  readonly palette: Theme;
  readonly onCursor: (index: number) => void;
}

function Plot(props: PlotProps): ComponentChild {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const { series, colors, palette, isStacked = false, isLog = false } = props;
  const shape = series.map(({ name }) => name).join("\n");

  // Made anew only when its lines or colours are others; data flows in below.
  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    const { width, height } = sizeOf(element);
    const made = new uPlot(optionsFor(latest, colors, palette, width, height), dataOf(latest.current), element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize(sizeOf(element)));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape, colors, isStacked, isLog]);
  useEffect(() => {
    if (plot.current) update(plot.current, dataOf(props));
  }, [props.x, series]);

  return (
    <div
      class="chart-plot"
      role="img"
      aria-label={`${props.title}: ${series.map(({ name, values }) => `${name} ${summaryOf(values, props.yText)}`).join("; ")}`}
      ref={holder}
    />
  );
}

/** Shows other data: all of it, or the part that is zoomed to, until a double click shows all again. */
function update(plot: uPlot, data: uPlot.AlignedData): void {
  const [x] = plot.data;
  const { min, max } = plot.scales["x"] ?? {};
  // Before it was drawn for the first time a chart has no scale.
  const hasScale = typeof min === "number" && typeof max === "number" && x.length > 1;
  if (!hasScale || (min === x[0] && max === x.at(-1))) {
    plot.setData(data);
    return;
  }
  plot.batch(() => {
    plot.setData(data, false);
    plot.setScale("x", { min, max });
  });
}

/** From where to where a line goes, in words. */
function summaryOf(values: ArrayLike<number>, text: (value: number) => string): string {
  const known = Array.from(values).filter(Number.isFinite);
  const [first] = known;
  const last = known.at(-1);
  return first === undefined || last === undefined ? "not known" : `from ${text(first)} to ${text(last)}`;
}

function optionsFor(
  latest: { readonly current: LineChartProps },
  colors: readonly string[],
  { palette, fontFamily }: Theme,
  width: number,
  height: number,
): uPlot.Options & { onCursor?: never } {
  const { series, isStacked = false, isLog = false, isSampled = false } = latest.current;
  const axis = {
    stroke: palette.dim,
    font: `11px ${fontFamily}`,
    grid: { stroke: palette.frameBorder, width: 1 },
    ticks: { stroke: palette.frameBorder, width: 1, size: 4 },
  };
  const lines = series.map(({ name }, s) => {
    const color = colors[s % colors.length] ?? palette.foreground;
    return {
      label: name,
      stroke: color,
      width: palette.isHighContrast ? 2 : 1.5,
      dash: isStacked ? [] : [...(looks[s % looks.length]?.dash ?? [])],
      points: { show: false },
      spanGaps: isSampled,
      ...(isStacked ? { fill: over(palette.background, color, 0.45) } : {}),
    };
  });
  return {
    width,
    height,
    legend: { show: false },
    cursor: { points: { size: 6 }, drag: { x: true, y: false } },
    scales: {
      x: { time: false },
      y: isLog ? { distr: 3 } : isStacked ? { range: (_, _min, max) => [0, max || 1] } : {},
    },
    axes: [
      {
        ...axis,
        label: latest.current.xName,
        labelSize: 18,
        labelFont: axis.font,
        values: (_, ticks) => ticks.map((tick) => latest.current.xText(tick)),
      },
      {
        ...axis,
        size: 72,
        ...(latest.current.ySteps ? { incrs: [...latest.current.ySteps] } : {}),
        values: (_, ticks) =>
          ticks.map((tick) => (tick === null ? "" : (latest.current.yTick ?? latest.current.yText)(tick))),
      },
    ],
    // What lies on top of the others in a stack is drawn first, and the others over it.
    series: [{}, ...(isStacked ? lines.reverse() : lines)],
    hooks: {
      setCursor: [(self) => (latest.current as PlotProps).onCursor(self.cursor.idx ?? -1)],
      ready: [
        (self) =>
          self.over.addEventListener("click", () => {
            if (typeof self.cursor.idx === "number") latest.current.onPick?.(self.cursor.idx);
          }),
      ],
    },
  };
}

function dataOf({ x, series, isStacked = false, isLog = false }: LineChartProps): uPlot.AlignedData {
  const times = Array.from(x);
  const known = (value: number): number | null => (Number.isFinite(value) && (!isLog || value > 0) ? value : null);
  if (!isStacked) return [times, ...series.map(({ values }) => Array.from(values, known))];
  const sums: number[][] = [];
  for (const { values } of series) {
    const below = sums.at(-1);
    sums.push(Array.from(values, (value, i) => value + (below?.[i] ?? 0)));
  }
  return [times, ...sums.reverse()];
}

function ChartTable({ title, xName, x, xText, yText, series }: LineChartProps): ComponentChild {
  const columns = useMemo(
    () => [
      {
        name: xName,
        isNumber: true,
        text: (row: number) => xText(x[row] ?? Number.NaN),
        order: (row: number) => x[row] ?? 0,
      },
      ...series.map(({ name, values }) => ({
        name,
        isNumber: true,
        text: (row: number) => readAt(values, row, yText),
        order: (row: number) => values[row] ?? Number.NaN,
      })),
    ],
    [x, series, xName, xText, yText],
  );
  const rows = useMemo(() => Array.from({ length: x.length }, (_, row) => row), [x]);
  return (
    <div class="chart-table">
      <VirtualTable label={title} columns={columns} rows={rows} isSelected={nothing} onChoose={ignore} />
    </div>
  );
}

const nothing = (): boolean => false;
const ignore = (): void => {};

function readColors({ palette }: Theme): string[] {
  return withColors((color) => looks.map((look) => opaque(color(look.color) ?? palette.foreground)));
}

function sizeOf({ clientWidth, clientHeight }: HTMLElement): { width: number; height: number } {
  return { width: Math.max(60, clientWidth), height: Math.max(40, clientHeight) };
}
