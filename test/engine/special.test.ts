import assert from "node:assert/strict";
import { special, tensor } from "../../engine/index.ts";
import { digamma, erf, erfc, erfinv, lgamma, polygamma } from "../../engine/kernels/special.ts";
import { near } from "../support/near.ts";

// Expected values come from arithmetic with 50 digits (mpmath), rounded to float64.

const functions = { erf, erfc, erfinv, lgamma, digamma };
type Name = keyof typeof functions;

const values: readonly [name: Name, x: number, expected: number][] = [
  ["erf", 1e-300, 1.1283791670955126e-300],
  ["erf", 1e-9, 1.1283791670955127e-9],
  ["erf", 0.3, 0.3286267594591274],
  ["erf", -0.7, -0.6778011938374184],
  ["erf", 0.9999, 0.8426592780487595],
  ["erf", 1.0001, 0.8427422995485203],
  ["erf", 2.5, 0.999593047982555],
  ["erf", -3.7, -0.9999998328489421],
  ["erf", 5.9, 0.9999999999999999],
  ["erfc", -5.0, 1.9999999999984626],
  ["erfc", -0.4, 1.4283923550466684],
  ["erfc", 0.99, 0.1614919304446302],
  ["erfc", 1.01, 0.1531895037717233],
  ["erfc", 2.0, 0.004677734981047266],
  ["erfc", 5.5, 7.357847917974398e-15],
  ["erfc", 10.0, 2.088487583762545e-45],
  ["erfc", 26.0, 5.663192408856143e-296],
  ["erfinv", 1e-12, 8.86226925452758e-13],
  ["erfinv", 0.1, 0.08885599049425769],
  ["erfinv", -0.49, -0.46586860023505733],
  ["erfinv", 0.51, 0.4881220505159588],
  ["erfinv", 0.9, 1.1630871536766743],
  ["erfinv", -0.999, -2.3267537655135246],
  ["erfinv", 0.9999999, 3.7665625816384707],
  ["erfinv", 0.9999999999999, 5.261483331372676],
  ["lgamma", 1e-10, 23.025850929882736],
  ["lgamma", 0.25, 1.2880225246980774],
  ["lgamma", 0.75, 0.20328095143129538],
  ["lgamma", 0.999999, 5.772164873855652e-7],
  ["lgamma", 1.4, -0.1196129141723713],
  ["lgamma", 2.000001, 4.2278465762452923e-7],
  ["lgamma", 2.4, 0.21685932244884157],
  ["lgamma", 3.5, 1.2009736023470743],
  ["lgamma", 12.9, 19.735015850713005],
  ["lgamma", 13.1, 20.240212723401434],
  ["lgamma", 100.5, 361.4355404677776],
  ["lgamma", 1000000.0, 12815504.569147611],
  ["lgamma", -0.5, 1.2655121234846454],
  ["lgamma", -2.25, 0.5555015450206475],
  ["lgamma", -10.7, -15.416789096416636],
  ["digamma", 1e-5, -100000.57719921567],
  ["digamma", 0.3, -3.502524222200133],
  ["digamma", 1.0, -0.5772156649015329],
  ["digamma", 2.0, 0.42278433509846713],
  ["digamma", 9.9, 2.2411803166063815],
  ["digamma", 10.1, 2.262214357094148],
  ["digamma", 1000.5, 6.907755320648796],
  ["digamma", -0.5, 0.03648997397857652],
  ["digamma", -3.75, -1.6923885983113303],
];

const derivatives: readonly [n: number, x: number, expected: number][] = [
  [1, 0.1, 101.43329915079275],
  [1, 3.0, 0.39493406684822646],
  [1, 50.5, 0.01999933342663716],
  [1, -1.3, 14.53687624413708],
  [2, 0.7, -6.4349928741909235],
  [2, -2.6, -22.377796580409246],
  [3, 4.5, 0.030322508542366587],
  [4, -0.25, 24473.199394184583],
  [7, 1.5, 200.21818559806496],
];

/** Relative accuracy, but for results near a zero, where it is absolute. */
function assertAccurate(actual: number, expected: number): void {
  const error = Math.abs(actual - expected) / Math.max(Math.abs(expected), expected === 0 ? 1 : 0);
  assert.ok(error < 2e-14, `${actual} is not ${expected}`);
}

describe("special functions", () => {
  for (const [name, x, expected] of values) {
    it(`${name}(${x}) is right to fourteen digits`, () => assertAccurate(functions[name](x), expected));
  }
  for (const [n, x, expected] of derivatives) {
    it(`the derivative of order ${n} of digamma at ${x} is right to thirteen digits`, () => {
      assert.ok(Math.abs(polygamma(n, x) / expected - 1) < 2e-13);
    });
  }

  const { NaN: nan, POSITIVE_INFINITY: inf, NEGATIVE_INFINITY: minusInf } = Number;
  const edges: readonly [name: Name, x: number, expected: number][] = [
    ["erf", inf, 1],
    ["erf", minusInf, -1],
    ["erf", nan, nan],
    ["erfc", inf, 0],
    ["erfc", minusInf, 2],
    ["erfc", nan, nan],
    ["erfinv", 1, inf],
    ["erfinv", -1, minusInf],
    ["erfinv", 1.5, nan],
    ["erfinv", 0, 0],
    ["lgamma", 0, inf],
    ["lgamma", -3, inf],
    ["lgamma", 1, 0],
    ["lgamma", 2, 0],
    ["lgamma", minusInf, inf],
    ["lgamma", nan, nan],
    ["digamma", 0, minusInf],
    ["digamma", -0, inf],
    ["digamma", -2, nan],
    ["digamma", inf, inf],
  ];
  for (const [name, x, expected] of edges) {
    it(`${name}(${Object.is(x, -0) ? "-0" : x}) is ${expected}`, () => assert.equal(functions[name](x), expected));
  }

  it("erfinv undoes erf", () => {
    for (let x = -4; x <= 4; x += 0.125) assert.ok(Math.abs(erfinv(erf(x)) - x) < 1e-8 + 1e-12 * Math.exp(x * x));
  });

  it("lgamma keeps relative accuracy on both sides of its zeros", () => {
    // Near 1 and 2 the function is −γ z and (1 − γ) z.
    assert.ok(Math.abs(lgamma(1 + 2 ** -30) / (-0.5772156649015329 * 2 ** -30) - 1) < 2e-9);
    assert.ok(Math.abs(lgamma(2 - 2 ** -30) / (-0.42278433509846713 * 2 ** -30) - 1) < 2e-9);
  });
});

describe("special.erfcx", () => {
  it("has PyTorch's values and slopes on both sides of where erfc is 0, and NaN for NaN", () => {
    const x = tensor([-5, -1, 0, 0.5, 2, 2.5, 10, 1e3, Number.POSITIVE_INFINITY], {
      dtype: "float64",
      requiresGrad: true,
    });
    const y = special.erfcx(x);
    const expected = [
      144009798674.66104, 5.008980080762283, 1, 0.6156903441929258, 0.2553956763105058, 0.2108063640611436,
      0.05614099274382259, 0.0005641893014533876, 0,
    ];
    near(y, expected, 1e-14);
    y.narrow(0, 0, 8).sum().backward();
    near(
      x.grad?.narrow(0, 1, 6),
      [
        -11.146339328619828, -1.1283791670955126, -0.512688822902586, -0.10679646185348943, -0.07434734678979474,
        -0.005559312219060755,
      ],
      1e-12,
    );
    assert.equal(
      special
        .erfcx(tensor([-30, 30, Number.NaN]))
        .tolist()
        .toString()
        .startsWith("Infinity,0.0187"),
      true,
    );
    assert.ok(Number.isNaN(special.erfcx(tensor([Number.NaN])).item()));
  });
});
