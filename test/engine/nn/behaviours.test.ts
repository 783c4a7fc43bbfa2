import assert from "node:assert/strict";
import { F, full, manualSeed, nn, ones, randn, type Tensor, tensor, triu, zeros } from "../../../engine/index.ts";
import { near } from "../../support/near.ts";

describe("batch norm", () => {
  it("keeps running figures in training and uses them afterwards", () => {
    const norm = new nn.BatchNorm1d(2);
    manualSeed(1);
    norm.forward(randn(4, 2));
    norm.forward(randn(4, 2));
    near(norm.runningMean, [-0.07048686, -0.008155156]);
    near(norm.runningVar, [0.9322528, 0.8494119]);
    assert.equal(norm.numBatchesTracked?.item(), 2);
    norm.eval();
    near(norm.forward(ones(1, 2)), [1.108695, 1.09387]);
    assert.equal(norm.numBatchesTracked?.item(), 2);
  });

  it("averages all batches with momentum null", () => {
    const norm = new nn.BatchNorm1d(2, { momentum: null });
    manualSeed(1);
    norm.forward(randn(4, 2));
    norm.forward(randn(4, 2));
    near(norm.runningMean, [-0.3680798, -0.02697834]);
    near(norm.runningVar, [0.6541406, 0.2024928]);
  });

  it("always uses the batch's figures when it keeps none", () => {
    const norm = new nn.BatchNorm1d(2, { trackRunningStats: false }).eval();
    near(
      norm.forward(
        tensor([
          [0, 10],
          [2, 30],
        ]),
      ),
      [-1, -1, 1, 1],
      1e-4,
    );
    assert.deepEqual(Object.keys(norm.stateDict()), ["weight", "bias"]);
  });

  it("refuses inputs of other dimensions", () => {
    assert.throws(() => new nn.BatchNorm2d(2).forward(ones(2, 2)), /expected 4D input \(got 2D input/);
    assert.throws(() => new nn.BatchNorm1d(2).forward(ones(1, 2, 2, 2)), /expected 2D or 3D input/);
  });
});

describe("dropout", () => {
  it("zeroes in training, scales the rest up, and does nothing in use", () => {
    manualSeed(1);
    const dropout = new nn.Dropout(0.25);
    const y = dropout.forward(ones(10_000));
    const kept = (y.toArray() as Float32Array).filter((v) => v !== 0);
    assert.ok(Math.abs(kept.length / 10_000 - 0.75) < 0.02);
    assert.ok(kept.every((v) => Math.abs(v - 4 / 3) < 1e-6));
    const x = ones(5);
    assert.deepEqual(dropout.eval().forward(x).tolist(), x.tolist());
    assert.throws(() => new nn.Dropout(1.5), /dropout probability has to be between 0 and 1, but got 1.5/);
  });

  it("gives the mask of PyTorch after the same seed, and lets gradients pass through what was kept", () => {
    manualSeed(1);
    const x = ones([12], { requiresGrad: true });
    const y = new nn.Dropout(0.3).forward(x);
    const mask = [1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1];
    assert.deepEqual(
      (y.tolist() as number[]).map((v) => Number(v > 0)),
      mask,
    );
    y.sum().backward();
    near(
      x.grad,
      mask.map((v) => v / 0.7),
    );
  });

  it("of channels zeroes whole channels", () => {
    manualSeed(3);
    const y = new nn.Dropout2d()
      .forward(ones(4, 8, 3, 3))
      .sum([2, 3])
      .flatten()
      .tolist() as number[];
    assert.ok(y.every((v) => v === 0 || Math.abs(v - 18) < 1e-4));
    assert.ok(y.includes(0) && y.some((v) => v > 0));
  });
});

describe("embedding", () => {
  it("keeps the padding row zero and without gradient", () => {
    manualSeed(4);
    const embedding = new nn.Embedding(4, 2, { paddingIdx: -1 });
    near(embedding.weight, [-1.605276, 0.2324857, 2.23987, 0.8472938, 1.200644, -0.4015503, 0, 0]);
    embedding
      .forward(
        tensor(
          [
            [0, 3],
            [1, 0],
          ],
          { dtype: "int64" },
        ),
      )
      .sum()
      .backward();
    near(embedding.weight.grad, [2, 2, 1, 1, 0, 0, 0, 0]);
    assert.throws(() => new nn.Embedding(4, 2, { paddingIdx: 4 }), /paddingIdx must be within numEmbeddings/);
  });

  it("can be made of given rows, frozen unless said otherwise", () => {
    const rows = tensor([
      [1, 2],
      [3, 4],
    ]);
    assert.equal(nn.Embedding.fromPretrained(rows).weight.requiresGrad, false);
    const trained = nn.Embedding.fromPretrained(rows, { freeze: false });
    assert.deepEqual(trained.forward(tensor([1], { dtype: "int64" })).tolist(), [[3, 4]]);
    assert.equal(trained.weight.requiresGrad, true);
  });
});

describe("activations that overwrite their input", () => {
  it("do so, and break what needs the old values", () => {
    const x = tensor([-1, 2]);
    const y = new nn.ReLU({ inplace: true }).forward(x);
    assert.equal(y, x);
    assert.deepEqual(x.tolist(), [0, 2]);
    const w = tensor([1, 2], { requiresGrad: true });
    const squared = w.mul(3);
    const loss = squared.mul(squared);
    new nn.ELU({ inplace: true }).forward(squared);
    assert.throws(() => loss.sum().backward(), /modified by an inplace operation/);
  });
});

describe("recurrent layers", () => {
  it("take and give states, and a single sequence without a batch", () => {
    manualSeed(2);
    const gru = new nn.GRU(3, 4, { batchFirst: true });
    const x = randn(2, 5, 3);
    const [all, last] = gru.forward(x);
    assert.deepEqual(
      [all.shape, last.shape],
      [
        [2, 5, 4],
        [1, 2, 4],
      ],
    );
    const [half, state] = gru.forward(x.narrow(1, 0, 2));
    const [rest] = gru.forward(x.narrow(1, 2, 3), state);
    near(half, all.narrow(1, 0, 2).flatten().tolist() as number[], 1e-6);
    near(rest, all.narrow(1, 2, 3).flatten().tolist() as number[], 1e-6);
    const [single, singleLast] = gru.forward(x.select(0, 1));
    near(single, all.select(0, 1).flatten().tolist() as number[], 1e-6);
    assert.deepEqual(singleLast.shape, [1, 4]);
  });

  it("agree with their cells", () => {
    manualSeed(2);
    const layer = new nn.LSTM(3, 4);
    const cell = new nn.LSTMCell(3, 4);
    cell.loadStateDict({
      weightIh: layer.weightIhL0,
      weightHh: layer.weightHhL0,
      biasIh: layer.biasIhL0,
      biasHh: layer.biasHhL0,
    });
    const x = randn(3, 2, 3);
    const [output, [hidden, state]] = layer.forward(x);
    let h = zeros(2, 4);
    let c = zeros(2, 4);
    for (const step of x.unbind(0)) [h, c] = cell.forward(step, [h, c]);
    near(h, hidden.flatten().tolist() as number[], 1e-6);
    near(c, state.flatten().tolist() as number[], 1e-6);
    near(output.select(0, -1), h.flatten().tolist() as number[], 1e-6);
  });

  it("name their parameters as PyTorch does, in camelCase", () => {
    const names = new nn.LSTM(2, 3, { numLayers: 2, bidirectional: true, projSize: 1 })
      .namedParameters()
      .map(([name]) => name);
    assert.deepEqual(names.slice(0, 6), [
      "weightIhL0",
      "weightHhL0",
      "biasIhL0",
      "biasHhL0",
      "weightHrL0",
      "weightIhL0Reverse",
    ]);
    assert.equal(names.length, 20);
  });

  it("say which size does not fit", () => {
    const rnn = new nn.RNN(3, 4);
    assert.throws(() => rnn.forward(ones(5, 2, 7)), /input\.size\(-1\) must be equal to inputSize\. Expected 3, got 7/);
    assert.throws(() => rnn.forward(ones(5, 2, 3), ones(1, 2, 9)), /Expected hidden size \[1, 2, 4\], got \[1, 2, 9\]/);
    assert.throws(() => rnn.forward(ones(3)), /Expected input to be 2D or 3D, got 1D/);
    assert.throws(() => new nn.RNN(3, 4, { nonlinearity: "gelu" as "relu" }), /Unknown nonlinearity 'gelu'/);
    assert.throws(() => new nn.GRUCell(3, 4).forward(ones(2, 3), ones(2, 5)), /hidden has inconsistent hiddenSize/);
  });
});

describe("attention", () => {
  const setUp = (): [nn.MultiheadAttention, Tensor] => {
    manualSeed(2);
    const attention = new nn.MultiheadAttention(4, 2);
    manualSeed(3);
    return [attention, randn(3, 2, 4)];
  };

  it("looks away where masks say so, as PyTorch does", () => {
    const [attention, x] = setUp();
    const keyPaddingMask = tensor([
      [false, false, true],
      [false, true, false],
    ]);
    const attnMask = triu(ones(3, 3), 1).bool();
    const [output, weights] = attention.forward(x, x, x, { keyPaddingMask, attnMask });
    near(output.sum([0, 2]), [0.1233167, -0.82454]);
    near(
      weights,
      [1, 0, 0, 0.5156116, 0.4843884, 0, 0.5620945, 0.4379055, 0, 1, 0, 0, 1, 0, 0, 0.4763851, 0, 0.5236149],
    );
  });

  it("gives each head's weights, or none", () => {
    const [attention, x] = setUp();
    const attnMask = triu(full([3, 3], Number.NEGATIVE_INFINITY), 1);
    const [output, weights] = attention.forward(x, x, x, { attnMask, averageAttnWeights: false });
    assert.deepEqual(weights?.shape, [2, 2, 3, 3]);
    near(weights?.select(0, 0).select(0, 1), [1, 0, 0, 0.5386915, 0.4613086, 0, 0.428645, 0.2770731, 0.2942819]);
    const [same, none] = attention.forward(x, x, x, { attnMask, needWeights: false });
    assert.equal(none, null);
    near(same, output.flatten().tolist() as number[], 1e-6);
  });

  it("says what does not fit", () => {
    const [attention, x] = setUp();
    assert.throws(() => new nn.MultiheadAttention(5, 2), /embedDim \(5\) must be divisible by numHeads \(2\)/);
    assert.throws(
      () => attention.forward(x, x, x, { isCausal: true }),
      /Need attnMask if specifying the isCausal hint/,
    );
    assert.throws(
      () => attention.forward(x, x, x, { attnMask: ones(2, 3) }),
      /shape of the attnMask is \[2, 3\], but should be \[3, 3\]/,
    );
    assert.throws(() => attention.forward(x, ones(3, 2, 5), x), /key should have 3 dimensions and 4 features/);
  });

  it("runs a whole transformer as PyTorch does", () => {
    manualSeed(2);
    const transformer = new nn.Transformer(4, 2, 2, 1, 8, 0);
    manualSeed(3);
    const x = randn(3, 1, 4);
    const tgtMask = nn.Transformer.generateSquareSubsequentMask(3);
    assert.equal(tgtMask.tolist().toString(), "0,-Infinity,-Infinity,0,0,-Infinity,0,0,0");
    near(
      transformer.forward(x, x, { tgtMask }),
      [
        0.312792, 0.820776, 0.570309, -1.70388, -0.28493, -0.374399, 1.66406, -1.00474, -1.66301, 0.909492, 0.625049,
        0.128467,
      ],
    );
    assert.throws(() => transformer.forward(x, ones(3, 2, 4)), /batch number of src and tgt must be equal/);
  });
});

describe("losses", () => {
  const logits = tensor([
    [2, -1, 0.5],
    [0.1, 0.2, 0.3],
  ]);
  const classes = tensor([0, 2], { dtype: "int64" });

  it("are what the functions of F are, with the options of the constructor", () => {
    const weight = tensor([1, 2, 3]);
    const same = (a: Tensor, b: Tensor): void => assert.deepEqual(a.tolist(), b.tolist());
    same(
      new nn.CrossEntropyLoss({ weight, labelSmoothing: 0.1, reduction: "sum" }).forward(logits, classes),
      F.crossEntropy(logits, classes, { weight, labelSmoothing: 0.1, reduction: "sum" }),
    );
    same(new nn.NLLLoss(weight).forward(logits, classes), F.nllLoss(logits, classes, { weight }));
    same(
      new nn.BCEWithLogitsLoss({ posWeight: weight }).forward(logits, ones(2, 3)),
      F.binaryCrossEntropyWithLogits(logits, ones(2, 3), { posWeight: weight }),
    );
    same(
      new nn.MultiMarginLoss({ margin: 0.5 }).forward(logits, classes),
      F.multiMarginLoss(logits, classes, { margin: 0.5 }),
    );
    same(
      new nn.KLDivLoss({ reduction: "batchmean" }).forward(logits, ones(2, 3)),
      F.klDiv(logits, ones(2, 3), { reduction: "batchmean" }),
    );
  });

  it("keep their weights as buffers, so that they move with the module", () => {
    const loss = new nn.CrossEntropyLoss({ weight: ones(3) }).to("float64");
    assert.equal(loss.weight?.dtype, "float64");
    assert.deepEqual(loss.parameters(), []);
  });
});
