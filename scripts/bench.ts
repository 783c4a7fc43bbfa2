// Runs the benchmarks in test/bench and prints their medians:
//
//     npm run bench -- [--json] [NAME…]
//
// A file there exports functions called `bench…`, each of which measures and gives rows. Rows are named after their file ("layout-1000"
// comes from layout.ts), so that NAME picks files and rows alike. With --json each row is one line of JSON.

import { globSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { inProject } from "./project.ts";

/** What every row has; a benchmark may add more numbers. */
interface Row {
  readonly name: string;
  readonly median_ms: number;
  readonly min_ms: number;
  readonly [more: string]: number | string;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false } },
});

let printed = 0;
for (const file of globSync(inProject("test", "bench", "*.ts")).sort()) {
  const topic = path.basename(file, ".ts");
  if (!isWanted((name) => name.startsWith(topic) || topic.startsWith(name))) continue;

  for (const [name, measure] of Object.entries<unknown>(await import(pathToFileURL(file).href))) {
    if (!name.startsWith("bench") || typeof measure !== "function") continue;
    const rows: readonly Row[] = await measure();
    for (const row of rows.filter((one) => isWanted((wanted) => one.name.startsWith(wanted)))) print(row);
  }
}
if (printed === 0) {
  console.error(`No benchmark is called ${positionals.join(" or ")}.`);
  process.exitCode = 2;
}

function isWanted(fits: (name: string) => boolean): boolean {
  return positionals.length === 0 || positionals.some(fits);
}

function print(row: Row): void {
  printed++;
  if (values.json) {
    console.log(JSON.stringify(row));
    return;
  }
  const { name, median_ms, min_ms, ...more } = row;
  const rest = Object.entries(more).map(
    ([key, value]) => `  ${key} ${typeof value === "number" ? short(value) : value}`,
  );
  console.log(
    `${name.padEnd(32)} median ${short(median_ms).padStart(9)} ms   min ${short(min_ms).padStart(9)} ms${rest.join("")}`,
  );
}

function short(value: number): string {
  return value.toPrecision(4);
}
