import assert from "node:assert/strict";
import { type LocalDerivative, localDerivatives, type RecordedCall } from "../../engine/functional/localDerivative.ts";
import { autograd, F, manualSeed, randn, type Tensor, tensor } from "../../engine/index.ts";
import { EventKind } from "../../engine/recording/schema.ts";
import { derivativesAt } from "../../extension/debug/session/derivatives.ts";
import { Tensors } from "../../extension/debug/session/tensors.ts";
import { Timeline } from "../../extension/debug/session/timeline.ts";
import { debugged } from "./debugged.ts";

type Work = (x: Tensor) => Tensor;

/** What the debugger shows at a node of that name, after a backward through some work; computed here, without a thread. */
async function shownAt(node: string, work: Work, x: Tensor): Promise<LocalDerivative | undefined> {
  const recording = debugged(() => {
    const y = work(x);
    // Not all alike, so that a Jacobian that is transposed would not pass for the right one.
    y.mul(tensor(Array.from({ length: y.numel() }, (_, i) => 1 + 0.3 * i)).reshape(y.shape))
      .sum()
      .backward();
  });
  const timeline = new Timeline(recording);
  const evaluator = { derivatives: (call: RecordedCall) => Promise.resolve(localDerivatives(call)) };
  const parts = { timeline, tensors: new Tensors(recording), evaluator };
  const found: LocalDerivative[] = [];
  for (let event = 1; event <= timeline.last; event++) {
    if (timeline.kind(event) !== EventKind.node || timeline.name(event) !== node) continue;
    const [first] = await derivativesAt(event, parts);
    if (typeof first === "object" && first !== null) found.push(first);
  }
  // What comes after the work, the sum with its weights, runs first.
  return found.at(-1);
}

/** The whole Jacobian, a row for each element of the result: what finite differences and the engine agree on elsewhere. */
function jacobianOf(work: Work, x: Tensor): number[] {
  const full = autograd.functional.jacobian(work, x.detach()) as Tensor;
  return Array.from(full.toArray());
}

/** What is shown, as a whole Jacobian. */
function asJacobian(shown: LocalDerivative | undefined): number[] {
  assert.ok(shown !== undefined);
  if (shown.kind === "jacobian") return Array.from(shown.values);
  assert.equal(shown.kind, "elementwise", JSON.stringify(shown));
  const { factors } = shown as Extract<LocalDerivative, { kind: "elementwise" }>;
  return Array.from({ length: factors.length ** 2 }, (_, i) =>
    Math.floor(i / factors.length) === i % factors.length ? (factors[i % factors.length] ?? 0) : 0,
  );
}

const matrix = (): Tensor =>
  tensor(
    [
      [0.5, -1, 2],
      [1.5, 0.25, -0.75],
    ],
    { requiresGrad: true, dtype: "float64" },
  );
const other = tensor(
  [
    [1, 2],
    [3, -4],
    [0.5, 6],
  ],
  { dtype: "float64" },
);

describe("local derivatives in the debugger", () => {
  const works: readonly [node: string, kind: "elementwise" | "jacobian", work: Work][] = [
    ["TanhBackward0", "elementwise", (x) => x.tanh()],
    ["MulBackward0", "elementwise", (x) => x.mul(3)],
    ["PowBackward0", "elementwise", (x) => x.pow(3)],
    ["ReluBackward0", "elementwise", (x) => x.relu()],
    ["ViewBackward0", "elementwise", (x) => x.reshape([3, 2])],
    ["MmBackward0", "jacobian", (x) => x.matmul(other)],
    ["SoftmaxBackward0", "jacobian", (x) => x.softmax(1)],
    ["LogSoftmaxBackward0", "jacobian", (x) => x.logSoftmax(0)],
    ["SumBackward0", "jacobian", (x) => x.sum(1)],
    ["MeanBackward0", "jacobian", (x) => x.mean()],
    ["LogsumexpBackward0", "jacobian", (x) => x.logsumexp(1)],
    ["TransposeBackward0", "jacobian", (x) => x.transpose(0, 1)],
    ["SelectBackward0", "jacobian", (x) => x.select(1, 1)],
    ["CumsumBackward0", "jacobian", (x) => x.cumsum(1)],
    [
      "AddBackward0",
      "jacobian",
      (x) =>
        x.select(0, 0).add(
          tensor(
            [
              [1, 2, 3],
              [4, 5, 6],
            ],
            { dtype: "float64" },
          ),
        ),
    ],
  ];
  for (const [node, kind, work] of works) {
    it(`of ${node} are its Jacobian`, async () => {
      const shown = await shownAt(node, work, matrix());
      assert.equal(shown?.kind, kind);
      if (node === "AddBackward0") {
        // The derivative by what `select` gave: each of three numbers goes into two results.
        assert.deepEqual(asJacobian(shown), [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1]);
        return;
      }
      const exact = jacobianOf(work, matrix());
      const told = asJacobian(shown);
      assert.equal(told.length, exact.length);
      for (const [i, value] of exact.entries()) assert.ok(Math.abs((told[i] ?? 0) - value) < 1e-6, `entry ${i}`);
    });
  }

  it("of an op in place are those at the values that it overwrote", async () => {
    const shown = await shownAt("SinBackward0", (x) => x.mul(1).sin_(), matrix());
    const exact = jacobianOf((x) => x.sin(), matrix());
    for (const [i, value] of asJacobian(shown).entries()) assert.ok(Math.abs(value - (exact[i] ?? 0)) < 1e-6);
  });

  it("of what was drawn at random are those of the numbers that were drawn", async () => {
    manualSeed(3);
    const shown = await shownAt("MulBackward0", (x) => F.dropout(x, 0.5), matrix());
    assert.equal(shown?.kind, "elementwise");
    const factors = new Set((shown as Extract<LocalDerivative, { kind: "elementwise" }>).factors);
    assert.deepEqual([...factors].sort(), [0, 2]);
  });

  it("that are too large to be written out say so, with the formula", async () => {
    const x = randn([70, 70], { requiresGrad: true });
    const shown = await shownAt("MmBackward0", (one) => one.matmul(randn([70, 70])), x);
    assert.deepEqual(shown, { kind: "large", rows: 4900, columns: 4900, formula: "grad.mm(b.transpose(0, 1))" });
  });

  it("are not told when a hook changed what the node handed on", async () => {
    const work: Work = (x) => {
      const y = x.exp();
      y.gradFn?.registerHook((given) => given.map((one) => one?.mul(2) ?? null));
      return y;
    };
    const shown = await shownAt("ExpBackward0", work, matrix());
    assert.equal(shown?.kind, "unknown");
  });

  it("are not guessed when something that the op was called with is not in the recording", async () => {
    const index = tensor([1, 0, 1], { dtype: "int64" });
    const work: Work = (x) => x.indexSelect(0, index);
    const shown = await shownAt("IndexSelectBackward0", work, matrix());
    if (shown?.kind !== "unknown") assert.deepEqual(asJacobian(shown), jacobianOf(work, matrix()));
  });
});
