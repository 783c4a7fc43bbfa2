import { execFileSync } from "node:child_process";
import os from "node:os";
import { type Comparison, ours, peerNames } from "../test/bench/peers/compare.ts";
import type { Row } from "../test/bench/support/benchmark.ts";
import { limits, reasons } from "./benchLimits.ts";
import { root } from "./project.ts";

const workloadTexts: Readonly<Record<string, string>> = {
  W1: "1,000 ops on one number",
  W2: "sum(tanh(x·w + b)²), 1 Mi floats",
  W3_512: "sum((A B) · G), 512 × 512",
  W3_1024: "the same, 1024 × 1024",
  W4: "MLP 784-256-128-10, batch 64, SGD",
  W5: "small convolutional network, batch 16, SGD",
  W6: "transformer block, 8 × 64 × 128, SGD",
  W7: "MLP 2-16-16-1, batch 8, SGD",
  W8: "10,000 ops on 16 numbers",
  W9: "gradcheck, 200 inputs, float64",
  W9_params: "gradcheck, inputs and parameters, 244 values",
  jacobian: "Jacobian of an MLP 32-64-64-32 by its inputs, float64",
  hessian: "Hessian of an MLP 32-64-64-1 by its inputs, float64",
};

/** What is aimed at, in milliseconds. */
const targets: Readonly<Record<string, number>> = {
  W1: 0.4,
  W2: 6,
  W3_512: 18,
  W3_1024: 140,
  W4: 1.7,
  W5: 5,
  W6: 18,
  W7: 0.04,
  W8: 5,
  W9: 4,
  "threads-W2": 3.5,
  "threads-W3_512": 11,
  "threads-W3_1024": 85,
  "threads-W4": 1.2,
  "threads-W5": 3.5,
  "threads-W6": 12,
  "cold-start": 250,
  "layout-1000": 30,
  "layout-10000": 300,
  "layout-50000": 2000,
  "graph-open-2000": 1000,
  "graph-open-2000-network": 1000,
  "graph-turn-10000": 300,
  "graph-turn-10000-network": 300,
  "profiler-open": 2000,
  "profiler-frames": 32,
  "profiler-table": 32,
};

/** How many times the plain step a watched one may take. */
const targetRatios: Readonly<Record<string, number>> = {
  W10_W4_recorded: 1.1,
  W10_W7_recorded: 2,
  W10_W4_anomaly: 1.1,
  W10_W4_profiled: 1.15,
  W10_W7_profiled: 2,
  W10_W4_costs: 1.15,
  W10_W7_costs: 2,
};

/** docs/performance.md from what was just measured. */
export function performanceDocument(rows: readonly Row[], comparisons: readonly Comparison[]): string {
  const isWatched = ({ name }: Row): boolean => name.startsWith("W10_");
  const isThreaded = ({ name }: Row): boolean => name.startsWith("threads-");
  const isWorkload = ({ name }: Row): boolean => name in workloadTexts;
  const sections = [
    head(comparisons),
    workloadSection(rows.filter(isWorkload), comparisons),
    threadSection(rows.filter(isThreaded), rows),
    watchedSection(rows.filter(isWatched)),
    otherSection(rows.filter((row) => !isWatched(row) && !isWorkload(row) && !isThreaded(row))),
    missedSection(rows, comparisons),
    limits,
  ];
  return `${sections.join("\n\n")}\n`;
}

function head(comparisons: readonly Comparison[]): string {
  const versions = new Set(comparisons.flatMap(({ row }) => row.version ?? []));
  const [cpu] = os.cpus();
  const facts = [
    `${new Date().toISOString().slice(0, 10)}, commit ${commit()}`,
    `${cpu?.model ?? "unknown processor"}, ${os.availableParallelism()} threads, ${Math.round(os.totalmem() / 2 ** 30)} GB, ${os.type()} ${os.arch()}`,
    `Node ${process.versions.node}${versions.size > 0 ? `; ${[...versions].join(", ")}` : ""}`,
  ];
  return `# Performance

Written by \`npm run bench -- --write\`; not to be edited by hand. How each number is measured stands in [test/bench](../test/bench).

${facts.map((fact) => `- ${fact}`).join("\n")}

The machine is shared, and noise only ever adds time: numbers are the fastest of many runs, medians in brackets. Ratios tell more than times.`;
}

function commit(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    return "unknown";
  }
}

function workloadSection(rows: readonly Row[], comparisons: readonly Comparison[]): string {
  const peers = peerNames.filter((name) => comparisons.some(({ peer }) => peer === name));
  const titles = ["", "forward, backward, optimizer", "Gradlens, ms", "target", ...peers.map((peer) => `${peer}, ms`)];
  const lines = rows.map((row) => {
    const found = (peer: string) => comparisons.find((one) => one.name === row.name && one.peer === peer);
    const own = found(ours)?.row ?? row;
    return [
      row.name,
      workloadTexts[row.name] ?? "",
      timeCell(own),
      targetCell(row.name, own.min_ms),
      ...peers.map((peer) => peerCell(found(peer))),
    ];
  });
  return `## Workloads\n\n${table(titles, lines)}

Peers are measured in the same session, in turns with Gradlens; × is how many times Gradlens' time they take, so below 1 they are faster. A dash is a peer that fails or computes something else.`;
}

function threadSection(rows: readonly Row[], all: readonly Row[]): string {
  const lines = rows.map((row) => {
    const workload = row.name.slice("threads-".length);
    const one = all.find(({ name }) => name === workload);
    const alone = one === undefined ? "" : timeCell(one);
    return [workload, workloadTexts[workload] ?? "", timeCell(row), alone, targetCell(row.name, row.min_ms)];
  });
  const titles = ["", "forward, backward, optimizer", "two threads, ms", "one thread, ms", "target"];
  return `## With two threads\n\n${table(titles, lines)}\n\nAfter \`setNumThreads(2)\`; the numbers computed are those of one thread, to the bit. One thread is the default: on two busy cores a second one gains nothing.`;
}

function timeCell({ min_ms, median_ms }: { readonly min_ms?: number; readonly median_ms?: number }): string {
  if (min_ms === undefined || Number.isNaN(min_ms)) return "fails";
  return `${short(min_ms)} (${short(median_ms ?? Number.NaN)})`;
}

function targetCell(name: string, reached: number | undefined): string {
  const target = targets[name];
  return target === undefined ? "" : `≤ ${target}${verdict(target, reached)}`;
}

/** How far above the target a figure is. */
function verdict(target: number, reached: number | undefined): string {
  if (reached === undefined || Number.isNaN(reached)) return "";
  return reached <= target ? " ✓" : ` · ${excess(target, reached)} over`;
}

const excess = (target: number, reached: number): string => {
  const percent = (reached / target - 1) * 100;
  return percent < 1 ? "under 1 %" : `${Math.round(percent)} %`;
};

interface Missed {
  readonly name: string;
  readonly target: number;
  readonly reached: number;
  readonly unit: string;
}

/** Every figure that is above its target, by how much, and why. */
function missedSection(rows: readonly Row[], comparisons: readonly Comparison[]): string {
  const missed = rows.flatMap((row): Missed[] => {
    const { name } = row;
    const own = comparisons.find((one) => one.name === name && one.peer === ours)?.row ?? row;
    const found = [
      { name, target: targets[name], reached: own.min_ms, unit: " ms" },
      { name, target: targetRatios[name], reached: Number(row["ratio_of_minima"]), unit: " times the plain step" },
    ];
    return found.filter((one): one is Missed => one.target !== undefined && Number(one.reached) > one.target);
  });
  if (missed.length === 0) return "## What is missed\n\nNothing.";
  const lines = missed.map(({ name, target, reached, unit }) => {
    const why = reasons[name] ?? "Nobody has looked into it yet.";
    return `- **${name}**: ${short(reached)}${unit}, ${excess(target, reached)} over ${target}. ${why}`;
  });
  return `## What is missed, and why\n\n${lines.join("\n")}`;
}

function peerCell(comparison: Comparison | undefined): string {
  if (comparison === undefined) return "";
  const { row, ratio } = comparison;
  if (row.error !== undefined || row.min_ms === undefined) return "–";
  return `${short(row.min_ms)}${ratio === null ? "" : ` · ${short(ratio)}×`}`;
}

const watchTexts: Readonly<Record<string, string>> = {
  recorded: "recorded as `gradlens run` does, NaN watch included",
  values: "recorded with every value kept",
  anomaly: "under `autograd.detectAnomaly`",
  profiled: "under `autograd.profiler.profile`, with shapes and memory",
  costs: "recorded for a profile, as `gradlens profile` does",
  torch: "in PyTorch with one thread, under its own profiler with shapes and memory",
};

function watchedSection(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const [, workload = "", watch = ""] = row.name.split("_");
    const target = targetRatios[row.name];
    return [
      row.name,
      `${workload} ${watchTexts[watch] ?? watch}`,
      timeCell(row),
      short(Number(row["plain_min_ms"])),
      `${short(Number(row["ratio_of_minima"]))} (${short(Number(row["ratio"]))})`,
      target === undefined ? "" : `≤ ${target}${verdict(target, Number(row["ratio_of_minima"]))}`,
    ];
  });
  return `## Being watched\n\n${table(["", "training step", "watched, ms", "plain, ms", "ratio", "target"], lines)}`;
}

function otherSection(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const { name, median_ms: _, min_ms: __, iterations: ___, ...more } = row;
    const notes = Object.entries(more).map(([key, value]) => {
      return `${key.replaceAll("_", " ")} ${typeof value === "number" ? short(value) : value}`;
    });
    return [name, timeCell(row), targetCell(name, row.min_ms), notes.join(", ")];
  });
  return `## Starting, drawing, opening\n\n${table(["", "ms", "target", "notes"], lines)}`;
}

function table(titles: readonly string[], lines: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [row(titles), row(titles.map(() => "---")), ...lines.map(row)].join("\n");
}

/** Three digits are more than a shared machine can tell apart. */
function short(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString("en");
  return Number(value.toPrecision(3)).toString();
}
