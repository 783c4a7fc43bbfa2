// Makes the VSIX for this system, or for the one that `-- --target NAME` names.

import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { bundle } from "./bundle.ts";
import { size } from "./size.ts";
import { packVsix, targets, thisTarget } from "./vsix.ts";
import { zipEntries } from "./zip.ts";

const { values } = parseArgs({ options: { target: { type: "string", default: thisTarget } } });
if (!targets.includes(values.target)) {
  console.error(`VS Code has no system "${values.target}"; it has ${targets.join(", ")}.`);
  process.exit(2);
}

await bundle();
const file = await packVsix(values.target);

console.log("\nWhere the bytes go (in the VSIX, unpacked):");
const entries = zipEntries(readFileSync(file)).sort((a, b) => b.packed - a.packed);
const few = 12;
for (const { name, packed, unpacked } of entries.slice(0, few)) {
  console.log(`${size(packed).padStart(10)} ${size(unpacked).padStart(10)}  ${name}`);
}
const rest = entries.slice(few);
const sum = (key: "packed" | "unpacked") => rest.reduce((total, entry) => total + entry[key], 0);
if (rest.length > 0) {
  console.log(`${size(sum("packed")).padStart(10)} ${size(sum("unpacked")).padStart(10)}  ${rest.length} more files`);
}

console.log(`\n${path.relative(process.cwd(), file)}  ${size(statSync(file).size)}`);
