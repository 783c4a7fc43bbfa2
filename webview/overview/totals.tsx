import type { ComponentChild } from "preact";
import type { RunTotals } from "../../engine/recording/queries/overview.ts";
import { durationText } from "../ui/runLine.tsx";

interface TotalsProps {
  readonly totals: RunTotals;
  readonly durationMs: number;
}

/** Where the time of the run went, as one bar, and what it held. */
export function Totals({ totals, durationMs }: TotalsProps): ComponentChild {
  const { forwardMs, backwardMs, optimizerMs } = totals;
  const whole = Math.max(durationMs, forwardMs + backwardMs + optimizerMs);
  const parts = [
    { name: "forward", ms: forwardMs },
    { name: "backward", ms: backwardMs },
    { name: "optimizer", ms: optimizerMs },
    { name: "rest", ms: whole - forwardMs - backwardMs - optimizerMs },
  ].filter(({ ms }) => ms > 0);
  return (
    <div class="totals">
      <div class="time-bar" aria-hidden="true">
        {parts.map(({ name, ms }) => (
          <span key={name} class={`time-${name}`} style={{ flexGrow: String(ms / whole) }} />
        ))}
      </div>
      <dl class="facts">
        {parts.map(({ name, ms }) => (
          <div key={name}>
            <dt>
              <span class={`swatch time-${name}`} />
              {name}
            </dt>
            <dd>
              {durationText(ms)} <span class="quiet">{Math.round((100 * ms) / whole)}%</span>
            </dd>
          </div>
        ))}
      </dl>
      <dl class="facts">
        <Fact name="ops" value={totals.forwardOps.toLocaleString("en")} />
        <Fact name="backward nodes" value={totals.backwardNodes.toLocaleString("en")} />
        {totals.parameterBytes > 0 && <Fact name="parameters" value={sizeText(totals.parameterBytes)} />}
        <Fact name="kept for one backward, at most" value={sizeText(totals.keptBytes)} />
        <Fact name="made by ops in all" value={sizeText(totals.madeBytes)} />
      </dl>
    </div>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }): ComponentChild {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** `3.1 MB` */
export function sizeText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit === 0 ? size : size.toPrecision(3)} ${units[unit]}`;
}
