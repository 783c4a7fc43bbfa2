// Keeps dist/ up to date while the sources change. The lines it prints are what .vscode/tasks.json waits for.

import { watch } from "./bundle.ts";

await watch(
  () => console.log("[watch] build started"),
  (errors) => console.log(errors === 0 ? "[watch] build finished" : `[watch] build finished, ${errors} errors`),
);
