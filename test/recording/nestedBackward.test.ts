import assert from "node:assert/strict";
import { autograd, nn, optim, type Tensor, tensor } from "../../engine/index.ts";
import { buildGraph } from "../../engine/recording/queries/graph.ts";
import { trainingSteps } from "../../engine/recording/queries/steps.ts";
import { namedTensors } from "../../engine/recording/queries/tensors.ts";
import type { Recording } from "../../engine/recording/recording.ts";
import { recorded } from "./recorded.ts";

/** Runs its function again in backward, and differentiates it there: what checkpointing by hand looks like. */
class Again extends autograd.Function {
  static forward(ctx: autograd.FunctionCtx, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.pow(3);
  }

  static backward(ctx: autograd.FunctionCtx, grad: Tensor): Tensor {
    const [x] = ctx.savedTensors as [Tensor];
    const copy = x.detach().requiresGrad_();
    autograd.enableGrad(() => copy.pow(3).sum().backward());
    return (copy.grad as Tensor).mul(grad);
  }
}

function oneStep(): Recording {
  return recorded((name) => {
    const w = name("w", new nn.Parameter(tensor([1, 2])));
    const optimizer = name("optimizer", new optim.SGD([w], { lr: 0.1 }));
    const h = name("h", Again.apply(w.mul(2)) as Tensor);
    const loss = name("loss", h.mean());
    loss.backward();
    optimizer.step();
  });
}

describe("a backward inside a backward", () => {
  it("leaves the outer one in the graph, whole, with the inner one beside it", () => {
    const { nodes, backward } = buildGraph(oneStep());
    const root = nodes.filter((node) => node.isRoot);
    assert.deepEqual(
      root.map(({ label }) => label),
      ["loss"],
    );
    const w = nodes.find((node) => node.label === "w");
    assert.equal(w?.gradStatus, "present");
    // Steps before the inner one (mean), of the inner one (its pow), and after it (mul) are all there.
    const stepped = backward.map(({ node }) => nodes[node]?.op ?? nodes[node]?.label);
    for (const op of ["mean", "pow", "mul", "w"]) assert.ok(stepped.includes(op), `${op} in ${stepped.join(" ")}`);
    assert.equal(nodes.find((node) => node.op === "mul")?.gradStatus, "present");
  });

  it("draws the inner one alone when asked for it", () => {
    const { nodes } = buildGraph(oneStep(), { backward: 1 });
    assert.deepEqual(
      nodes.flatMap(({ op }) => op ?? []),
      ["mul", "detach", "pow", "sum"],
    );
  });

  it("is no loss of the step", () => {
    assert.deepEqual(
      trainingSteps(oneStep()).map(({ loss }) => loss),
      [36],
    );
  });

  it("is no root of the run", () => {
    const roots = namedTensors(oneStep()).filter(({ isRoot }) => isRoot);
    assert.deepEqual(
      roots.map(({ name }) => name),
      ["loss"],
    );
  });

  it("leaves the gradients of the outer one where both pass", () => {
    const recording = recorded((name) => {
      const x = name("x", tensor(3, { requiresGrad: true }));
      const y = name("y", x.mul(x));
      const loss = name("loss", y.mul(5));
      let again = true;
      x.registerHook(() => {
        if (again) {
          again = false;
          autograd.grad(y, x, { retainGraph: true });
        }
      });
      loss.backward({ retainGraph: true });
    });
    const square = buildGraph(recording).nodes.find((node) => node.op === "mul" && node.label === "×");
    assert.equal(square?.grad?.mean, 5);
  });
});
