import { ownerClasses } from "../../queries/profile/lifetimes.ts";
import type { LineCost } from "../../queries/profile/lines.ts";
import type { ModuleNode } from "../../queries/profile/moduleTree.ts";
import type { OpRow } from "../../queries/profile/opTable.ts";
import { kindNames } from "../../queries/profile/profileJson.ts";
import type { ProfileReport } from "../../queries/profile/profileReport.ts";
import { formatBytes, formatFlops, formatMs, formatShare } from "../../queries/profile/units.ts";
import type { Place } from "../../queries/rows.ts";
import { areaChart } from "./charts.ts";
import { html, type Markup } from "./markup.ts";
import { type HtmlColumn, table } from "./table.ts";

type PlaceText = (place: Place | null) => string;

/** Time: by line, by op, by module. */
export function timeSection(report: ProfileReport, place: PlaceText): Markup {
  const { lines, ops, modules } = report;
  return html`<section id="time"><h2>Time</h2>
${linesTable(report, place)}
<p class="dim">${formatMs(lines.unaccounted)} of ${formatMs(lines.total)} belong to no line: the program's own code between ops, and the recording of it.</p>
${ops.length === 0 ? null : html`<h3>By op</h3>${table("What each op cost, without what ran inside it", opColumns(place), ops)}`}
${modules.length === 0 ? null : html`<h3>By module</h3>${modulesTable(modules)}`}
</section>`;
}

function linesTable({ lines }: ProfileReport, place: PlaceText): Markup {
  const columns: readonly HtmlColumn<LineCost>[] = [
    { title: "line", cell: ({ file, line }) => place({ file, line, column: 1 }) },
    { title: "forward", numeric: true, cell: ({ forward }) => formatMs(forward) },
    { title: "backward", numeric: true, cell: ({ backward }) => (backward === 0 ? "" : formatMs(backward)) },
    {
      title: "share",
      numeric: true,
      cell: (line) => formatShare((line.forward + line.backward) / (lines.total || 1)),
      share: (line) => (line.forward + line.backward) / (lines.total || 1),
    },
    { title: "kept for backward", numeric: true, cell: ({ saved }) => (saved === 0 ? "" : formatBytes(saved)) },
    { title: "calls", numeric: true, cell: ({ calls }) => calls.toLocaleString("en") },
  ];
  return html`<h3>By line</h3>${table("Each line with the backward that it caused", columns, lines.lines)}`;
}

const opColumns = (place: PlaceText): readonly HtmlColumn<OpRow>[] => [
  { title: "op", cell: ({ name }) => name },
  { title: "kind", cell: ({ kind }) => kindNames[kind] },
  { title: "calls", numeric: true, cell: ({ count }) => count.toLocaleString("en") },
  { title: "self", numeric: true, cell: ({ self }) => formatMs(self) },
  { title: "share", numeric: true, cell: ({ share }) => formatShare(share), share: ({ share }) => share },
  { title: "total", numeric: true, cell: ({ total }) => formatMs(total) },
  { title: "FLOPs", numeric: true, cell: ({ flops }) => (flops === 0 ? "" : formatFlops(flops)) },
  {
    title: "FLOP/s",
    numeric: true,
    cell: ({ flops, total }) => (flops === 0 || total === 0 ? "" : formatFlops((1000 * flops) / total)),
  },
  { title: "made", numeric: true, cell: ({ bytes }) => (bytes === 0 ? "" : formatBytes(bytes)) },
  { title: "where", cell: (row) => place(row.place) },
];

function modulesTable(modules: readonly ModuleNode[]): Markup {
  const depths: number[] = [];
  for (const { id, parent } of modules) depths[id] = parent === -1 ? 0 : depths[parent] + 1;
  const most = modules.reduce((sum, { forward, backward }) => Math.max(sum, forward + backward), 0) || 1;
  const label = ({ id, name, type }: ModuleNode): string =>
    `${"\u2003".repeat(depths[id])}${type === "" || type === name ? name : `${name} (${type})`}`;
  const columns: readonly HtmlColumn<ModuleNode>[] = [
    { title: "module", cell: label },
    { title: "calls", numeric: true, cell: ({ calls }) => calls.toLocaleString("en") },
    { title: "forward", numeric: true, cell: ({ forward }) => formatMs(forward) },
    { title: "backward", numeric: true, cell: ({ backward }) => (backward === 0 ? "" : formatMs(backward)) },
    {
      title: "both",
      numeric: true,
      cell: ({ forward, backward }) => formatMs(forward + backward),
      share: ({ forward, backward }) => (forward + backward) / most,
    },
    { title: "FLOPs", numeric: true, cell: ({ flops }) => (flops === 0 ? "" : formatFlops(flops)) },
  ];
  return table("Modules with what runs inside them", columns, modules);
}

/** Words for `ownerClasses`, in their order. */
const ownerWords = ["parameters", "gradients", "kept for backward", "optimizer state", "data", "temporaries"] as const;

/** Memory over time, whose the peak is, and what is kept for backward. */
export function memorySection({ memory }: ProfileReport, place: PlaceText): Markup {
  const { peak, kept, time, byOwner } = memory;
  if (peak.bytes <= 0) return html``;
  const owners = ownerClasses.map((_, i) => ({ name: ownerWords[i], y: byOwner[i] }));
  const shown = owners.filter(({ y }) => y.some((bytes) => bytes > 0));
  const peaks = ownerWords.map((name, i) => ({ name, bytes: peak.byOwner[i] })).filter(({ bytes }) => bytes > 0);
  return html`<section id="memory"><h2>Memory</h2>
<p>At most <b>${formatBytes(peak.bytes)}</b>, ${formatMs(peak.time)} after the start. Tensors count from the op that makes them to the last that needs them.</p>
${areaChart(time, shown, { title: "Memory of tensors over time", xLabel: "time", formatX: formatMs, formatY: formatBytes })}
${table(
  "Whose the peak is",
  [
    { title: "owner", cell: ({ name }: (typeof peaks)[number]) => name },
    { title: "size", numeric: true, cell: ({ bytes }) => formatBytes(bytes) },
    {
      title: "share",
      numeric: true,
      cell: ({ bytes }) => formatShare(bytes / peak.bytes),
      share: ({ bytes }) => bytes / peak.bytes,
    },
  ],
  peaks,
)}
${keptTables(kept, place)}
</section>`;
}

function keptTables(kept: ProfileReport["memory"]["kept"], place: PlaceText): Markup {
  if (kept.bytes === 0) return html``;
  const { lines, checkpoints } = kept;
  const byLine = table(
    `${formatBytes(kept.bytes)} in ${kept.count === 1 ? "one tensor" : `${kept.count} tensors`}, when it is most`,
    [
      { title: "line", cell: (line: (typeof lines)[number]) => place(line.place) },
      { title: "size", numeric: true, cell: ({ bytes }) => formatBytes(bytes) },
      {
        title: "share",
        numeric: true,
        cell: ({ bytes }) => formatShare(bytes / kept.bytes),
        share: ({ bytes }) => bytes / kept.bytes,
      },
      { title: "tensors", numeric: true, cell: ({ count }) => count },
    ],
    lines,
    50,
  );
  const planner = table(
    "What checkpoint() around a module would save, and the forward that would run twice",
    [
      {
        title: "module",
        cell: ({ name, type }: (typeof checkpoints)[number]) => (type === "" ? name : `${name} (${type})`),
      },
      { title: "saves", numeric: true, cell: ({ saves }) => formatBytes(saves) },
      { title: "costs", numeric: true, cell: ({ costs }) => formatMs(costs) },
    ],
    checkpoints,
    50,
  );
  return html`<h3>Kept for backward</h3>${byLine}${checkpoints.length === 0 ? null : html`<h3>Checkpoints</h3>${planner}`}`;
}
