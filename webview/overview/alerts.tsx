import type { ComponentChild } from "preact";
import { useState } from "preact/hooks";
import { displayName, shortNumber } from "../../engine/recording/layout/text.ts";
import type { OverviewAlert, OverviewLink } from "../protocol/overview.ts";
import { Icon, IconButton } from "../ui/kit.ts";
import { PlaceLink, placeText } from "../ui/placeLink.tsx";
import type { OverviewPanel } from "./overviewPanel.ts";

/** More are shown on demand: the first ones usually explain the rest. */
const shownAtFirst = 6;

interface AlertsProps {
  readonly panel: OverviewPanel;
  readonly alerts: readonly OverviewAlert[];
}

/** The run's faults: what is wrong, the way from origin to symptom, and what to do about it. */
export function Alerts({ panel, alerts }: AlertsProps): ComponentChild {
  const [showsAll, setShowsAll] = useState(false);
  if (alerts.length === 0) {
    return (
      <p class="nothing">
        <Icon name="pass" /> Nothing to report: no fault was found in this run.
      </p>
    );
  }
  const shown = showsAll ? alerts : alerts.slice(0, shownAtFirst);
  return (
    <>
      <ul class="alerts">
        {shown.map((alert, i) => (
          <AlertCard key={i} panel={panel} alert={alert} />
        ))}
      </ul>
      {alerts.length > shown.length && (
        <button type="button" class="link-button more" onClick={() => setShowsAll(true)}>
          Show all {alerts.length} alerts
        </button>
      )}
    </>
  );
}

function AlertCard({ panel, alert }: { readonly panel: OverviewPanel; readonly alert: OverviewAlert }): ComponentChild {
  const { severity, message, place, fix, chain, tensor } = alert;
  return (
    <li class={`card card-${severity}`}>
      <div class="card-head">
        <span class={`codicon codicon-${severity}`} role="img" aria-label={severity} />
        <span class="card-message">{displayName(message, 600)}</span>
        <span class="card-tools">
          {tensor !== null && (
            <IconButton icon="table" label="View the tensor" onClick={() => panel.send("viewTensor", tensor)} />
          )}
          {place && (
            <IconButton
              icon="type-hierarchy"
              label="Show in the graph"
              onClick={() => panel.send("showInGraph", place)}
            />
          )}
        </span>
      </div>
      <div class="card-facts">
        {place && <PlaceLink place={place} onClick={() => panel.reveal(place)} />}
        {factsOf(alert).map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
      </div>
      {chain.length > 1 && <Chain panel={panel} chain={chain} kind={alert.kind} />}
      {fix !== null && (
        <div class="card-fix">
          <span class="codicon codicon-lightbulb fix-sign" aria-hidden="true" />
          <span>
            <span class="quiet">Fix: </span>
            {displayName(fix, 400)}
          </span>
          {place && (
            <button type="button" class="link-button" onClick={() => panel.send("offerFix", place)}>
              Quick fixes…
            </button>
          )}
        </div>
      )}
    </li>
  );
}

/** What else is known, in a few words each. */
function factsOf({ kind, step, count, cause, element, evidence }: OverviewAlert): string[] {
  return [
    displayName(kind, 40),
    cause === null ? "" : displayName(cause.replaceAll("-", " "), 60),
    element === null || element.length === 0 ? "" : `element [${element.join(", ")}]`,
    step === null ? "" : `step ${step}`,
    count > 1 ? `${count.toLocaleString("en")} times` : "",
    ...evidence.slice(0, 3).map(({ label, value }) => `${displayName(label, 60)} ${shortNumber(value)}`),
  ].filter((part) => part !== "");
}

/** Links in the middle of a long chain are told on demand. */
const longChain = 7;

interface ChainProps {
  readonly panel: OverviewPanel;
  readonly chain: readonly OverviewLink[];
  readonly kind: string;
}

/** The way a fault took, from where it was born to where it surfaced; each link leads to its line. */
function Chain({ panel, chain, kind }: ChainProps): ComponentChild {
  const [isOpen, setOpen] = useState(false);
  const isCut = chain.length > longChain && !isOpen;
  const head = isCut ? chain.slice(0, 4) : chain;
  const tail = isCut ? chain.slice(-2) : [];
  const link = (one: OverviewLink, at: number): ComponentChild => (
    <Link key={at} panel={panel} link={one} role={at === 0 ? "origin" : at === chain.length - 1 ? "symptom" : "way"} />
  );
  return (
    <ol class="chain-links" aria-label={`The way of the ${kind} from its origin to where it surfaced`}>
      {head.map(link)}
      {isCut && (
        <li class="link">
          <button type="button" class="link-button" onClick={() => setOpen(true)}>
            {chain.length - 6} more
          </button>
        </li>
      )}
      {tail.map((one, i) => link(one, chain.length - 2 + i))}
    </ol>
  );
}

interface LinkProps {
  readonly panel: OverviewPanel;
  readonly link: OverviewLink;
  readonly role: "origin" | "way" | "symptom";
}

const roleWords = { origin: "origin", way: "", symptom: "surfaced" } as const;

function Link({ panel, link: { op, phase, place }, role }: LinkProps): ComponentChild {
  const what = phase === "backward" ? `backward of ${op}` : op;
  const where = place === null ? "" : `, ${placeText(place)}`;
  return (
    <li class={`link link-${role}`}>
      <button
        type="button"
        class={role === "symptom" ? "pill pill-symptom" : "pill"}
        title={`${displayName(what, 60)}${where}`}
        disabled={place === null}
        onClick={() => panel.reveal(place)}
      >
        <span class="pill-op">
          {phase === "backward" ? "∇ " : ""}
          {displayName(op, 24)}
        </span>
        {place && <span class="pill-line">:{place.line}</span>}
      </button>
      {roleWords[role] !== "" && <span class="link-role">{roleWords[role]}</span>}
    </li>
  );
}
