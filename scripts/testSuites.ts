import { globSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { setUpBrowser } from "./browser.ts";
import { bundle } from "./bundle.ts";
import { inCache, inProject, packageProgram, root, runNode } from "./project.ts";
import { setUpVsCode, whyNoVsCode } from "./realVsCode.ts";
import { countsVariable, type TestCounts } from "./testReporter.ts";
import { packVsix, thisTarget } from "./vsix.ts";

/** Tests that run together, because they need the same things. */
export interface TestSuite {
  readonly name: string;
  readonly files: readonly string[];
  /** What has to be there first, in this order. */
  readonly needs: readonly Need[];
  readonly options: readonly string[];
  /** A suite that takes longer has something left open, or an endless loop. */
  readonly minutes: number;
}

/** Something that a suite needs: set up at most once in a run. */
export type Need = "build" | "browser" | "vsix" | "vscode";

const quick = ["--timeout", "20000"];
const cores = Math.max(2, availableParallelism());
const inParallel = ["--parallel", "--jobs", String(cores)];
/** For tests that wait for the next frame more than they compute. */
const inMoreThanCores = ["--parallel", "--jobs", String(cores + 1)];

/** Every suite, cheapest first, so that a plain mistake shows early. */
export const suites: readonly TestSuite[] = [
  { name: "house", files: ["test/*.test.ts"], needs: [], options: quick, minutes: 2 },
  { name: "engine", files: ["test/engine/**/*.test.ts"], needs: [], options: [...quick, ...inParallel], minutes: 10 },
  { name: "golden", files: ["test/golden/**/*.test.ts"], needs: [], options: quick, minutes: 5 },
  {
    name: "extension",
    files: ["test/{recording,alerts,extension,runner,cli,debug,examples}/**/*.test.ts"],
    needs: ["build"],
    options: ["--timeout", "60000", ...inParallel],
    minutes: 10,
  },
  {
    name: "webview",
    files: ["test/webview/**/*.test.ts"],
    needs: ["build", "browser"],
    options: ["--timeout", "60000", ...inMoreThanCores],
    minutes: 5,
  },
  {
    name: "e2e",
    files: ["test/e2e/**/*.test.ts"],
    needs: ["build", "vsix", "browser", "vscode"],
    options: ["--timeout", "120000", "--require", "./test/support/pictureOfFailure.ts", ...inParallel],
    minutes: 10,
  },
];

const setUps: Readonly<Record<Need, () => Promise<unknown>>> = {
  build: () => bundle(),
  vsix: () => packVsix(thisTarget),
  browser: setUpBrowser,
  vscode: setUpVsCode,
};
const done = new Map<Need, Promise<unknown>>();

/** Sees to it that something is there. */
export function setUp(need: Need): Promise<unknown> {
  const running = done.get(need) ?? setUps[need]();
  done.set(need, running);
  return running;
}

/** Why a suite cannot run on this system, or undefined if it can. */
export function whyNot(suite: TestSuite): string | undefined {
  return suite.needs.includes("vscode") ? whyNoVsCode() : undefined;
}

/** Runs a suite in a process of its own; one that ends without counting counts as one failure. */
export async function runSuite(suite: TestSuite, mochaArguments: readonly string[]): Promise<TestCounts> {
  const files = largestFirst(globSync([...suite.files], { cwd: root }));
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0 };

  try {
    for (const need of suite.needs) await setUp(need);
  } catch (error) {
    console.error(`  ✗ ${suite.name} could not be set up: ${error instanceof Error ? error.message : error}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }

  const countsFile = path.join(inCache("test"), `${suite.name}.json`);
  rmSync(countsFile, { force: true });
  // Mocha would start another process for the Node options in .mocharc.json, and that one would outlive a timeout.
  const mocha = ["--conditions=gradlens-source", packageProgram("mocha", "bin/mocha.js"), "--no-config"];
  const reporter = ["--reporter", inProject("scripts", "testReporter.ts")];
  const code = await runNode([...mocha, ...reporter, ...suite.options, ...mochaArguments, ...files], {
    env: { [countsVariable]: countsFile, NODE_COMPILE_CACHE: compiledCode() },
    timeout: suite.minutes * 60_000,
  });
  return readCounts(suite, countsFile, code);
}

/** Where Node keeps what it compiled, for tests start some thousand processes from these sources. It never forgets a file by itself. */
function compiledCode(): string {
  const folder = inCache("test", "compiled");
  if (readdirSync(folder, { recursive: true }).length > 20_000) rmSync(folder, { recursive: true });
  return folder;
}

/** So that no long file is left alone at the end; the order of the rest is the same everywhere. */
function largestFirst(files: readonly string[]): string[] {
  const size = (file: string): number => statSync(inProject(file)).size;
  return [...files].sort((a, b) => size(b) - size(a) || a.localeCompare(b));
}

function readCounts(suite: TestSuite, file: string, code: number): TestCounts {
  try {
    const counts: TestCounts = JSON.parse(readFileSync(file, "utf8"));
    if (code === 0 || counts.failed > 0) return counts;
    console.error(`  ✗ the tests passed, but their process ended with ${code} or did not end`);
    return { ...counts, failed: 1 };
  } catch {
    console.error(`  ✗ ${suite.name} ended with ${code} before it had counted its tests`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
