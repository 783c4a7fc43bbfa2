import path from "node:path";
import { readCategories } from "../golden/format.ts";
import { attempt } from "../golden/runner.ts";

// Where programs seldom come: kinks, poles, ties, NaN among numbers, masks and integers in arithmetic, booleans as numbers,
// singular matrices; and optimizers and schedules beyond those of the other recordings.
// Recorded from PyTorch in the format of test/golden/data/FORMAT.md.

for (const { name, cases } of readCategories(path.join(import.meta.dirname, "..", "fixtures", "pytorch", "answers"))) {
  describe(`PyTorch's answers far out: ${name}`, () => {
    for (const test of cases) {
      it(`are ours for ${test.name}`, () => attempt(test));
    }
  });
}
