import assert from "node:assert/strict";
import { autograd, F, func, nn, noGrad, type Tensor, tensor, zeros } from "../../../engine/index.ts";
import { near } from "../../support/near.ts";

const { functionalCall } = func;

const sines = (n: number, from: number): Tensor =>
  tensor(
    Array.from({ length: n }, (_, i) => Math.sin(i + from)),
    { dtype: "float64" },
  );

/** A parameter and a buffer, each under two names; `forward` replaces the buffer. */
class Tied extends nn.Module {
  weight = new nn.Parameter(tensor([1]));
  tied = this.weight;
  declare count: Tensor;

  constructor() {
    super();
    this.registerBuffer("count", tensor([0]));
  }
  override forward(x: Tensor, { fail = false } = {}): Tensor {
    this.count = this.count.add(1);
    if (fail) throw new Error("on purpose");
    return x.add(this.weight).add(this.tied.mul(10));
  }
}

describe("func.functionalCall", () => {
  it("leads a second-order inner step as in PyTorch", () => {
    const model = new nn.Sequential(new nn.Linear(2, 3), new nn.Tanh(), new nn.Linear(3, 1)).double();
    noGrad(() => {
      model.parameters().forEach((p, i) => void p.copy_(sines(p.numel(), i).reshape(p.shape)));
    });
    const [x, y] = [sines(8, 3).reshape(4, 2), sines(4, 5).reshape(4, 1)];
    let fast: { [name: string]: Tensor } = Object.fromEntries(model.namedParameters());
    const losses: number[] = [];
    for (let step = 0; step < 2; step++) {
      const loss = F.mseLoss(functionalCall(model, fast, [x]), y);
      losses.push(loss.item());
      const grads = autograd.grad(loss, Object.values(fast), { createGraph: true });
      fast = Object.fromEntries(
        Object.entries(fast).map(([name, p], i) => [name, p.sub((grads[i] as Tensor).mul(0.3))]),
      );
    }
    const query = F.mseLoss(functionalCall(model, fast, sines(6, 7).reshape(3, 2)), sines(3, 2).reshape(3, 1));
    query.backward();
    near(
      tensor([...losses, query.item()], { dtype: "float64" }),
      [0.6430937600799569, 0.4502897302485186, 0.06737719001110427],
      1e-12,
    );
    const expected = [
      [-0.11897177546636, -0.01979357486086, -0.00426061560129, -0.00851961378484, 0.03563574488339, -0.0381209710484],
      [0.02688160965789, 0.02463153158513, 0.05490466356766],
      [0.08721560568351, -0.05830446092752, -0.00626670711683],
      [0.08297199477594],
    ];
    model.parameters().forEach((p, i) => void near(p.grad, expected[i] ?? [], 1e-12));
  });

  it("leaves the module as it was, also when forward throws or is awaited", async () => {
    const module = new Tied();
    const { weight, count } = module;
    const given = { weight: tensor([2]), count: tensor([5]) };
    assert.deepEqual(functionalCall(module, given, zeros(1)).tolist(), [22]);
    assert.throws(() => functionalCall(module, { weight: zeros(1) }, zeros(1), { kwargs: { fail: true } }), /purpose/);
    const late = new (class extends nn.Module {
      inner = new nn.Linear(1, 1);
      override async forward(x: Tensor): Promise<Tensor> {
        await Promise.resolve();
        return this.inner.forward(x);
      }
    })();
    const own = late.inner.weight;
    const result = functionalCall(late, { "inner.weight": tensor([[3]]), "inner.bias": zeros(1) }, tensor([2]));
    assert.notEqual(late.inner.weight, own);
    assert.deepEqual((await result).tolist(), [6]);
    assert.equal(late.inner.weight, own);
    assert.equal(module.weight, weight);
    assert.equal(module.tied, weight);
    assert.deepEqual(module.parameters(), [weight]);
    // The call that threw had replaced the module's own.
    assert.deepEqual([module.count.tolist(), count.tolist()], [[1], [0]]);
  });

  it("hands back what forward has put in place of what was given", () => {
    const given = { count: tensor([5]) };
    functionalCall(new Tied(), given, zeros(1));
    assert.deepEqual(given.count.tolist(), [6]);
  });

  it("gives tied tensors one value, unless told not to", () => {
    const module = new Tied();
    assert.deepEqual(functionalCall(module, { tied: tensor([3]) }, zeros(1)).tolist(), [33]);
    assert.deepEqual(functionalCall(module, { tied: tensor([3]) }, zeros(1), { tieWeights: false }).tolist(), [31]);
    const [a, b] = [tensor([3]), tensor([4])];
    assert.deepEqual(functionalCall(module, { weight: a, tied: a }, zeros(1)).tolist(), [33]);
    assert.throws(
      () => functionalCall(module, { weight: a, tied: b }, zeros(1)),
      /multiple values for keys weight, tied, which are tied. Consider using tieWeights: false/,
    );
    const shared = new nn.Linear(1, 1);
    const twice = new nn.Sequential(shared, shared);
    const { weight } = shared;
    functionalCall(twice, { "1.weight": tensor([[3]]) }, zeros(1));
    assert.equal(shared.weight, weight);
  });

  it("takes several objects, and with strict all names and no others", () => {
    const layer = new nn.Linear(1, 1);
    const [weight, bias] = [tensor([[2]]), tensor([1])];
    assert.deepEqual(functionalCall(layer, [{ weight }, { bias }], tensor([3]), { strict: true }).tolist(), [7]);
    assert.throws(
      () => functionalCall(layer, [{ weight }, { weight }], bias),
      /'weight' appeared in multiple dictionaries/,
    );
    assert.throws(
      () => functionalCall(layer, { weight, more: bias }, bias, { strict: true }),
      /Error\(s\) in reparametrizing for Linear:\n\tUnexpected key\(s\): more.\n\tMissing key\(s\): bias./,
    );
    assert.deepEqual(functionalCall(layer, { weight, bias, more: bias }, bias).tolist(), [3]);
    assert.equal("more" in layer, false);
    assert.throws(() => functionalCall(layer, { weight: 3 as never }, bias), /'weight' is not a Tensor, but number/);
    assert.throws(() => functionalCall(layer, { inFeatures: bias }, bias), /attribute 'inFeatures' is not a Tensor/);
    assert.throws(() => functionalCall(layer, { "a.weight": weight }, bias), /has no module 'a'/);
    assert.equal(layer.parameters().length, 2);
  });

  it("puts a value past a parametrization, or through it by the name of what is trained", () => {
    class Doubled extends nn.Module {
      override forward(x: Tensor): Tensor {
        return x.mul(2);
      }
    }
    const layer = new nn.Linear(1, 1, { bias: false });
    nn.utils.parametrize.registerParametrization(layer, "weight", new Doubled());
    const x = tensor([1]);
    const value = tensor([[3]]);
    assert.deepEqual(nn.utils.stateless.functionalCall(layer, { weight: value }, x).tolist(), [3]);
    const original = { "parametrizations.weight.original": value };
    assert.deepEqual(nn.utils.stateless.functionalCall(layer, original, x).tolist(), [6]);
    assert.equal(layer.weight.gradFn?.name, "MulBackward0");
  });
});
