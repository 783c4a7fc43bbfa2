import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { DebugAdapter } from "./adapter.ts";
import { adapterPaths } from "./adapterPaths.ts";

// The debug adapter as a program: the Debug Adapter Protocol over standard input and output, for any editor.

const adapter = new DebugAdapter(adapterPaths(path.dirname(fileURLToPath(import.meta.url))), () => {
  // What was written must get out before the process is gone.
  process.stdout.write("", () => process.exit(0));
});
process.stdin.on("end", () => adapter.dispose());
adapter.start(process.stdin, process.stdout);
