import type { ComponentChild } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { shortNumber } from "../../engine/recording/layout/text.ts";
import { over } from "../../engine/recording/paint/color.ts";
import { formatShort } from "../../engine/recording/queries/numbers.ts";
import type { TrainingStep } from "../../engine/recording/queries/steps.ts";
import { useAtom } from "../ui/atom.ts";
import type { Theme } from "../ui/theme.ts";
import type { OverviewPanel } from "./overviewPanel.ts";

interface StepChartProps {
  readonly panel: OverviewPanel;
  readonly steps: readonly TrainingStep[];
  readonly stepCount: number;
}

const height = 150;

/** Loss and gradient norm over the steps; a cursor, moved with the pointer or the arrow keys, reads the values. */
export function StepChart({ panel, steps, stepCount }: StepChartProps): ComponentChild {
  const theme = useAtom(panel.theme);
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [at, setAt] = useState(steps.length - 1);

  useEffect(() => {
    const place = holder.current;
    if (place === null) return;
    setAt(steps.length - 1);
    const chart = new uPlot(chartOptions(steps, theme, place.clientWidth, setAt), chartData(steps), place);
    plot.current = chart;
    const resized = new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height }));
    resized.observe(place);
    return () => {
      resized.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [steps, theme]);

  const moveTo = (index: number): void => {
    const step = steps[index];
    const chart = plot.current;
    if (step === undefined || chart === null) return;
    chart.setCursor({ left: chart.valToPos(step.step, "x"), top: 0 });
    setAt(index);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const last = steps.length - 1;
    const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last, PageUp: at - 20, PageDown: at + 20 }[
      event.key
    ];
    if (next === undefined) return;
    event.preventDefault();
    moveTo(Math.max(0, Math.min(last, next)));
  };
  const step = steps[Math.min(at, steps.length - 1)];
  return (
    <div class="chart">
      <Reading step={step} />
      <div
        ref={holder}
        class="chart-plot"
        role="slider"
        tabIndex={0}
        aria-label="Loss and gradient norm by step"
        aria-valuemin={0}
        aria-valuemax={steps.at(-1)?.step ?? 0}
        aria-valuenow={step?.step ?? 0}
        aria-valuetext={step === undefined ? "" : readingText(step)}
        onKeyDown={onKeyDown}
      />
      {stepCount > steps.length && (
        <p class="quiet chart-note">
          {steps.length.toLocaleString("en")} of {stepCount.toLocaleString("en")} steps are drawn: of each stretch the
          one with the largest gradient.
        </p>
      )}
    </div>
  );
}

function Reading({ step }: { readonly step: TrainingStep | undefined }): ComponentChild {
  if (step === undefined) return null;
  return (
    <div class="reading" aria-hidden="true">
      <span>step {step.step}</span>
      <span>
        <span class="line-key line-loss" /> loss <b>{shortNumber(step.loss)}</b>
      </span>
      <span>
        <span class="line-key line-norm" /> ‖∇‖ <b>{shortNumber(step.gradNorm)}</b>
      </span>
    </div>
  );
}

function readingText({ step, loss, gradNorm }: TrainingStep): string {
  return `step ${step}, loss ${shortNumber(loss)}, gradient norm ${shortNumber(gradNorm)}`;
}

/** What is not finite is a gap in the line. */
function chartData(steps: readonly TrainingStep[]): uPlot.AlignedData {
  const finite = (x: number): number | null => (Number.isFinite(x) ? x : null);
  return [
    steps.map(({ step }) => step),
    steps.map(({ loss }) => finite(loss)),
    steps.map(({ gradNorm }) => finite(gradNorm)),
  ];
}

function chartOptions(
  steps: readonly TrainingStep[],
  { palette, fontFamily }: Theme,
  width: number,
  onCursor: (index: number) => void,
): uPlot.Options {
  const axis = {
    stroke: palette.dim,
    grid: { stroke: over(palette.background, palette.foreground, 0.12), width: 1 },
    ticks: { show: false },
    font: `11px ${fontFamily}`,
    values: (_: uPlot, splits: (number | null)[]) => splits.map((x) => (x === null ? "" : formatShort(x))),
  };
  const isWide = spansDecades(steps.map(({ gradNorm }) => gradNorm));
  return {
    width,
    height,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
    scales: { x: { time: false }, loss: {}, norm: { distr: isWide ? 3 : 1 } },
    axes: [
      { ...axis, size: 26, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 1e4, 1e5, 1e6] },
      { ...axis, scale: "loss", size: 52, label: "loss", labelSize: 14, labelFont: axis.font },
      {
        ...axis,
        scale: "norm",
        side: 1,
        size: 52,
        label: isWide ? "‖∇‖, logarithmic" : "‖∇‖",
        labelSize: 14,
        labelFont: axis.font,
        grid: { show: false },
      },
    ],
    series: [
      {},
      { scale: "loss", stroke: palette.leaf, width: 1.5, points: { show: steps.length < 3 } },
      { scale: "norm", stroke: palette.exploding, width: 1.5, dash: [5, 3], points: { show: steps.length < 3 } },
    ],
    hooks: {
      setCursor: [({ cursor }) => typeof cursor.idx === "number" && onCursor(cursor.idx)],
      draw: [(chart) => markBad(chart, steps, palette.error)],
    },
  };
}

function spansDecades(values: readonly number[]): boolean {
  const sizes = values.filter((x) => Number.isFinite(x) && x > 0);
  return sizes.length === values.filter(Number.isFinite).length && Math.max(...sizes) > 50 * Math.min(...sizes);
}

/** A mark at the bottom for every step whose loss or gradient is not finite. */
function markBad({ ctx, bbox, valToPos }: uPlot, steps: readonly TrainingStep[], color: string): void {
  ctx.save();
  ctx.fillStyle = color;
  const size = 4 * devicePixelRatio;
  for (const { step, loss, gradNorm } of steps) {
    if (Number.isFinite(loss) && Number.isFinite(gradNorm)) continue;
    const x = valToPos(step, "x", true);
    ctx.beginPath();
    ctx.moveTo(x - size, bbox.top + bbox.height);
    ctx.lineTo(x + size, bbox.top + bbox.height);
    ctx.lineTo(x, bbox.top + bbox.height - 2 * size);
    ctx.fill();
  }
  ctx.restore();
}
