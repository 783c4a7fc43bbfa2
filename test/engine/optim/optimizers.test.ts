import assert from "node:assert/strict";
import { type Observer, observe } from "../../../engine/autograd/observer.ts";
import { setWarningHandler } from "../../../engine/autograd/warnings.ts";
import { manualSeed, nn, noGrad, ones, optim, randn, type Tensor, tensor, zeros } from "../../../engine/index.ts";
import { near } from "../../support/near.ts";

const parameter = (...values: number[]): Tensor => tensor(values, { dtype: "float64", requiresGrad: true });

/** A parameter whose gradient is given. */
function withGrad(values: readonly number[], grad: readonly number[]): Tensor {
  const p = parameter(...values);
  p.grad = tensor([...grad], { dtype: "float64" });
  return p;
}

/** Every optimizer that steps on gradients that are there. */
const makers: readonly [string, (params: Tensor[]) => optim.Optimizer<object>][] = [
  ["SGD", (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9 })],
  ["Adam", (p) => new optim.Adam(p, { lr: 0.1, amsgrad: true })],
  ["AdamW", (p) => new optim.AdamW(p, { lr: 0.1 })],
  ["Adamax", (p) => new optim.Adamax(p, { lr: 0.1 })],
  ["NAdam", (p) => new optim.NAdam(p, { lr: 0.1 })],
  ["RAdam", (p) => new optim.RAdam(p, { lr: 0.1 })],
  ["RMSprop", (p) => new optim.RMSprop(p, { lr: 0.1, centered: true, momentum: 0.5 })],
  ["Adagrad", (p) => new optim.Adagrad(p, { lr: 0.1 })],
  ["Adadelta", (p) => new optim.Adadelta(p)],
  ["Adafactor", (p) => new optim.Adafactor(p, { lr: 0.1 })],
  ["Rprop", (p) => new optim.Rprop(p, { lr: 0.1 })],
  ["ASGD", (p) => new optim.ASGD(p, { lr: 0.1, t0: 2 })],
];

function descend(optimizer: optim.Optimizer<object>, p: Tensor, steps: number): void {
  for (let i = 0; i < steps; i++) {
    optimizer.zeroGrad();
    p.square()
      .mul(tensor([1, 3], { dtype: "float64" }))
      .sum()
      .backward();
    optimizer.step();
  }
}

for (const [name, make] of makers) {
  describe(`optim.${name}`, () => {
    it("skips parameters without gradient, and forgets nothing of them", () => {
      const [moved, still] = [withGrad([1, 1], [1, 1]), parameter(5)];
      const optimizer = make([moved, still]);
      optimizer.step();
      assert.deepEqual(still.tolist(), [5]);
      assert.equal(optimizer.state.has(still), false);
      assert.notDeepEqual(moved.tolist(), [1, 1]);
    });

    it("writes to the parameter in place, which counts as a write and records nothing", () => {
      const p = withGrad([1, 1], [1, 1]);
      const [{ storage }, version] = [p, p._version];
      make([p]).step();
      assert.equal(p.storage, storage);
      assert.equal(p._version, version + 1);
      assert.deepEqual([p.isLeaf, p.requiresGrad], [true, true]);
    });

    it("goes on from a state dict as if it had never stopped", () => {
      const start = [1.5, -0.7];
      const [a, b] = [parameter(...start), parameter(...start)];
      const straight = make([a]);
      descend(straight, a, 5);
      const before = make([b]);
      descend(before, b, 2);
      const after = make([b]);
      after.loadStateDict(before.stateDict());
      descend(after, b, 3);
      near(b, a.tolist() as number[], 1e-14);
    });

    it("steps through a parameter that is not dense", () => {
      const dense = withGrad([1, 2], [0.5, -1]);
      make([dense]).step();
      const base = tensor(
        [
          [1, 9],
          [2, 9],
        ],
        { dtype: "float64" },
      );
      const column = base.select(1, 0).detach().requiresGrad_();
      column.grad = tensor([0.5, -1], { dtype: "float64" });
      make([column]).step();
      near(column, dense.tolist() as number[], 1e-14);
      assert.deepEqual(
        (base.tolist() as number[][]).map((row) => row[1]),
        [9, 9],
      );
    });

    it("lowers a loss", () => {
      const p = parameter(1.5, -0.7);
      const loss = (): number =>
        p
          .square()
          .mul(tensor([1, 3], { dtype: "float64" }))
          .sum()
          .item();
      const before = loss();
      descend(make([p]), p, 30);
      assert.ok(loss() < before, `${before} became ${loss()}`);
    });
  });
}

describe("an optimizer", () => {
  it("refuses what it can't optimize, and says why", () => {
    const p = parameter(1);
    assert.throws(() => new optim.SGD([], { lr: 1 }), /optimizer got an empty parameter list/);
    assert.throws(() => new optim.SGD([p.mul(2)], { lr: 1 }), /can't optimize a non-leaf Tensor/);
    assert.throws(
      () => new optim.SGD(p as never, { lr: 1 }),
      /should be an iterable of tensors or of groups, but got one tensor/,
    );
    assert.throws(
      () => new optim.SGD([3 as never], { lr: 1 }),
      /can only optimize Tensors, but one of the params is number/,
    );
    assert.throws(
      () => new optim.SGD([{ params: [p] }, { params: [p] }], { lr: 1 }),
      /appear in more than one parameter group/,
    );
  });

  it("refuses options out of range and unknown ones", () => {
    const p = [parameter(1)];
    assert.throws(() => new optim.SGD(p, { lr: -1 }), /Invalid learning rate: -1/);
    assert.throws(() => new optim.SGD(p, { lr: Number.NaN }), /Invalid learning rate: NaN/);
    assert.throws(() => new optim.SGD(p, { momentum: -1 }), /Invalid momentum value: -1/);
    assert.throws(
      () => new optim.SGD(p, { nesterov: true }),
      /Nesterov momentum requires a momentum and zero dampening/,
    );
    assert.throws(() => new optim.Adam(p, { betas: [1, 0.9] }), /Invalid beta parameter at index 0: 1/);
    assert.throws(() => new optim.Adam(p, { eps: -1 }), /Invalid epsilon value: -1/);
    assert.throws(() => new optim.AdamW(p, { weightDecay: -1 }), /Invalid weight_decay value: -1/);
    assert.throws(
      () => new optim.Adam(p, { weightdecay: 1 } as object),
      /unknown option 'weightdecay'. Did you mean 'weightDecay'\?/,
    );
    assert.throws(
      () => new optim.Adam([{ params: p, betaz: 1 } as never]),
      /unknown option 'betaz'. Did you mean 'betas'\?/,
    );
  });

  it("has the defaults of PyTorch", () => {
    const p = [parameter(1)];
    const { lr, betas, eps, weightDecay } = new optim.AdamW(p).defaults;
    assert.deepEqual({ lr, betas, eps, weightDecay }, { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 1e-2 });
    assert.equal(new optim.Adam(p).defaults.weightDecay, 0);
    assert.equal(new optim.SGD(p).defaults.lr, 1e-3);
  });

  it("holds options per group, and takes a change for the next step", () => {
    const [a, b] = [withGrad([0], [1]), withGrad([0], [1])];
    const optimizer = new optim.SGD([{ params: [a] }, { params: b, lr: 10, name: "b" }], { lr: 1 });
    optimizer.step();
    assert.deepEqual([a.item(), b.item()], [-1, -10]);
    const [first] = optimizer.paramGroups;
    assert.ok(first);
    first.lr = 100;
    optimizer.step();
    assert.deepEqual([a.item(), b.item()], [-101, -20]);
    const c = withGrad([0], [1]);
    optimizer.addParamGroup({ params: [c], lr: 0.5 });
    optimizer.step();
    assert.equal(c.item(), -0.5);
  });

  it("takes parameters with names and anything that can be iterated", () => {
    const layer = new nn.Linear(1, 1);
    assert.equal(new optim.SGD(layer.namedParameters()).paramGroups[0]?.params.length, 2);
    assert.equal(new optim.SGD(new Set(layer.parameters())).paramGroups[0]?.params.length, 2);
  });

  it("clears gradients to null, or in place to zero", () => {
    const p = withGrad([1], [2]);
    const optimizer = new optim.SGD([p], { lr: 1 });
    const { grad } = p;
    optimizer.zeroGrad({ setToNone: false });
    assert.equal(p.grad, grad);
    assert.equal(p.grad?.item(), 0);
    optimizer.zeroGrad();
    assert.equal(p.grad, null);
  });

  it("moves by momentum although the gradient is zero, but not when there is none", () => {
    const p = withGrad([1], [1]);
    const optimizer = new optim.SGD([p], { lr: 0.1, momentum: 0.9 });
    optimizer.step();
    optimizer.zeroGrad();
    optimizer.step();
    near(p, [0.9], 1e-12);
    p.grad = zeros([1], { dtype: "float64" });
    optimizer.step();
    near(p, [0.81], 1e-12);
  });

  it("makes a graph notice that its weights have moved on", () => {
    const w = parameter(2);
    const y = w.mul(w);
    w.grad = tensor([1], { dtype: "float64" });
    new optim.SGD([w], { lr: 0.1 }).step();
    assert.throws(() => y.sum().backward(), /modified by an inplace operation.* is at version 1; expected version 0/);
  });

  it("evaluates a closure with gradients on, and gives its loss", () => {
    const p = parameter(3);
    const optimizer = new optim.SGD([p], { lr: 0.1 });
    const loss = noGrad(() =>
      optimizer.step(() => {
        optimizer.zeroGrad();
        const value = p.square().sum();
        value.backward();
        return value;
      }),
    );
    assert.equal((loss as Tensor).item(), 9);
    near(p, [2.4], 1e-12);
    assert.equal(optimizer.step(), null);
  });

  it("runs hooks around each step", () => {
    const p = withGrad([1], [1]);
    const optimizer = new optim.SGD([p], { lr: 1 });
    const log: number[] = [];
    const handle = optimizer.registerStepPreHook(() => void log.push(p.item()));
    optimizer.registerStepPostHook(() => void log.push(p.item()));
    optimizer.step();
    handle.remove();
    optimizer.step();
    assert.deepEqual(log, [1, 0, -1]);
  });

  it("calls hooks around its state dict, which may change it or give another one", () => {
    const optimizer = new optim.SGD([parameter(1)], { lr: 0.1 });
    const log: unknown[] = [];
    optimizer.registerStateDictPreHook(() => void log.push("second"));
    optimizer.registerStateDictPreHook(() => void log.push("first"), { prepend: true });
    optimizer.registerStateDictPostHook((_, dict) => void log.push(dict.paramGroups.length));
    const handle = optimizer.registerStateDictPostHook((_, dict) => ({ ...dict, paramGroups: [] }), { prepend: true });
    assert.deepEqual(optimizer.stateDict(), { state: {}, paramGroups: [] });
    assert.deepEqual(log, ["first", "second", 0]);
    handle.remove();
    assert.equal(optimizer.stateDict().paramGroups.length, 1);
  });

  it("calls hooks around loading, of which the first may change a copy of the dict or give another one", () => {
    const optimizer = new optim.LBFGS([parameter(1)], { lr: 0.1 });
    const dict = optimizer.stateDict();
    const log: unknown[] = [];
    optimizer.registerLoadStateDictPreHook((_, given) => {
      given.paramGroups = given.paramGroups.map((group) => ({ ...group, lr: 5 }));
    });
    const handle = optimizer.registerLoadStateDictPreHook((_, given) => ({ ...given, state: {} }));
    optimizer.registerLoadStateDictPostHook(() => void log.push(optimizer.paramGroups[0]?.lr));
    optimizer.loadStateDict(dict);
    assert.deepEqual([log, dict.paramGroups[0]?.["lr"]], [[5], 0.1]);
    handle.remove();
    assert.throws(() => optimizer.registerLoadStateDictPostHook(() => undefined, { first: true } as object), /'first'/);
  });

  it("refuses the state of another kind of groups", () => {
    const [a, b] = [parameter(1), parameter(1)];
    const state = new optim.SGD([a, b], { lr: 1 }).stateDict();
    assert.throws(
      () => new optim.SGD([{ params: [a] }, { params: [b] }]).loadStateDict(state),
      /different number of parameter groups/,
    );
    assert.throws(() => new optim.SGD([a]).loadStateDict(state), /doesn't match the size of optimizer's group/);
  });

  it("numbers parameters in its state dict and copies what it loads", () => {
    const p = withGrad([1, 1], [1, 2]);
    const optimizer = new optim.Adam([p], { lr: 0.1 });
    optimizer.step();
    const dict = optimizer.stateDict();
    assert.deepEqual(dict.paramGroups[0]?.params, [0]);
    assert.equal(dict.state[0]?.["step"], 1);
    const other = new optim.Adam([parameter(1, 1)]);
    other.loadStateDict(dict);
    assert.equal(other.paramGroups[0]?.lr, 0.1);
    const [copied] = [...other.state.values()];
    assert.notEqual(copied?.["expAvg"], dict.state[0]?.["expAvg"]);
    near(copied?.["expAvg"] as Tensor, [0.1, 0.2], 1e-12);
  });

  it("warns of a parameter that is there twice", () => {
    const texts: string[] = [];
    const before = setWarningHandler((text) => texts.push(text));
    const p = parameter(1);
    new optim.SGD([p, p]);
    setWarningHandler(before);
    assert.match(texts.join(), /same parameter twice/);
  });

  it("prints its options", () => {
    const text = String(new optim.SGD([parameter(1)], { lr: 0.5 }));
    assert.match(text, /^SGD \(\nParameter Group 0\n/);
    assert.match(text, /\n {4}lr: 0\.5\n/);
  });

  it("of one's own overrides step() and is watched like the others", () => {
    class SignSGD extends optim.Optimizer<{ lr: number }> {
      override step(): null {
        noGrad(() => {
          for (const { params, lr } of this.paramGroups) {
            for (const p of params) if (p.grad !== null) p.sub_(p.grad.sign(), { alpha: lr });
          }
        });
        return null;
      }
    }
    const p = withGrad([1, 1], [5, -5]);
    const optimizer = new SignSGD([p], { lr: 0.25 });
    let hooked = 0;
    optimizer.registerStepPreHook(() => void hooked++);
    const events: string[] = [];
    const silent = (): void => undefined;
    const observer: Observer = {
      op: silent,
      backwardStart: silent,
      backwardEnd: silent,
      node: silent,
      accumulate: silent,
      hook: silent,
      optimizerStart: (_optimizer, name) => void events.push(`start ${name}`),
      optimizerEnd: () => void events.push("end"),
      zeroGrad: () => void events.push("zeroGrad"),
      scopeStart: silent,
      scopeEnd: silent,
      gradcheck: silent,
    };
    const before = observe(observer);
    optimizer.step();
    optimizer.zeroGrad();
    observe(before);
    assert.deepEqual(p.tolist(), [0.75, 1.25]);
    assert.deepEqual(events, ["start SignSGD", "end", "zeroGrad"]);
    assert.equal(hooked, 1);
    assert.throws(
      () => new (class Nothing extends optim.Optimizer {})([withGrad([1], [1])], {}).step(),
      /overrides neither step\(\) nor update\(\)/,
    );
  });
});

describe("ASGD", () => {
  it("keeps the average that PyTorch keeps", () => {
    const p = parameter(1, -2);
    const optimizer = new optim.ASGD([p], { lr: 0.1, t0: 2, lambd: 0.01 });
    for (let i = 0; i < 6; i++) {
      optimizer.zeroGrad();
      p.square().sum().backward();
      optimizer.step();
    }
    near(p, [0.2609188322752267, -0.5218376645504534], 1e-7);
    near(optimizer.state.get(p)?.["ax"] as Tensor, [0.3317285191304329, -0.6634570382608658], 1e-7);
  });
});

describe("Adafactor", () => {
  it("keeps of a batch of matrices what rows and columns have, and has PyTorch's defaults", () => {
    const p = randn(2, 3, 4).requiresGrad_();
    const optimizer = new optim.Adafactor([p]);
    p.square().sum().backward();
    optimizer.step();
    const { step, rowVar, colVar } = optimizer.state.get(p) as { step: number; rowVar: Tensor; colVar: Tensor };
    assert.deepEqual([step, rowVar.shape, colVar.shape], [1, [2, 3, 1], [2, 1, 4]]);
    const { lr, beta2Decay, eps, d, weightDecay } = optimizer.defaults;
    assert.deepEqual([lr, beta2Decay, eps, d, weightDecay], [1e-2, -0.8, [null, 1e-3], 1, 0]);
  });

  it("refuses options out of range", () => {
    const p = [parameter(1)];
    assert.throws(() => new optim.Adafactor(p, { lr: -1 }), /Learning rate should be >= 0 but is: -1/);
    assert.throws(() => new optim.Adafactor(p, { beta2Decay: 1 }), /beta2_decay should be <= 0 but is: 1/);
    assert.throws(() => new optim.Adafactor(p, { eps: [-1, 0] }), /epsilon1 should be >= 0 but is: -1/);
    assert.throws(() => new optim.Adafactor(p, { eps: [null, -1] }), /epsilon2 should be >= 0 but is: -1/);
    assert.throws(() => new optim.Adafactor(p, { d: 0.5 }), /Clipping threshold d should be >= 1 but is: 0.5/);
    assert.throws(() => new optim.Adafactor(p, { weightDecay: -1 }), /weight_decay should be >= 0 but is: -1/);
  });
});

describe("Muon", () => {
  const matrix = (): Tensor =>
    tensor(
      [
        [1, 2],
        [3, 5],
      ],
      { dtype: "float64", requiresGrad: true },
    );

  it("goes on from a state dict as if it had never stopped, also when the parameter is not dense", () => {
    const [a, b] = [matrix(), matrix().detach().t().contiguous().t().requiresGrad_()];
    const [straight, before, after] = [a, b, b].map((p) => new optim.Muon([p], { lr: 0.1 }));
    assert.ok(straight && before && after && !b.isContiguous());
    descend(straight, a, 5);
    descend(before, b, 2);
    after.loadStateDict(before.stateDict());
    descend(after, b, 3);
    near(b.reshape(-1), a.reshape(-1).tolist() as number[], 1e-14);
  });

  it("refuses what is no matrix, options out of range and those it has not", () => {
    const p = [matrix()];
    assert.throws(() => new optim.Muon([parameter(1, 2)]), /Muon only supports 2D parameters.* with size: \[2\]/);
    assert.throws(() => new optim.Muon(p).addParamGroup({ params: parameter(1) }), /Muon only supports 2D parameters/);
    assert.throws(() => new optim.Muon(p, { lr: -1 }), /Learning rate should be >= 0 but is: -1/);
    assert.throws(() => new optim.Muon(p, { momentum: -1 }), /momentum should be >= 0 but is: -1/);
    assert.throws(() => new optim.Muon(p, { weightDecay: -1 }), /weight decay should be >= 0 but is: -1/);
    assert.throws(() => new optim.Muon(p, { nsSteps: 100 }), /Number of steps must be less than 100/);
    assert.throws(() => new optim.Muon(p, { nsCoefficients: [1, 2] as never }), /a tuple of exactly 3 values/);
    assert.throws(
      () => new optim.Muon(p, { adjustLrFn: "mine" as never }),
      /Adjust learning rate function mine is not supported/,
    );
    assert.throws(() => new optim.Muon(p, { maximize: true } as object), /unknown option 'maximize'/);
  });
});

describe("LBFGS", () => {
  const rosenbrock = (p: Tensor): Tensor => {
    const [x, y] = p.unbind(0) as [Tensor, Tensor];
    return x.neg().add(1).square().add(y.sub(x.square()).square().mul(100));
  };

  it("finds the bottom of Rosenbrock's valley on PyTorch's way", () => {
    const p = parameter(-1.2, 1);
    const optimizer = new optim.LBFGS([p], { maxIter: 100, lineSearchFn: "strong_wolfe" });
    let evaluations = 0;
    for (let i = 0; i < 2; i++) {
      optimizer.step(() => {
        evaluations++;
        optimizer.zeroGrad();
        const loss = rosenbrock(p);
        loss.backward();
        return loss;
      });
    }
    near(p, [0.9999814210791366, 0.9999619651810989], 1e-9);
    assert.equal(evaluations, 44);
  });

  it("goes on from a state dict as if it had never stopped", () => {
    const run = (p: Tensor, optimizer: optim.LBFGS): void => {
      optimizer.step(() => {
        optimizer.zeroGrad();
        const loss = rosenbrock(p);
        loss.backward();
        return loss;
      });
    };
    const options = { maxIter: 3, lineSearchFn: "strong_wolfe" } as const;
    const [a, b] = [parameter(-1.2, 1), parameter(-1.2, 1)];
    const straight = new optim.LBFGS([a], options);
    run(a, straight);
    run(a, straight);
    const before = new optim.LBFGS([b], options);
    run(b, before);
    const after = new optim.LBFGS([b]);
    after.loadStateDict(before.stateDict());
    run(b, after);
    near(b, a.tolist() as number[], 1e-14);
  });

  it("needs a closure, one group and a line search it knows", () => {
    const p = parameter(1);
    assert.throws(() => new optim.LBFGS([p]).step(), /needs a closure/);
    assert.throws(
      () => new optim.LBFGS([{ params: [p] }, { params: [parameter(1)] }]),
      /doesn't support per-parameter options/,
    );
    assert.throws(
      () => new optim.LBFGS([p], { lineSearchFn: "armijo" as "strong_wolfe" }),
      /only 'strong_wolfe' is supported/,
    );
  });
});

describe("training", () => {
  it("in float32 takes a small network to a low loss", () => {
    manualSeed(0);
    const net = new nn.Sequential(new nn.Linear(2, 16), new nn.Tanh(), new nn.Linear(16, 1));
    const optimizer = new optim.Adam(net.parameters(), { lr: 0.02 });
    const x = randn(64, 2);
    const y = x.select(1, 0).mul(x.select(1, 1)).unsqueeze(1);
    const loss = new nn.MSELoss();
    let last = 1;
    for (let i = 0; i < 300; i++) {
      optimizer.zeroGrad();
      const value = loss.forward(net.forward(x), y);
      value.backward();
      optimizer.step();
      last = value.item();
    }
    assert.ok(last < 0.02, `the loss is still ${last}`);
    assert.equal(ones(1).dtype, net.parameters()[0]?.dtype);
  });
});
