// Fills dist/ with what ships. `-- --development` leaves names and adds source maps.

import { bundle } from "./bundle.ts";
import { size } from "./size.ts";

const outputs = await bundle({ development: process.argv.includes("--development") });
const width = Math.max(...outputs.map(({ file }) => file.length));
for (const { file, bytes } of outputs) console.log(`${file.padEnd(width)}  ${size(bytes).padStart(9)}`);
