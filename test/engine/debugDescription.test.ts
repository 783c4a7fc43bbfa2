import assert from "node:assert/strict";
import { type Tensor, tensor, zeros } from "../../engine/index.ts";

describe("a tensor in a debugger of JavaScript", () => {
  const describeIt = (x: Tensor): unknown => (Reflect.get(x, Symbol.for("debug.description")) as () => string).call(x);

  it("is one line with its type, shape, role and first elements", () => {
    const x = tensor(
      [
        [1, 2.5],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    assert.equal(describeIt(x), "float32 [2, 2] leaf requiresGrad [1, 2.5, 3, 4]");
    assert.equal(describeIt(x.t()), "float32 [2, 2] TBackward0 [1, 3, 2.5, 4]");
    assert.equal(describeIt(tensor(0.1)), "float32 [] leaf 0.1");
    assert.equal(describeIt(x.detach().gt(2)), "bool [2, 2] leaf [false, true, true, true]");
    assert.equal(describeIt(zeros(1000)), "float32 [1000] leaf [0, 0, 0, 0, 0, 0, …]");
  });
});
