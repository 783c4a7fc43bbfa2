import type { ComponentChild } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { displayName } from "../../engine/recording/layout/text.ts";
import { opaque, over } from "../../engine/recording/paint/color.ts";
import { formatNumber } from "../../engine/recording/queries/numbers.ts";
import type { Histogram } from "../../engine/recording/queries/profile/training.ts";
import { useAtom } from "../ui/atom.ts";
import { type Theme, withColors } from "../ui/theme.ts";
import { VirtualTable } from "../ui/virtualTable.tsx";
import type { TrainingPanel } from "./trainingPanel.ts";

interface HistogramsProps {
  readonly panel: TrainingPanel;
  readonly histograms: readonly Histogram[];
  /** The selected parameter; -1 for the first that has any. */
  readonly tensor: number;
  readonly isTable: boolean;
}

/** How the elements of a parameter and of its gradient were spread, step by step. */
export function Histograms({ panel, histograms, tensor, isTable }: HistogramsProps): ComponentChild {
  const wanted = histograms.some((one) => one.tensor === tensor) ? tensor : (histograms[0]?.tensor ?? -1);
  if (wanted < 0) return null;
  return (
    <>
      {(["value", "grad"] as const).map((of) => {
        const shown = histograms.filter((one) => one.tensor === wanted && one.of === of);
        const name = displayName(shown[0]?.name ?? "", 60);
        const title = of === "value" ? `Values of ${name}` : `Gradient of ${name}`;
        return shown.length === 0 ? null : (
          <Spread key={of} panel={panel} title={title} histograms={shown} isTable={isTable} />
        );
      })}
    </>
  );
}

interface SpreadProps {
  readonly panel: TrainingPanel;
  readonly title: string;
  readonly histograms: readonly Histogram[];
  readonly isTable: boolean;
}

function Spread({ panel, title, histograms, isTable }: SpreadProps): ComponentChild {
  const theme = useAtom(panel.theme);
  const canvas = useRef<HTMLCanvasElement>(null);
  const low = Math.min(...histograms.map((one) => one.low));
  const high = Math.max(...histograms.map((one) => one.high));
  const columns = useMemo(() => columnsOf(histograms), [histograms]);
  useEffect(() => {
    const element = canvas.current;
    if (!element || isTable) return;
    const paint = (): void => paintSpread(element, histograms, { low, high }, theme);
    const observer = new ResizeObserver(paint);
    observer.observe(element);
    paint();
    return () => observer.disconnect();
  }, [histograms, theme, low, high, isTable]);
  return (
    <figure class="chart" aria-label={title}>
      <figcaption>
        <strong>{title}</strong>
        <span class="quiet">
          from {formatNumber(low)} at the bottom to {formatNumber(high)} at the top; step {histograms[0]?.step ?? 0} on
          the left to {histograms.at(-1)?.step ?? 0} on the right; paler is fewer
        </span>
      </figcaption>
      {isTable ? (
        <div class="chart-table">
          <VirtualTable
            label={title}
            columns={columns}
            rows={[...histograms.keys()]}
            isSelected={() => false}
            onChoose={() => {}}
          />
        </div>
      ) : (
        <div class="chart-plot" role="img" aria-label={`${title}, ${histograms.length} histograms over steps`}>
          <canvas class="spread" ref={canvas} />
        </div>
      )}
    </figure>
  );
}

/** A column for each histogram, a cell for each bin: the stronger its colour, the more elements. */
function paintSpread(
  canvas: HTMLCanvasElement,
  histograms: readonly Histogram[],
  { low, high }: { readonly low: number; readonly high: number },
  { palette }: Theme,
): void {
  const ratio = window.devicePixelRatio;
  const { clientWidth: width, clientHeight: height } = canvas;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  const context = canvas.getContext("2d", { alpha: false });
  if (!context) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = palette.background;
  context.fillRect(0, 0, width, height);
  const color = opaque(withColors((read) => read("charts-blue")) ?? palette.foreground);
  const range = Math.max(high - low, 1e-30);
  const columnWidth = width / histograms.length;
  histograms.forEach(({ counts, low: from, high: to }, i) => {
    const most = counts.reduce((a, b) => Math.max(a, b), 1);
    const binHeight = (Math.max(to - from, 1e-30) / range / counts.length) * height;
    counts.forEach((count, bin) => {
      if (count === 0) return;
      const bottom = height - ((from - low) / range) * height - bin * binHeight;
      context.fillStyle = over(palette.background, color, 0.15 + 0.85 * Math.sqrt(count / most));
      const cell = Math.max(1, binHeight);
      context.fillRect(i * columnWidth, bottom - cell, Math.max(1, columnWidth - 0.5), cell);
    });
  });
}

function columnsOf(histograms: readonly Histogram[]) {
  const bins = histograms[0]?.counts.length ?? 0;
  const at = (row: number): Histogram | undefined => histograms[row];
  return [
    {
      name: "step",
      isNumber: true,
      text: (row: number) => String(at(row)?.step ?? ""),
      order: (row: number) => at(row)?.step ?? 0,
    },
    { name: "least", isNumber: true, text: (row: number) => formatNumber(at(row)?.low ?? Number.NaN) },
    { name: "greatest", isNumber: true, text: (row: number) => formatNumber(at(row)?.high ?? Number.NaN) },
    ...Array.from({ length: bins }, (_, bin) => ({
      name: `bin ${bin + 1}`,
      isNumber: true,
      text: (row: number) => String(at(row)?.counts[bin] ?? 0),
    })),
  ];
}
