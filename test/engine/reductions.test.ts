import assert from "node:assert/strict";
import {
  arange,
  bincount,
  bucketize,
  full,
  histc,
  linalg,
  nanquantile,
  quantile,
  searchsorted,
  type Tensor,
  tensor,
  trapz,
  zeros,
} from "../../engine/index.ts";
import { warningsOf } from "../support/warnings.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
const doubles = (data: number[] | number[][]): Tensor => tensor(data, { dtype: "float64" });

/** The gradient of `fn` at `data`. */
function gradient(data: number[] | number[][], fn: (x: Tensor) => Tensor): unknown {
  const x = doubles(data).requiresGrad_();
  fn(x).sum().backward();
  return x.grad?.tolist();
}

describe("derivative conventions of reductions", () => {
  it("max() and amax() share evenly among ties, max(dim) gives all to the first", () => {
    assert.deepEqual(
      gradient([1, 3, 3], (x) => x.max()),
      [0, 0.5, 0.5],
    );
    assert.deepEqual(
      gradient([[1, 3, 3]], (x) => x.amax(1)),
      [[0, 0.5, 0.5]],
    );
    assert.deepEqual(
      gradient([[1, 3, 3]], (x) => x.max(1).values),
      [[0, 1, 0]],
    );
    assert.deepEqual(
      gradient([3, 1], (x) => x.max(doubles([3, 2]))),
      [0.5, 0],
    );
  });

  it("var and std of too few elements warn", () => {
    const x = doubles([[1], [2]]);
    const few = (run: () => unknown): number =>
      warningsOf(run).filter((text) => /degrees of freedom is <= 0/.test(text)).length;
    assert.equal(
      few(() => x.var(1)),
      1,
    );
    assert.equal(
      few(() => x.std({ dim: 0, correction: 2 })),
      1,
    );
    assert.equal(
      few(() => x.var(0).add(x.var(1, false))),
      0,
    );
  });

  it("norms have the subgradient 0 at 0", () => {
    for (const p of [1, 1.5, 2, 3])
      assert.deepEqual(
        gradient([0, 0], (x) => x.norm(p)),
        [0, 0],
        `p = ${p}`,
      );
    assert.deepEqual(
      gradient([3, -4], (x) => x.norm()),
      [0.6, -0.8],
    );
    assert.deepEqual(
      gradient([2, -2, 1], (x) => x.norm(infinity)),
      [0.5, -0.5, 0],
    );
  });

  it("std of equal elements has gradient 0, std of one element is NaN", () => {
    assert.deepEqual(
      gradient([2, 2], (x) => x.std()),
      [0, 0],
    );
    assert.equal(doubles([2]).std().item(), nan);
    assert.equal(doubles([2]).std({ correction: 0 }).item(), 0);
    // Sums of 0.1 are not exact, and yet these are equal.
    for (const shape of [
      [97, 3],
      [3, 97],
    ]) {
      const many = full(shape, 0.1, { dtype: "float64", requiresGrad: true });
      const std = many.std(shape[0] === 97 ? 0 : 1);
      std.sum().backward();
      assert.deepEqual([std.tolist(), many.grad?.abs().max().item()], [[0, 0, 0], 0]);
    }
  });

  it("prod and cumprod are right across any number of zeros", () => {
    assert.deepEqual(
      gradient([0, 2, 3], (x) => x.prod()),
      [6, 0, 0],
    );
    assert.deepEqual(
      gradient([0, 2, 0], (x) => x.prod()),
      [0, 0, 0],
    );
    assert.deepEqual(
      gradient([0], (x) => x.prod()),
      [1],
    );
    assert.deepEqual(
      gradient([2, 0, 3], (x) => x.cumprod(0)),
      [1, 8, 0],
    );
  });

  it("logsumexp of all -Infinity has gradient NaN, softmax of it is NaN", () => {
    assert.deepEqual(
      gradient([-infinity, -infinity], (x) => x.logsumexp(0)),
      [nan, nan],
    );
    assert.deepEqual(doubles([-infinity, -infinity]).softmax(0).tolist(), [nan, nan]);
    assert.deepEqual(
      doubles([1000, 1000]).logSoftmax(0).exp().tolist(),
      [0.5, 0.5].map((p) => Math.exp(Math.log(p))),
    );
  });

  it("median gives its gradient to the elements that equal it", () => {
    assert.deepEqual(
      gradient([1, 2, 3, 4], (x) => x.median()),
      [0, 1, 0, 0],
    );
    assert.deepEqual(
      gradient([[3, 1, 2]], (x) => x.median(1).values),
      [[0, 0, 1]],
    );
  });
});

describe("reductions", () => {
  it("sum integers and booleans to int64, and refuse their mean", () => {
    assert.equal(tensor([true, true]).sum().dtype, "int64");
    assert.equal(arange(4).sum().item(), 6);
    assert.equal(arange(4).sum({ dtype: "float64" }).dtype, "float64");
    assert.throws(() => arange(4).mean(), /Input dtype must be either a floating point or complex dtype. Got: int64/);
    assert.equal(arange(4).mean({ dtype: "float32" }).item(), 1.5);
  });

  it("take dim and keepdim by position or by name", () => {
    const x = doubles([
      [1, 2],
      [3, 4],
    ]);
    assert.deepEqual(x.sum(1, true).tolist(), [[3], [7]]);
    assert.deepEqual(x.sum({ dim: 1, keepdim: true }).tolist(), [[3], [7]]);
    assert.deepEqual(x.sum([0, 1]).item(), 10);
    assert.deepEqual(x.var(0, false).tolist(), [1, 1]);
    assert.deepEqual(x.var(false).item(), 1.25);
    assert.throws(() => x.sum({ dims: 0 } as object), /unknown option 'dims'. Did you mean 'dim'\?/);
    assert.throws(() => x.var({ correction: 0, unbiased: true }), /either correction or unbiased/);
  });

  it("add float32 without losing digits", () => {
    assert.equal(full([1_000_000], 0.1).sum().item(), Math.fround(Math.fround(0.1) * 1_000_000));
    assert.deepEqual(full([1000, 3], 0.1).sum(0).tolist(), new Array(3).fill(Math.fround(Math.fround(0.1) * 1000)));
  });

  it("of empty tensors are the identity, or an error where there is none", () => {
    assert.equal(zeros(0).sum().item(), 0);
    assert.equal(zeros(0).prod().item(), 1);
    assert.equal(zeros(0).mean().item(), nan);
    assert.equal(zeros(0).logsumexp(0).item(), -infinity);
    assert.equal(zeros(0).all().item(), 1);
    assert.throws(() => zeros(0).max(), /Expected reduction dim to be specified for input.numel\(\) == 0/);
    assert.throws(() => zeros(0, 2).argmax(0), /Expected reduction dim 0 to have non-zero size/);
    assert.deepEqual(zeros(2, 0).amax(0).shape, [0]);
  });

  it("let NaN through, or around where the name says so", () => {
    const x = doubles([1, nan, 3]);
    for (const y of [x.sum(), x.max(), x.amin(), x.median(), x.norm(), x.max(0).values]) assert.equal(y.item(), nan);
    assert.equal(x.argmax().item(), 1);
    assert.equal(x.nansum().item(), 4);
    assert.equal(x.nanmean().item(), 2);
    assert.equal(x.nanmedian().item(), 1);
    assert.deepEqual(
      gradient([1, nan], (y) => y.nansum()),
      [1, 0],
    );
  });

  it("with several results destructure and have names", () => {
    const x = doubles([[3, 1, 2]]);
    const [values, indices] = x.max(1);
    assert.deepEqual([values.item(), indices.item(), x.min(1).indices.item()], [3, 0, 1]);
    const { min, max } = x.aminmax();
    assert.deepEqual([min.item(), max.item()], [1, 3]);
    const { variance, mean } = x.varMean();
    assert.deepEqual([variance.item(), mean.item()], [1, 2]);
  });
});

describe("order", () => {
  it("sort keeps the order of equal elements and counts NaN as largest", () => {
    const x = doubles([2, nan, 1, 2]);
    assert.deepEqual(x.sort().indices.tolist(), [2, 0, 3, 1]);
    assert.deepEqual(x.sort(0, true).indices.tolist(), [1, 0, 3, 2]);
    assert.deepEqual(x.argsort({ descending: true }).tolist(), [1, 0, 3, 2]);
  });

  it("sort agrees with JavaScript's on long rows", () => {
    const values = Array.from({ length: 1000 }, (_, i) => Math.sin(i * 12.9898) * 43758.5453);
    const sorted = values.toSorted((a, b) => a - b);
    assert.deepEqual(doubles(values).sort().values.tolist(), sorted);
    assert.deepEqual(doubles(values).topk(100).values.tolist(), sorted.toReversed().slice(0, 100));
    assert.deepEqual(doubles(values).topk(5, { largest: false }).values.tolist(), sorted.slice(0, 5));
    assert.equal(doubles(values).kthvalue(500).values.item(), sorted[499]);
  });

  it("median is the lower one, mode the smallest of the most frequent", () => {
    assert.equal(doubles([4, 1, 3, 2]).median().item(), 2);
    const { values, indices } = doubles([3, 1, 3, 1, 2]).mode();
    assert.deepEqual([values.item(), indices.item()], [1, 3]);
  });

  it("quantiles interpolate as asked", () => {
    const x = doubles([0, 1, 2, 10]);
    assert.equal(quantile(x, 0.5).item(), 1.5);
    assert.deepEqual(x.quantile(doubles([0, 0.75])).tolist(), [0, 4]);
    assert.equal(x.quantile(0.5, { interpolation: "lower" }).item(), 1);
    assert.equal(nanquantile(doubles([1, nan, 3]), 0.5).item(), 2);
    assert.equal(quantile(doubles([1, nan, 3]), 0.5).item(), nan);
    assert.deepEqual(
      gradient([0, 1, 2, 10], (y) => y.quantile(0.5)),
      [0, 0.5, 0.5, 0],
    );
    assert.throws(() => x.quantile(1.5), /q must be in the range \[0, 1\]/);
  });

  it("k out of range is refused", () => {
    assert.throws(() => zeros(3).topk(4), /selected index k out of range/);
    assert.throws(() => zeros(3).kthvalue(0), /selected number k out of range/);
  });
});

describe("searching and counting", () => {
  it("unique sorts, and tells where elements went and how often they occur", () => {
    const x = tensor([[2, 1, 2]], { dtype: "int64" });
    const [output, inverse, counts] = x.unique({ returnInverse: true, returnCounts: true });
    assert.deepEqual([output?.tolist(), inverse?.tolist(), counts?.tolist()], [[1, 2], [[1, 0, 1]], [1, 2]]);
    assert.deepEqual(x.unique({ dim: 1 }).tolist(), [[1, 2]]);
    assert.deepEqual(tensor([1, 1, 2, 1]).uniqueConsecutive().tolist(), [1, 2, 1]);
  });

  it("nonzero lists coordinates", () => {
    const x = tensor([
      [0, 1],
      [2, 0],
    ]);
    assert.deepEqual(x.nonzero().tolist(), [
      [0, 1],
      [1, 0],
    ]);
    assert.deepEqual(
      x.nonzero({ asTuple: true }).map((i) => i.tolist()),
      [
        [0, 1],
        [1, 0],
      ],
    );
  });

  it("searchsorted and bucketize find places before or after equals", () => {
    const edges = tensor([1, 3, 5]);
    assert.deepEqual(searchsorted(edges, tensor([0, 3, 6])).tolist(), [0, 1, 3]);
    assert.deepEqual(bucketize(tensor([3]), edges, { right: true }).tolist(), [2]);
    assert.equal(searchsorted(edges, 4).item(), 2);
  });

  it("counts in bins", () => {
    assert.deepEqual(bincount(tensor([0, 2, 2], { dtype: "int64" }), { minlength: 4 }).tolist(), [1, 0, 2, 0]);
    assert.deepEqual(histc(tensor([1, 2, 1]), { bins: 4, min: 0, max: 3 }).tolist(), [0, 2, 1, 0]);
    assert.throws(() => bincount(tensor([0.5])), /1-d non-negative integral inputs/);
  });

  it("differences and integrals", () => {
    assert.deepEqual(tensor([1, 4, 9]).diff().tolist(), [3, 5]);
    assert.deepEqual(tensor([1, 4, 9]).diff({ n: 2 }).tolist(), [2]);
    assert.equal(trapz(tensor([1, 2, 3])).item(), 4);
    assert.equal(trapz(tensor([1, 2, 3]), tensor([0, 2, 3])).item(), 5.5);
  });

  it("linalg.vectorNorm takes its options by name or position", () => {
    assert.equal(linalg.vectorNorm(doubles([3, -4])).item(), 5);
    assert.deepEqual(linalg.vectorNorm(doubles([[3, -4]]), 1, 1).tolist(), [7]);
    assert.deepEqual(linalg.vectorNorm(doubles([[3, -4]]), { ord: infinity, dim: 0 }).tolist(), [3, 4]);
  });
});
