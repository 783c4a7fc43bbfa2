import assert from "node:assert/strict";
import { F, nn, ones, optim, type Tensor, tensor, zeros } from "../../../engine/index.ts";
import { warningsOf } from "../../support/warnings.ts";

/** What a beginner writes, and the words by which the error is searched for. */
const mistakes: readonly { name: string; call: (x: Tensor) => unknown; says: RegExp; shape: readonly number[] }[] = [
  {
    name: "matrices whose inner sizes differ",
    shape: [2, 3],
    call: (x) => x.mm(x),
    says: /mat1 and mat2 shapes cannot be multiplied \(2x3 and 2x3\)/,
  },
  {
    name: "a linear layer on the wrong number of features",
    shape: [2, 3],
    call: (x) => new nn.Linear(4, 1).forward(x),
    says: /mat1 and mat2 shapes cannot be multiplied \(2x3 and 4x1\)/,
  },
  {
    name: "shapes that do not broadcast",
    shape: [2, 3],
    call: (x) => x.add(ones(2, 4)),
    says: /The size of tensor a \(3\) must match the size of tensor b \(4\) at non-singleton dimension 1/,
  },
  {
    name: "an in-place op on shapes that do not broadcast",
    shape: [2, 3],
    call: (x) => x.detach().add_(ones(2, 4)),
    says: /The size of tensor a \(3\) must match the size of tensor b \(4\) at non-singleton dimension 1/,
  },
  {
    name: "a view of another size",
    shape: [2, 3],
    call: (x) => x.view(4),
    says: /shape '\[4\]' is invalid for input of size 6/,
  },
  {
    name: "a class number out of range",
    shape: [2, 3],
    call: (x) => F.crossEntropy(x, tensor([0, 5], { dtype: "int64" })),
    says: /Target 5 is out of bounds/,
  },
  {
    name: "item() of several elements",
    shape: [3],
    call: (x) => x.item(),
    says: /a Tensor with 3 elements cannot be converted to Scalar/,
  },
  {
    name: "an index out of range",
    shape: [3],
    call: (x) => x.select(0, 5),
    says: /index 5 is out of bounds for dimension 0 with size 3/,
  },
  {
    name: "a dimension out of range",
    shape: [3],
    call: (x) => x.sum(2),
    says: /Dimension out of range \(expected to be in range of \[-1, 0\], but got 2\)/,
  },
  {
    name: "a misspelt option",
    shape: [3],
    call: (x) => x.sum({ dim: 0, keepDim: true } as never),
    says: /unknown option 'keepDim'\. Did you mean 'keepdim'\?/,
  },
  {
    name: "an output tensor to write to, which does not exist here",
    shape: [3],
    call: (x) => F.softmax(x, 0, { out: x } as never),
    says: /unknown option 'out'/,
  },
];

describe("mistakes that beginners make", () => {
  for (const { name, call, says, shape } of mistakes) {
    it(`[O] ${name}: the error says what is wrong, and nothing has changed`, () => {
      const x = tensor(ones(...shape).tolist(), { requiresGrad: true });
      const before = [x.toArray(), x._version, x.grad, x.requiresGrad];
      assert.throws(() => call(x), says);
      assert.deepEqual([x.toArray(), x._version, x.grad, x.requiresGrad], before);
    });
  }

  it("[O] a target of another shape is a warning, because the loss broadcasts silently", () => {
    const warnings = warningsOf(() => F.mseLoss(zeros(3, 1), zeros(3)));
    assert.match(
      warnings[0] ?? "",
      /Using a target size \(\[3\]\) that is different to the input size \(\[3, 1\]\).*incorrect results due to broadcasting/,
    );
  });

  it("[O] a plain tensor is no parameter of a module", () => {
    const layer = new nn.Linear(2, 2);
    const optimizer = new optim.SGD(layer.parameters(), { lr: 0.1 });
    layer.weight = ones(2, 2) as never;
    const words = /cannot assign 'Tensor' as parameter 'weight' \(Parameter or null expected\)/;
    assert.throws(() => layer.parameters(), words);
    assert.throws(() => layer.stateDict(), words);
    assert.equal(optimizer.paramGroups[0]?.params.length, 2);
  });

  it("[O] a negative learning rate is refused", () => {
    assert.throws(() => new optim.SGD([tensor([1], { requiresGrad: true })], { lr: -1 }), /Invalid learning rate: -1/);
  });
});
