import type { ComponentChild } from "preact";
import { displayName } from "../../engine/recording/layout/text.ts";
import { formatNumber } from "../../engine/recording/queries/numbers.ts";
import type { GradchecksShown } from "../protocol/gradcheck.ts";
import { useAtom } from "../ui/atom.ts";
import { EmptyPanel } from "../ui/emptyPanel.tsx";
import { Button, Dropdown } from "../ui/kit.ts";
import { Notice, Spoken } from "../ui/notice.tsx";
import { RunLine } from "../ui/runLine.tsx";
import { CheckList } from "./checkList.tsx";
import { EntryTable } from "./entryTable.tsx";
import type { Chosen, GradcheckPanel } from "./gradcheckPanel.ts";
import { Matrices } from "./matrices.tsx";
import { pairTitle } from "./words.ts";

/** The whole panel: one line at the top, the checks at the side, the chosen one beside them. */
export function GradcheckPanelView({ panel }: { readonly panel: GradcheckPanel }): ComponentChild {
  const content = useAtom(panel.content);
  return (
    <main class="panel">
      <h1 class="only-spoken">Gradchecks{content.kind === "gradchecks" ? ` of ${content.run.file}` : ""}</h1>
      {content.kind === "gradchecks" && <Top shown={content} />}
      {content.kind === "gradchecks" && <Checks panel={panel} shown={content} />}
      {content.kind === "empty" && (
        <EmptyPanel icon="beaker" reason={content.reason}>
          {content.action !== null && <Button onClick={() => panel.runModel()}>{content.action}</Button>}
        </EmptyPanel>
      )}
      {content.kind === "failed" && (
        <EmptyPanel icon="beaker" reason={content.message}>
          <Button onClick={() => void panel.load()}>Try again</Button>
        </EmptyPanel>
      )}
      <Spoken text={panel.spoken} />
      <Notice text={panel.notice} />
    </main>
  );
}

function Top({ shown }: { readonly shown: GradchecksShown }): ComponentChild {
  const { failed, total, checks } = shown;
  return (
    <div class="toolbar">
      <RunLine run={shown.run} />
      <span class="space" />
      {checks.length < total && <span class="quiet">{checks.length} shown</span>}
      <span class={failed === 0 ? "all-passed" : "some-failed"}>
        {failed === 0 ? `${total} passed` : `${failed} of ${total} failed`}
      </span>
    </div>
  );
}

function Checks({ panel, shown }: { readonly panel: GradcheckPanel; readonly shown: GradchecksShown }): ComponentChild {
  const chosen = useAtom(panel.chosen);
  return (
    <div class="middle gradchecks">
      <CheckList panel={panel} checks={shown.checks} chosen={chosen?.index ?? 0} />
      {chosen && <Check panel={panel} chosen={chosen} />}
    </div>
  );
}

function Check({ panel, chosen }: { readonly panel: GradcheckPanel; readonly chosen: Chosen }): ComponentChild {
  const { check, pairs, pair } = chosen;
  const model = pairs?.[pair];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled with the keyboard.
    <section class="report" aria-label={`Report of ${displayName(check.name, 120)}`} tabIndex={0}>
      <header>
        <h2 title={displayName(check.name, 400)}>{displayName(check.name, 120)}</h2>
        <button type="button" class="link-button" onClick={() => panel.reveal(check.place)}>
          {check.where}
        </button>
      </header>
      <Finding panel={panel} chosen={chosen} />
      {pairs !== null && pairs.length > 1 && (
        <Dropdown
          label="Which output and input"
          options={pairs.map((one, id) => ({ id, label: pairTitle(one) }))}
          chosen={pair}
          onChoose={(id) => panel.choosePair(id)}
        />
      )}
      {model && (
        <>
          {pairs.length === 1 && <p class="quiet">{pairTitle(model)}</p>}
          <Matrices panel={panel} chosen={chosen} model={model} />
          <EntryTable model={model} entry={chosen.entry} check={check} />
        </>
      )}
      {pairs?.length === 0 && <p class="quiet">No Jacobians were recorded of this check.</p>}
    </section>
  );
}

/** What the check found, in words. */
function Finding({ panel, chosen }: { readonly panel: GradcheckPanel; readonly chosen: Chosen }): ComponentChild {
  const { check } = chosen;
  const { blame, blameWhere, worst, excess, maxAbsError } = check;
  if (check.passed) {
    return (
      <p class="finding finding-passed">
        <span class="codicon codicon-pass" aria-hidden="true" />
        Backward agrees with finite differences: the largest difference is {formatNumber(maxAbsError)}.
      </p>
    );
  }
  const isBug = check.cause !== "kink" && check.cause !== "float32" && check.cause !== "step-size";
  return (
    <div class={`finding ${isBug ? "finding-failed" : "finding-doubtful"}`}>
      <p>
        <span class={`codicon codicon-${isBug ? "error" : "info"}`} aria-hidden="true" />
        {check.headline}
      </p>
      {blame !== null && (
        <p>
          To blame: <b>{displayName(blame.op, 80)}</b>{" "}
          <button type="button" class="link-button" onClick={() => panel.reveal(blame.place)}>
            {blameWhere ?? "its line"}
          </button>
        </p>
      )}
      {worst !== null && excess !== null && (
        <p class="quiet">
          Worst entry: [{worst.row}, {worst.col}] of output {worst.output} by input {worst.input}, analytical{" "}
          {formatNumber(worst.analytical)}, numerical {formatNumber(worst.numerical)}, {formatNumber(excess)} beyond the
          tolerance.
        </p>
      )}
    </div>
  );
}
