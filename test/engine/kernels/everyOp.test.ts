import "../../../engine/index.ts";
import type { Tensor } from "../../../engine/autograd/tensor.ts";
import { isFloat } from "../../../engine/base/dtype.ts";
import { type Op, ops } from "../../../engine/ops/op.ts";
import type { Sample } from "../../../engine/ops/samples.ts";
import { callOp, sampleInputs } from "../../support/opSamples.ts";
import { assertClose, Numbers, SINGLE, withBoth } from "./twins.ts";

/** Outputs and gradients of an op on float32, with some gradient from above. */
function results(op: Op, sample: Sample): number[][] {
  const inputs = sampleInputs(op, sample).map((x) =>
    isFloat(x.dtype) ? x.detach().to("float32").requiresGrad_(x.requiresGrad) : x,
  );
  const outputs = callOp(op, sample, inputs);
  const numbers = new Numbers(5);
  for (const out of outputs) {
    if (out.requiresGrad) out.backward(out.detach().zerosLike().add(numbers.next()), { retainGraph: true });
  }
  const grads = inputs.map((x) => x.grad).filter((grad) => grad !== null);
  return [...outputs, ...grads].map((x: Tensor) => Array.from(x.toArray()));
}

/** What random numbers are drawn for differs from call to call. */
const isRandom = (op: Op): boolean => /dropout|rrelu|rand|bernoulli|multinomial|gumbel/i.test(op.name);

describe("every op on float32", () => {
  for (const op of ops.values()) {
    for (const sample of op.accepts) {
      if (isRandom(op)) continue;
      it(`${op.name} gives the same with either kernels on ${sample.label}`, () => {
        const { wasm, typescript } = withBoth(() => results(op, sample));
        wasm.forEach((numbers, i) => {
          // A few roundings, which decompositions enlarge by their condition.
          assertClose(numbers, typescript[i] ?? [], 1024 * SINGLE);
        });
      });
    }
  }
});
