import { counted } from "../../engine/recording/queries/numbers.ts";
import { ownerClasses } from "../../engine/recording/queries/profile/lifetimes.ts";
import type { LineCosts } from "../../engine/recording/queries/profile/lines.ts";
import type { MemoryProfile } from "../../engine/recording/queries/profile/memory.ts";
import type { ModuleNode } from "../../engine/recording/queries/profile/moduleTree.ts";
import type { OpRow } from "../../engine/recording/queries/profile/opTable.ts";
import { kindNames } from "../../engine/recording/queries/profile/profileJson.ts";
import type { ProfileReport } from "../../engine/recording/queries/profile/profileReport.ts";
import type { Timeline } from "../../engine/recording/queries/profile/timeline.ts";
import { formatBytes, formatFlops, formatMs, formatShare } from "../../engine/recording/queries/profile/units.ts";
import type { Place } from "../../engine/recording/queries/rows.ts";
import type { ProfileCommand } from "./arguments.ts";
import { type Executed, relativePath } from "./execute.ts";
import { harmless, harmlessLine, type Terminal } from "./terminal.ts";
import { type TextColumn, textTable } from "./textTable.ts";

/** A profile for people: ops, lines, modules, memory, and one line on what to do next. */
export function printProfile(
  command: ProfileCommand,
  { recording, failure }: Executed,
  report: ProfileReport,
  terminal: Terminal,
): void {
  printOps(report.ops, terminal);
  printLines(report.lines, terminal);
  printModules(report.modules, terminal);
  printMemory(report, terminal);
  if (failure !== null)
    terminal.printWords(`\n${terminal.style("red", harmlessLine(failure.kind))}  ${harmless(failure.text)}`);
  const facts = [
    failure === null ? terminal.style("green", `✓ ${formatMs(report.lines.total)}`) : formatMs(report.lines.total),
    `${report.forward.toLocaleString("en")} ops forward, ${report.backward.toLocaleString("en")} backward`,
    ...(report.steps > 0 ? [`${report.steps.toLocaleString("en")} steps`] : []),
    ...(recording.meta.truncated === null ? [] : [recording.meta.truncated]),
  ];
  terminal.printWords(`\n${facts.join(" · ")}\n${terminal.style("dim", nextStep(command, report.lines))}`);
}

/** What there is to say about a trace of another program. */
export function printTrace(timeline: Timeline, ops: readonly OpRow[], terminal: Terminal): void {
  printOps(ops, terminal);
  const facts = [
    formatMs(timeline.finish - timeline.begin),
    `${timeline.count.toLocaleString("en")} spans`,
    `${timeline.lanes.length} thread${timeline.lanes.length === 1 ? "" : "s"}`,
  ];
  terminal.print(`\n${facts.join(" · ")}`);
}

const left = (title: string, maxWidth: number): TextColumn => ({ title, align: "left", maxWidth });
const right = (title: string, spare?: number): TextColumn => {
  return { title, align: "right", maxWidth: 12, ...(spare === undefined ? {} : { spare }) };
};

/** More rows than this are left out; `--json` and `--csv` have them all. */
const maxOps = 20;
const maxLines = 12;
const maxModules = 30;

function printOps(ops: readonly OpRow[], terminal: Terminal): void {
  if (ops.length === 0) return;
  const columns = [
    ...[left("op", 44), { ...left("kind", 9), spare: 4 }, right("calls"), right("self"), right("share")],
    ...[right("total", 3), right("FLOPs", 5), right("FLOP/s", 6), right("made", 7), { ...left("where", 40), spare: 2 }],
  ];
  const rows = ops
    .slice(0, maxOps)
    .map((row) => [
      ...[harmlessLine(row.name), kindNames[row.kind] ?? "", row.count.toLocaleString("en")],
      ...[formatMs(row.self), formatShare(row.share), formatMs(row.total)],
      ...[
        row.flops === 0 ? "" : formatFlops(row.flops),
        row.flops === 0 ? "" : formatFlops((1000 * row.flops) / row.total),
      ],
      ...[row.bytes === 0 ? "" : formatBytes(row.bytes), placeText(row.place)],
    ]);
  print(`\nby op`, columns, rows, terminal);
  printRest(ops.length - maxOps, "op", terminal);
}

function printLines({ lines, total, unaccounted }: LineCosts, terminal: Terminal): void {
  if (lines.length === 0) return;
  const columns = [
    left("line", 48),
    right("forward"),
    right("backward"),
    right("share"),
    right("kept", 2),
    right("calls", 1),
  ];
  const rows = lines
    .slice(0, maxLines)
    .map((line) => [
      harmlessLine(`${relativePath(line.file)}:${line.line}`),
      ...[formatMs(line.forward), line.backward === 0 ? "" : formatMs(line.backward)],
      ...[formatShare((line.forward + line.backward) / (total || 1)), line.saved === 0 ? "" : formatBytes(line.saved)],
      line.calls.toLocaleString("en"),
    ]);
  rows.push([
    "(between ops: own code, recording)",
    formatMs(unaccounted),
    "",
    formatShare(unaccounted / (total || 1)),
    "",
    "",
  ]);
  print(`\nby line: forward, and the backward that the line caused`, columns, rows, terminal);
  printRest(lines.length - maxLines, "line", terminal);
}

function printModules(modules: readonly ModuleNode[], terminal: Terminal): void {
  if (modules.length === 0) return;
  const depth = new Map<number, number>();
  const columns = [left("module", 48), right("calls", 1), right("forward"), right("backward"), right("FLOPs", 2)];
  const rows = modules.slice(0, maxModules).map(({ id, parent, name, type, ...node }) => {
    depth.set(id, 1 + (depth.get(parent) ?? -1));
    const label = type === "" || type === name ? name : `${name} (${type})`;
    return [
      `${"  ".repeat(depth.get(id) ?? 0)}${harmlessLine(label)}`,
      ...[node.calls.toLocaleString("en"), formatMs(node.forward), node.backward === 0 ? "" : formatMs(node.backward)],
      node.flops === 0 ? "" : formatFlops(node.flops),
    ];
  });
  print("\nby module", columns, rows, terminal);
  printRest(modules.length - maxModules, "module", terminal);
}

function printMemory({ memory, gc }: ProfileReport, terminal: Terminal): void {
  const { peak, kept } = memory;
  if (peak.bytes <= 0) return;
  const owners = ownerClasses
    .map((owner, i) => ({ owner: owner === "saved" ? "kept for backward" : owner, bytes: peak.byOwner[i] ?? 0 }))
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes)
    .map(({ owner, bytes }) => `${owner} ${formatBytes(bytes)}`);
  terminal.printWords(`\nmemory: ${formatBytes(peak.bytes)} at most, at ${formatMs(peak.time)}: ${owners.join(", ")}`);
  const [line] = kept.lines;
  if (line !== undefined)
    terminal.printWords(`kept for backward: most by ${placeText(line.place)}, ${formatBytes(line.bytes)}`);
  printCheckpoint(memory, terminal);
  if (gc.count > 0) terminal.print(`garbage collection: ${counted(gc.count, "time")}, ${formatMs(gc.total)}`);
}

function printCheckpoint({ kept }: MemoryProfile, terminal: Terminal): void {
  const [best] = kept.checkpoints;
  if (best === undefined || best.saves < kept.bytes / 10) return;
  const label = harmlessLine(best.type === "" || best.type === best.name ? best.name : `${best.name} (${best.type})`);
  terminal.printWords(
    `checkpoint(${label}) would save ${formatBytes(best.saves)} and cost ${formatMs(best.costs)} of forward`,
  );
}

function print(title: string, columns: TextColumn[], rows: string[][], terminal: Terminal): void {
  const lines = textTable(columns, rows, terminal.width, (cell, row) =>
    row === -1 ? terminal.style("dim", cell) : cell,
  );
  terminal.print(`${title}\n${lines.join("\n")}`);
}

function printRest(count: number, what: string, terminal: Terminal): void {
  if (count > 0) terminal.print(terminal.style("dim", `… and ${counted(count, `more ${what}`)} (--json has all)`));
}

const placeText = (place: Place | null): string =>
  place === null ? "" : harmlessLine(`${relativePath(place.file)}:${place.line}`);

function nextStep({ file, trace, save }: ProfileCommand, { lines }: LineCosts): string {
  const [line] = lines;
  if (trace !== null) return `next: open ${trace} in ui.perfetto.dev`;
  if (save !== null) return `next: open ${save} in VS Code to look closer`;
  const look = line === undefined ? "" : `look at ${relativePath(line.file)}:${line.line}; `;
  return `next: ${look}gradlens profile ${file} --trace F.json writes a trace for Perfetto`;
}
