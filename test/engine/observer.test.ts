import assert from "node:assert/strict";
import { type Observer, observe } from "../../engine/autograd/observer.ts";
import { autograd, checkpoint, gradcheck, noGrad, type Tensor, tensor } from "../../engine/index.ts";

type Told = readonly [event: string, ...details: unknown[]];

/** Writes down what the engine tells while `run` runs. */
function toldOf(run: () => unknown): Told[] {
  const told: Told[] = [];
  const tell =
    (event: string, details: (...args: never[]) => unknown[] = () => []) =>
    (...args: unknown[]): void =>
      void told.push([event, ...details(...(args as never[]))]);
  const observer: Observer = {
    op: tell("op", (event: { name: string; node: { name: string } | null; start: number; end: number }) => {
      assert.ok(event.end >= event.start && event.start > 0);
      return [event.name, event.node?.name ?? null];
    }),
    node: tell("node", (node: { name: string }) => [node.name]),
    accumulate: tell("accumulate", (x: Tensor) => [[...(x.grad?.storage.values ?? [])]]),
    hook: tell("hook", (kind: string, _x: Tensor, _before: Tensor, after: Tensor | null) => [kind, after?.tolist()]),
    read: tell("read", (_x: Tensor, how: string) => [how]),
    refused: tell("refused", (_roots: unknown, error: Error) => [error.message.slice(0, 40)]),
    failed: tell("failed", (node: { name: string }) => [node.name]),
    backwardStart: tell("backward"),
    backwardEnd: tell("done", (error: Error | null) => (error === null ? [] : [error.message])),
    gradcheck: tell("gradcheck", (report: { passed: boolean; name: string }) => [report.name, report.passed]),
    optimizerStart: tell("optimizer"),
    optimizerEnd: tell("optimizer end"),
    zeroGrad: tell("zeroGrad"),
    scopeStart: tell("scope"),
    scopeEnd: tell("scope end"),
  };
  const before = observe(observer);
  try {
    run();
  } finally {
    assert.equal(observe(before), observer, "the observer is still there, also after errors");
  }
  return told;
}

class Fails extends autograd.Function {
  static forward(_ctx: autograd.FunctionCtx, x: Tensor): Tensor {
    return x.mul(2);
  }
  static backward(): never {
    throw new Error("no");
  }
}

describe("an observer", () => {
  it("hears of ops of every kind, of nodes in the order they run, and of gradients that arrive", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const told = toldOf(() => {
      const y = x.mul(2).exp();
      const [first] = y.reshape(2, 1).sort(0);
      (first as Tensor).sum().backward();
    });
    assert.deepEqual(
      told.filter(([event]) => event === "op").map(([, name, node]) => [name, node]),
      [
        ["mul", "MulBackward0"],
        ["exp", "ExpBackward0"],
        ["view", "ViewBackward0"],
        ["sort", "SortBackward0"],
        ["sum", "SumBackward0"],
      ],
    );
    const after = told
      .slice(told.findIndex(([event]) => event === "backward"))
      .map(([event, name]) => `${event} ${String(name)}`);
    assert.deepEqual(after.slice(0, 7), [
      "backward undefined",
      "node SumBackward0",
      "node SortBackward0",
      "node ViewBackward0",
      "node ExpBackward0",
      "node MulBackward0",
      `accumulate ${String(x.grad?.tolist())}`,
    ]);
    assert.deepEqual(told.at(-1), ["done"]);
  });

  it("hears of an in-place op as one op, of hooks with what they changed, and of gradients that are retained", () => {
    const told = toldOf(() => {
      const y = tensor([1], { requiresGrad: true }).mul(3);
      y.add_(1);
      y.retainGrad();
      y.registerHook((g) => g.mul(2));
      y.registerHook(() => {});
      y.backward(null, { retainGraph: true });
      y.backward();
    });
    assert.ok(told.some(([event, name, node]) => event === "op" && name === "add_" && node === "AddBackward0"));
    assert.deepEqual(
      told.filter(([event]) => event === "hook"),
      [
        ["hook", "tensor", [2]],
        ["hook", "tensor", undefined],
        ["hook", "tensor", [2]],
        ["hook", "tensor", undefined],
      ],
    );
    assert.deepEqual(
      told.filter(([event]) => event === "accumulate").map(([, grad]) => grad),
      [[2], [6], [4], [12]],
    );
  });

  it("hears of custom Functions, of backwards that fail or do not begin, and of elements that are read", () => {
    const told = toldOf(() => {
      const x = tensor([1], { requiresGrad: true });
      const y = Fails.apply(x);
      assert.throws(() => y.backward(), /no/);
      assert.throws(() => tensor([1]).backward());
      x.item();
      x.tolist();
      x.toArray();
      noGrad(() => x.data);
      tensor([x.select(0, 0)]);
    });
    assert.ok(told.some(([event, name, node]) => event === "op" && name === "Fails" && node === "FailsBackward"));
    assert.deepEqual(
      told.filter(([event]) => event === "failed" || event === "done" || event === "refused"),
      [
        ["failed", "FailsBackward"],
        ["done", "no"],
        ["refused", "element 0 of tensors does not require gr"],
      ],
    );
    assert.deepEqual(
      told.filter(([event]) => event === "read").map(([, how]) => how),
      ["item", "tolist", "toArray", "data", "tensor"],
    );
  });

  it("hears of a gradcheck as one result, and of what a checkpoint runs again only as part of the node", () => {
    const x = tensor([0.5], { dtype: "float64", requiresGrad: true });
    const told = toldOf(() =>
      gradcheck(
        function cube(y) {
          return y.pow(3);
        },
        [x],
      ),
    );
    assert.deepEqual(told, [["gradcheck", "gradcheck cube", true]]);
    const again = toldOf(() =>
      checkpoint((y: Tensor) => y.exp().mul(y), x)
        .sum()
        .backward(),
    );
    assert.equal(again.filter(([event, name]) => event === "op" && name === "exp").length, 1);
  });
});
