import assert from "node:assert/strict";
import { type Observer, observe } from "../../../engine/autograd/observer.ts";
import { nn, ones, randn, Tensor, tensor, zeros } from "../../../engine/index.ts";

class Scale extends nn.Module {
  readonly factor = new nn.Parameter(tensor([3]));

  override forward(x: Tensor): Tensor {
    return x.mul(this.factor);
  }
}

const first = (values: readonly (Tensor | null)[]): Tensor => {
  assert.ok(values[0] instanceof Tensor);
  return values[0];
};

describe("forward hooks", () => {
  it("run before and after forward, in order, and may replace arguments and output", () => {
    const module = new Scale();
    const log: string[] = [];
    module.registerForwardPreHook((_m, args) => {
      log.push("pre");
      return [(args[0] as Tensor).add(1)];
    });
    module.registerForwardHook((_m, args, output) => {
      log.push(`post ${(args[0] as Tensor).item()} ${(output as Tensor).item()}`);
      return (output as Tensor).mul(10);
    });
    module.registerForwardHook(() => void log.push("second"));
    module.registerForwardHook(() => void log.push("prepended"), { prepend: true });
    assert.equal(module.forward(tensor([1])).item(), 60);
    assert.deepEqual(log, ["pre", "prepended", "post 2 6", "second"]);
  });

  it("are gone once their handle is removed", () => {
    const module = new Scale();
    const handle = module.registerForwardHook(() => zeros(1));
    assert.equal(module.forward(ones(1)).item(), 0);
    handle.remove();
    assert.equal(module.forward(ones(1)).item(), 3);
  });

  it("run once per call although a class calls super.forward, and also inside containers", () => {
    class Twice extends Scale {
      override forward(x: Tensor): Tensor {
        return super.forward(super.forward(x));
      }
    }
    const module = new Twice();
    let calls = 0;
    module.registerForwardHook(() => void calls++);
    assert.equal(new nn.Sequential(module, new nn.Identity()).forward(ones(1)).item(), 9);
    assert.equal(calls, 1);
  });

  it("also run where forward is an arrow function in a property", () => {
    class Arrow extends nn.Module {
      override readonly forward = (x: Tensor): Tensor => x.mul(2);
    }
    const module = new Arrow();
    module.registerForwardHook((_m, _args, output) => (output as Tensor).add(1));
    assert.equal(module.forward(ones(1)).item(), 3);
  });

  it("are functions", () => {
    assert.throws(() => new Scale().registerForwardHook(3 as never), /a hook is a function, but got number/);
  });
});

describe("full backward hooks", () => {
  it("see the gradients of inputs and outputs, and may replace those of the inputs", () => {
    const module = new Scale();
    const seen: number[][] = [];
    module.registerFullBackwardHook((_m, gradInput, gradOutput) => {
      seen.push(first(gradInput).tolist() as number[], first(gradOutput).tolist() as number[]);
      return [first(gradInput).mul(100)];
    });
    const x = tensor([2], { requiresGrad: true });
    module.forward(x).mul(5).sum().backward();
    assert.deepEqual(seen, [[15], [5]]);
    assert.deepEqual(x.grad?.tolist(), [1500]);
    assert.deepEqual(module.factor.grad?.tolist(), [10]);
  });

  it("get null for inputs that need no gradient, and can't give one", () => {
    const module = new Scale();
    const seen: unknown[] = [];
    const handle = module.registerFullBackwardHook((_m, gradInput) => void seen.push(...gradInput));
    module
      .forward(tensor([2]))
      .sum()
      .backward();
    assert.deepEqual(seen, [null]);
    handle.remove();
    module.registerFullBackwardHook(() => [ones(1)]);
    assert.throws(
      () =>
        module
          .forward(tensor([2]))
          .sum()
          .backward(),
      /should always return null/,
    );
  });

  it("must give as many gradients as there are inputs", () => {
    const module = new Scale();
    module.registerFullBackwardHook((_m, [grad]) => [grad ?? null, null]);
    const x = tensor([2], { requiresGrad: true });
    assert.throws(() => module.forward(x).sum().backward(), /invalid number of gradInput, got 2, but expected 1/);
  });

  it("are preceded by pre-hooks, which may replace the gradients of the outputs", () => {
    const module = new Scale();
    module.registerFullBackwardPreHook((_m, gradOutput) => [first(gradOutput).mul(2)]);
    let seen: unknown = null;
    module.registerFullBackwardHook((_m, _in, gradOutput) => {
      seen = first(gradOutput).item();
    });
    const x = tensor([2], { requiresGrad: true });
    module.forward(x).sum().backward();
    assert.equal(seen, 2);
    assert.deepEqual(x.grad?.tolist(), [6]);
    assert.deepEqual(module.factor.grad?.tolist(), [4]);
  });

  it("make an in-place activation behind the module an error, as in PyTorch", () => {
    const module = new Scale();
    module.registerFullBackwardHook(() => undefined);
    const y = module.forward(tensor([2], { requiresGrad: true }));
    assert.equal(y.gradFn?.name, "BackwardHookFunctionBackward");
    assert.throws(() => y.mul_(2), /BackwardHookFunctionBackward is a view and is being modified inplace/);
  });

  it("work with results that are arrays", () => {
    const lstm = new nn.LSTM(2, 3);
    let shapes: unknown = null;
    lstm.registerFullBackwardHook((_m, gradInput, gradOutput) => {
      shapes = [gradInput.map((g) => g?.shape), gradOutput.map((g) => g?.shape ?? null)];
    });
    const [output] = lstm.forward(randn([4, 1, 2], { requiresGrad: true }));
    output.sum().backward();
    assert.deepEqual(shapes, [[[4, 1, 2]], [[4, 1, 3], null]]);
  });
});

describe("whoever watches", () => {
  /** An observer that keeps the scopes. */
  function watchScopes(run: () => void): string[] {
    const log: string[] = [];
    const silent = (): void => undefined;
    const observer: Observer = {
      op: silent,
      backwardStart: silent,
      backwardEnd: silent,
      node: silent,
      accumulate: silent,
      hook: silent,
      optimizerStart: silent,
      optimizerEnd: silent,
      zeroGrad: (owner) => void log.push(`zeroGrad ${owner.constructor.name}`),
      scopeStart: (owner, name) => void log.push(`${name}: ${owner?.constructor.name ?? ""}`),
      scopeEnd: () => void log.push("end"),
      gradcheck: silent,
    };
    const before = observe(observer);
    try {
      run();
    } finally {
      observe(before);
    }
    return log;
  }

  it("is told where each module begins and ends, by the name its parent has for it", () => {
    class Net extends nn.Module {
      readonly stem = new Scale();
      readonly layers = new nn.ModuleList([new Scale(), new nn.Sequential(new nn.Tanh())]);

      override forward(x: Tensor): Tensor {
        let y = this.stem.forward(x);
        for (const layer of this.layers) y = layer.forward(y) as Tensor;
        return y;
      }
    }
    const net = new Net();
    assert.deepEqual(
      watchScopes(() => void net.forward(ones(1))),
      [
        "Net: Net",
        "stem: Scale",
        "end",
        "layers.0: Scale",
        "end",
        "layers.1: Sequential",
        "0: Tanh",
        "end",
        "end",
        "end",
      ],
    );
  });

  it("is told of the end also when forward throws", () => {
    const layer = new nn.Linear(2, 2);
    assert.deepEqual(
      watchScopes(() => assert.throws(() => layer.forward(ones(3)))),
      ["Linear: Linear", "end"],
    );
  });

  it("is told of zeroGrad and of clipping", () => {
    const layer = new Scale();
    layer.forward(ones(1)).sum().backward();
    assert.deepEqual(
      watchScopes(() => {
        nn.utils.clipGradNorm_(layer.parameters(), 1);
        layer.zeroGrad();
      }),
      ["clipGradNorm_: ", "end", "zeroGrad Scale"],
    );
  });
});
