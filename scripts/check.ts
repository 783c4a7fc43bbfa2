// Everything that can be said about the sources without running them: types, lint, format, and who imports whom.

import { globSync } from "node:fs";
import { biome, inProject, packageProgram, root, runNode } from "./project.ts";
import { checkExamples, checkTypes, writeTypes } from "./types.ts";

const hasExamples = globSync("examples/*.ts", { cwd: root }).length > 0;

interface Check {
  readonly title: string;
  readonly run: () => Promise<number>;
}

const checks: readonly Check[] = [
  { title: "types, room by room", run: () => checkTypes(".") },
  ...(hasExamples ? exampleChecks() : []),
  {
    title: "lint and format (npm run format mends most)",
    run: () => biome("ci", "--error-on-warnings"),
  },
  {
    title: "who imports whom",
    run: () =>
      runNode([packageProgram("mocha", "bin/mocha.js"), "--reporter", "dot", inProject("test/importRules.test.ts")]),
  },
];

function exampleChecks(): Check[] {
  return [
    { title: "examples against the shipped types, TypeScript 7", run: checkExamplesWith7 },
    { title: "examples against the shipped types, TypeScript 6", run: () => checkExamples("typescript6") },
  ];
}

async function checkExamplesWith7(): Promise<number> {
  await writeTypes();
  return checkExamples("typescript");
}

const failed: string[] = [];
for (const check of checks) {
  const started = performance.now();
  const code = await check.run();
  console.log(`${code === 0 ? "✓" : "✗"} ${check.title} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  if (code !== 0) failed.push(check.title);
}

if (failed.length > 0) {
  console.error(`\nNot fine: ${failed.join("; ")}`);
  process.exitCode = 1;
}
