import { darkPalette, lightPalette } from "../paint/palette.ts";
import type { Alert } from "../queries/alerts.ts";
import { buildGraph } from "../queries/graph.ts";
import { type ProfileReport, profileReport } from "../queries/profile/profileReport.ts";
import { formatBytes, formatMs } from "../queries/profile/units.ts";
import type { Place } from "../queries/rows.ts";
import type { Recording } from "../recording.ts";
import { type Content, html, Markup } from "./html/markup.ts";
import { memorySection, timeSection } from "./html/profileSections.ts";
import {
  alertsSection,
  consoleSection,
  errorSection,
  gradchecksSection,
  tensorsSection,
  trainingSection,
} from "./html/runSections.ts";
import { style } from "./html/style.ts";
import { graphToSvg } from "./svg.ts";

/** What the report is told besides the recording. */
export interface HtmlReportOptions {
  readonly alerts: readonly Alert[];
  /** What else a person should know. */
  readonly notes?: readonly string[];
  /** Why the run did not go to its end; null when it did. */
  readonly failure?: string | null;
  /** Makes paths relative to the working folder. */
  readonly relative: (file: string) => string;
}

/** More nodes than this would make the page too heavy. */
const MAX_GRAPH_NODES = 2000;
/** A picture for dark pages is added to a drawing up to this many characters. */
const MAX_TWO_PICTURES = 400_000;

/**
 * Everything about a run as one HTML page: no script, no network, light and dark as the reader's system is. The graph is
 * a drawing, each chart has a table beside it.
 */
export function htmlReport(recording: Recording, options: HtmlReportOptions): string {
  const { alerts, notes = [], failure = null, relative } = options;
  const place = (at: Place | null): string => (at === null ? "" : `${relative(at.file)}:${at.line}`);
  const report = profileReport(recording);
  const file = relative(recording.meta.file);
  const sections: readonly (readonly [title: string, id: string, content: Markup])[] = [
    ["Error", "error", errorSection(recording, failure, place)],
    ["Alerts", "alerts", alertsSection(alerts, place)],
    ["Training", "training", trainingSection(recording)],
    ["Tensors", "tensors", tensorsSection(recording, place)],
    ["Gradchecks", "gradchecks", gradchecksSection(recording, place)],
    ["Graph", "graph", graphSection(recording)],
    ["Time", "time", timeSection(report, place)],
    ["Memory", "memory", memorySection(report, place)],
    ["Output", "console", consoleSection(recording)],
  ];
  const shown = sections.filter(([, , { text }]) => text !== "");
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${file} · Gradlens</title>
<style>${new Markup(style)}</style></head>
<body>
<header><h1>${file}</h1>
<p class="verdict">${verdict(alerts, failure)}</p>
${facts(recording, report)}
${notes.map((note) => html`<p class="warning">${note}</p>`)}</header>
<nav aria-label="Sections">${shown.map(([title, id]) => html`<a href="#${id}">${title}</a>`)}</nav>
<main>
${shown.map(([, , content]) => content)}
</main>
<footer>Made by Gradlens from one recorded run. This page loads nothing from anywhere.</footer>
</body></html>
`;
  return page.text;
}

function verdict(alerts: readonly Alert[], failure: string | null): Content {
  const errors = alerts.filter(({ severity }) => severity === "error").length;
  if (failure !== null) return html`<span class="error">✗ ${failure}</span>`;
  if (errors > 0) return html`<span class="error">✗ ${errors} error${errors === 1 ? "" : "s"}</span>`;
  if (alerts.length > 0)
    return html`<span class="warning">${alerts.length} alert${alerts.length === 1 ? "" : "s"}</span>`;
  return html`<span class="ok">✓ Ran to its end, no alerts</span>`;
}

function facts({ meta }: Recording, { forward, backward, steps, lines, memory, gc }: ProfileReport): Markup {
  const rows: readonly (readonly [string, string])[] = [
    [
      "when",
      meta.startedAt === 0 ? "" : `${new Date(meta.startedAt).toISOString().slice(0, 16).replace("T", " ")} UTC`,
    ],
    ["time", formatMs(lines.total)],
    ["ops", forward.toLocaleString("en")],
    ["backward", backward.toLocaleString("en")],
    ["steps", steps === 0 ? "" : steps.toLocaleString("en")],
    ["memory at most", memory.peak.bytes > 0 ? formatBytes(memory.peak.bytes) : ""],
    ["garbage collection", gc.count === 0 ? "" : `${formatMs(gc.total)} in ${gc.count}`],
  ];
  const shown = rows.filter(([, value]) => value !== "");
  const truncated = meta.truncated === null ? null : html`<p class="warning">${meta.truncated}</p>`;
  return html`<ul class="facts">${shown.map(([what, value]) => html`<li><span class="dim">${what}</span> <b>${value}</b></li>`)}</ul>${truncated}`;
}

function graphSection(recording: Recording): Markup {
  const graph = buildGraph(recording);
  if (graph.nodes.length === 0) return html``;
  if (graph.nodes.length > MAX_GRAPH_NODES)
    return html`<section id="graph"><h2>Graph</h2><p class="dim">The graph has ${graph.nodes.length.toLocaleString("en")} nodes, too many for a page. Open the recording in VS Code to see it.</p></section>`;
  const light = graphToSvg(graph, lightPalette);
  const hasDark = light.length <= MAX_TWO_PICTURES;
  const label = `The autograd graph: ${graph.nodes.length} nodes, ${graph.edges.length} edges`;
  const dark = hasDark
    ? html`<div class="graph dark" role="img" aria-label="${label}" tabindex="0">${new Markup(graphToSvg(graph, darkPalette))}</div>`
    : null;
  return html`<section id="graph"><h2>Graph</h2>
<div class="graph${hasDark ? " has-dark" : ""}" role="img" aria-label="${label}" tabindex="0">${new Markup(light)}</div>${dark}</section>`;
}
