import assert from "node:assert/strict";
import { type ChainRule, chainAtStep, chainFor } from "../../../webview/graph/chainRule.ts";
import { buildModel } from "../../../webview/graph/graphModel.ts";
import { chainRuleExample, longChain, mlp, twoPathsExample } from "../graphs/examples.ts";
import { GraphBuilder } from "../graphs/graphBuilder.ts";

describe("the chain rule", () => {
  it("writes every factor of ((x * 2) + 5) ** 2 at x = 3", () => {
    assert.equal(written(chainAtStep(buildModel(chainRuleExample()), 4)), "dy/dx = 1 · 22 · 1 · 2 = 44");
  });

  it("grows by one factor a step", () => {
    const model = buildModel(chainRuleExample());
    assert.deepEqual(
      [1, 2, 3].map((step) => written(chainAtStep(model, step))),
      ["dy/d(+ 5) = 1 · 22 = 22", "dy/d(× 2) = 1 · 22 · 1 = 22", "dy/dx = 1 · 22 · 1 · 2 = 44"],
    );
  });

  it("links each factor to the edge it was picked up on", () => {
    const chain = chainAtStep(buildModel(chainRuleExample()), 4);
    assert.deepEqual(
      chain?.terms[0]?.map((factor) => factor.edge),
      [3, 2, 1, 0],
    );
  });

  it("adds up the ways when there are several", () => {
    const model = buildModel(twoPathsExample());
    assert.equal(written(chainFor(model, 0, 5)), "dy/dx = 1 · 1 · 1 · 2 + 1 · 1 · 1 · 2 + 1 · 1 · 1 · 3 = 7");
  });

  it("says nothing of a tensor that backward has not reached", () => {
    const model = buildModel(chainRuleExample());
    assert.equal(chainFor(model, 0, 2), null);
    assert.equal(chainAtStep(model, 0), null);
  });

  it("names the ops where a derivative is not a single number", () => {
    const model = buildModel(mlp());
    const weight = model.graph.nodes.findIndex((node) => node.label === "weight");
    const chain = chainFor(model, weight, model.graph.backward.length);
    assert.match(written(chain), /^dloss\/dweight = \[\] · ∂crossEntropy · ∂\+ · ∂matmul · .*∂ᵀ = /);
  });

  it("passes through named tensors without a factor", () => {
    const g = new GraphBuilder();
    const x = g.tensor("x", []);
    const a = g.named("a", g.op("× 2", [x], []));
    const square = g.op("^2", [a], []);
    g.named("y", square, { isRoot: true });
    g.backward([
      { node: square, event: 0, gradIn: "1", crossed: [{ edge: 2, grad: "12", factor: 12 }] },
      { node: 1, event: 0, gradIn: "12", crossed: [{ edge: 0, grad: "24", factor: 2 }] },
    ]);
    assert.equal(written(chainFor(buildModel(g.build()), x, 2)), "dy/dx = 1 · 12 · 2 = 24");
  });

  it("counts the ways it does not write", () => {
    const g = new GraphBuilder();
    let h = g.tensor("x", []);
    const steps = [];
    for (let i = 0; i < 6; i++) {
      const first = g.build().edges.length;
      h = g.op("×", [h, h], []);
      const crossed = [first, first + 1].map((edge) => ({ edge, grad: "1", factor: 1 }));
      steps.unshift({ node: h, event: 0, gradIn: "1", crossed });
    }
    g.backward(steps);
    const chain = chainFor(buildModel(g.build()), 0, 6);
    assert.equal(chain?.terms.length, 4);
    assert.equal(chain?.left, 60);
  });

  it("follows a chain of thousands of ops", () => {
    const model = buildModel(longChain(4000));
    const first = model.graph.nodes.findIndex((node) => node.kind === "op");
    const chain = chainFor(model, first, model.graph.backward.length);
    assert.ok((chain?.terms[0]?.length ?? 0) > 500);
  });
});

function written(chain: ChainRule | null): string {
  if (!chain) return "";
  const terms = chain.terms.map((term) => term.map((factor) => factor.text).join(" · ")).join(" + ");
  return `${chain.name} = ${terms}${chain.result === null ? "" : ` = ${chain.result}`}`;
}
