// Keeps dist/ up to date while the sources change. The two lines it prints are what .vscode/tasks.json waits for.

import { watch } from "./bundle.ts";

console.log("[watch] build started");
await watch((errors) =>
  console.log(errors === 0 ? "[watch] build finished" : `[watch] build finished, ${errors} errors`),
);
