// Measures another engine on one workload and prints one JSON object:
//
//     node runPeer.mjs FOLDER ADAPTER[:VARIANT] WORKLOAD
//
// FOLDER is where the peers are installed. Adapters are JavaScript, because the types of what they import are not there when the project is checked.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { measureSteps } from "../support/benchmark.ts";

const [, , folder, adapter, workload] = process.argv;
const [file, variant] = adapter.split(":");
const { create } = await import(`./${file}.mjs`);
const require = createRequire(path.join(folder, "package.json"));
const peer = await create({ require, variant, versionOf });
const setUp = peer.workloads[workload];
if (typeof setUp !== "function") {
  console.log(JSON.stringify({ error: setUp ?? "not written" }));
  process.exit();
}
console.log(JSON.stringify({ ...(await measureSteps(await setUp())), version: peer.version }));
process.exit();

function versionOf(name) {
  return JSON.parse(readFileSync(path.join(folder, "node_modules", name, "package.json"), "utf8")).version;
}
