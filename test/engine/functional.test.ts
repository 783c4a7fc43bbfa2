import assert from "node:assert/strict";
import { setWarningHandler } from "../../engine/autograd/warnings.ts";
import { gradcheck, gradgradcheck } from "../../engine/gradcheck/gradcheck.ts";
import { arange, autograd, F, manualSeed, ones, randn, type Tensor, tensor, zeros } from "../../engine/index.ts";

const { grad } = autograd;
const double = { dtype: "float64" } as const;
const random = (...shape: number[]): Tensor => randn(shape, double);

/** What the engine warns of while `run` runs. */
function warnings(run: () => void): string[] {
  const heard: string[] = [];
  const before = setWarningHandler((message) => void heard.push(message));
  try {
    run();
  } finally {
    setWarningHandler(before);
  }
  return heard;
}

describe("convolution", () => {
  it("takes its options by place and by name", () => {
    const [x, w, b] = [random(1, 2, 5, 5), random(4, 1, 3, 3), random(4)];
    const byPlace = F.conv2d(x, w, b, 2, [1, 0], 1, 2);
    const byName = F.conv2d(x, w, { bias: b, stride: 2, padding: [1, 0], groups: 2 });
    assert.deepEqual(byPlace.tolist(), byName.tolist());
    assert.deepEqual(F.conv2d(x, w, b, { stride: 2, padding: [1, 0], groups: 2 }).tolist(), byName.tolist());
  });

  it("slides a kernel without flipping it", () => {
    const x = tensor([[[1, 2, 3, 4]]]);
    assert.deepEqual(F.conv1d(x, tensor([[[10, 1]]])).tolist(), [[[12, 23, 34]]]);
  });

  it("has a transposed twin that is its adjoint", () => {
    const [x, w] = [random(2, 3, 6, 5), random(4, 3, 3, 2)];
    const y = F.conv2d(x, w, null, { stride: 2, padding: 1 });
    const g = random(...y.shape);
    const back = F.convTranspose2d(g, w, null, { stride: 2, padding: 1, outputPadding: [1, 1] });
    assert.ok(Math.abs(y.mul(g).sum().item() - x.mul(back).sum().item()) < 1e-9);
  });

  it("has third derivatives", () => {
    const x = random(1, 1, 3, 3).requiresGrad_();
    const w = random(1, 1, 2, 2).requiresGrad_();
    gradgradcheck((a: Tensor, b: Tensor) => F.conv2d(F.conv2d(a, b), b).square(), [x, w]);
  });

  const refusals: readonly [what: string, call: () => unknown, message: RegExp][] = [
    [
      "wrong channels",
      () => F.conv2d(random(1, 3, 4, 4), random(2, 2, 3, 3)),
      /expected input\[1, 3, 4, 4\] to have 2 channels, but got 3 channels instead/,
    ],
    [
      "a kernel larger than the image",
      () => F.conv1d(random(1, 1, 2), random(1, 1, 3)),
      /padded input size per channel: \(2\). Kernel size: \(3\)/,
    ],
    [
      "padding 'same' with a stride",
      () => F.conv1d(random(1, 1, 4), random(1, 1, 3), null, 2, "same"),
      /padding='same' is not supported for strided convolutions/,
    ],
    ["a stride of 0", () => F.conv1d(random(1, 1, 4), random(1, 1, 3), null, 0), /stride must be at least 1/],
    [
      "a wrong bias",
      () => F.conv1d(random(1, 1, 4), random(2, 1, 3), random(3)),
      /expected bias to be 1-dimensional with 2 elements/,
    ],
    [
      "an unknown option",
      () => F.conv1d(random(1, 1, 4), random(2, 1, 3), null, { strides: 2 } as never),
      /unknown option 'strides'. Did you mean 'stride'\?/,
    ],
  ];
  for (const [what, call, message] of refusals) it(`refuses ${what}`, () => assert.throws(call, { message }));
});

describe("pooling", () => {
  it("gives the first of equal maxima the gradient", () => {
    const x = ones([1, 1, 4]).requiresGrad_();
    F.maxPool1d(x, 2).sum().backward();
    assert.deepEqual(x.grad?.tolist(), [[[1, 0, 1, 0]]]);
  });

  it("lets NaN through a maximum", () => {
    const x = tensor([[[1, Number.NaN, 3, Number.NEGATIVE_INFINITY]]]);
    assert.deepEqual(F.maxPool1d(x, 2).tolist(), [[[Number.NaN, 3]]]);
    assert.deepEqual(F.maxPool1d(tensor([[[Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]]]), 2).tolist(), [
      [[Number.NEGATIVE_INFINITY]],
    ]);
  });

  it("gives indices that unpooling puts back", () => {
    const x = tensor([[[1, 5, 2, 4]]]);
    const { output, indices } = F.maxPool1d(x, 2, { returnIndices: true });
    assert.deepEqual(indices.tolist(), [[[1, 3]]]);
    assert.deepEqual(F.maxUnpool1d(output, indices, 2).tolist(), [[[0, 5, 0, 4]]]);
  });

  it("adds up gradients where windows overlap", () => {
    const x = tensor([[[1, 3, 2]]]).requiresGrad_();
    F.maxPool1d(x, 2, 1).sum().backward();
    assert.deepEqual(x.grad?.tolist(), [[[0, 2, 0]]]);
  });

  it("refuses padding that could fill a whole window", () => {
    assert.throws(() => F.avgPool1d(random(1, 1, 4), 2, 1, 2), { message: /pad should be at most half/ });
  });
});

describe("normalization", () => {
  it("updates running statistics in place, with the unbiased variance, and bumps their version", () => {
    const x = tensor([[1], [3]], double);
    const [mean, variance] = [zeros([1], double), ones([1], double)];
    F.batchNorm(x, mean, variance, null, null, true, 0.5);
    assert.deepEqual([mean.item(), variance.item()], [1, 1.5]);
    assert.equal(mean._version, 1);
  });

  it("leaves running statistics alone outside of training", () => {
    const [mean, variance] = [zeros([2]), ones([2])];
    F.batchNorm(randn(3, 2), mean, variance);
    assert.equal(mean._version, 0);
  });

  it("has the same gradient with and without a graph of it", () => {
    const inputs = [random(3, 4, 2), random(4), random(4)].map((x) => x.requiresGrad_());
    const [x, w, b] = inputs as [Tensor, Tensor, Tensor];
    const grads = (createGraph: boolean): string[] => {
      const loss = F.groupNorm(x, 2, w, b).square().sum();
      return grad(loss, inputs, { createGraph }).flatMap((g) => [...(g as Tensor).toArray()].map((v) => v.toFixed(9)));
    };
    const plain = grads(false);
    assert.deepEqual(grads(true), plain);
  });

  it("refuses a batch of one value per channel in training", () => {
    assert.throws(() => F.batchNorm(randn(1, 3), null, null, { training: true }), {
      message: /Expected more than 1 value per channel when training/,
    });
  });

  it("measures rms by the mean square alone", () => {
    const out = F.rmsNorm(tensor([[3, 4]], double), [2], tensor([1, 2], double), 0);
    const scale = Math.sqrt(12.5);
    assert.ok(Math.abs(((out.tolist() as number[][])[0]?.[1] as number) - 8 / scale) < 1e-12);
  });
});

describe("embedding", () => {
  it("adds up the gradients of a row looked up twice, and gives the padding row none", () => {
    const table = ones([3, 2]).requiresGrad_();
    F.embedding(tensor([1, 1, 2], { dtype: "int64" }), table, 2)
      .sum()
      .backward();
    assert.deepEqual(table.grad?.tolist(), [
      [0, 0],
      [2, 2],
      [0, 0],
    ]);
  });

  it("shrinks rows to the norm asked for", () => {
    const table = tensor(
      [
        [3, 4],
        [0.3, 0.4],
      ],
      double,
    );
    F.embedding(tensor([0, 1], { dtype: "int64" }), table, { maxNorm: 1 });
    const rows = table.tolist() as number[][];
    assert.ok(Math.abs(Math.hypot(...(rows[0] as number[])) - 1) < 1e-6);
    assert.deepEqual(rows[1], [0.3, 0.4]);
  });

  it("names an index outside of the table", () => {
    assert.throws(() => F.embedding(tensor([3], { dtype: "int64" }), ones([3, 2])), {
      name: "IndexError",
      message: /index out of range in self: 3 in a table of 3 rows/,
    });
  });
});

describe("dropout", () => {
  it("zeroes about p of the elements and scales the others up", () => {
    manualSeed(0);
    const out = F.dropout(ones([10000]), 0.25).toArray();
    const dropped = out.filter((value) => value === 0).length;
    assert.ok(dropped > 2300 && dropped < 2700, `${dropped} dropped`);
    assert.ok(out.every((value) => value === 0 || value === Math.fround(4 / 3)));
  });

  it("gives the same mask for the same seed", () => {
    const draw = (): unknown => {
      manualSeed(5);
      return F.dropout(ones([20])).tolist();
    };
    assert.deepEqual(draw(), draw());
  });

  it("drops nothing outside of training, and everything with p = 1", () => {
    const x = randn(5);
    assert.equal(F.dropout(x, 0.5, false), x);
    assert.deepEqual(F.dropout(ones([2]), 1).tolist(), [0, 0]);
  });

  it("drops whole channels", () => {
    manualSeed(1);
    const planes = F.dropout2d(ones([4, 8, 3, 3])).tolist() as number[][][][];
    for (const plane of planes.flat()) assert.equal(new Set(plane.flat()).size, 1);
  });

  it("keeps mean and variance with alphaDropout", () => {
    manualSeed(2);
    const out = F.alphaDropout(randn(100000), 0.3, true);
    assert.ok(Math.abs(out.mean().item()) < 0.02 && Math.abs(out.std().item() - 1) < 0.02);
  });
});

describe("losses", () => {
  it("warn of a target that would be broadcast, with both sizes", () => {
    const [heard] = warnings(() => F.mseLoss(randn(3, 1), randn(3)));
    assert.match(heard ?? "", /Using a target size \(\[3\]\) that is different to the input size \(\[3, 1\]\)/);
    // A 0-d target counts for as much as the input: it is broadcast before dtypes meet.
    let dtype: string | undefined;
    warnings(() => {
      dtype = F.l1Loss(ones([2]), tensor(1, { dtype: "float64" })).dtype;
    });
    assert.equal(dtype, "float64");
    assert.deepEqual(
      warnings(() => F.mseLoss(randn(3), randn(3))),
      [],
    );
  });

  it("say which target is out of bounds", () => {
    const call = () => F.crossEntropy(randn(2, 3), tensor([1, 5], { dtype: "int64" }));
    assert.throws(call, { name: "IndexError", op: "crossEntropy", message: /Target 5 is out of bounds\./ });
  });

  it("say what to do with classes that are not integers", () => {
    assert.throws(() => F.crossEntropy(randn(2, 3), tensor([1, 2])), {
      message: /expected target to have dtype int64/,
    });
  });

  it("average over the targets that count", () => {
    const logits = random(3, 4);
    const some = F.crossEntropy(logits, tensor([1, -100, 2], { dtype: "int64" }));
    const kept = F.crossEntropy(
      logits.indexSelect(0, tensor([0, 2], { dtype: "int64" })),
      tensor([1, 2], { dtype: "int64" }),
    );
    assert.ok(Math.abs(some.item() - kept.item()) < 1e-12);
    assert.ok(Number.isNaN(F.crossEntropy(logits, tensor([-100, -100, -100], { dtype: "int64" })).item()));
  });

  it("have PyTorch's nodes", () => {
    const x = random(2, 3).requiresGrad_();
    const target = tensor([0, 1], { dtype: "int64" });
    const names = [
      F.mseLoss(x, random(2, 3)),
      F.crossEntropy(x, target),
      F.binaryCrossEntropyWithLogits(x, ones([2, 3], double)),
      F.huberLoss(x, random(2, 3)),
    ].map((loss) => loss.gradFn?.name);
    assert.deepEqual(names, [
      "MseLossBackward0",
      "NllLossBackward0",
      "BinaryCrossEntropyWithLogitsBackward0",
      "HuberLossBackward0",
    ]);
  });

  it("don't overflow where exp would", () => {
    const huge = tensor([1000, -1000], double).requiresGrad_();
    const loss = F.binaryCrossEntropyWithLogits(huge, tensor([0, 1], double), { reduction: "sum" });
    assert.equal(loss.item(), 2000);
    loss.backward();
    assert.deepEqual(huge.grad?.tolist(), [1, -1]);
    assert.equal(F.softMarginLoss(tensor([1000], double), tensor([-1], double)).item(), 1000);
  });

  it("refuse probabilities outside of 0 to 1", () => {
    assert.throws(() => F.binaryCrossEntropy(tensor([1.5]), tensor([1])), {
      message: /should be between 0 and 1, but got 1.5/,
    });
  });

  it("refuse a reduction that does not exist", () => {
    assert.throws(() => F.mseLoss(randn(2), randn(2), { reduction: "average" as never }), {
      message: /average is not a valid value for reduction/,
    });
  });

  it("give CTC its exact derivative", () => {
    const x = random(5, 2, 4).requiresGrad_();
    const labels = tensor(
      [
        [1, 1],
        [2, 3],
      ],
      { dtype: "int64" },
    );
    gradcheck((logs: Tensor) => F.ctcLoss(logs, labels, [5, 4], [2, 2], { reduction: "none" }), x);
  });

  it("take infinite CTC losses for zero when asked to", () => {
    const logs = random(1, 1, 3).logSoftmax(2).requiresGrad_();
    const labels = tensor([[1, 1]], { dtype: "int64" });
    assert.equal(F.ctcLoss(logs, labels, [1], [2]).item(), Number.POSITIVE_INFINITY);
    const loss = F.ctcLoss(logs, labels, [1], [2], { zeroInfinity: true });
    loss.backward();
    assert.equal(loss.item(), 0);
  });
});

describe("attention", () => {
  it("sees no key beyond a query's own place when causal", () => {
    const [q, k, v] = [random(1, 4, 3), random(1, 4, 3), random(1, 4, 3)] as const;
    const first = F.scaledDotProductAttention(q, k, v, { isCausal: true }).select(1, 0);
    assert.ok(first.sub(v.select(1, 0)).abs().max().item() < 1e-12);
  });

  it("lets query heads share keys", () => {
    const q = random(2, 4, 3, 5);
    const [k, v] = [random(2, 2, 3, 5), random(2, 2, 3, 5)];
    const shared = F.scaledDotProductAttention(q, k, v, { enableGqa: true });
    const repeated = F.scaledDotProductAttention(q, k.repeatInterleave(2, 1), v.repeatInterleave(2, 1));
    assert.deepEqual(shared.tolist(), repeated.tolist());
  });

  it("has the derivatives it claims, with a mask", () => {
    const inputs = [random(2, 3), random(4, 3), random(4, 2)].map((x) => x.requiresGrad_());
    const mask = tensor([
      [true, true, false, true],
      [false, true, true, true],
    ]);
    gradcheck((q: Tensor, k: Tensor, v: Tensor) => F.scaledDotProductAttention(q, k, v, mask), inputs);
  });
});

describe("interpolation", () => {
  it("needs a size or a scale, and not both", () => {
    const x = random(1, 1, 4);
    assert.throws(() => F.interpolate(x), { message: /either size or scaleFactor should be defined/ });
    assert.throws(() => F.interpolate(x, { size: 2, scaleFactor: 2 }), { message: /only one of size or scaleFactor/ });
    assert.throws(() => F.interpolate(x, { size: 2, mode: "bilinear" }), {
      message: /linear takes 3D, bilinear and bicubic 4D/,
    });
  });

  it("keeps corners in place when they are aligned", () => {
    const out = F.interpolate(tensor([[[0, 10]]]), { size: 5, mode: "linear", alignCorners: true });
    assert.deepEqual(out.tolist(), [[[0, 2.5, 5, 7.5, 10]]]);
  });
});

describe("gridSample", () => {
  it("reads the image itself with the grid of the identity", () => {
    const x = random(1, 2, 3, 4);
    const grid = F.affineGrid(
      tensor(
        [
          [
            [1, 0, 0],
            [0, 1, 0],
          ],
        ],
        double,
      ),
      [1, 2, 3, 4],
      true,
    );
    assert.ok(F.gridSample(x, grid, { alignCorners: true }).sub(x).abs().max().item() < 1e-12);
  });

  it("has the derivatives it claims in image and grid", () => {
    const grid = tensor(
      [
        [
          [
            [0.21, -0.37],
            [-0.63, 0.48],
          ],
        ],
      ],
      double,
    ).requiresGrad_();
    const x = random(1, 1, 3, 4).requiresGrad_();
    gradcheck((image: Tensor, places: Tensor) => F.gridSample(image, places, { alignCorners: false }), [x, grid]);
    gradgradcheck(
      (image: Tensor, places: Tensor) => F.gridSample(image, places, { mode: "bicubic", alignCorners: true }),
      [x, grid],
    );
  });
});

describe("shuffles", () => {
  it("undo each other", () => {
    const x = arange(32).reshape(1, 8, 2, 2);
    assert.deepEqual(F.pixelUnshuffle(F.pixelShuffle(x, 2), 2).tolist(), x.tolist());
  });

  it("deal channels out among groups", () => {
    const x = arange(6).reshape(1, 6, 1);
    assert.deepEqual((F.channelShuffle(x, 2).tolist() as number[][][]).flat(2), [0, 3, 1, 4, 2, 5]);
  });
});

describe("gumbelSoftmax", () => {
  it("gives one-hot rows with the gradient of soft ones", () => {
    manualSeed(3);
    const logits = random(4, 3).requiresGrad_();
    const rows = F.gumbelSoftmax(logits, { hard: true });
    for (const row of rows.tolist() as number[][])
      assert.deepEqual(row.map((v) => Math.round(v * 1e9) / 1e9).toSorted(), [0, 0, 1]);
    rows.mul(random(4, 3)).sum().backward();
    assert.ok((logits.grad?.abs().sum().item() ?? 0) > 0);
  });
});
