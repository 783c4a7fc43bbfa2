import type { ComponentChild } from "preact";
import { displayName, shortNumber } from "../../engine/recording/layout/text.ts";
import type { OverviewGradcheck } from "../protocol/overview.ts";
import { PlaceLink } from "../ui/placeLink.tsx";
import type { OverviewPanel } from "./overviewPanel.ts";

interface GradchecksProps {
  readonly panel: OverviewPanel;
  readonly gradchecks: readonly OverviewGradcheck[];
}

/** The gradchecks of the run, failed or passed, and what is wrong. */
export function Gradchecks({ panel, gradchecks }: GradchecksProps): ComponentChild {
  return (
    <ul class="gradchecks">
      {gradchecks.map((one, index) => (
        <li key={index} class={one.passed ? "passed" : "failed"}>
          <span
            class={`codicon codicon-${one.passed ? "pass" : "error"} check-sign`}
            role="img"
            aria-label={one.passed ? "passed" : "failed"}
          />
          <button type="button" class="link-button" onClick={() => panel.send("showGradcheck", index)}>
            {displayName(one.name, 60)}
          </button>
          {one.place && <PlaceLink place={one.place} onClick={() => panel.reveal(one.place)} />}
          <span class="quiet">
            largest error {shortNumber(one.maxAbsError)}, relative {shortNumber(one.maxRelError)}
          </span>
          {one.diagnosis !== null && <span class="diagnosis">{inShort(one.diagnosis)}</span>}
        </li>
      ))}
    </ul>
  );
}

/** The first and the last line: between them stand whole Jacobians, which the gradcheck's own panel shows. */
function inShort(diagnosis: string): string {
  const lines = diagnosis.split("\n").filter((line) => line.trim() !== "");
  const shown = lines.length > 2 ? [lines[0], lines.at(-1)] : lines;
  return displayName(shown.join(" "), 400);
}
