import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { inCache, inProject, packageProgram, runNode } from "./project.ts";

const tsc = packageProgram("typescript", "bin/tsc");
const shipped = inProject("dist", "types");

/** Type-checks rooms and everything they may import; gives tsc's exit code. */
export function checkTypes(...rooms: string[]): Promise<number> {
  return runNode([tsc, "--build", ...rooms.map((room) => inProject(room))]);
}

/** Writes dist/types: the declarations that `import "gradlens"` resolves to in a user's folder. */
export async function writeTypes(): Promise<void> {
  // Quietly: telling about type errors is the business of `npm run check`.
  const cache = inCache("types");
  const code = await runNode([tsc, "--project", inProject("engine"), "--outDir", cache], { onOutput: () => {} });
  if (code !== 0) console.error("The engine has type errors (npm run check tells), so dist/types may be incomplete.");
  const declarations = path.join(cache, "engine");
  rmSync(shipped, { recursive: true, force: true });
  if (!existsSync(path.join(declarations, "index.d.ts"))) return;

  for (const file of reachableFrom(declarations, "index.d.ts")) {
    const target = path.join(shipped, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, withoutTypeScriptEndings(readFileSync(path.join(declarations, file), "utf8")));
  }
}

/** TypeScript writes `"./tensor.ts"` into declarations as it stands in the source, and no such file is shipped beside them. */
function withoutTypeScriptEndings(text: string): string {
  return text.replaceAll(/(["'])(\.{1,2}\/[^"'\n]+)\.ts\1/g, "$1$2.js$1");
}

/** The declaration files that a user of the public surface can come across; the rest of the engine stays at home. */
function reachableFrom(declarations: string, entry: string): Set<string> {
  const found = new Set<string>();
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file)) continue;
    found.add(file);
    const text = readFileSync(path.join(declarations, file), "utf8");
    for (const [, specifier] of text.matchAll(/["'](\.{1,2}\/[^"'\n]+)\.ts["']/g)) {
      waiting.push(path.posix.join(path.posix.dirname(file), `${specifier}.d.ts`));
    }
  }
  return found;
}

/** Checks examples as a user's folder would be checked: against dist/types alone, by the TypeScript given. */
export function checkExamples(typescript: "typescript" | "typescript6"): Promise<number> {
  return runNode([packageProgram(typescript, "bin/tsc"), "--project", inProject("examples")]);
}
