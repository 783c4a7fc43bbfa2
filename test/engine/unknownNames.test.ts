import assert from "node:assert/strict";
import { inspect } from "node:util";
import { GradlensError, tensor, zeros } from "../../engine/index.ts";

const read = (name: string) => () => (tensor([1, 2]) as unknown as { [name: string]: unknown })[name];

describe("names that tensors do not have", () => {
  it("suggest the nearest one, spelt as in Python or mistyped", () => {
    const expected = {
      expp: "exp",
      index_select: "indexSelect",
      retain_grad: "retainGrad",
      requires_grad: "requiresGrad",
      backwards: "backward",
      numell: "numel",
    };
    for (const [name, guess] of Object.entries(expected)) {
      assert.throws(read(name), {
        name: "GradlensError",
        message: `Tensor has no method '${name}'. Did you mean '${guess}'?`,
      });
    }
    assert.throws(read("expp"), GradlensError);
  });

  it("get advice where this engine answers otherwise than PyTorch", () => {
    assert.throws(read("numpy"), /toArray\(\)/);
    assert.throws(read("cuda"), /one device/);
    assert.throws(read("imag"), /complex numbers are not supported/);
    assert.throws(() => zeros([2], { dtype: "complex64" as never }), /complex numbers are not supported/);
    assert.throws(() => zeros([2], { dtype: "flaot32" as never }), /Did you mean 'float32'/);
  });

  it("are undefined when nothing is near, and absent for `in`", () => {
    assert.equal(read("somethingElse")(), undefined);
    assert.equal("expp" in tensor([1]), false);
    assert.equal("exp" in tensor([1]), true);
  });

  it("do not get into the way of promises, JSON, inspection, assertions and text", async () => {
    const x = tensor([1, 2]);
    assert.equal(await x, x);
    assert.equal(await Promise.resolve(x), x);
    assert.equal(JSON.stringify(x), "[1,2]");
    assert.equal(inspect(x), "tensor([1., 2.])");
    assert.match(inspect(x, { customInspect: false, showProxy: true, depth: 0 }), /^Tensor \{/);
    assert.equal(`${x}`, "tensor([1., 2.])");
    assert.deepEqual(x, x);
    assert.throws(() => assert.deepEqual(x, tensor([1, 3])), assert.AssertionError);
    assert.deepEqual(Object.keys(x).includes("shape"), true);
    assert.equal(Object.hasOwn(x, "shape"), true);
    assert.equal(x.toLocaleString(), "tensor([1., 2.])");
    assert.equal(x instanceof Object, true);
    const names: string[] = [];
    for (const name in x) names.push(name);
    assert.equal(names.includes("shape"), true);
  });
});
