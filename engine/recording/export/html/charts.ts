import { html, type Markup } from "./markup.ts";

/** One curve: y over x; NaN leaves a gap. */
export interface Series {
  readonly name: string;
  readonly y: ArrayLike<number>;
}

export interface ChartText {
  readonly title: string;
  readonly xLabel: string;
  readonly formatX: (x: number) => string;
  readonly formatY: (y: number) => string;
}

const WIDTH = 720;
const HEIGHT = 220;
const LEFT = 76;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 34;
const INNER = WIDTH - LEFT - RIGHT;
const TALL = HEIGHT - TOP - BOTTOM;
/** More points than this cannot be told apart in print. */
const MAX_POINTS = 720;

/** Curves over each other, on a logarithmic scale when they span more than three decades. */
export function lineChart(x: ArrayLike<number>, series: readonly Series[], text: ChartText): Markup {
  const finite = series.flatMap(({ y }) => Array.from(y).filter(Number.isFinite));
  if (x.length < 2 || finite.length < 2) return html``;
  const low = finite.reduce((a, b) => Math.min(a, b));
  const high = finite.reduce((a, b) => Math.max(a, b));
  const isLog = low > 0 && high / low > 1000;
  const scale = (value: number): number => (isLog ? Math.log10(value) : value);
  const axis = new Axis(x, scale(low), scale(high));
  const curves = series.map(({ y }, i) => {
    const d = pathOf(x, y, (value) => axis.y(scale(value)), axis);
    return html`<path class="curve c${i}" d="${d}"/>`;
  });
  const ticks = axis.ticks().map((value) => ({ y: axis.y(value), label: text.formatY(isLog ? 10 ** value : value) }));
  return frame(text, axis, ticks, curves, series);
}

/** Areas on top of each other: parts of a whole. */
export function areaChart(x: ArrayLike<number>, series: readonly Series[], text: ChartText): Markup {
  if (x.length < 2) return html``;
  const shown = sampled(x.length, series);
  const total = shown.map((i) => series.reduce((sum, { y }) => sum + y[i], 0));
  const axis = new Axis(x, 0, total.reduce((a, b) => Math.max(a, b), 0) || 1);
  const below = shown.map(() => 0);
  const areas = series.map(({ y }, s) => {
    const upper = shown.map((i, at) => below[at] + y[i]);
    const up = shown.map((i, at) => `${short(axis.x(x[i]))} ${short(axis.y(upper[at]))}`);
    const down = shown.map((i, at) => `${short(axis.x(x[i]))} ${short(axis.y(below[at]))}`).reverse();
    upper.forEach((value, at) => {
      below[at] = value;
    });
    return html`<path class="area a${s}" d="M${[...up, ...down].join("L")}Z"/>`;
  });
  const ticks = axis.ticks().map((value) => ({ y: axis.y(value), label: text.formatY(value) }));
  return frame(text, axis, ticks, areas, series);
}

/** For each few points, the one with the highest sum, so that no peak is lost. */
function sampled(count: number, series: readonly Series[]): number[] {
  const every = Math.ceil(count / MAX_POINTS);
  const shown: number[] = [];
  for (let first = 0; first < count; first += every) {
    let best = first;
    let most = Number.NEGATIVE_INFINITY;
    for (let i = first; i < Math.min(count, first + every); i++) {
      const sum = series.reduce((all, { y }) => all + y[i], 0);
      if (sum > most) [best, most] = [i, sum];
    }
    shown.push(best);
  }
  return shown;
}

function pathOf(x: ArrayLike<number>, y: ArrayLike<number>, place: (value: number) => number, axis: Axis): string {
  const every = Math.ceil(x.length / MAX_POINTS);
  let d = "";
  let isOpen = false;
  for (let i = 0; i < x.length; i += every) {
    const at = place(y[i]);
    if (!Number.isFinite(at)) {
      isOpen = false;
      continue;
    }
    d += `${isOpen ? "L" : "M"}${short(axis.x(x[i]))} ${short(at)}`;
    isOpen = true;
  }
  return d;
}

interface Tick {
  readonly y: number;
  readonly label: string;
}

function frame(
  text: ChartText,
  axis: Axis,
  ticks: readonly Tick[],
  marks: readonly Markup[],
  series: readonly Series[],
) {
  const lines = ticks.map(
    ({ y, label }) => html`<path class="grid" d="M${LEFT} ${short(y)}H${WIDTH - RIGHT}"/>
<text class="tick end" x="${LEFT - 8}" y="${short(y + 4)}">${label}</text>`,
  );
  const legend =
    series.length < 2
      ? null
      : html`<p class="legend">${series.map(({ name }, i) => html`<span class="k${i}">${name}</span> `)}</p>`;
  return html`<figure><figcaption>${text.title}</figcaption>${legend}
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${text.title}">
${lines}${marks}
<text class="tick" x="${LEFT}" y="${HEIGHT - 10}">${text.formatX(axis.first)}</text>
<text class="tick middle" x="${LEFT + INNER / 2}" y="${HEIGHT - 10}">${text.xLabel}</text>
<text class="tick end" x="${WIDTH - RIGHT}" y="${HEIGHT - 10}">${text.formatX(axis.last)}</text>
</svg></figure>`;
}

/** Where values lie in the picture. */
class Axis {
  readonly first: number;
  readonly last: number;
  private readonly low: number;
  private readonly high: number;

  constructor(x: ArrayLike<number>, low: number, high: number) {
    this.first = x[0];
    this.last = x[x.length - 1];
    // What hardly changes is a flat line in the middle, not noise from edge to edge.
    const flat = high - low < 1e-3 * Math.max(Math.abs(low), Math.abs(high));
    const room = flat ? 0.05 * Math.abs(high) : 0;
    this.low = low - room;
    this.high = high + room > this.low ? high + room : this.low + 1;
  }

  x(value: number): number {
    return LEFT + (INNER * (value - this.first)) / (this.last - this.first || 1);
  }

  y(value: number): number {
    return TOP + TALL * (1 - (value - this.low) / (this.high - this.low));
  }

  /** Four lines from the lowest to the highest value. */
  ticks(): number[] {
    return [0, 1, 2, 3].map((i) => this.low + (i * (this.high - this.low)) / 3);
  }
}

const short = (value: number): string => String(Math.round(value * 10) / 10);
