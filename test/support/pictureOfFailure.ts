import type { Context } from "mocha";
import { RealVsCode } from "./realVsCode.ts";

/** What mocha runs around every test of a suite that requires this file: a test that fails leaves a picture of each window beside the others. */
export const mochaHooks = {
  async afterEach(this: Context): Promise<void> {
    const test = this.currentTest;
    if (test?.state !== "failed") return;
    const name = test.fullTitle().replaceAll(/[^\w]+/g, "-");
    for (const code of RealVsCode.running) {
      const file = await code.screenshot(`failed-${name}`).catch(() => "no picture could be taken");
      console.log(`      failed: ${file}`);
    }
  },
};
