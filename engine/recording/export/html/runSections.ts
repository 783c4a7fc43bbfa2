import type { Alert } from "../../queries/alerts.ts";
import { gradcheckHeadline, gradcheckResults } from "../../queries/gradchecks.ts";
import { formatNumber } from "../../queries/numbers.ts";
import { trainingCurves } from "../../queries/profile/training.ts";
import type { Place } from "../../queries/rows.ts";
import { namedTensors, type TensorInfo } from "../../queries/tensors.ts";
import { gradientText, roleOf, valueText } from "../../queries/tensorWords.ts";
import type { Recording } from "../../recording.ts";
import { lineChart } from "./charts.ts";
import { html, type Markup } from "./markup.ts";
import { table } from "./table.ts";

type PlaceText = (place: Place | null) => string;

/** Every fault with its chain and its fix. */
export function alertsSection(alerts: readonly Alert[], place: PlaceText): Markup {
  if (alerts.length === 0) return html`<section id="alerts"><h2>Alerts</h2><p class="ok">✓ No alerts.</p></section>`;
  const items = alerts.map(
    (alert) => html`<article class="alert is-${alert.severity}">
<p><b class="${alert.severity}">${alert.severity}</b> ${alert.place === null ? null : html`<code>${place(alert.place)}</code>`} <span class="dim">${alert.kind}</span></p>
<p>${alert.message}</p>
${alert.chain.length < 2 ? null : html`<ol>${alert.chain.slice(0, 12).map((link) => html`<li><code>${link.op}</code> ${link.phase} <code>${place(link.place)}</code></li>`)}</ol>`}
${alert.fix === null ? null : html`<p><b>Fix:</b> ${alert.fix}</p>`}
</article>`,
  );
  return html`<section id="alerts"><h2>Alerts</h2>${items}</section>`;
}

/** The error that ended the run. */
export function errorSection({ error }: Recording, failure: string | null, place: PlaceText): Markup {
  if (error === null)
    return failure === null ? html`` : html`<section><h2>Error</h2><p class="error">${failure}</p></section>`;
  const frames = error.stack.slice(0, 12).map((frame) => html`${frame.function ?? "top level"}  ${place(frame)}\n`);
  return html`<section id="error"><h2>Error</h2><p class="error"><b>${error.name}</b> ${error.message}</p>
${frames.length === 0 ? null : html`<pre><code>${frames}</code></pre>`}</section>`;
}

/** What the program can name. */
export function tensorsSection(recording: Recording, place: PlaceText): Markup {
  const tensors = namedTensors(recording);
  if (tensors.length === 0) return html``;
  return html`<section id="tensors"><h2>Tensors</h2>${table(
    "Variables, parameters and roots of backward",
    [
      { title: "name", cell: ({ module, name }: TensorInfo) => module ?? name ?? "(unnamed)" },
      { title: "shape", cell: ({ shape }) => `[${shape.join(", ")}]` },
      { title: "dtype", cell: ({ dtype }) => dtype },
      { title: "kind", cell: roleOf },
      { title: "value", numeric: true, cell: valueText },
      { title: "‖∇‖", numeric: true, cell: (tensor) => gradientText(tensor).replace("‖∇‖ ", "") },
      { title: "where", cell: (tensor) => place(tensor.place) },
    ],
    tensors,
  )}</section>`;
}

/** Results of gradchecks. */
export function gradchecksSection(recording: Recording, place: PlaceText): Markup {
  const checks = gradcheckResults(recording);
  if (checks.length === 0) return html``;
  return html`<section id="gradchecks"><h2>Gradchecks</h2>${table(
    "Analytical against numerical derivatives",
    [
      { title: "check", cell: ({ name }: (typeof checks)[number]) => name },
      { title: "where", cell: (check) => place(check.place) },
      {
        title: "result",
        cell: ({ passed }) =>
          passed ? html`<span class="ok">✓ passed</span>` : html`<span class="error">✗ failed</span>`,
      },
      { title: "largest error", numeric: true, cell: ({ maxAbsError }) => formatNumber(maxAbsError) },
      { title: "what is wrong", cell: gradcheckHeadline },
    ],
    checks,
  )}</section>`;
}

/** Loss and gradient norm over the steps. */
export function trainingSection(recording: Recording): Markup {
  const { count, loss, gradNorm, rate } = trainingCurves(recording);
  if (count === 0) return html``;
  const steps = Float64Array.from({ length: count }, (_, i) => i);
  const text = { xLabel: "step", formatX: (step: number) => String(step), formatY: formatNumber };
  const every = Math.max(1, Math.ceil(count / 100));
  const rows = Array.from({ length: Math.ceil(count / every) }, (_, i) => i * every);
  return html`<section id="training"><h2>Training</h2>
${lineChart(steps, [{ name: "loss", y: loss }], { ...text, title: "Loss" })}
${lineChart(steps, [{ name: "gradient norm", y: gradNorm }], { ...text, title: "Norm of all gradients" })}
<details><summary>The numbers</summary>${table(
    every === 1 ? "Every step" : `Each ${every}th step`,
    [
      { title: "step", numeric: true, cell: (step: number) => step },
      { title: "loss", numeric: true, cell: (step) => formatNumber(loss[step]) },
      { title: "gradient norm", numeric: true, cell: (step) => formatNumber(gradNorm[step]) },
      { title: "learning rate", numeric: true, cell: (step) => formatNumber(rate[step]) },
    ],
    rows,
  )}</details></section>`;
}

/** What the program printed, the end of it when it is long. */
export function consoleSection({ console }: Recording): Markup {
  const whole = console.map(({ text }) => text).join("");
  if (whole === "") return html``;
  const shown = whole.length > 20_000 ? `…${whole.slice(-20_000)}` : whole;
  return html`<section id="console"><h2>Output</h2><pre><code>${shown}</code></pre></section>`;
}
