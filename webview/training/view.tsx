import type { ComponentChild } from "preact";
import { useMemo } from "preact/hooks";
import { displayName } from "../../engine/recording/layout/text.ts";
import { formatNumber, formatShort } from "../../engine/recording/queries/numbers.ts";
import type { ParameterCurve, Training } from "../../engine/recording/queries/profile/training.ts";
import { useAtom } from "../ui/atom.ts";
import { EmptyPanel } from "../ui/emptyPanel.tsx";
import { Button, IconButton, TextField } from "../ui/kit.ts";
import { LineChart } from "../ui/lineChart.tsx";
import { Notice } from "../ui/notice.tsx";
import { RunLine } from "../ui/runLine.tsx";
import { Histograms } from "./histograms.tsx";
import { ParameterTable } from "./parameterTable.tsx";
import type { TrainingPanel } from "./trainingPanel.ts";

/** More lines than this in one chart cannot be told apart. */
const seriesAtOnce = 6;

/** The whole panel: one line at the top, curves below it. */
export function TrainingView({ panel }: { readonly panel: TrainingPanel }): ComponentChild {
  const content = useAtom(panel.content);
  return (
    <main class="panel">
      <h1 class="only-spoken">Training{content.kind === "training" ? ` of ${content.run.file}` : ""}</h1>
      {content.kind === "training" && <Toolbar panel={panel} content={content} />}
      {content.kind === "training" && <Curves panel={panel} training={content.training} />}
      {content.kind === "empty" && (
        <EmptyPanel icon="graph-line" reason={content.reason}>
          {content.action !== null && <Button onClick={() => panel.runModel()}>{content.action}</Button>}
        </EmptyPanel>
      )}
      {content.kind === "failed" && (
        <EmptyPanel icon="graph-line" reason={content.message}>
          <Button onClick={() => void panel.load()}>Try again</Button>
        </EmptyPanel>
      )}
      <Notice text={panel.notice} />
    </main>
  );
}

function Toolbar({ panel, content }: { readonly panel: TrainingPanel; readonly content: Shown }): ComponentChild {
  const { isTable, isLog } = useAtom(panel.arrangement);
  const query = useAtom(panel.query);
  return (
    <div class="toolbar" role="toolbar" aria-label="Training">
      <RunLine run={content.run} />
      <span class="quiet">{content.training.count.toLocaleString("en")} steps</span>
      <span class="space" />
      <TextField
        label="Search parameters"
        placeholder="Search parameters"
        value={query}
        onInput={(text) => panel.search(text)}
        onKeyDown={(event) => event.key === "Escape" && panel.search("")}
      />
      <span class="space" />
      <IconButton
        icon="graph"
        label="Logarithmic scale"
        pressed={isLog}
        onClick={() => panel.arrange({ isLog: !isLog })}
      />
      <IconButton
        icon={isTable ? "graph-line" : "table"}
        label={isTable ? "Show as charts" : "Show as tables"}
        pressed={isTable}
        onClick={() => panel.arrange({ isTable: !isTable })}
      />
    </div>
  );
}

type Shown = Extract<ReturnType<TrainingPanel["content"]["get"]>, { kind: "training" }>;

function Curves({ panel, training }: { readonly panel: TrainingPanel; readonly training: Training }): ComponentChild {
  const { isTable, isLog, first } = useAtom(panel.arrangement);
  const query = useAtom(panel.query);
  const selected = useAtom(panel.selected);
  const steps = useMemo(() => Float64Array.from({ length: training.count }, (_, step) => step), [training]);
  const shown = useMemo(() => Float64Array.from(training.shown), [training]);
  const wanted = useMemo(() => found(training.parameters, query), [training, query]);
  const start = Math.min(first, Math.max(0, Math.ceil(wanted.length / seriesAtOnce) - 1) * seriesAtOnce);
  const group = wanted.slice(start, start + seriesAtOnce);
  const whole = {
    theme: panel.theme,
    xName: "step",
    xText: String,
    yText: formatNumber,
    yTick: formatShort,
    isTable,
    isLog,
  };
  const named = (of: (curve: ParameterCurve) => Float64Array) =>
    group.map((curve) => ({ name: displayName(curve.name, 40), values: of(curve) }));
  return (
    <div class="curves">
      <Single {...whole} title="Loss" x={steps} values={training.loss} />
      <Single {...whole} title="Gradient norm" x={steps} values={training.gradNorm} />
      <Single {...whole} title="Learning rate" x={steps} values={training.rate} />
      {group.length > 0 && (
        <>
          <LineChart
            {...whole}
            isLog={true}
            title="Gradient of parameters, norm"
            x={shown}
            series={named(({ grad }) => grad)}
          />
          <LineChart
            {...whole}
            isLog={true}
            isSampled={true}
            title="Update of parameters, relative to their size"
            x={shown}
            series={named(({ updateRatio }) => updateRatio)}
          />
        </>
      )}
      {wanted.length > seriesAtOnce && (
        <div class="pages">
          <IconButton
            icon="chevron-left"
            label="Parameters before these"
            disabled={start === 0}
            onClick={() => panel.arrange({ first: start - seriesAtOnce })}
          />
          <span>
            parameters {start + 1} to {start + group.length} of {wanted.length}
          </span>
          <IconButton
            icon="chevron-right"
            label="Parameters after these"
            disabled={start + seriesAtOnce >= wanted.length}
            onClick={() => panel.arrange({ first: start + seriesAtOnce })}
          />
        </div>
      )}
      <ParameterTable panel={panel} parameters={wanted} selected={selected} />
      <Histograms panel={panel} histograms={training.histograms} tensor={selected} isTable={isTable} />
    </div>
  );
}

type SingleProps = Omit<Parameters<typeof LineChart>[0], "series"> & { readonly values: Float64Array };

function Single({ values, ...chart }: SingleProps): ComponentChild {
  const series = useMemo(() => [{ name: chart.title.toLowerCase(), values }], [chart.title, values]);
  return <LineChart {...chart} series={series} />;
}

function found(parameters: readonly ParameterCurve[], query: string): readonly ParameterCurve[] {
  const words = query.toLowerCase().split(/\s+/);
  return parameters.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
}
