// Writes docs/ops.md from what the ops tell about themselves.

import { writeFileSync } from "node:fs";
import { opDocument } from "./opDocument.ts";
import { inProject } from "./project.ts";

const text = opDocument();
writeFileSync(inProject("docs", "ops.md"), text);
console.log(`docs/ops.md: ${text.match(/^### /gm)?.length ?? 0} ops`);
