import assert from "node:assert/strict";
import { cat, manualSeed, nn, noGrad, ones, optim, randn, Tensor, tensor } from "../../../engine/index.ts";
import { near } from "../../support/near.ts";

describe("nn.Parameter", () => {
  it("is a leaf tensor that requires grad and is told apart from other tensors", () => {
    const parameter = new nn.Parameter(tensor([1, 2]));
    assert.ok(parameter instanceof nn.Parameter);
    assert.ok(parameter instanceof Tensor);
    assert.ok(!(tensor([1]) instanceof nn.Parameter));
    assert.deepEqual([parameter.isLeaf, parameter.requiresGrad, parameter.isParameter], [true, true, true]);
    assert.equal(new nn.Parameter(ones(1), { requiresGrad: false }).requiresGrad, false);
  });

  it("cuts the graph of what it is made of and shares its storage", () => {
    const source = tensor([1, 2], { requiresGrad: true });
    const parameter = new nn.Parameter(source.mul(2));
    parameter.sum().backward();
    assert.equal(source.grad, null);
    assert.deepEqual(parameter.grad?.tolist(), [1, 1]);
    const data = ones(2);
    const shared = new nn.Parameter(data);
    noGrad(() => shared.fill_(7));
    assert.deepEqual(data.tolist(), [7, 7]);
  });

  it("makes plain tensors of ops on it", () => {
    assert.ok(!(new nn.Parameter(ones(2)).mul(2) instanceof nn.Parameter));
  });

  it("prints what it is", () => {
    assert.equal(
      String(new nn.Parameter(tensor([1, 2]))),
      "Parameter containing:\ntensor([1., 2.], requiresGrad=true)",
    );
  });

  it("needs a tensor", () => {
    assert.throws(() => new nn.Parameter(3 as unknown as Tensor), /expected a tensor, but got number/);
  });
});

describe("containers", () => {
  it("run one module after the other, by position or by name", () => {
    const net = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU());
    assert.deepEqual(net.forward(randn(4, 2)).shape, [4, 3]);
    assert.equal(net.length, 2);
    assert.ok(net[1] instanceof nn.ReLU);
    assert.ok(net.at(-1) instanceof nn.ReLU);
    assert.throws(() => net.at(2), /index 2 is out of range: there are 2/);
    const named = new nn.Sequential({ fc: new nn.Linear(2, 3), act: new nn.Tanh() });
    assert.deepEqual(Object.keys(named.stateDict()), ["fc.weight", "fc.bias"]);
    assert.equal(named.append(new nn.Linear(3, 1)).length, 3);
  });

  it("keep lists of modules that can change", () => {
    const list = new nn.ModuleList([new nn.Linear(1, 1), new nn.Linear(2, 2)]);
    list.append(new nn.Linear(3, 3));
    list.insert(1, new nn.Linear(9, 9));
    assert.deepEqual(
      list.map((layer) => layer.inFeatures),
      [1, 9, 2, 3],
    );
    assert.equal(list.pop(1).inFeatures, 9);
    assert.deepEqual(Object.keys(list.stateDict()), ["0.weight", "0.bias", "1.weight", "1.bias", "2.weight", "2.bias"]);
    assert.equal(list[2]?.inFeatures, 3);
    assert.throws(() => new nn.ModuleList([1 as never]), /expected modules, but got number/);
  });

  it("keep modules by name", () => {
    const dict = new nn.ModuleDict({ a: new nn.Linear(1, 1), b: new nn.Linear(2, 2) });
    dict.set("a", new nn.Linear(5, 5));
    assert.deepEqual(dict.keys().sort(), ["a", "b"]);
    assert.equal(dict.get("a").inFeatures, 5);
    assert.equal(dict.has("c"), false);
    assert.throws(() => dict.get("c"), /there is no module 'c'/);
    assert.equal(dict.pop("b").inFeatures, 2);
    assert.equal(dict.parameters().length, 2);
  });

  it("keep parameters in lists and by name, making them of plain tensors", () => {
    class Net extends nn.Module {
      readonly list = new nn.ParameterList([ones(1), new nn.Parameter(ones(2))]);
      readonly dict = new nn.ParameterDict({ w: ones(3) });
    }
    const net = new Net();
    assert.deepEqual(
      net.namedParameters().map(([name, p]) => [name, p.numel()]),
      [
        ["list.0", 1],
        ["list.1", 2],
        ["dict.w", 3],
      ],
    );
    assert.equal(net.list.at(-1).requiresGrad, true);
    assert.equal([...net.list].length, 2);
    assert.equal(net.dict.get("w").numel(), 3);
    net.list.append(ones(4));
    assert.equal(net.list.length, 3);
  });
});

describe("clipping", () => {
  const withGrads = (...grads: readonly (readonly number[] | null)[]): Tensor[] =>
    grads.map((grad) => {
      const p = new nn.Parameter(ones(grad?.length ?? 1));
      if (grad !== null) p.grad = tensor([...grad]);
      return p;
    });

  it("scales all gradients together and gives the norm before", () => {
    const [a, b, none] = withGrads([3], [4], null) as [Tensor, Tensor, Tensor];
    assert.equal(nn.utils.clipGradNorm_([a, b, none], 1).item(), 5);
    assert.ok(Math.abs((a.grad?.item() ?? 0) - 0.6) < 1e-6 && Math.abs((b.grad?.item() ?? 0) - 0.8) < 1e-6);
    assert.equal(none.grad, null);
  });

  it("leaves gradients alone whose norm is in bounds", () => {
    const [a] = withGrads([3, 4]) as [Tensor];
    nn.utils.clipGradNorm_(a, 100);
    assert.deepEqual(a.grad?.tolist(), [3, 4]);
  });

  it("spreads NaN to all gradients, or refuses before anything changes", () => {
    const [a, b] = withGrads([Number.NaN], [4]) as [Tensor, Tensor];
    assert.throws(
      () => nn.utils.clipGradNorm_([a, b], 1, { errorIfNonfinite: true }),
      /The total norm of order 2 for gradients from `parameters` is non-finite.*so it cannot be clipped/,
    );
    assert.deepEqual(b.grad?.tolist(), [4]);
    assert.ok(Number.isNaN(nn.utils.clipGradNorm_([a, b], 1).item()));
    assert.ok(Number.isNaN(b.grad?.item()));
  });

  it("takes other norms, and the largest value", () => {
    const grads = [tensor([3, -4]), tensor([1])];
    assert.equal(nn.utils.getTotalNorm(grads, { normType: 1 }).item(), 8);
    assert.equal(nn.utils.getTotalNorm(grads, { normType: Number.POSITIVE_INFINITY }).item(), 4);
    assert.equal(nn.utils.getTotalNorm([]).item(), 0);
  });

  it("limits each value", () => {
    const [a] = withGrads([3, -0.5, -4]) as [Tensor];
    nn.utils.clipGradValue_([a], 1);
    assert.deepEqual(a.grad?.tolist(), [1, -0.5, -1]);
  });
});

describe("parameters as one vector", () => {
  it("go there and back, gradients too", () => {
    const layer = new nn.Linear(2, 2);
    const vector = nn.utils.parametersToVector(layer.parameters());
    assert.deepEqual(vector.tolist(), cat([layer.weight.flatten(), layer.bias as Tensor]).tolist());
    vector.square().sum().backward();
    assert.deepEqual(layer.bias?.grad?.tolist(), layer.bias?.mul(2).tolist());
    nn.utils.vectorToParameters(tensor([1, 2, 3, 4, 5, 6]), layer.parameters());
    assert.deepEqual(
      [layer.weight.tolist(), layer.bias?.tolist()],
      [
        [
          [1, 2],
          [3, 4],
        ],
        [5, 6],
      ],
    );
    assert.throws(() => nn.utils.vectorToParameters(ones(5), layer.parameters()), /the parameters have 6 elements/);
  });
});

describe("weightNorm", () => {
  it("trains length and direction apart, as PyTorch does", () => {
    manualSeed(4);
    const layer = nn.utils.weightNorm(new nn.Linear(3, 2));
    const y = layer.forward(ones(1, 3));
    near(y, [0.2344994, -0.9592412]);
    y.sum().backward();
    near(layer.getParameter("weightG").grad, [-0.6948589, -1.693418]);
    near(layer.getParameter("weightV").grad, [1.099358, 1.098448, 0.3193644, 0.3314143, -0.1361597, -0.06292044]);
    new optim.SGD(layer.parameters(), { lr: 0.1 }).step();
    const after = layer.forward(ones(1, 3)).tolist();
    assert.notDeepEqual(after, y.tolist());
    nn.utils.removeWeightNorm(layer);
    assert.deepEqual(
      layer.namedParameters().map(([name]) => name),
      ["bias", "weight"],
    );
    assert.deepEqual(layer.forward(ones(1, 3)).tolist(), after);
  });
});
