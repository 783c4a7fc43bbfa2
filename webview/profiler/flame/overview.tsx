import type { ComponentChild } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { flameColors } from "../../../engine/recording/paint/flameColors.ts";
import { LabelPlaces, paintRow } from "../../../engine/recording/paint/flameRaster.ts";
import { type Atom, useAtom } from "../../ui/atom.ts";
import type { Theme } from "../../ui/theme.ts";
import type { FlameChart, FlameModel } from "./flameChart.ts";
import { readFlamePalette } from "./flamePalette.ts";

/** Pixels of each lane's line; more lanes than these have no line of their own. */
const lineHeight = 5;
const mostLines = 7;

/** All of the time in a strip above the chart, with a window over what is in sight; a press goes there, a drag moves it. */
export function Overview({
  chart,
  theme: themeAtom,
}: {
  readonly chart: FlameChart;
  readonly theme: Atom<Theme>;
}): ComponentChild {
  const model = useAtom(chart.model);
  const view = useAtom(chart.view);
  const theme = useAtom(themeAtom);
  const canvas = useRef<HTMLCanvasElement>(null);

  useEffect(() => {
    const element = canvas.current;
    if (!element || !model) return;
    const paint = (): void => paintOverview(element, model, theme);
    const observer = new ResizeObserver(paint);
    observer.observe(element);
    paint();
    return () => observer.disconnect();
  }, [model, theme]);

  if (!model || model.timeline.count === 0) return null;
  const { begin, finish } = model.timeline;
  const length = Math.max(finish - begin, 1e-9);
  const go = (event: PointerEvent): void => {
    const strip = event.currentTarget;
    if (!(strip instanceof HTMLElement) || (event.type === "pointermove" && event.buttons === 0)) return;
    if (event.type === "pointerdown") strip.setPointerCapture(event.pointerId);
    chart.centerOn(begin + (event.offsetX / Math.max(1, strip.clientWidth)) * length);
  };
  const left = ((view.begin - begin) / length) * 100;
  const width = Math.max(0.15, ((view.end - view.begin) / length) * 100);
  const height = lineHeight * Math.min(mostLines, model.rows.spans.lanes.length) + 4;
  return (
    <div class="overview" aria-hidden="true" style={{ height: `${height}px` }} onPointerDown={go} onPointerMove={go}>
      <canvas ref={canvas} />
      <div class="overview-window" style={{ left: `${left}%`, width: `${width}%` }} />
    </div>
  );
}

function paintOverview(canvas: HTMLCanvasElement, { rows, timeline }: FlameModel, theme: Theme): void {
  const ratio = window.devicePixelRatio;
  canvas.width = Math.max(1, Math.round(canvas.clientWidth * ratio));
  canvas.height = Math.max(1, Math.round(canvas.clientHeight * ratio));
  const context = canvas.getContext("2d", { alpha: false });
  if (!context) return;
  const colors = flameColors(readFlamePalette(theme.palette));
  const image = context.createImageData(canvas.width, canvas.height);
  const pixels = { data: new Uint32Array(image.data.buffer), width: canvas.width, height: canvas.height };
  pixels.data.fill(colors.background);
  const pixelsPerMs = canvas.width / Math.max(1e-9, timeline.finish - timeline.begin);
  const lanes = Math.min(mostLines, timeline.lanes.length);
  for (let lane = 0; lane < lanes; lane++) {
    const place = {
      top: Math.round((2 + lane * lineHeight) * ratio),
      height: Math.round((lineHeight - 1) * ratio),
      widthOfLabel: Number.POSITIVE_INFINITY,
    };
    const row = rows.firstOfLane[lane] ?? 0;
    paintRow(pixels, rows, row, { begin: timeline.begin, pixelsPerMs }, place, { colors, found: null }, unwritten);
  }
  context.putImageData(image, 0, 0);
}

const unwritten = new LabelPlaces();
