// Runs the benchmarks in test/bench and prints what they came to:
//
//     npm run bench -- [--json] [--peers] [--write] [NAME…]
//
// NAME is a benchmark's name, or the first words of it (W3, layout, open-recording), or its file's. `--json` prints one JSON object a line. `--peers`
// measures other engines beside ours, in turns, and prints how many times our time they take. `--write` does both for
// docs/performance.md, which nobody edits by hand.

import { globSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { type Comparison, comparePeers } from "../test/bench/peers/compare.ts";
import type { Benchmark, Row } from "../test/bench/support/benchmark.ts";
import { performanceDocument } from "./benchDocument.ts";
import { bundle } from "./bundle.ts";
import { inProject } from "./project.ts";

const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    peers: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});

const chosen = (await allBenchmarks()).filter(({ file, name }) => isWanted(file) || isWanted(name));
if (chosen.length === 0) {
  console.error(`No benchmark is called ${wanted.join(" or ")}.`);
  process.exit(2);
}

// What is measured is what ships.
await bundle({ parts: ["programs"] });
const rows: Row[] = [];
for (const benchmark of chosen) {
  const row = await benchmark.measure().catch((error: Error) => failed(benchmark.name, error));
  rows.push(row);
  print(row);
}
const withPeers = values.peers || values.write;
const names = chosen.map(({ name }) => name);
const comparisons = withPeers ? await comparePeers(names, (comparison) => printComparison(comparison)) : [];
if (values.write) {
  writeFileSync(inProject("docs", "performance.md"), performanceDocument(rows, comparisons));
  console.error("docs/performance.md is written.");
}

interface Found {
  readonly file: string;
  readonly name: string;
  readonly measure: () => Promise<Row>;
}

async function allBenchmarks(): Promise<Found[]> {
  const files = globSync(inProject("test", "bench", "*.ts")).sort();
  const modules = files.map(async (file) => {
    const { benchmarks }: { benchmarks: readonly Benchmark[] } = await import(pathToFileURL(file).href);
    const topic = path.basename(file, ".ts");
    return benchmarks.map((one) => ({ file: topic, name: one.name, measure: async () => one.measure() }));
  });
  return (await Promise.all(modules)).flat();
}

function isWanted(name: string): boolean {
  return (
    wanted.length === 0 ||
    wanted.some((one) => name === one || (/^[_-]/.test(name.slice(one.length)) && name.startsWith(one)))
  );
}

function failed(name: string, { message }: Error): Row {
  return { name, median_ms: Number.NaN, min_ms: Number.NaN, iterations: 0, error: message };
}

function print(row: Row): void {
  if (row["error"] !== undefined || row["wrong"] !== undefined) process.exitCode = 1;
  if (values.json) {
    console.log(JSON.stringify(row));
    return;
  }
  const { name, median_ms, min_ms, iterations, ...more } = row;
  const rest = Object.entries(more).map(
    ([key, value]) => `  ${key} ${typeof value === "number" ? short(value) : value}`,
  );
  const times = `median ${short(median_ms).padStart(8)} ms   min ${short(min_ms).padStart(8)} ms`;
  console.log(`${name.padEnd(24)} ${times} ${`${iterations}×`.padStart(7)}${rest.join("")}`);
}

function printComparison({ name, peer, row, ratio }: Comparison): void {
  if (values.json) {
    console.log(JSON.stringify({ ...row, name, peer, ratio }));
    return;
  }
  const time = row.error === undefined ? `min ${short(row.min_ms ?? Number.NaN)} ms` : `cannot: ${row.error}`;
  const times = ratio === null ? "" : `  ${short(ratio)} × ours`;
  console.log(`${name.padEnd(24)} ${peer.padEnd(20)} ${time}${times}`);
}

function short(value: number): string {
  return value >= 1000 ? value.toFixed(0) : value.toPrecision(4);
}
