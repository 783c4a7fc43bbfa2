import { bandSizes, firstBelow } from "../../../engine/recording/layout/flame/flameBands.ts";
import { rowOfSpan } from "../../../engine/recording/layout/flame/flameRows.ts";
import { tickText, timeTicks } from "../../../engine/recording/layout/flame/timeTicks.ts";
import {
  type FlameColors,
  type FlamePalette,
  flameColors,
  shadesOfKind,
} from "../../../engine/recording/paint/flameColors.ts";
import { LabelPlaces, type Pixels, paintRow } from "../../../engine/recording/paint/flameRaster.ts";
import { Surface } from "../../draw/surface.ts";
import type { Size } from "../../draw/viewport.ts";
import type { Atom } from "../../ui/atom.ts";
import type { Theme } from "../../ui/theme.ts";
import { axisHeight, type FlameChart, type FlameModel } from "./flameChart.ts";
import { readFlamePalette } from "./flamePalette.ts";
import { SpanLabels } from "./spanLabels.ts";

/** Narrower spans, in CSS pixels, are not written on. */
const leastLabel = 34;
const textInset = 4;
/** More arrows than this from one op would hide what they lead to. */
const mostArrows = 40;

/** A flame chart's canvas, with a way to ask what it shows. */
export interface FlameCanvas extends HTMLCanvasElement {
  /** Where a span lies in CSS pixels of the canvas. */
  placeOf?: (span: number) => { x: number; y: number; width: number; height: number } | null;
}

/** Keeps a chart's canvas painted: once a frame at most, and only when something it shows has changed. */
export class FlamePainter {
  readonly #chart: FlameChart;
  readonly #theme: Atom<Theme>;
  readonly #canvas: FlameCanvas;
  readonly #surface: Surface;
  readonly #labels = new LabelPlaces();
  readonly #stop: (() => void)[];
  #image: ImageData | null = null;
  #pixels: Pixels = { data: new Uint32Array(0), width: 0, height: 0 };
  #look: { readonly theme: Theme; readonly palette: FlamePalette; readonly colors: FlameColors } | null = null;
  #texts: { readonly model: FlameModel; readonly theme: Theme; readonly labels: SpanLabels } | null = null;
  /** Of the forward op `of`: the backward nodes that lead to it. */
  #arrows: { readonly model: FlameModel; readonly of: number; readonly from: readonly number[] } | null = null;

  constructor(chart: FlameChart, theme: Atom<Theme>, canvas: FlameCanvas) {
    this.#chart = chart;
    this.#theme = theme;
    this.#canvas = canvas;
    canvas.placeOf = (span) => this.#placeOf(span);
    this.#surface = new Surface(
      canvas,
      (context, size) => this.#paint(context, size),
      (size) => chart.resize(size),
    );
    const atoms = [chart.model, chart.view, chart.selected, chart.hovered, chart.found, theme];
    this.#stop = atoms.map((atom) => (atom as Atom<unknown>).subscribe(() => this.#surface.requestPaint()));
  }

  dispose(): void {
    for (const stop of this.#stop) stop();
    this.#surface.dispose();
  }

  #paint(context: CanvasRenderingContext2D, size: Size): void {
    const model = this.#chart.model.get();
    const { palette, colors } = this.#lookNow();
    const { width, height } = this.#canvas;
    if (this.#image?.width !== width || this.#image.height !== height) {
      this.#image = context.createImageData(width, height);
      this.#pixels = { data: new Uint32Array(this.#image.data.buffer), width, height };
    }
    this.#pixels.data.fill(colors.background);
    this.#labels.count = 0;
    if (model) this.#rasterize(model, colors, size);
    context.putImageData(this.#image, 0, 0);
    if (!model) return;
    context.font = `11px ${this.#theme.get().fontFamily}`;
    context.textBaseline = "middle";
    context.textAlign = "left";
    context.direction = "ltr";
    this.#write(context, model, palette, colors);
    this.#writeTitles(context, model, palette, size);
    this.#outline(context, model, palette, size);
    this.#drawAxis(context, palette, size);
    this.#describe(model);
  }

  /** Leaves on the element what a test or a tool may want to know: how many spans there are, and when they were first drawn. */
  #describe({ timeline }: FlameModel): void {
    const { dataset } = this.#canvas;
    if (dataset["spans"] === String(timeline.count)) return;
    dataset["spans"] = String(timeline.count);
    dataset["drawnAt"] = String(performance.now());
  }

  #rasterize({ rows, bands }: FlameModel, colors: FlameColors, size: Size): void {
    const { begin, end, top } = this.#chart.view.get();
    const ratio = this.#pixels.width / size.width;
    const pixelsPerMs = this.#pixels.width / (end - begin);
    // Whole pixels of time: a chart that is moved shows the same spans in the same pixels.
    const window = { begin: Math.round(begin * pixelsPerMs) / pixelsPerMs, pixelsPerMs };
    const look = { colors, found: this.#chart.found.get() };
    const firstRow = firstBelow(bands.rowTop, top, bandSizes.row);
    for (let row = firstRow; row < rows.count; row++) {
      const y = (bands.rowTop[row] ?? 0) - top + axisHeight;
      if (y >= size.height) break;
      const place = {
        top: Math.round(y * ratio),
        height: Math.round((bandSizes.row - 1) * ratio),
        widthOfLabel: leastLabel * ratio,
      };
      paintRow(this.#pixels, rows, row, window, place, look, this.#labels);
    }
  }

  #write(context: CanvasRenderingContext2D, model: FlameModel, palette: FlamePalette, colors: FlameColors): void {
    const { name, kind } = model.timeline;
    const { top } = this.#chart.view.get();
    const { span: spans, row, left, right, count } = this.#labels;
    const found = this.#chart.found.get();
    const texts = this.#textsOf(model, context);
    const ratio = window.devicePixelRatio;
    for (let i = 0; i < count; i++) {
      const span = spans[i] ?? 0;
      const x = (left[i] ?? 0) / ratio + textInset;
      const text = texts.fitting(name[span] ?? 0, (right[i] ?? 0) / ratio - x - textInset);
      if (text === "") continue;
      const isDim = found !== null && found.isFound[span] === 0;
      const shade = (name[span] ?? 0) % shadesOfKind;
      context.fillStyle = isDim
        ? palette.dim
        : (colors.texts[(kind[span] ?? 0) * shadesOfKind + shade] ?? palette.foreground);
      context.fillText(text, x, (model.bands.rowTop[row[i] ?? 0] ?? 0) - top + axisHeight + bandSizes.row / 2);
    }
  }

  #writeTitles(
    context: CanvasRenderingContext2D,
    { rows, bands }: FlameModel,
    palette: FlamePalette,
    size: Size,
  ): void {
    const { lanes } = rows.spans;
    if (lanes.length < 2) return;
    const { top } = this.#chart.view.get();
    context.fillStyle = palette.dim;
    for (let lane = firstBelow(bands.titleTop, top, bandSizes.title); lane < lanes.length; lane++) {
      const y = (bands.titleTop[lane] ?? 0) - top + axisHeight;
      if (y > size.height) return;
      context.fillText((lanes[lane]?.name ?? "").slice(0, 120), 6, y + bandSizes.title / 2 + 1);
    }
  }

  #outline(context: CanvasRenderingContext2D, model: FlameModel, palette: FlamePalette, size: Size): void {
    const selected = this.#chart.selected.get();
    const hovered = this.#chart.hovered.get();
    for (const span of [hovered, selected]) {
      if (span < 0) continue;
      const place = this.#placeOf(span);
      if (!place || place.x > size.width || place.x + place.width < 0) continue;
      context.strokeStyle = span === selected ? palette.accent : palette.foreground;
      context.lineWidth = span === selected ? 2 : 1;
      const left = Math.max(-4, place.x);
      const right = Math.min(size.width + 4, place.x + Math.max(2, place.width));
      context.strokeRect(left, place.y, right - left, place.height);
    }
    for (const span of new Set([selected, hovered])) this.#drawArrows(context, model, palette, span);
  }

  /** From a backward node to the forward op that made it, or to a forward op from its backward nodes. */
  #drawArrows(context: CanvasRenderingContext2D, model: FlameModel, palette: FlamePalette, span: number): void {
    if (span < 0) return;
    const to = model.timeline.link[span] ?? -1;
    if (to >= 0) this.#arrow(context, palette, span, to);
    else for (const from of this.#backwardOf(model, span)) this.#arrow(context, palette, from, span);
  }

  #arrow(context: CanvasRenderingContext2D, palette: FlamePalette, from: number, to: number): void {
    const start = this.#placeOf(from);
    const end = this.#placeOf(to);
    if (!start || !end) return;
    const isDown = end.y > start.y;
    const x0 = start.x + Math.min(start.width, 12) / 2;
    const x1 = end.x + Math.max(2, end.width) - Math.min(end.width, 12) / 2;
    const y0 = isDown ? start.y + start.height : start.y;
    const y1 = isDown ? end.y : end.y + end.height;
    const bend = (isDown ? 1 : -1) * Math.max(24, Math.abs(y1 - y0) / 2);
    context.strokeStyle = palette.accent;
    context.fillStyle = palette.accent;
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(x0, y0);
    context.bezierCurveTo(x0, y0 + bend, x1, y1 - bend, x1, y1);
    context.stroke();
    const tip = isDown ? -7 : 7;
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x1 - 4, y1 + tip);
    context.lineTo(x1 + 4, y1 + tip);
    context.fill();
  }

  #backwardOf(model: FlameModel, span: number): readonly number[] {
    if (this.#arrows?.model !== model || this.#arrows.of !== span) {
      const from: number[] = [];
      const { link } = model.timeline;
      for (let at = link.indexOf(span); at >= 0 && from.length < mostArrows; at = link.indexOf(span, at + 1))
        from.push(at);
      this.#arrows = { model, of: span, from };
    }
    return this.#arrows.from;
  }

  #drawAxis(context: CanvasRenderingContext2D, palette: FlamePalette, size: Size): void {
    const { begin, end } = this.#chart.view.get();
    const pixelsPerMs = size.width / (end - begin);
    const ticks = timeTicks(begin, pixelsPerMs, 90);
    context.fillStyle = palette.background;
    context.fillRect(0, 0, size.width, axisHeight);
    context.fillStyle = palette.line;
    context.fillRect(0, axisHeight - 1, size.width, 1);
    for (let time = ticks.first; time <= end; time += ticks.step) {
      const x = (time - begin) * pixelsPerMs;
      context.fillStyle = palette.line;
      context.fillRect(x, 0, 1, axisHeight);
      context.fillStyle = palette.dim;
      const text = tickText(time, ticks);
      if (x + 4 + context.measureText(text).width <= size.width) context.fillText(text, x + 4, axisHeight / 2);
    }
  }

  #placeOf(span: number): { x: number; y: number; width: number; height: number } | null {
    const model = this.#chart.model.get();
    if (!model || span < 0 || span >= model.timeline.count) return null;
    const { begin, end, top } = this.#chart.view.get();
    const { start, end: ends } = model.timeline;
    const pixelsPerMs = this.#surface.size.width / (end - begin);
    const x = ((start[span] ?? 0) - begin) * pixelsPerMs;
    return {
      x,
      y: (model.bands.rowTop[rowOfSpan(model.rows, span)] ?? 0) - top + axisHeight,
      width: ((ends[span] ?? 0) - (start[span] ?? 0)) * pixelsPerMs,
      height: bandSizes.row - 1,
    };
  }

  #lookNow() {
    const theme = this.#theme.get();
    if (this.#look?.theme !== theme) {
      const palette = readFlamePalette(theme.palette);
      this.#look = { theme, palette, colors: flameColors(palette) };
    }
    return this.#look;
  }

  #textsOf(model: FlameModel, context: CanvasRenderingContext2D): SpanLabels {
    const theme = this.#theme.get();
    if (this.#texts?.model !== model || this.#texts.theme !== theme) {
      const labels = new SpanLabels(model.timeline.names, (text) => context.measureText(text).width);
      this.#texts = { model, theme, labels };
    }
    return this.#texts.labels;
  }
}
