import assert from "node:assert/strict";
import { inspect } from "node:util";
import { manualSeed, nn, noGrad, ones, optim, randn, type Tensor, tensor, zeros } from "../../../engine/index.ts";

class Block extends nn.Module {
  readonly linear: nn.Linear;
  readonly scale = new nn.Parameter(tensor([2]));

  constructor(size: number) {
    super();
    this.linear = new nn.Linear(size, size);
    this.registerBuffer("steps", zeros([1]));
    this.registerBuffer("cache", ones([2]), { persistent: false });
  }

  override forward(x: Tensor): Tensor {
    return this.linear.forward(x).mul(this.scale);
  }
}

class Net extends nn.Module {
  readonly first = new Block(3);
  readonly blocks = new nn.ModuleList([new Block(3), new Block(3)]);
  readonly head = new nn.Linear(3, 2, { bias: false });
  /** Not a module, so nobody finds what is in it. */
  readonly hidden = [new nn.Linear(9, 9)];

  override forward(x: Tensor): Tensor {
    let h = this.first.forward(x);
    for (const block of this.blocks) h = block.forward(h);
    return this.head.forward(h);
  }
}

const names = (entries: readonly (readonly [string, unknown])[]): string[] => entries.map(([name]) => name);

describe("a module", () => {
  it("finds its parameters and those of its children by their properties, in the order in which they were set", () => {
    assert.deepEqual(names(new Net().namedParameters()), [
      "first.scale",
      "first.linear.weight",
      "first.linear.bias",
      "blocks.0.scale",
      "blocks.0.linear.weight",
      "blocks.0.linear.bias",
      "blocks.1.scale",
      "blocks.1.linear.weight",
      "blocks.1.linear.bias",
      "head.weight",
    ]);
    const block = new Block(2);
    assert.deepEqual(names(block.namedParameters({ recurse: false })), ["scale"]);
    assert.deepEqual(names(block.namedParameters({ prefix: "net.3" })), [
      "net.3.scale",
      "net.3.linear.weight",
      "net.3.linear.bias",
    ]);
    assert.equal([...block.parameters()].length, 3);
  });

  it("counts what is shared only once, unless asked otherwise", () => {
    const shared = new nn.Linear(2, 2);
    const net = new nn.Sequential(shared, new nn.ReLU(), shared);
    assert.equal(net.parameters().length, 2);
    assert.deepEqual(names(net.namedParameters({ removeDuplicate: false })), [
      "0.weight",
      "0.bias",
      "2.weight",
      "2.bias",
    ]);
    assert.deepEqual(names(net.namedChildren()), ["0", "1"]);
    assert.equal(net.modules().length, 3);
    const tied = new nn.Linear(2, 2);
    tied.weight = shared.weight;
    assert.equal(new nn.ModuleList([shared, tied]).parameters().length, 3);
  });

  it("lists modules with their paths, itself first", () => {
    const listed = names(new Net().namedModules());
    assert.deepEqual(listed, [
      "",
      "first",
      "first.linear",
      "blocks",
      "blocks.0",
      "blocks.0.linear",
      "blocks.1",
      "blocks.1.linear",
      "head",
    ]);
    const net = new Net();
    assert.equal(net.getSubmodule("blocks.1.linear"), net.blocks.at(1).linear);
    assert.equal(net.getParameter("first.scale"), net.first.scale);
    assert.equal(net.getBuffer("first.steps").numel(), 1);
    assert.throws(() => net.getSubmodule("blocks.7"), /has no module '7'/);
    assert.throws(() => net.getParameter("first.steps"), /not a parameter/);
  });

  it("finds parameters and modules that are set later, and loses those that are set to null", () => {
    const net = new Net() as Net & { late?: nn.Linear | null };
    net.late = new nn.Linear(1, 1);
    assert.equal(net.parameters().length, 12);
    net.late = null;
    assert.equal(net.parameters().length, 10);
  });

  it("refuses a plain tensor where a parameter was, because the optimizer would never see it", () => {
    const layer = new nn.Linear(2, 2);
    layer.parameters();
    (layer as unknown as { weight: Tensor }).weight = layer.weight.sub(0.1);
    assert.throws(
      () => layer.parameters(),
      /cannot assign 'Tensor' as parameter 'weight' \(Parameter or null expected\)/,
    );
  });

  it("registers names that are only known when the program runs, once", () => {
    const module = new nn.Module();
    module.registerParameter("w", new nn.Parameter(ones(2)));
    module.registerModule("sub", new nn.Linear(1, 1));
    module.registerBuffer("b", ones(1));
    module.registerParameter("none", null);
    assert.deepEqual(names(module.namedParameters()), ["w", "sub.weight", "sub.bias"]);
    assert.throws(() => module.registerParameter("forward", null), /attribute 'forward' already exists/);
    assert.throws(() => module.registerBuffer("w", ones(1)), /already exists/);
    assert.throws(() => module.registerParameter("a.b", null), /has no dots/);
    assert.throws(() => module.registerParameter("t", ones(1) as nn.Parameter), /Parameter or null required/);
  });

  it("applies a function to its children before itself", () => {
    const seen: string[] = [];
    new Net().apply((module) => seen.push(module.constructor.name));
    assert.deepEqual(seen, ["Linear", "Block", "Linear", "Block", "Linear", "Block", "ModuleList", "Linear", "Net"]);
  });

  it("goes into training and out of it with all its children", () => {
    const net = new Net();
    assert.equal(net.training, true);
    assert.equal(net.eval(), net);
    assert.ok(net.modules().every((module) => !module.training));
    net.train();
    assert.ok(net.modules().every((module) => module.training));
  });

  it("switches gradients of all parameters, and clears them to null or to zero", () => {
    const net = new Net();
    net.forward(randn(2, 3)).sum().backward();
    assert.ok(net.parameters().every((p) => p.grad !== null));
    const before = net.head.weight.grad;
    net.zeroGrad({ setToNone: false });
    assert.ok(net.parameters().every((p) => p.grad?.abs().sum().item() === 0));
    assert.equal(net.head.weight.grad?.storage, before?.storage);
    net.zeroGrad();
    assert.ok(net.parameters().every((p) => p.grad === null));
    net.requiresGrad_(false);
    assert.equal(net.forward(randn(2, 3)).requiresGrad, false);
  });

  it("says that forward is missing", () => {
    assert.throws(
      () => new (class Empty extends nn.Module {})().forward(),
      /Module \[Empty\] is missing the required "forward" function/,
    );
  });

  it("refuses unknown options and names the nearest", () => {
    assert.throws(
      () => new nn.Linear(1, 2, { biass: false } as object),
      /Linear\(\): unknown option 'biass'. Did you mean 'bias'\?/,
    );
    assert.throws(() => new nn.Conv2d(1, 2, 3, { pading: 1 } as object), /Did you mean 'padding'\?/);
    assert.throws(() => new nn.Conv2d(3, 4, 3, { groups: 2 }), /inChannels \(3\) must be divisible by groups \(2\)/);
  });

  it("takes positional arguments in PyTorch's order, options, or both", () => {
    const described = String(new nn.Conv2d(1, 8, 3, { stride: 2, padding: 1 }));
    assert.equal(String(new nn.Conv2d(1, 8, 3, 2, 1)), described);
    assert.equal(String(new nn.Conv2d(1, 8, 3, 2, { padding: 1 })), described);
    assert.throws(() => new nn.Conv2d(1, 8, 3, 2, { stride: 2 }), /'stride' is given twice/);
  });
});

describe("converting a module", () => {
  it("changes parameters and buffers of floating point, and keeps the parameters' identity for the optimizer", () => {
    manualSeed(1);
    const net = new nn.Sequential(new nn.Linear(2, 3), new nn.BatchNorm1d(3));
    const [weight] = net.parameters();
    assert.ok(weight);
    const optimizer = new optim.SGD(net.parameters(), { lr: 1 });
    const values = weight.tolist();
    net.forward(ones(4, 2)).sum().backward();
    assert.equal(net.to("float64"), net);
    assert.deepEqual([weight.dtype, weight.grad?.dtype, weight.tolist()], ["float64", "float64", values]);
    assert.deepEqual(
      net.buffers().map((b) => b.dtype),
      ["float64", "float64", "int64"],
    );
    const y = net.forward(randn([4, 2], { dtype: "float64" }));
    assert.equal(y.dtype, "float64");
    net.zeroGrad();
    y.square().sum().backward();
    optimizer.step();
    assert.notDeepEqual(weight.tolist(), values);
    net.float();
    assert.equal(weight.dtype, "float32");
  });

  it("makes an earlier graph notice that its weights were replaced", () => {
    const layer = new nn.Linear(2, 2);
    const loss = layer.forward(ones([1, 2], { requiresGrad: true })).sum();
    layer.double();
    assert.throws(() => loss.backward(), /modified by an inplace operation/);
  });

  it("accepts the CPU and no other device, floating point and no other dtype", () => {
    const layer = new nn.Linear(1, 1);
    assert.equal(layer.to("cpu").cpu(), layer);
    assert.throws(() => layer.to("cuda" as "cpu"), /there is no device 'cuda'/);
    assert.throws(() => layer.to("int64"), /only accepts floating point dtypes/);
  });
});

describe("state dicts", () => {
  it("hold parameters and persistent buffers by path, outside the graph, on the same storage", () => {
    const block = new Block(2);
    const state = block.stateDict();
    assert.deepEqual(Object.keys(state), ["scale", "steps", "linear.weight", "linear.bias"]);
    assert.equal(state["scale"]?.requiresGrad, false);
    noGrad(() => block.scale.fill_(5));
    assert.deepEqual(state["scale"]?.tolist(), [5]);
    assert.deepEqual(Object.keys(block.stateDict({ prefix: "net." })), [
      "net.scale",
      "net.steps",
      "net.linear.weight",
      "net.linear.bias",
    ]);
    assert.equal(block.stateDict({ keepVars: true })["scale"], block.scale);
  });

  it("bring another module of the same kind to the same values", () => {
    const a = new Net();
    const b = new Net();
    const x = randn(2, 3);
    const [weight] = b.parameters();
    assert.deepEqual(b.loadStateDict(a.stateDict()), { missingKeys: [], unexpectedKeys: [] });
    assert.deepEqual(b.forward(x).tolist(), a.forward(x).tolist());
    assert.equal(b.parameters()[0], weight);
    assert.equal(weight?.requiresGrad, true);
  });

  it("are refused with every missing, unexpected and misfit key, and then have changed nothing", () => {
    const block = new Block(2);
    const before = block.scale.tolist();
    const state = { scale: tensor([9]), "linear.weight": ones(3, 3), "linear.bais": ones(2), steps: ones(1) };
    assert.throws(
      () => block.loadStateDict(state),
      (error: Error) => {
        assert.match(error.message, /^Error\(s\) in loading state_dict for Block:/);
        assert.match(error.message, /Missing key\(s\) in state_dict: "linear\.bias"\./);
        assert.match(error.message, /Unexpected key\(s\) in state_dict: "linear\.bais"\./);
        assert.match(
          error.message,
          /size mismatch for linear\.weight: copying a param with shape \[3, 3\] from checkpoint, the shape in current model is \[2, 2\]/,
        );
        return true;
      },
    );
    assert.deepEqual(block.scale.tolist(), before);
  });

  it("may be partial when not strict, which tells what was left over", () => {
    const block = new Block(2);
    const result = block.loadStateDict({ scale: tensor([9]), other: ones(1) }, { strict: false });
    assert.deepEqual(result.unexpectedKeys, ["other"]);
    assert.deepEqual(result.missingKeys, ["steps", "linear.weight", "linear.bias"]);
    assert.deepEqual(block.scale.tolist(), [9]);
    assert.throws(() => block.loadStateDict({ scale: ones(4) }, { strict: false }), /size mismatch for scale/);
  });

  it("copy values into the module's dtype, or are taken over with assign", () => {
    const layer = new nn.Linear(1, 1, { bias: false });
    layer.loadStateDict({ weight: tensor([[0.5]], { dtype: "float64" }) });
    assert.deepEqual([layer.weight.dtype, layer.weight.item()], ["float32", 0.5]);
    const given = tensor([[0.25]], { dtype: "float64" });
    layer.loadStateDict({ weight: given }, { assign: true });
    assert.deepEqual(
      [layer.weight.dtype, layer.weight.storage === given.storage, layer.weight.isParameter],
      ["float64", true, true],
    );
  });
});

describe("deepcopy", () => {
  it("gives a module of its own with the same values, where what is shared stays shared", () => {
    const layer = new nn.Linear(2, 2);
    const net = new nn.Sequential(layer, new nn.Tanh(), layer);
    const copy = nn.utils.deepcopy(net);
    const x = randn(1, 2);
    assert.deepEqual(copy.forward(x).tolist(), net.forward(x).tolist());
    assert.equal(copy.parameters().length, 2);
    assert.equal(copy[0], copy[2]);
    noGrad(() => layer.weight.zero_());
    assert.notDeepEqual(copy.forward(x).tolist(), net.forward(x).tolist());
    copy.forward(x).sum().backward();
    assert.equal(layer.weight.grad, null);
  });
});

describe("printing a module", () => {
  it("shows children indented, and equal neighbours of a list once", () => {
    const expected = [
      "Net(",
      "  (first): Block(",
      "    (linear): Linear(inFeatures=3, outFeatures=3, bias=true)",
      "  )",
      "  (blocks): ModuleList(",
      "    (0-1): 2 x Block(",
      "      (linear): Linear(inFeatures=3, outFeatures=3, bias=true)",
      "    )",
      "  )",
      "  (head): Linear(inFeatures=3, outFeatures=2, bias=false)",
      ")",
    ].join("\n");
    assert.equal(String(new Net()), expected);
    assert.equal(inspect(new Net()), expected);
  });

  it("shows what layers were made with", () => {
    const shown: readonly [nn.Module, string][] = [
      [new nn.Conv2d(1, 8, 3, { padding: 1 }), "Conv2d(1, 8, kernelSize=[3, 3], stride=[1, 1], padding=[1, 1])"],
      [
        new nn.ConvTranspose1d(2, 4, 3, { bias: false, outputPadding: 0 }),
        "ConvTranspose1d(2, 4, kernelSize=[3], stride=[1], bias=false)",
      ],
      [new nn.BatchNorm1d(4), "BatchNorm1d(4, eps=1e-5, momentum=0.1, affine=true, trackRunningStats=true)"],
      [new nn.LayerNorm(4), "LayerNorm([4], eps=1e-5, elementwiseAffine=true)"],
      [new nn.Dropout(0.2), "Dropout(p=0.2, inplace=false)"],
      [new nn.ReLU(), "ReLU()"],
      [new nn.ReLU({ inplace: true }), "ReLU(inplace=true)"],
      [new nn.LSTM(3, 4, 2, { batchFirst: true }), "LSTM(3, 4, numLayers=2, batchFirst=true)"],
      [new nn.Embedding(10, 3, { paddingIdx: 0 }), "Embedding(10, 3, paddingIdx=0)"],
      [new nn.MaxPool2d(2), "MaxPool2d(kernelSize=2, stride=2, padding=0, dilation=1, ceilMode=false)"],
      [new nn.GELU(), "GELU(approximate='none')"],
      [new nn.Sequential(), "Sequential()"],
    ];
    for (const [module, text] of shown) assert.equal(String(module), text);
  });
});
