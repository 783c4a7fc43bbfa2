import type { ComponentChild } from "preact";
import { useRef } from "preact/hooks";
import { displayName } from "../../engine/recording/layout/text.ts";
import type { OverviewShown } from "../protocol/overview.ts";
import { useAtom } from "../ui/atom.ts";
import { EmptyPanel } from "../ui/emptyPanel.tsx";
import { Button, Icon, IconButton, ProgressRing } from "../ui/kit.ts";
import { Notice, Spoken } from "../ui/notice.tsx";
import { clockText, RunLine } from "../ui/runLine.tsx";
import { Section } from "../ui/section.tsx";
import { Alerts } from "./alerts.tsx";
import { Gradchecks } from "./gradchecks.tsx";
import type { OverviewPanel } from "./overviewPanel.ts";
import { StepChart } from "./stepChart.tsx";
import { TensorTable, TensorTools } from "./tensorTable.tsx";
import { Totals } from "./totals.tsx";

/** The whole panel: what run this is in one line, then its faults, its steps, its gradchecks, its cost and its tensors. */
export function OverviewView({ panel }: { readonly panel: OverviewPanel }): ComponentChild {
  const content = useAtom(panel.content);
  const scroller = useRef<HTMLDivElement>(null);
  return (
    <main class="panel">
      <h1 class="only-spoken">Run overview{content.kind === "overview" ? ` of ${content.run.file}` : ""}</h1>
      {content.kind === "overview" && <TopLine panel={panel} shown={content} />}
      <Running panel={panel} />
      {content.kind === "overview" && <Behind panel={panel} shown={content} />}
      {content.kind === "overview" && (
        <div class="scroller" ref={scroller}>
          <Sections panel={panel} shown={content} scroller={scroller} />
        </div>
      )}
      {content.kind === "empty" && (
        <EmptyPanel icon="dashboard" reason={content.reason}>
          {content.action !== null && <Button onClick={() => panel.send("runModel")}>{content.action}</Button>}
        </EmptyPanel>
      )}
      {content.kind === "failed" && (
        <EmptyPanel icon="dashboard" reason={content.message}>
          <Button onClick={() => void panel.load()}>Try again</Button>
        </EmptyPanel>
      )}
      <Spoken text={panel.spoken} />
      <Notice text={panel.notice} />
    </main>
  );
}

function TopLine({ panel, shown }: { readonly panel: OverviewPanel; readonly shown: OverviewShown }): ComponentChild {
  return (
    <div class="toolbar" role="toolbar" aria-label="Run">
      <RunLine run={shown.run} />
      <span class="headline" title={shown.headline}>
        {shown.headline}
      </span>
      <span class="space" />
      <span class="tools">
        <IconButton icon="debug-restart" label="Run again" onClick={() => panel.send("runModel")} />
        <IconButton icon="type-hierarchy" label="Show the graph" onClick={() => panel.send("showGraph")} />
      </span>
    </div>
  );
}

/** A run goes on: what is below is from the one before. */
function Running({ panel }: { readonly panel: OverviewPanel }): ComponentChild {
  const running = useAtom(panel.running);
  if (running === null) return null;
  return (
    <div class="strip" role="status">
      <ProgressRing />
      <span class="strip-words">
        {displayName(running.file, 60)} is running since {clockText(running.startedAt)}
        {running.ops > 0 && <span class="quiet"> · {running.ops.toLocaleString("en")} events so far</span>}
      </span>
      <span class="space" />
      <Button primary={false} onClick={() => panel.send("stopRun")}>
        Stop
      </Button>
    </div>
  );
}

/** Why what is shown is not the latest state of things. */
function Behind({ panel, shown }: { readonly panel: OverviewPanel; readonly shown: OverviewShown }): ComponentChild {
  const running = useAtom(panel.running);
  if (shown.failure !== null) {
    return (
      <div class="strip strip-error" role="status">
        <Icon name="error" />
        <span class="strip-words">
          The last run failed: {displayName(shown.failure, 240)}{" "}
          <span class="quiet">
            Below is the good run{shown.run.startedAt === null ? "" : ` of ${clockText(shown.run.startedAt)}`}.
          </span>
        </span>
        <span class="space" />
        <Button primary={false} onClick={() => panel.send("showFailedRun")}>
          Show the failed run
        </Button>
      </div>
    );
  }
  if (!shown.isEdited || running !== null) return null;
  return (
    <div class="strip" role="status">
      <Icon name="edit" />
      <span class="strip-words">Edited since this run: lines and figures are from before.</span>
      <span class="space" />
      <Button primary={false} onClick={() => panel.send("runModel")}>
        Run again
      </Button>
    </div>
  );
}

interface SectionsProps {
  readonly panel: OverviewPanel;
  readonly shown: OverviewShown;
  readonly scroller: { readonly current: HTMLDivElement | null };
}

function Sections({ panel, shown, scroller }: SectionsProps): ComponentChild {
  const { folded } = useAtom(panel.look);
  const { alerts, steps, stepCount, gradchecks, tensors, tensorCount, remarks } = shown;
  const fold = (section: string) => ({
    isFolded: folded.includes(section),
    onToggle: () => panel.toggleFold(section),
  });
  const failed = gradchecks.filter(({ passed }) => !passed).length;
  return (
    <>
      {remarks.map((remark) => (
        <p class="remark" key={remark}>
          <Icon name="info" /> {displayName(remark, 400)}
        </p>
      ))}
      <Section title="Alerts" note={String(alerts.length)} {...fold("alerts")}>
        <Alerts panel={panel} alerts={alerts} />
      </Section>
      {steps.length > 1 && (
        <Section title="Steps" note={stepCount.toLocaleString("en")} {...fold("steps")}>
          <StepChart panel={panel} steps={steps} stepCount={stepCount} />
        </Section>
      )}
      {gradchecks.length > 0 && (
        <Section
          title="Gradchecks"
          note={failed === 0 ? `${gradchecks.length} passed` : `${failed} of ${gradchecks.length} failed`}
          {...fold("gradchecks")}
        >
          <Gradchecks panel={panel} gradchecks={gradchecks} />
        </Section>
      )}
      <Section title="Time and memory" {...fold("totals")}>
        <Totals totals={shown.totals} durationMs={shown.run.durationMs} />
      </Section>
      <Section
        title="Tensors"
        note={
          tensorCount > tensors.length
            ? `first ${tensors.length.toLocaleString("en")} of ${tensorCount.toLocaleString("en")}`
            : tensorCount.toLocaleString("en")
        }
        tools={<TensorTools panel={panel} shown={shown} />}
        {...fold("tensors")}
      >
        <TensorTable panel={panel} shown={shown} scroller={scroller} />
      </Section>
    </>
  );
}
