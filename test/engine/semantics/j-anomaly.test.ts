import assert from "node:assert/strict";
import { autograd, tensor } from "../../../engine/index.ts";
import { setWarningHandler } from "../../../engine/autograd/warnings.ts";

const leaf = (...values: number[]) => tensor(values, { requiresGrad: true });

describe("anomaly mode", () => {
  let before: ReturnType<typeof setWarningHandler>;
  const warnings: string[] = [];
  beforeEach(() => {
    warnings.length = 0;
    before = setWarningHandler((text) => warnings.push(text));
  });
  afterEach(() => void setWarningHandler(before));

  it("[65] names the function that returned NaN", () => {
    assert.throws(() => autograd.detectAnomaly(() => leaf(0).mul(0).sqrt().sum().backward()), /Function 'MulBackward0' returned nan values in its 0th output|Function 'SqrtBackward0' returned nan values in its 0th output/);
    assert.match(warnings[0] ?? "", /Anomaly Detection has been enabled/);
  });

  it("[66] looks at NaN only, and only in gradients", () => {
    autograd.detectAnomaly(() => leaf(0).sqrt().sum().backward()); // Inf passes
    autograd.detectAnomaly(() => {
      const x = leaf(-1);
      x.log().sum().backward(); // the loss is NaN, the gradient −1
      assert.equal(x.grad?.item(), -1);
    });
    autograd.detectAnomaly(() => leaf(0).mul(0).sqrt().sum().backward(), { checkNan: false });
  });
});
