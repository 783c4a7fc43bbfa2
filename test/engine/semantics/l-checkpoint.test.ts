import assert from "node:assert/strict";
import {
  autograd,
  checkpoint,
  F,
  manualSeed,
  nn,
  noGrad,
  randn,
  type Tensor,
  tensor,
  utils,
} from "../../../engine/index.ts";
import { warningsOf } from "../../support/warnings.ts";

const leaf = (...values: number[]) => tensor(values, { requiresGrad: true });

describe("checkpoint", () => {
  it("gives the gradients of the plain function, runs it twice, and works under autograd.grad", () => {
    let runs = 0;
    const block = (x: Tensor): Tensor => {
      runs++;
      return x.mul(x).exp();
    };
    const a = leaf(0.5, 1);
    const b = leaf(0.5, 1);
    block(a).sum().backward();
    runs = 0;
    checkpoint(block, b).sum().backward();
    assert.equal(runs, 2);
    assert.deepEqual(b.grad?.tolist(), a.grad?.tolist());
    const [g] = autograd.grad(checkpoint(block, b).sum(), b);
    assert.deepEqual(g?.tolist(), a.grad?.tolist());
  });

  it("[74] [75] there is one kind of checkpoint, which needs no choice; asking for the re-entrant one is refused", () => {
    const square = (x: Tensor): Tensor => x.mul(x);
    assert.deepEqual(
      warningsOf(() => checkpoint(square, leaf(2)).backward()),
      [],
    );
    assert.deepEqual(
      warningsOf(() => checkpoint(square, tensor([2]))),
      [],
    );
    checkpoint(square, leaf(2), { useReentrant: false }).backward();
    assert.throws(() => checkpoint(square, leaf(2), { useReentrant: true }), /useReentrant: true is not supported/);
  });

  it("[77] runs again only when something saved is needed, and again for a retained graph", () => {
    let runs = 0;
    const square = (x: Tensor): Tensor => {
      runs++;
      return x.mul(x);
    };
    const x = leaf(3);
    const y = checkpoint(square, x);
    assert.equal(runs, 1);
    y.backward(null, { retainGraph: true });
    assert.equal(runs, 2);
    y.backward();
    assert.equal(runs, 3);
    assert.equal(x.grad?.item(), 12);
  });

  it("[76] a different number of saved tensors is an error", () => {
    let first = true;
    const changing = (x: Tensor): Tensor => {
      const y = first ? x.mul(x).mul(x) : x.mul(x);
      first = false;
      return y;
    };
    assert.throws(
      () => checkpoint(changing, leaf(2)).backward(),
      /A different number of tensors was saved during the original forward and recomputation/,
    );
  });

  it("[76] other shapes in the second run are an error that lists them", () => {
    let first = true;
    const changing = (x: Tensor): Tensor => {
      const factor = first ? tensor([1, 2, 3]) : tensor([2]);
      first = false;
      return x.mul(factor).sum();
    };
    assert.throws(
      () => checkpoint(changing, leaf(2)).backward(),
      /have different metadata than during the forward pass/,
    );
  });

  it("[77] random numbers are replayed, and the generator goes on as if nothing had happened", () => {
    const x = leaf(...new Array(100).fill(1));
    manualSeed(3);
    const y = checkpoint((input: Tensor) => F.dropout(input, { p: 0.5 }).mul(input), x);
    y.sum().backward();
    const dropped = (y.tolist() as number[]).map((v) => v === 0);
    const gradient = x.grad?.tolist() as number[];
    assert.deepEqual(
      gradient.map((g) => g === 0),
      dropped,
    );
  });

  it("[77] stops the second run when everything needed is there, and nests", () => {
    const reached: string[] = [];
    const block = (x: Tensor): Tensor => {
      const y = x.mul(x);
      reached.push("after mul");
      return y.add(1);
    };
    const x = leaf(3);
    checkpoint(block, x).backward();
    assert.deepEqual(reached, ["after mul"]);
    const again = leaf(3);
    checkpoint((a: Tensor) => checkpoint((b: Tensor) => b.mul(b), a).mul(2), again).backward();
    assert.equal(again.grad?.item(), 12);
  });

  it("[33] an argument that was changed in place since is refused, and one that an in-place op inside changes is not", () => {
    const x = leaf(3);
    const y = x.mul(1);
    const squared = checkpoint((a: Tensor) => a.mul(a), y);
    noGrad(() => y.add_(1));
    assert.throws(() => squared.backward(), /modified by an inplace operation.*is at version 1; expected version 0/);
    checkpoint((a: Tensor) => a.clone().mul_(a), x).backward();
    assert.equal(x.grad?.item(), 6);
  });

  it("[77] what an inner one is called with is saved by the outer one", () => {
    const square = (x: Tensor): Tensor => x.mul(x);
    const x = leaf(3);
    let packs = 0;
    const y = autograd.graph.savedTensorsHooks(
      (t) => {
        packs++;
        return t;
      },
      (t) => t as Tensor,
      () => checkpoint(square, x),
    );
    assert.equal(packs, 1);
    y.backward();
    assert.equal(x.grad?.item(), 6);
  });

  it("runs a sequence in segments, all but the last of them twice", () => {
    const { checkpointSequential } = utils.checkpoint;
    const net = new nn.Sequential(
      new nn.Linear(3, 5),
      new nn.ReLU(),
      new nn.Linear(5, 4),
      new nn.Tanh(),
      new nn.Linear(4, 2),
    );
    let runs = 0;
    const stages = [...net.children()].map((layer) => (x: Tensor) => {
      runs++;
      return layer.forward(x) as Tensor;
    });
    const x = randn(4, 3, { requiresGrad: true });
    net.forward(x).sum().backward();
    const plain = x.grad?.tolist();
    const y = x.detach().requiresGrad_();
    checkpointSequential(stages, 2, y, { useReentrant: false }).sum().backward();
    assert.deepEqual([y.grad?.tolist(), runs], [plain, 5 + 2]);
    assert.deepEqual(checkpointSequential(net.children(), 5, x).tolist(), net.forward(x).tolist());
    assert.throws(() => checkpointSequential(stages, 6, x), /expected segments to be a whole number from 1 to 5/);
  });
});
