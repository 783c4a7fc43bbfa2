// Fills dist/ with what ships. `-- --development` leaves names and adds source maps; `-- --programs` leaves out what VS Code needs.

import { parseArgs } from "node:util";
import { bundle } from "./bundle.ts";
import { size } from "./size.ts";

const { values } = parseArgs({
  options: { development: { type: "boolean", default: false }, programs: { type: "boolean", default: false } },
});
const outputs = await bundle({
  development: values.development,
  ...(values.programs ? { parts: ["programs"] } : {}),
});
const width = Math.max(...outputs.map(({ file }) => file.length));
for (const { file, bytes } of outputs) console.log(`${file.padEnd(width)}  ${size(bytes).padStart(9)}`);
