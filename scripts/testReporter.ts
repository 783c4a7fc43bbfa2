import { writeFileSync } from "node:fs";
import type { Runner, Suite, Test } from "mocha";
import mocha from "mocha";

/** What one suite came to, as `scripts/test.ts` reads it. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The variable that names the file for the counts. */
export const countsVariable = "GRADLENS_TEST_COUNTS";

/** One mistake can fail a thousand cases, and the first few tell enough. */
const shownFailures = 40;

interface Group {
  readonly title: string;
  passed: number;
  failed: number;
}

/**
 * One line for each outermost `describe`, because several thousand ticks hide the one cross; then each failure with its difference.
 * Mocha asks for a default export.
 */
export default class TestReporter {
  readonly #failures: Test[] = [];
  #passed = 0;
  #skipped = 0;
  #group: Group | undefined;

  constructor(runner: Runner) {
    runner.on("suite", (suite) => this.#enter(suite));
    runner.on("pass", () => {
      this.#passed++;
      if (this.#group) this.#group.passed++;
    });
    runner.on("pending", () => this.#skipped++);
    runner.on("fail", (test, error) => {
      // Where mocha's own list of failures looks for it.
      test.err = error;
      this.#failures.push(test);
      if (this.#group) this.#group.failed++;
    });
    runner.on("end", () => this.#end());
  }

  #enter(suite: Suite): void {
    // Suites that ran in another process come without their parents.
    if (suite.root || suite.fullTitle() !== suite.title) return;
    this.#leave();
    this.#group = { title: suite.title, passed: 0, failed: 0 };
  }

  #leave(): void {
    if (!this.#group) return;
    const { title, passed, failed } = this.#group;
    const count = failed > 0 ? `${passed} passed, ${failed} FAILED` : `${passed}`;
    if (passed + failed > 0) console.log(`  ${failed > 0 ? "✗" : "✓"} ${title}: ${count}`);
    this.#group = undefined;
  }

  #end(): void {
    this.#leave();
    if (this.#failures.length > 0) mocha.reporters.Base.list(this.#failures.slice(0, shownFailures));
    const unseen = this.#failures.length - shownFailures;
    if (unseen > 0) console.log(`  … and ${unseen} more failures\n`);

    const counts: TestCounts = { passed: this.#passed, failed: this.#failures.length, skipped: this.#skipped };
    const file = process.env[countsVariable];
    if (file !== undefined) writeFileSync(file, JSON.stringify(counts));
  }
}
