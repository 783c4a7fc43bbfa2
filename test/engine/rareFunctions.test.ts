import assert from "node:assert/strict";
import {
  broadcastShapes,
  fill,
  frexp,
  gcd,
  gradcheck,
  gradgradcheck,
  gradient,
  hannWindow,
  histogram,
  histogramdd,
  igamma,
  kaiserWindow,
  mvlgamma,
  nextafter,
  special,
  tensor,
  vander,
} from "../../engine/index.ts";

// PyTorch's own numbers are in test/fixtures/pytorch/answers/rare.json. Here is what it has too few digits of, or none.

const double = (values: number | readonly number[]) => tensor(values, { dtype: "float64" });
const int64 = (values: readonly number[]) => tensor(values, { dtype: "int64" });

function closeTo(got: number, want: number): void {
  assert.ok(Math.abs(got - want) <= 2e-13 * Math.abs(want), `${got} is not ${want}`);
}

// From arithmetic with 50 digits (mpmath), rounded to float64. PyTorch is off by up to 1e-6 between 5 and 25, and its Ai by 2e-5.
const values: readonly [
  name: "besselJ0" | "besselJ1" | "besselY0" | "besselY1" | "modifiedBesselK0" | "modifiedBesselK1" | "airyAi",
  x: number,
  value: number,
][] = [
  ["besselJ0", -3.83, -0.4027588095334348],
  ["besselJ0", 2e-8, 0.9999999999999999],
  ["besselJ0", 5.5, -0.006843869417819197],
  ["besselJ0", 7.0, 0.3000792705195556],
  ["besselJ0", 9.9, -0.2403411055347603],
  ["besselJ0", 18.0, -0.013355805721984111],
  ["besselJ0", 24.9, 0.0832459683530155],
  ["besselJ0", 25.1, 0.10827567149994945],
  ["besselJ0", 77.7, 0.005068664664995794],
  ["besselJ1", -6.0, 0.27668385812756563],
  ["besselJ1", 1e-7, 4.999999999999994e-8],
  ["besselJ1", 5.5, -0.34143821542904335],
  ["besselJ1", 7.0, -0.004682823482345833],
  ["besselJ1", 9.9, 0.06836983228369205],
  ["besselJ1", 18.0, -0.18799488548806959],
  ["besselJ1", 24.9, -0.13485569953140886],
  ["besselJ1", 25.1, -0.11463478413442257],
  ["besselJ1", 77.7, 0.09040839677718483],
  ["besselY0", 1e-8, -11.80077387717953],
  ["besselY0", 0.9, 0.005628306635205559],
  ["besselY0", 5.5, -0.339480592881911],
  ["besselY0", 7.0, -0.025949743967209265],
  ["besselY0", 9.9, 0.08037730516277322],
  ["besselY0", 18.0, -0.1875521596114106],
  ["besselY0", 25.1, -0.11676770763803694],
  ["besselY1", 1e-8, -63661977.236758195],
  ["besselY1", 2.3, 0.05227731584422472],
  ["besselY1", 5.5, -0.023758238956389618],
  ["besselY1", 7.0, -0.30266723702418485],
  ["besselY1", 9.9, 0.2446924112611997],
  ["besselY1", 18.0, 0.008155132278221441],
  ["besselY1", 25.1, -0.11062223322783099],
  ["modifiedBesselK0", 1e-9, 20.839197352604824],
  ["modifiedBesselK0", 1.9, 0.1288459792760475],
  ["modifiedBesselK0", 2.1, 0.10078374088996693],
  ["modifiedBesselK0", 30.0, 2.1324774964630563e-14],
  ["modifiedBesselK1", 1e-9, 999999999.9999999],
  ["modifiedBesselK1", 1.9, 0.15966015303266762],
  ["modifiedBesselK1", 2.1, 0.12274641153350789],
  ["modifiedBesselK1", 30.0, 2.1677320018915495e-14],
  ["airyAi", -20.0, -0.1764061270779847],
  ["airyAi", -10.1, -0.05972681113345381],
  ["airyAi", -9.9, 0.13623502644797944],
  ["airyAi", -5.0, 0.35076100902411433],
  ["airyAi", -2.5, -0.11232506769296609],
  ["airyAi", -0.3, 0.43090309528558085],
  ["airyAi", 0.99, 0.13689065924593272],
  ["airyAi", 1.01, 0.13370770246895858],
  ["airyAi", 4.0, 0.0009515638512048018],
  ["airyAi", 30.0, 3.2082175915504954e-49],
];

const gammas: readonly [a: number, x: number, lower: number, upper: number][] = [
  [1e-10, 0.5, 0.9999999999440227, 5.597735948054988e-11],
  [0.5, 0.001, 0.03567059172967989, 0.9643294082703201],
  [12.9, 9.0, 0.13043788528477143, 0.8695621147152286],
  [60.0, 0.01, 1.1900176622872728e-202, 1.0],
  [150.0, 140.0, 0.20954362391860706, 0.790456376081393],
  [250.0, 200.0, 0.0003620704582896931, 0.9996379295417103],
  [250.0, 260.0, 0.7406105173923527, 0.25938948260764727],
  [10000.0, 9900.0, 0.15865119219356466, 0.8413488078064354],
  [1000000.0, 1000500.0, 0.6915504757714972, 0.3084495242285028],
];

const zetas: readonly [s: number, q: number, value: number][] = [
  [1.0001, 2.5, 9999.296867107487],
  [100.0, 10.0, 1.0000725777946107e-100],
  [3.0, -3.3, -34.38472273874262],
  [2.0, 1000000.0, 1.0000005000001667e-6],
];

describe("special functions that are rare", () => {
  for (const [name, x, value] of values) {
    it(`${name}(${x}) is right to twelve digits`, () => closeTo(special[name](double(x)).item(), value));
  }
  for (const [a, x, lower, upper] of gammas) {
    it(`the incomplete gamma functions of ${a} and ${x} are right to twelve digits`, () => {
      closeTo(special.gammainc(double(a), double(x)).item(), lower);
      closeTo(special.gammaincc(double(a), double(x)).item(), upper);
    });
  }
  for (const [s, q, value] of zetas) {
    it(`zeta(${s}, ${q}) is right to twelve digits`, () => closeTo(special.zeta(s, double(q)).item(), value));
  }

  it("are polynomials also one unit in the last place from where angles are lost", () => {
    const [below1, aboveMinus1] = [double(1 - 2 ** -53), double(-1 + 2 ** -53)];
    closeTo(special.chebyshevPolynomialW(below1, 9).item(), 19);
    closeTo(special.shiftedChebyshevPolynomialW(below1, 9).item(), 19);
    closeTo(special.chebyshevPolynomialV(aboveMinus1, 9).item(), -19);
  });

  it("take no derivative where PyTorch has none", () => {
    const x = double([0.5, 1.5]).requiresGrad_();
    for (const y of [special.besselJ0(x), special.airyAi(x), special.legendrePolynomialP(x, x)])
      assert.equal(y.requiresGrad, false);
    assert.throws(() => igamma(x, double(1)).sum().backward(), /the derivative for 'igamma: input' is not implemented/);
    assert.throws(
      () => x.igammac(double(1)).sum().backward(),
      /the derivative for 'igammac: input' is not implemented/,
    );
    assert.throws(() => special.zeta(x, 2).sum().backward(), /the derivative for 'zeta' is not implemented/);
    const { hist, binEdges } = histogram(x, 2);
    assert.equal(binEdges.requiresGrad, true);
    assert.throws(() => hist.sum().backward(), /derivative for aten::histogram is not implemented/);
  });
});

describe("what tensors are taken apart into", () => {
  it("frexp has the derivative of float64 beyond float32's exponents, where PyTorch's is 0 or infinite", () => {
    const x = double([1e100, 1e-100]).requiresGrad_();
    const { mantissa, exponent } = frexp(x);
    mantissa.sum().backward();
    assert.deepEqual(exponent.toArray(), Int32Array.of(333, -332));
    assert.deepEqual(x.grad?.tolist(), [2 ** -333, 2 ** 332]);
  });

  it("vander has first and second derivatives, which PyTorch's loses to its own in-place steps", () => {
    const x = double([1.5, -0.5, 0]).requiresGrad_();
    gradcheck((y) => vander(y, 4), [x]);
    gradgradcheck((y) => vander(y, { N: 4, increasing: true }), [x]);
  });

  it("gradient gives a tensor for each dimension, and none for a number", () => {
    assert.equal(gradient(tensor(1)).length, 0);
    assert.equal(gradient(double([1, 2, 4]), { dim: [] }).length, 0);
    assert.deepEqual(
      gradient(int64([1, 4, 9])).map((x) => x.tolist()),
      [[3, 4, 5]],
    );
  });

  it("histogramdd counts points in a grid, as PyTorch's does", () => {
    const points = tensor([
      [0, 1],
      [1, 0],
      [2, 0],
      [2, 2],
    ]);
    const { hist, binEdges } = histogramdd(points, [3, 3]);
    assert.deepEqual(hist.tolist(), [
      [0, 1, 0],
      [1, 0, 0],
      [1, 0, 1],
    ]);
    assert.deepEqual(
      binEdges.map((edges) => edges.shape),
      [[4], [4]],
    );
    const options = { range: [0, 1, 0, 1], density: true, weight: tensor([1, 2, 3, 4]) };
    assert.deepEqual(histogramdd(points, { bins: 2, ...options }).hist.tolist(), [
      [0, Math.fround(4 / 3)],
      [Math.fround(8 / 3), 0],
    ]);
    const [ofEdges, edges] = histogramdd(points, [tensor([0, 1, 2]), tensor([0, 2])]);
    assert.deepEqual(ofEdges.tolist(), [[1], [3]]);
    assert.equal(edges.length, 2);
    assert.deepEqual(
      histogramdd(points.reshape(2, 2, 2), 2, {
        weight: tensor([
          [1, 1],
          [1, 1],
        ]),
      }).hist.tolist(),
      [
        [0, 1],
        [2, 1],
      ],
    );
  });

  it("windows take a dtype, and may require a gradient", () => {
    const x = hannWindow(3, { dtype: "float64", requiresGrad: true });
    assert.equal(x.requiresGrad, true);
    assert.equal(x.dtype, "float64");
    assert.deepEqual(kaiserWindow(4, { periodic: false, beta: 3 }).tolist(), kaiserWindow(4, false, 3).tolist());
  });

  it("broadcastShapes finds the common shape", () => {
    assert.deepEqual(broadcastShapes([2], [3, 1]), [3, 2]);
    assert.deepEqual(broadcastShapes(2, [3, 1], [1, 1, 1]), [1, 3, 2]);
    assert.deepEqual(broadcastShapes([0], [1]), [0]);
    assert.deepEqual(broadcastShapes(), []);
  });

  it("fill leaves its argument as it was", () => {
    const x = tensor([1, 2]);
    assert.deepEqual(fill(x, 3).tolist(), [3, 3]);
    assert.deepEqual(x.tolist(), [1, 2]);
  });

  it("lcm of int32 wraps around, as C's does", () => {
    const [a, b] = [tensor([2 ** 30], { dtype: "int32" }), tensor([3], { dtype: "int32" })];
    assert.equal(a.lcm(b).item(), 2 ** 30);
  });
});

describe("rare functions refuse what PyTorch refuses:", () => {
  const x = tensor([1, 2]);
  const whole = int64([1, 2]);
  const cases: readonly [string, () => unknown, RegExp][] = [
    ["gcd of floats", () => gcd(x, x), /not implemented for 'float32'/],
    ["lcm of masks", () => x.gt(1).lcm(x.gt(1)), /not implemented for 'bool'/],
    ["gcd with a number", () => gcd(whole, 2 as never), /argument 'other' must be a Tensor/],
    ["igamma of integers", () => igamma(whole, whole), /not implemented for 'int64'/],
    ["igamma with a number", () => special.gammainc(x, 2 as never), /argument 'other' must be a Tensor/],
    ["nextafter of integers", () => nextafter(whole, whole), /not implemented for 'int64'/],
    ["frexp of integers", () => frexp(whole), /only supports floating-point dtypes/],
    ["mvlgamma of no dimensions", () => mvlgamma(x, 0), /p has to be greater than or equal to 1/],
    ["mvlgamma_ of integers", () => whole.mvlgamma_(2), /can't be cast to the desired output type/],
    ["polygamma_ of a negative order", () => x.polygamma_(-1), /does not support negative n/],
    ["a polynomial of two numbers", () => special.hermitePolynomialH(2, 3), /must be a Tensor/],
    ["vander of a matrix", () => vander(tensor([[1]])), /x must be a one-dimensional tensor/],
    ["vander of negative size", () => vander(x, -1), /N must be non-negative/],
    [
      "shapes that do not broadcast",
      () => broadcastShapes([2], [3]),
      /Attempting to broadcast a dimension of length 3 at -1!/,
    ],
    ["a negative size", () => broadcastShapes([-1], [3]), /a dimension with negative length/],
    ["a fraction as a size", () => broadcastShapes(2.5), /Input shapes should be of type ints/],
    ["a window of negative length", () => hannWindow(-1), /requires non-negative window_length/],
    ["a window of integers", () => hannWindow(3, { dtype: "int64" }), /expects floating point dtypes/],
    ["fill with a vector", () => fill(x, x), /only supports 0-dimension value tensor/],
    [
      "gradient of too few",
      () => gradient(x, { edgeOrder: 2 }),
      /expected each dimension size to be at least edge_order\+1/,
    ],
    [
      "gradient of another order",
      () => gradient(x, { edgeOrder: 3 as never }),
      /only supports edge_order=1 and edge_order=2/,
    ],
    [
      "gradient along a dimension twice",
      () => gradient(x, { dim: [0, -1] }),
      /appears multiple times in the list of dims/,
    ],
    [
      "gradient with spacings for other dimensions",
      () => gradient(x, { spacing: [1, 2] }),
      /since dim argument was not given/,
    ],
    [
      "gradient with fewer spacings",
      () =>
        gradient(
          tensor([
            [1, 2],
            [3, 4],
          ]),
          { spacing: [1], dim: [0, 1] },
        ),
      /spacing and dim arguments to have the same length/,
    ],
    [
      "coordinates that are no vector",
      () => gradient(x, { spacing: [tensor([[1], [2]])] }),
      /to have one dimension, but got an element with 2/,
    ],
    [
      "coordinates too few",
      () => gradient(tensor([1, 2, 3, 4]), { spacing: [tensor([1, 2, 3])] }),
      /The size of tensor a \(3\) must match/,
    ],
    [
      "coordinates too many",
      () => gradient(tensor([1, 2]), { spacing: [tensor([1, 2, 3])] }),
      /The size of tensor a \(3\) must match the size of tensor b \(2\)/,
    ],
    ["a histogram of integers", () => histogram(whole, 2), /not implemented for 'int64'/],
    ["no bins", () => x.histogram(0), /bins must be > 0/],
    ["edges of another dtype", () => x.histogram(double([0, 1])), /should have the same dtype/],
    ["one edge", () => x.histogram(tensor([0])), /bins must be > 0/],
    ["a matrix of edges", () => x.histogram(tensor([[0, 1]])), /bins tensor should have one dimension/],
    ["an endless range", () => x.histogram(2, { range: [0, Number.POSITIVE_INFINITY] }), /is not finite/],
    ["a range of NaN", () => tensor([Number.NaN]).histogram(2), /is not finite/],
    ["a range that falls", () => x.histogram(2, { range: [1, 0] }), /min should not exceed max/],
    ["half a range", () => x.histogram(2, { range: [1] }), /range should have 2 elements/],
    ["a range beside edges", () => x.histogram(tensor([0, 1]), { range: [0, 1] }), /range/],
    [
      "weights of another shape",
      () => x.histogram(2, { weight: tensor([1]) }),
      /it should have the same shape as the input/,
    ],
    [
      "weights of another dtype",
      () => x.histogram(2, { weight: double([1, 2]) }),
      /weight tensor should have the same dtype/,
    ],
    ["points that are numbers", () => histogramdd(x, 2), /input tensor should have at least 2 dimensions/],
    [
      "bins for other dimensions",
      () => histogramdd(x.reshape(1, 2), [2]),
      /The size of bins must be equal to the innermost dimension/,
    ],
  ];
  for (const [what, run, message] of cases) it(what, () => void assert.throws(run, message));
});
