import assert from "node:assert/strict";
import { nn, noGrad, ones, type Tensor, tensor, zeros } from "../../../engine/index.ts";

class Block extends nn.Module {
  readonly inner = new nn.Linear(1, 1, { bias: false });
  kept: Tensor = new nn.Buffer(ones([2]));
  readonly passing = new nn.Buffer(ones([1]), { persistent: false });
}

class Counting extends nn.Linear {
  got: unknown = null;

  override getExtraState(): unknown {
    return { calls: 3 };
  }

  override setExtraState(state: unknown): void {
    this.got = state;
  }
}

const net = (): nn.Sequential => new nn.Sequential(new Block() as unknown as nn.Tanh, new nn.Tanh());

// The answers are those of PyTorch 2.13 to the same programs.
describe("hooks around state dicts", () => {
  it("run around each module's part of the dict that is saved", () => {
    const model = net();
    const log: unknown[] = [];
    for (const module of model.modules()) {
      module.registerStateDictPreHook((_, prefix, keepVars) => void log.push(["before", prefix, keepVars]));
      module.registerStateDictPostHook((_, dict, prefix) => void log.push(["after", prefix, Object.keys(dict)]));
    }
    model.stateDict();
    const keys = ["0.kept", "0.inner.weight"];
    assert.deepEqual(log, [
      ["before", "", false],
      ["before", "0.", false],
      ["before", "0.inner.", false],
      ["after", "0.inner.", keys],
      ["after", "0.", keys],
      ["before", "1.", false],
      ["after", "1.", keys],
      ["after", "", keys],
    ]);
  });

  it("may change the dict that is saved, but give nothing back", () => {
    const layer = new nn.Linear(1, 1);
    const handle = layer.registerStateDictPostHook((_, dict, prefix) => {
      dict[`${prefix}more`] = ones([1]);
      delete dict[`${prefix}bias`];
    });
    assert.deepEqual(Object.keys(new nn.Sequential(layer).stateDict()), ["0.weight", "0.more"]);
    handle.remove();
    assert.deepEqual(Object.keys(layer.stateDict()), ["weight", "bias"]);
    layer.registerStateDictPostHook((_, dict) => dict as unknown as void);
    assert.throws(() => layer.stateDict(), /state_dict post-hook must return None/);
  });

  it("see, before and after loading, their part of the dict and the keys that do not fit", () => {
    const model = net();
    const log: unknown[] = [];
    for (const module of model.modules()) {
      module.registerLoadStateDictPreHook((_, dict, prefix, metadata, strict) => {
        log.push(["before", prefix, Object.keys(dict), metadata, strict]);
      });
      module.registerLoadStateDictPostHook((each, { missingKeys, unexpectedKeys }) => {
        log.push(["after", each.constructor.name, [...missingKeys], unexpectedKeys.sort()]);
      });
    }
    const dict = { "0.kept": zeros([2]), "0.x": ones([1]), "y.z": ones([1]) };
    model.loadStateDict(dict, { strict: false, assign: true });
    const assign = { assignToParamsBuffers: true };
    assert.deepEqual(log.slice(0, 3), [
      ["before", "", ["0.kept", "0.x", "y.z"], assign, true],
      ["before", "0.", ["0.kept", "0.x"], assign, true],
      ["before", "0.inner.", [], assign, true],
    ]);
    const [missing, unexpected] = [["0.inner.weight"], ["0.x", "y.z"]];
    const after = log.filter((entry) => (entry as string[])[0] === "after");
    assert.deepEqual(
      after,
      ["Linear", "Block", "Tanh", "Sequential"].map((name) => ["after", name, missing, unexpected]),
    );
  });

  it("may rename keys before loading, in a copy of the dict", () => {
    const layer = new nn.Linear(1, 1, { bias: false });
    layer.registerLoadStateDictPreHook((_, dict, prefix) => {
      dict[`${prefix}weight`] = dict[`${prefix}w`] as Tensor;
      delete dict[`${prefix}w`];
    });
    const dict = { "0.w": tensor([[7]]) };
    new nn.Sequential(layer).loadStateDict(dict);
    assert.equal(layer.weight.item(), 7);
    assert.deepEqual(Object.keys(dict), ["0.w"]);
  });

  it("may add errors before loading", () => {
    const layer = new nn.Linear(1, 1);
    layer.registerLoadStateDictPreHook((...args) => void args[7].push("too old"));
    assert.throws(() => layer.loadStateDict(layer.stateDict()), /loading state_dict for Linear:\n\ttoo old/);
  });

  it("may forgive missing and unexpected keys after loading, or add some, but give nothing back", () => {
    const layer = new nn.Linear(1, 1, { bias: false });
    const forgiving = layer.registerLoadStateDictPostHook((_, keys) => {
      assert.equal(layer.weight.item(), 5);
      keys.unexpectedKeys.length = 0;
    });
    const dict = { weight: tensor([[5]]), old: ones([1]) };
    assert.deepEqual(layer.loadStateDict(dict), { missingKeys: [], unexpectedKeys: [] });
    forgiving.remove();
    const adding = layer.registerLoadStateDictPostHook((_, keys) => void keys.missingKeys.push("more"));
    assert.throws(() => layer.loadStateDict(layer.stateDict()), /Missing key\(s\) in state_dict: "more"/);
    adding.remove();
    layer.registerLoadStateDictPostHook((_, keys) => keys as unknown as void);
    assert.throws(() => layer.loadStateDict(layer.stateDict()), /are not expected to return new values/);
  });

  it("go with a deep copy", () => {
    const layer = new nn.Linear(1, 1);
    layer.registerStateDictPostHook((_, dict) => void delete dict["bias"]);
    assert.deepEqual(Object.keys(nn.utils.deepcopy(layer).stateDict()), ["weight"]);
  });
});

describe("extra state", () => {
  it("stands in the state dict and comes back from it", () => {
    const model = new nn.Sequential(new Counting(1, 1));
    const dict = model.stateDict();
    assert.deepEqual(Object.keys(dict), ["0.weight", "0.bias", "0._extraState"]);
    const other = new Counting(1, 1);
    new nn.Sequential(other).loadStateDict(dict);
    assert.deepEqual(other.got, { calls: 3 });
  });

  it("is missing, or unexpected, like a tensor", () => {
    const model = new nn.Sequential(new Counting(1, 1));
    const plain = new nn.Sequential(new nn.Linear(1, 1));
    assert.throws(() => model.loadStateDict(plain.stateDict()), /Missing key\(s\) in state_dict: "0\._extraState"/);
    assert.throws(() => plain.loadStateDict(model.stateDict()), /Unexpected key\(s\) in state_dict: "0\._extraState"/);
    assert.throws(() => new nn.Tanh().getExtraState(), /should never be called/);
    assert.throws(() => new nn.Tanh().setExtraState(1), /should never be called/);
  });
});

describe("setSubmodule", () => {
  it("replaces the module at a path, or puts one where none was", () => {
    const model = new nn.Sequential(new nn.Sequential(new nn.Tanh()), new nn.Tanh());
    model.setSubmodule("0.0", new nn.ReLU(), { strict: true });
    model.setSubmodule("2", new nn.Sigmoid());
    assert.deepEqual(
      model.namedModules().map(([path, module]) => `${path} ${module.constructor.name}`),
      [" Sequential", "0 Sequential", "0.0 ReLU", "1 Tanh", "2 Sigmoid"],
    );
  });

  it("refuses paths that lead nowhere, things that are no modules, and with strict new names", () => {
    const model = net();
    const tanh = new nn.Tanh();
    assert.throws(() => model.setSubmodule("", tanh), /Cannot set the submodule without a target name!/);
    assert.throws(() => model.setSubmodule("0.inner", 3 as unknown as nn.Module), /`module` is not an nn\.Module/);
    assert.throws(() => model.setSubmodule("0.kept", tanh), /`kept` is not an nn\.Module/);
    assert.throws(() => model.setSubmodule("9.q", tanh), /Sequential has no module '9'/);
    assert.throws(() => model.setSubmodule("0.q", tanh, { strict: true }), /Block has no attribute `q`/);
  });
});

describe("nn.Buffer", () => {
  it("is a buffer of the module that it is assigned to, in the state dict unless it is not persistent", () => {
    const block = new Block();
    assert.ok(block.kept instanceof nn.Buffer);
    assert.ok(!(ones([1]) instanceof nn.Buffer));
    assert.deepEqual(
      block.namedBuffers().map(([name]) => name),
      ["kept", "passing"],
    );
    assert.deepEqual(Object.keys(block.stateDict()), ["kept", "inner.weight"]);
    assert.equal(block.parameters().length, 1);
    assert.equal(String(block.kept), "tensor([1., 1.])");
  });

  it("leaves its name a buffer's, also for a plain tensor", () => {
    const block = new Block();
    assert.equal(block.buffers().length, 2);
    block.kept = zeros([2]);
    assert.deepEqual(block.getBuffer("kept").tolist(), [0, 0]);
    block.double();
    assert.deepEqual([block.kept.dtype, block.passing.dtype], ["float64", "float64"]);
    assert.deepEqual(Object.keys(block.stateDict()), ["kept", "inner.weight"]);
  });

  it("shares the elements of its tensor and is a leaf outside its graph", () => {
    const data = ones([2]).requiresGrad_();
    const buffer = new nn.Buffer(data.mul(2));
    assert.deepEqual([buffer.requiresGrad, buffer.isLeaf], [true, true]);
    const shared = new nn.Buffer(data);
    noGrad(() => data.fill_(4));
    assert.deepEqual(shared.tolist(), [4, 4]);
    assert.throws(() => new nn.Buffer(3 as unknown as Tensor), /expected a tensor, but got number/);
  });

  it("stays one in a deep copy, and takes what registerBuffer says", () => {
    const copy = nn.utils.deepcopy(new Block());
    assert.ok(copy.passing instanceof nn.Buffer);
    assert.deepEqual(Object.keys(copy.stateDict()), ["kept", "inner.weight"]);
    copy.registerBuffer("kept", new nn.Buffer(ones([1])), { persistent: false });
    assert.deepEqual(Object.keys(copy.stateDict()), ["inner.weight"]);
  });
});
