import path from "node:path";
import { setWarningHandler } from "../../engine/autograd/warnings.ts";
import { readCategories } from "../golden/format.ts";
import { attempt } from "../golden/runner.ts";

// Values, gradients and second derivatives that PyTorch 1.13.1 gave for random shapes and options.
const categories = readCategories(path.join(import.meta.dirname, "..", "fixtures", "golden"));

for (const { name, cases } of categories) {
  describe(`PyTorch's answers with unusual options: ${name}`, () => {
    before(() => void setWarningHandler(() => {}));
    after(() => void setWarningHandler(null));
    for (const test of cases) {
      it(`are ours for ${test.name}`, () => attempt(test));
    }
  });
}
