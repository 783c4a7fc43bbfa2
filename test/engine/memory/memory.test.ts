import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";

const program = path.join(import.meta.dirname, "measured.ts");
const run = promisify(execFile);

/** What a program of `measured.ts` found in a process of its own. */
async function measured<Found>(name: string, flags: readonly string[] = []): Promise<Found> {
  const own = ["--conditions=gradlens-source", "--disable-warning=ExperimentalWarning", "--expose-gc", ...flags];
  const { stdout } = await run(process.execPath, [...own, program, name]);
  const found: Found = JSON.parse(stdout);
  return found;
}

/** V8 collects buffers that nobody holds once there are this many megabytes of them. */
const UNCOLLECTED = 64;

interface Peak {
  readonly needed: number;
  readonly peak: number;
}

describe("memory", function () {
  // Each of these is a process of its own that works through hundreds of megabytes.
  this.timeout(240_000);

  it("of an op stays within so many bytes, forward and backward", async () => {
    // Without compilers, which leave out what they find to be unneeded, it is the same in every run.
    const flags = ["--no-opt", "--no-maglev", "--no-sparkplug", "--min-semi-space-size=64", "--max-semi-space-size=64"];
    const { forward, backward } = await measured<{ forward: number; backward: number }>("op", flags);
    assert.ok(forward < 1700, `${forward} bytes an op forward`);
    assert.ok(backward < 2400, `${backward} bytes an op backward`);
  });

  it("of ten thousand training steps without a turn of the event loop is that of two thousand", async () => {
    const found = await measured<{ early: number; late: number; earlyPeak: number; latePeak: number }>("loop");
    const { early, late, earlyPeak, latePeak } = found;
    assert.ok(late < early + 1, `held after 2,000 steps ${early} MB, after 10,000 ${late} MB`);
    assert.ok(latePeak < earlyPeak + UNCOLLECTED, `at most ${earlyPeak} MB in 2,000 steps, ${latePeak} MB in 10,000`);
  });

  for (const name of ["parameters", "activations"]) {
    it(`of training is within 1.2 times what it needs, beside what V8 leaves uncollected, where most of it is ${name}`, async () => {
      const { needed, peak } = await measured<Peak>(name);
      assert.ok(peak > 0.9 * needed, `${peak} MB cannot be less than the ${needed} MB needed`);
      assert.ok(peak < 1.2 * needed + UNCOLLECTED, `${peak} MB where ${needed} MB are needed`);
    });
  }

  it("with checkpoints is what lies between them and one part that is run again", async () => {
    const { needed, peak } = await measured<Peak>("checkpointed");
    assert.ok(peak > 0.9 * needed, `${peak} MB cannot be less than the ${needed} MB needed`);
    assert.ok(peak < 1.2 * needed + UNCOLLECTED, `${peak} MB where ${needed} MB are needed`);
  });
});
