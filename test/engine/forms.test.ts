import assert from "node:assert/strict";
import * as gradlens from "../../engine/index.ts";
import { arange, F, linalg, manualSeed, ones, special, Tensor, tensor, zeros } from "../../engine/index.ts";

const index = (...values: number[]): Tensor => tensor(values, { dtype: "int64" });
const m23 = arange(6).to("float32").reshape(2, 3);
const v = tensor([3, 1, 2]);
const scalar = tensor(5);

function plain(value: unknown): unknown {
  if (value instanceof Tensor) return rounded(value.tolist());
  return Array.isArray(value) ? value.map(plain) : value;
}

const rounded = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(rounded) : typeof value === "number" ? Number(value.toFixed(4)) + 0 : value;

/** Ops and forms of ops that are made of others: what is called, and what PyTorch gives. */
const answers: readonly (readonly [got: () => unknown, want: unknown])[] = [
  [() => gradlens.atleast1d(scalar), [5]],
  [() => gradlens.atleast1d(v), [3, 1, 2]],
  [() => gradlens.atleast2d(scalar), [[5]]],
  [() => gradlens.atleast3d(scalar), [[[5]]]],
  [() => gradlens.atleast3d(v).shape, [1, 3, 1]],
  [() => gradlens.atleast3d(m23).shape, [2, 3, 1]],
  [() => gradlens.atleast1d([scalar, v]), [[5], [3, 1, 2]]],
  [() => gradlens.atleast2d(scalar, v), [[[5]], [[3, 1, 2]]]],
  [() => v.typeAs(index(1)).dtype, "int64"],
  [() => index(1).float().dtype, "float32"],
  [() => tensor([1.9, -1.9]).int(), [1, -1]],
  [() => tensor([1, 2], { dtype: "int32" }).dtype, "int32"],
  [() => tensor(new Int32Array([4])).dtype, "int32"],
  [() => tensor([new BigInt64Array([4n]), new BigInt64Array([5n])]).tolist(), [[4], [5]]],
  [() => tensor([new Float64Array([1.5])]).dtype, "float64"],
  [() => gradlens.full([2], true).dtype, "bool"],
  [() => gradlens.full([1], 2, { dtype: "float64" }).dtype, "float64"],
  [() => arange(1, 2, 0.5), [1, 1.5]],
  [() => arange(3, { dtype: "float32" }).dtype, "float32"],
  [() => gradlens.linspace(3, 4, 1), [3]],
  [() => gradlens.linspace(0, 1, 2, { dtype: "float64" }).dtype, "float64"],
  [() => gradlens.linspace(0, 1, { steps: 3 }), [0, 0.5, 1]],
  [() => gradlens.linspace({ start: 0, end: 2, steps: 2, dtype: "float64" }), [0, 2]],
  [() => gradlens.logspace(0, 2, 3), [1, 10, 100]],
  [() => gradlens.logspace(0, 2, { steps: 3, base: 2 }), [1, 2, 4]],
  [() => gradlens.logspace(0, 2, 3, 2, { dtype: "float64" }), [1, 2, 4]],
  [() => arange(0, 5, { step: 2 }), [0, 2, 4]],
  [() => arange(1, { end: 3 }), [1, 2]],
  [() => arange({ end: 2 }), [0, 1]],
  [() => arange({ start: 1, end: 2, step: 0.5 }), [1, 1.5]],
  [() => gradlens.full([2], { fillValue: 3 }), [3, 3]],
  [
    () => gradlens.eye(2, { m: 3 }),
    [
      [1, 0, 0],
      [0, 1, 0],
    ],
  ],
  [() => gradlens.normal({ mean: tensor([1, 2]), std: 0 }), [1, 2]],
  [() => gradlens.normal({ mean: 4, std: 0, size: [2] }), [4, 4]],
  [() => new gradlens.nn.LSTM({ inputSize: 3, hiddenSize: 4, numLayers: 2 }).weightHhL0.shape, [16, 4]],
  [() => new gradlens.nn.GRU({ inputSize: 3, hiddenSize: 4, batchFirst: true }).batchFirst, true],
  [() => new gradlens.nn.RNN({ inputSize: 3, hiddenSize: 4, nonlinearity: "relu" }).nonlinearity, "relu"],
  [() => new gradlens.nn.GRUCell({ inputSize: 3, hiddenSize: 4, bias: false }).weightIh.shape, [12, 3]],
  [() => new gradlens.nn.LSTMCell({ inputSize: 3, hiddenSize: 4 }).weightIh.shape, [16, 3]],
  [() => new gradlens.nn.RNNCell({ inputSize: 3, hiddenSize: 4 }).weightIh.shape, [4, 3]],
  [() => new gradlens.nn.BatchNorm1d({ numFeatures: 3, momentum: 0.2 }).momentum, 0.2],
  [() => new gradlens.nn.InstanceNorm1d({ numFeatures: 3, eps: 0.2 }).eps, 0.2],
  [() => new gradlens.nn.LayerNorm({ normalizedShape: [2, 3], eps: 0.1 }).eps, 0.1],
  [() => new gradlens.nn.GroupNorm({ numGroups: 2, numChannels: 4 }).numChannels, 4],
  [() => new gradlens.nn.MultiheadAttention({ embedDim: 8, numHeads: 2 }).numHeads, 2],
  [
    () => new gradlens.nn.TransformerEncoderLayer({ dModel: 8, nhead: 2, dimFeedforward: 5 }).linear1.weight.shape,
    [5, 8],
  ],
  [
    () => new gradlens.nn.TransformerDecoderLayer({ dModel: 8, nhead: 2, dimFeedforward: 5 }).linear1.weight.shape,
    [5, 8],
  ],
  [() => linalg.multiDot([m23, ones(3, 2), ones(2)]), [6, 24]],
  [() => linalg.vecdot(m23, m23, { dim: 0 }), [9, 17, 29]],
  [() => gradlens.combinations(v, 0).shape, [0]],
  [() => v.fmax(2), [3, 2, 2]],
  [() => tensor([true, false, true]).diff(), [true, true]],
  [() => v.diff(2), [3]],
  [() => v.diff(1, { prepend: tensor([0]), append: tensor([9]) }), [3, -2, 1, 7]],
  [() => gradlens.trapezoid(v), 3.5],
  [() => gradlens.trapezoid(v, { dx: 2 }), 7],
  [() => gradlens.trapezoid(m23, tensor([0, 1, 3])), [3.5, 12.5]],
  [() => gradlens.trapezoid(m23, m23, { dim: 0 }), [4.5, 7.5, 10.5]],
  [() => gradlens.cumulativeTrapezoid(v), [2, 3.5]],
  [() => gradlens.trapezoid(ones(0)), 0],
  [
    () => F.dropout1d(ones(2, 3), 0),
    [
      [1, 1, 1],
      [1, 1, 1],
    ],
  ],
  [() => F.dropout3d(ones(1, 1, 1, 1, 1), { p: 0.5, training: false }).shape, [1, 1, 1, 1, 1]],
  [() => F.dropout(ones(3), 1), [0, 0, 0]],
  [() => F.alphaDropout(ones(2), { training: false }), [1, 1]],
  [
    () => F.featureAlphaDropout(ones(2, 2), { p: 1, training: true }),
    [
      [0, 0],
      [0, 0],
    ],
  ],
  [() => F.embedding(index(1), m23), [[3, 4, 5]]],
  [
    () => F.oneHot(index(0, 2)),
    [
      [1, 0, 0],
      [0, 0, 1],
    ],
  ],
  [() => v.max(tensor([2, 2, 2])), [3, 2, 2]],
  [() => v.min(tensor([2, 2, 2])), [2, 1, 2]],
  [() => linalg.qr(m23.t(), "r")[1].shape, [2, 2]],
  [() => linalg.qr(m23.t(), "r")[0].shape, [0]],
  [() => linalg.matrixRank(ones(2, 2)), 1],
  [
    () =>
      linalg.pinv(
        tensor([
          [2, 0],
          [0, 0],
        ]),
      ),
    [
      [0.5, 0],
      [0, 0],
    ],
  ],
  [
    () =>
      linalg.lstsq(
        tensor([
          [1, 0],
          [0, 2],
        ]),
        tensor([[3], [4]]),
      ).solution,
    [[3], [2]],
  ],
  [
    () =>
      linalg.lstsq(
        tensor([
          [1, 0],
          [0, 2],
        ]),
        tensor([3, 4]),
      ).solution,
    [3, 2],
  ],
  [
    () =>
      linalg.cond(
        tensor([
          [2, 0],
          [0, 1],
        ]),
      ),
    2,
  ],
  [
    () =>
      linalg.cond(
        tensor([
          [2, 0],
          [0, 1],
        ]),
        -2,
      ),
    0.5,
  ],
  [() => linalg.norm(tensor([[3, 4]])), 5],
  [() => linalg.norm(tensor([[3, 4]]), 1, 1), [7]],
  [
    () =>
      linalg.matrixPower(
        tensor([
          [2, 0],
          [0, 3],
        ]),
        0,
      ),
    [
      [1, 0],
      [0, 1],
    ],
  ],
  [
    () =>
      linalg.matrixPower(
        tensor([
          [2, 0],
          [0, 4],
        ]),
        -1,
      ),
    [
      [0.5, 0],
      [0, 0.25],
    ],
  ],
  [
    () =>
      gradlens.trace(
        tensor([
          [true, true],
          [true, true],
        ]),
      ),
    2,
  ],
  [() => gradlens.cross(tensor([1, 0, 0]), tensor([0, 1, 0])), [0, 0, 1]],
  [() => gradlens.dist(v, tensor([0, 1, 2])), 3],
  [() => gradlens.inner(scalar, v), [15, 5, 10]],
  [() => gradlens.inner(v, m23), [5, 23]],
  [() => F.unfold(ones(1, 2, 2), 2).shape, [4, 1]],
  [() => v.takeAlongDim(index(2, 0), 0), [2, 3]],
  [() => m23.takeAlongDim(index(5, 0)), [5, 0]],
  [() => F.gumbelSoftmax(ones(2, 3), { hard: true }).sum(-1), [1, 1]],
  [() => m23.index(true).shape, [1, 2, 3]],
  [() => m23.index(tensor(true)).shape, [1, 2, 3]],
  [() => m23.index([0, 0]).shape, [2, 3]],
  [() => m23.index(index(1).reshape([])), [3, 4, 5]],
  [() => m23.index(tensor([true, false])), [[0, 1, 2]]],
  [() => F.interpolate(ones(1, 1, 2), { size: 1, mode: "linear", alignCorners: true }), [[[1]]]],
  [() => gradlens.concat([v, v], 0).shape, [6]],
  [() => gradlens.concatenate([v]).shape, [3]],
  [() => gradlens.rowStack([v, v]).shape, [2, 3]],
  [() => gradlens.columnStack([v, m23.t()]).shape, [3, 3]],
  [() => gradlens.cartesianProd(v), [3, 1, 2]],
  [() => F.klDiv(tensor(-1), tensor(0.5), { reduction: "batchmean" }), 0.1534],
  [() => F.gaussianNllLoss(tensor([1, 2]), tensor([0, 0]), 1), 1.25],
  [() => F.gaussianNllLoss(ones(2, 2), zeros(2, 2), ones(2)), 0.5],
  [() => F.linear(v, tensor([1, 2, 3])), 11],
  [() => index(0, 5).bitwiseNot(), [-1, -6]],
  [() => tensor([true]).bitwiseNot(), [false]],
  [() => F.mseLoss(tensor([1, 2], { dtype: "float64" }), tensor([0, 0])).dtype, "float64"],
  [() => F.tripletMarginLoss(zeros(1, 2), zeros(1, 2), ones(1, 2).mul(3), { reduction: "sum" }), 0],
  [() => F.multilabelMarginLoss(tensor([0.1, 0.2, 0.4]), index(2, -1, 0)), 0.5],
  [() => F.multilabelSoftMarginLoss(zeros(1, 2), ones(1, 2), { weight: ones(2).mul(2) }), 1.3863],
  [() => special.polygamma(1, tensor([1])), [1.6449]],
  [() => tensor([1]).polygamma(1), [1.6449]],
  [() => F.rmsNorm(tensor([3, 4]), 2, { weight: tensor([1, 2]) }), [0.8485, 2.2627]],
  [() => ones(0).median().isnan(), true],
  [() => scalar.topk(1).values, 5],
  [() => m23.swapaxes(0, 1).shape, [3, 2]],
  [() => m23.swapdims(0, 1).shape, [3, 2]],
  [() => m23.moveaxis(0, 1).shape, [3, 2]],
  [() => m23.adjoint().shape, [3, 2]],
  [() => m23.mH.shape, [3, 2]],
  [() => scalar.T, 5],
  [
    () => m23.fliplr(),
    [
      [2, 1, 0],
      [5, 4, 3],
    ],
  ],
  [
    () => m23.flipud(),
    [
      [3, 4, 5],
      [0, 1, 2],
    ],
  ],
  [
    () => m23.rot90(2),
    [
      [5, 4, 3],
      [2, 1, 0],
    ],
  ],
  [() => m23.rot90(3).shape, [3, 2]],
  [() => m23.rot90(4).shape, [2, 3]],
  [() => v.roll(0), [3, 1, 2]],
  [() => scalar.repeatInterleave(2), [5, 5]],
  [() => m23.repeatInterleave(2).shape, [12]],
  [() => v.quantile(0.5), 2],
  [() => v.quantile(0.3, { interpolation: "higher" }), 2],
  [() => v.quantile(0.3, { interpolation: "midpoint" }), 1.5],
  [() => v.quantile(0.25, { interpolation: "nearest" }), 1],
  [() => v.quantile(0.3, { interpolation: "lower" }), 1],
  [
    () => m23.quantile(tensor([0, 1]), 1),
    [
      [0, 3],
      [2, 5],
    ],
  ],
  [() => m23.quantile(0.5, 1, true), [[1], [4]]],
  [() => scalar.quantile(0.5, 0), 5],
  [() => tensor([1, Number.NaN, 3]).nanquantile(0.5), 2],
  [() => m23.nonzero({ asTuple: true }).length, 2],
  [() => scalar.nonzero().shape, [1, 0]],
  [() => scalar.nonzero({ asTuple: true }), [[0]]],
  [() => m23.argwhere().shape, [5, 2]],
  [() => gradlens.searchsorted(tensor([1, 3, 5]), tensor([3]), { side: "right" }), [2]],
  [() => gradlens.searchsorted(v, tensor([2]), { sorter: index(1, 2, 0) }), [1]],
  [() => gradlens.searchsorted(tensor([1, 3, 5]), tensor([3]), { outInt32: true }).dtype, "int32"],
  [() => gradlens.bucketize(scalar, tensor([1, 5, 7])), 1],
  [() => index(1, 1, 3).bincount(), [0, 2, 0, 1]],
  [() => index(1, 1, 3).bincount(tensor([0.5, 1, 2])), [0, 1.5, 0, 2]],
  [() => index().bincount(), []],
  [() => tensor([1, 2, 1]).histc(4, 0, 3), [0, 2, 1, 0]],
  [() => gradlens.isin(v, tensor([1, 2])), [false, true, true]],
  [() => gradlens.isin(v, tensor([1, 2]), { invert: true }), [true, false, false]],
  [() => v.maskedFill(v.gt(2), tensor(0)), [0, 1, 2]],
  [() => tensor([true, false]).maskedFill(tensor([false, true]), true), [true, true]],
  [() => v.clamp({ min: tensor([2, 2, 2]) }), [3, 2, 2]],
  [() => v.clamp({ max: tensor([2, 2, 2]) }), [2, 1, 2]],
  [
    () =>
      gradlens.choleskySolve(
        tensor([[1], [2]]),
        tensor([
          [1, 0],
          [0, 2],
        ]),
        { upper: true },
      ),
    [[1], [0.5]],
  ],
  [
    () =>
      gradlens.choleskyInverse(
        tensor([
          [1, 0],
          [0, 2],
        ]),
      ),
    [
      [1, 0],
      [0, 0.25],
    ],
  ],
  [
    () => m23.hsplit([1]).map((x) => x.shape),
    [
      [2, 1],
      [2, 2],
    ],
  ],
  [
    () => m23.vsplit(2).map((x) => x.shape),
    [
      [1, 3],
      [1, 3],
    ],
  ],
  [() => ones(1, 1, 2).dsplit(2).length, 2],
  [() => v.hsplit([-1]).map((x) => x.shape), [[2], [1]]],
  [() => ones(0, 2).chunk(2).length, 2],
  [
    () => tensor([2, 1, 2]).unique({ returnInverse: true, returnCounts: true }),
    [
      [1, 2],
      [1, 0, 1],
      [1, 2],
    ],
  ],
  [() => tensor([1, 1, 2]).uniqueConsecutive(), [1, 2]],
  [() => tensor([Number.NaN, 1, Number.NaN]).unique().shape, [3]],
  [() => v.norm("fro"), 3.7417],
  [() => v.norm(2, { dtype: "float64" }).dtype, "float64"],
  [() => m23.viewAs(ones(3, 2)).shape, [3, 2]],
  [() => m23.reshapeAs(ones(6)).shape, [6]],
  [() => ones(1).expandAs(v).shape, [3]],
  [() => m23.sumToSize(1, 3), [[3, 5, 7]]],
  [() => m23.flatten(1, 1).shape, [2, 3]],
  [() => F.lpPool3d(ones(1, 1, 2, 2, 2), 1, 2), [[[[[8]]]]]],
  [() => F.adaptiveMaxPool1d(ones(1, 4), 2), [[1, 1]]],
  [() => v.scatter(0, index(0), tensor([2]), { reduce: "multiply" }), [6, 1, 2]],
  [() => v.scatter(0, index(0), 2, { reduce: "add" }), [5, 1, 2]],
  [() => v.scatter(0, index(), tensor([])), [3, 1, 2]],
  [() => v.clone().fill_(tensor(7)), [7, 7, 7]],
  [() => index(1).clone().fill_(2.9), [2]],
  [() => v.clone().indexPut_([index(0, 0)], tensor(1), { accumulate: true }), [5, 1, 2]],
  [() => v.size(), [3]],
  [
    () => [
      v.size(-1),
      v.dim(),
      v.stride(),
      v.stride(0),
      v.storageOffset(),
      v.isContiguous(),
      v.elementSize(),
      v.nbytes,
    ],
    [3, 1, [1], 1, 0, true, 4, 12],
  ],
  [
    () =>
      String(
        tensor([
          [Number.NaN, Number.POSITIVE_INFINITY],
          [1.5, -2],
        ]),
      ),
    "tensor([[    nan,     inf],\n        [ 1.5000, -2.0000]])",
  ],
  [() => String(zeros(0, 2)), "tensor([], size=[0, 2])"],
  [() => String(tensor([true, false])), "tensor([ true, false])"],
  [() => String(tensor([1, 2000])), "tensor([1.0000e+00, 2.0000e+03])"],
  [() => String(tensor([0.5, -100])), "tensor([   0.5000, -100.0000])"],
  [() => String(tensor([0, -3, 20])), "tensor([ 0., -3., 20.])"],
  [() => String(zeros(2, 2)), "tensor([[0., 0.],\n        [0., 0.]])"],
  [() => String(tensor(Number.NaN)), "tensor(nan)"],
  [() => String(tensor([1, Number.NEGATIVE_INFINITY])), "tensor([1., -inf])"],
  [() => String(zeros(2, 1, 2)), "tensor([[[0., 0.]],\n\n        [[0., 0.]]])"],
  [
    () => String(gradlens.linspace(0, 1, 10)),
    "tensor([0.0000, 0.1111, 0.2222, 0.3333, 0.4444, 0.5556, 0.6667, 0.7778, 0.8889,\n        1.0000])",
  ],
  [
    () =>
      String(ones([2, 14]).requiresGrad_())
        .split("\n")
        .at(-1),
    "        [1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1.]],\n       requiresGrad=true)".split("\n").at(-1),
  ],
  [() => String(zeros(1001, 2)).split("\n")[3], "        ...,"],
  [() => String(tensor([1e-6, 1])), "tensor([1.0000e-06, 1.0000e+00])"],
  [() => String(arange(2000)), "tensor([   0,    1,    2,  ..., 1997, 1998, 1999])"],
  [() => String(tensor([1]).requiresGrad_().mul(2).gradFn), "<MulBackward0>"],
];

describe("forms of ops", () => {
  answers.forEach(([got, want], i) => {
    it(`${i}: ${String(got).slice(6)} is ${JSON.stringify(want)}`, () => assert.deepEqual(plain(got()), want));
  });

  it("ctcLoss takes lengths as numbers, lists or tensors, with and without a batch, padded targets or one after another", () => {
    manualSeed(1);
    const logits = gradlens.randn([5, 2, 4], { dtype: "float64" });
    const x = F.logSoftmax(logits, 2);
    const padded = tensor(
      [
        [1, 2],
        [3, 0],
      ],
      { dtype: "int64" },
    );
    const joined = index(1, 2, 3);
    const losses = F.ctcLoss(x, padded, [5, 4], [2, 1], { reduction: "none" });
    const same = F.ctcLoss(x, joined, index(5, 4), index(2, 1), { reduction: "none" });
    assert.deepEqual(plain(losses), plain(same));
    const first = F.ctcLoss(x.select(1, 0), index(1, 2), 5, 2, { reduction: "sum" });
    assert.equal(plain(first), (plain(losses) as number[])[0]);
  });

  it("random numbers by every form of mean, spread and generator", () => {
    const generator = new gradlens.Generator();
    generator.manualSeed(3);
    const draws = [
      gradlens.normal(0, 1, [3]),
      gradlens.normal(tensor([0, 100]), 1),
      gradlens.normal(0, tensor([1, 1])),
      gradlens.normal(tensor([0, 100]), tensor([1, 1])),
      gradlens.normal(0, 1, [2], { dtype: "float64", requiresGrad: true }),
      gradlens.randint(5, [3]),
      gradlens.bernoulli(tensor([0.5, 0.5])),
      zeros(3).bernoulli_(0.5),
      zeros(2).bernoulli_(tensor([0, 1])),
      zeros(3).random_(),
      zeros(3).random_(2, 9),
      gradlens.multinomial(tensor([1, 2, 3]), 2),
      gradlens.multinomial(tensor([[1, 2, 3]]), 4, true),
    ];
    for (const x of draws) assert.ok(x.toArray().every((value) => Number.isFinite(value)));
    assert.ok((((draws[1] as Tensor).tolist() as number[])[1] as number) > 50);
    assert.deepEqual((draws[8] as Tensor).tolist(), [0, 1]);
    assert.equal(draws[4]?.requiresGrad, true);
  });
});
