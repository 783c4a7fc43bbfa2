import assert from "node:assert/strict";
import { type Tensor, tensor } from "../../engine/index.ts";
import { explainGradient, type GradientExplanation } from "../../engine/recording/queries/explainGradient.ts";
import { namedTensors, type TensorInfo } from "../../engine/recording/queries/tensors.ts";
import { explanationPage } from "../../extension/inspections/explanationPage.ts";
import { type Name, recorded } from "./recorded.ts";

/** The explanation of a variable's gradient, and the variable. */
function explained(
  program: (name: Name) => void,
  name: string,
): { tensor: TensorInfo; explanation: GradientExplanation } {
  const recording = recorded(program);
  const found = namedTensors(recording).find((one) => one.name === name);
  assert.ok(found);
  const explanation = explainGradient(recording, found.id);
  assert.ok(explanation);
  return { tensor: found, explanation };
}

describe("an explained gradient", () => {
  it("writes the chain rule out along every way, with its product and its share", () => {
    // y = x² + 3 x at x = 5: the ways bring 5, 5 and 3.
    const { tensor: x, explanation } = explained((name) => {
      const leaf = name("x", tensor(5, { requiresGrad: true }));
      const y = name("y", leaf.mul(leaf).add(leaf.mul(3)));
      y.backward();
    }, "x");
    const products = explanation.paths.map(({ product }) => product).sort();
    assert.deepEqual(products, [3, 5, 5]);
    assert.equal(explanation.pathCount, 3);
    const shares = explanation.paths.map(({ share }) => Math.round(100 * (share ?? Number.NaN))).sort((a, b) => a - b);
    assert.deepEqual(shares, [23, 38, 38]);
    const { text } = explanationPage(x, "y", explanation);
    assert.match(text, /∂y\/∂x = 13/);
    assert.match(text, /1 · 3 = 3/);
  });

  it("tells norms where a factor is no single number, and shares where ways do not join before", () => {
    const { explanation } = explained((name) => {
      const w = name("w", tensor([1, 2], { requiresGrad: true }));
      const y = name("y", w.mul(3).sum().add(w.mul(4).sum()));
      y.backward();
    }, "w");
    assert.equal(explanation.paths.length, 2);
    assert.ok(explanation.paths.every(({ product }) => product === null));
    const shares = explanation.paths.map(({ share }) => Math.round(100 * (share ?? Number.NaN))).sort((a, b) => a - b);
    assert.deepEqual(shares, [43, 57]);
  });

  it("counts a thousand doublings, and writes out the first ways alone", () => {
    const { tensor: x, explanation } = explained((name) => {
      let y: Tensor = name("x", tensor(1, { requiresGrad: true }));
      for (let i = 0; i < 1000; i++) y = y.mul(0.5).add(y.mul(0.5));
      name("y", y).backward();
    }, "x");
    assert.ok(explanation.paths.length > 0 && explanation.paths.length <= 24);
    assert.ok(explanation.pathCount > 1e300);
    const { text } = explanationPage(x, "y", explanation);
    assert.match(text, /The first \d+ of /);
    assert.match(text, /… \d+ ops …/);
  });

  it("is none of a tensor that no backward reached", () => {
    const recording = recorded((name) => {
      const x = name("x", tensor(1, { requiresGrad: true }));
      name("unused", tensor(1, { requiresGrad: true }));
      x.mul(2).backward();
    });
    const unused = namedTensors(recording).find((one) => one.name === "unused");
    assert.ok(unused);
    assert.equal(explainGradient(recording, unused.id), null);
  });
});
