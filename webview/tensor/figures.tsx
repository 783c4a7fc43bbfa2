import type { ComponentChild } from "preact";
import { shortNumber } from "../../engine/recording/layout/text.ts";
import type { Histogram } from "../../engine/recording/queries/histogram.ts";
import { readOneIn } from "../../engine/recording/statistics.ts";
import type { Figures as FigureList, TensorShown } from "../protocol/tensor.ts";
import { useAtom } from "../ui/atom.ts";
import { Icon } from "../ui/kit.ts";
import type { TensorPanel } from "./tensorPanel.ts";
import { kindWords } from "./words.ts";

interface FiguresProps {
  readonly panel: TensorPanel;
  readonly shown: TensorShown;
}

/** The figures of the whole tensor, and how its numbers are spread. */
export function Figures({ panel, shown }: FiguresProps): ComponentChild {
  const slice = useAtom(panel.slice);
  const look = useAtom(panel.look);
  if (slice === null || look === null) return null;
  const { figures, histogram, kept, total } = slice;
  return (
    <aside class="figures" aria-label="Statistics">
      {kept < total && (
        <p class="sampled">
          <Icon name="info" />
          <span>
            Sampled: {kept.toLocaleString("en")} of {total.toLocaleString("en")} elements were kept, evenly spread over
            all dimensions. {look.of === "ratio" || look.moment >= 0 ? "" : sampledFigures(total)}
          </span>
        </p>
      )}
      <h2>{kindWords[look.of]}</h2>
      <Bars histogram={histogram} of={kindWords[look.of]} />
      <dl>
        {rowsOf(figures).map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {look.of !== "value" && shown.reason !== null && <p class="quiet">{shown.reason}</p>}
    </aside>
  );
}

/** Figures of the end of a run are computed from all elements, or from a few million where there are more. */
function sampledFigures(total: number): string {
  return readOneIn(total) > 1 ? "The figures are of a larger sample." : "The figures are of the whole tensor.";
}

function rowsOf({ numel, min, max, mean, std, norm, zeros, nan, inf }: FigureList): [name: string, text: string][] {
  const share = (count: number): string =>
    count === 0 ? "0" : `${count.toLocaleString("en")} (${percent(count / Math.max(1, numel))})`;
  return [
    ["elements", numel.toLocaleString("en")],
    ["min", shortNumber(min)],
    ["max", shortNumber(max)],
    ["mean", shortNumber(mean)],
    ["std", shortNumber(std)],
    ["norm", shortNumber(norm)],
    ["zeros", share(zeros)],
    ["NaN", share(nan)],
    ["Inf", share(inf)],
  ];
}

function percent(part: number): string {
  return part < 0.01 ? "<1%" : `${Math.round(100 * part)}%`;
}

const width = 220;
const height = 84;

/** A histogram with its ends. */
function Bars({
  histogram: { from, to, counts, looked, every },
  of,
}: {
  readonly histogram: Histogram;
  readonly of: string;
}): ComponentChild {
  const most = Math.max(1, ...counts);
  if (Number.isNaN(from)) return <p class="quiet">No finite number to draw.</p>;
  const barWidth = width / counts.length;
  const zero = from < 0 && to > 0 ? (-from / (to - from)) * width : null;
  const label = `Histogram of the ${of}: ${counts.length} bins from ${shortNumber(from)} to ${shortNumber(to)}, at most ${most} in one`;
  return (
    <figure class="bars">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" preserveAspectRatio="none">
        <title>{label}</title>
        {zero !== null && <line class="zero-line" x1={zero} x2={zero} y1={0} y2={height} />}
        {counts.map((count, i) => {
          const tall = count === 0 ? 0 : Math.max(1.5, (count / most) * height);
          const low = from + ((i + 0.5) / counts.length) * (to - from);
          const key = `${i}`;
          return (
            <rect
              key={key}
              class={low < 0 ? "bar-below" : "bar-above"}
              x={i * barWidth}
              y={height - tall}
              width={Math.max(1, barWidth - 1)}
              height={tall}
            >
              <title>
                {count.toLocaleString("en")} around {shortNumber(low)}
              </title>
            </rect>
          );
        })}
      </svg>
      <figcaption>
        <span>{shortNumber(from)}</span>
        {every > 1 && <span class="quiet">{looked.toLocaleString("en")} sampled</span>}
        <span>{shortNumber(to)}</span>
      </figcaption>
    </figure>
  );
}
