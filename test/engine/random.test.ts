import assert from "node:assert/strict";
import {
  bernoulli,
  F,
  Generator,
  getRngState,
  initialSeed,
  manualSeed,
  multinomial,
  normal,
  ones,
  rand,
  randint,
  randintLike,
  randLike,
  randn,
  randnLike,
  randperm,
  setRngState,
  type Tensor,
  tensor,
  zeros,
} from "../../engine/index.ts";

const list = (x: Tensor): number[] => Array.from(x.toArray());

function assertNear(actual: Tensor, expected: readonly number[], tolerance: number): void {
  const got = list(actual);
  assert.equal(got.length, expected.length);
  got.forEach((value, i) => {
    const want = expected[i] ?? Number.NaN;
    assert.ok(Math.abs(value - want) <= tolerance * Math.max(1, Math.abs(want)), `element ${i}: ${value}, not ${want}`);
  });
}

/** The literals of this file are what PyTorch 1.13 gives on a CPU after the same seed. */
describe("random numbers", () => {
  it("of rand in float32 are PyTorch's, to the last bit", () => {
    manualSeed(0);
    assert.deepEqual(
      list(rand(5)),
      [0.49625658988952637, 0.7682217955589294, 0.08847743272781372, 0.13203048706054688, 0.30742281675338745],
    );
  });

  it("of rand in float64 are PyTorch's, to the last bit", () => {
    manualSeed(0);
    assert.deepEqual(
      list(rand([5], { dtype: "float64" })),
      [0.9700530018065531, 0.707819864399788, 0.45938294312745087, 0.9207476841219603, 0.6450241201227648],
    );
  });

  it("go on being PyTorch's after the first 624 words", () => {
    manualSeed(3);
    assert.deepEqual(list(rand(2000)).slice(-3), [0.2586815357208252, 0.9216038584709167, 0.18503987789154053]);
  });

  it("take negative and large seeds as PyTorch does", () => {
    manualSeed(-7);
    assert.deepEqual(list(rand(3)), [0.2533376216888428, 0.6773603558540344, 0.2534458637237549]);
    manualSeed(2 ** 40 + 5);
    assert.deepEqual(list(rand(3)), [0.8302518725395203, 0.12611091136932373, 0.9074696898460388]);
  });

  it("of a few randn are PyTorch's, and the second of a pair is kept for the next call", () => {
    manualSeed(0);
    const five = [1.5409960746765137, -0.293428897857666, -2.1787893772125244, 0.5684312582015991, -1.0845223665237427];
    assertNear(randn(5), five, 1e-7);
    assertNear(randn(3), [-1.3985954523086548, 0.40334683656692505, 0.8380263447761536], 1e-7);
  });

  it("of 16 and more randn are PyTorch's, whose last 16 are drawn anew when a rest is left over", () => {
    manualSeed(0);
    const single = [
      -1.1258398294448853, -1.152360200881958, -0.2505785822868347, -0.4338788092136383, 0.5988394618034363,
      -1.5550950765609741, -0.3413603901863098, 1.85300612449646, 0.46809640526771545, -0.1577124446630478,
      1.4436601400375366, 0.26604941487312317, 1.3893661499023438, 1.586334228515625, 0.946298360824585,
      -0.843676745891571, 0.9318265914916992, 1.2590092420578003, 2.0049805641174316, 0.05373690277338028,
    ];
    assertNear(randn(20), single, 3e-7);
    manualSeed(0);
    const double = [
      -2.310411800234176, -0.3732508612577643, -1.0608166785462863, 0.9995093547811761, -0.019964750907762653,
      0.2102998901016947, 0.17718935139366584, -0.830510051008449, 0.23871805816817063, 0.7335283685272841,
      -1.3218818291421377, 1.3148113651971234, -0.6870036940435463, 1.4880743158106724, -0.4484158047114511,
      -0.8910030351707375, 0.6748575435940039, 1.0468653769814655, 0.15429517864658948, -0.7498915228391941,
    ];
    assertNear(randn([4, 5], { dtype: "float64" }), double, 1e-15);
  });

  it("of randint and randperm are PyTorch's", () => {
    manualSeed(42);
    const integers = randint(0, 100, [10]);
    assert.equal(integers.dtype, "int64");
    assert.deepEqual(list(integers), [42, 67, 76, 14, 26, 35, 20, 24, 50, 13]);
    manualSeed(42);
    assert.deepEqual(list(randint(-5, 2 ** 40, [4])), [441476371554, 395845085946, 458553876606, 809967084457]);
    manualSeed(1);
    assert.deepEqual(list(randperm(12)), [1, 4, 6, 8, 11, 0, 5, 3, 2, 9, 10, 7]);
  });

  it("of bernoulli are PyTorch's, for probabilities as numbers and as tensors", () => {
    manualSeed(1);
    assert.deepEqual(list(bernoulli(ones(12).mul(0.3))), [0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
    manualSeed(1);
    assert.deepEqual(list(zeros(12).bernoulli_(0.3)), [1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0]);
  });

  it("of uniform_, normal_, exponential_, cauchy_, geometric_ and logNormal_ are PyTorch's", () => {
    manualSeed(1);
    assert.deepEqual(
      list(zeros(6).uniform_(-0.3, 0.7)),
      [
        0.45763158798217773, -0.02068912982940674, 0.1030692458152771, 0.4346844553947449, -0.27071845531463623,
        0.4998586177825928,
      ],
    );
    const near = (draw: (x: Tensor) => Tensor, expected: readonly number[]): void => {
      manualSeed(1);
      assertNear(draw(zeros([expected.length], { dtype: "float64" })), expected, 1e-13);
    };
    near(
      (x) => x.exponential_(2),
      [0.03149826848702607, 0.12715879227255678, 0.13345140812921713, 0.09745982677711616],
    );
    near((x) => x.cauchy_(1, 2), [-9.299098584794027, -1.3483464260586868, -1.2083671446697752, -2.215903526277646]);
    near((x) => x.geometric_(0.3), [8, 5, 5, 5, 2, 7]);
    near((x) => x.logNormal_(1, 0.5), [3.7836005615935377, 3.106392388431386, 2.803415875339905, 3.7086156407996844]);
    manualSeed(1);
    const normals = [
      2.3306760787963867, 2.1334619522094727, 2.03083872795105, 2.3106586933135986, 1.7740470170974731,
      1.916934847831726,
    ];
    assertNear(zeros(6).normal_(2, 0.5), normals, 1e-7);
  });

  it("of random_ are PyTorch's where the integers fit a number", () => {
    const drawn = (x: Tensor, ...range: [] | [number]): number[] => {
      manualSeed(1);
      return list(x.random_(...range));
    };
    assert.deepEqual(drawn(zeros(4)), [12710843, 4685804, 6762196, 12325722]);
    assert.deepEqual(drawn(zeros([4], { dtype: "int32" })), [1791095845, 2135392491, 946286476, 1857819720]);
    assert.deepEqual(drawn(zeros([8], { dtype: "bool" })), [1, 1, 0, 0, 1, 1, 1, 1]);
    assert.deepEqual(drawn(zeros(4), 10), [5, 9, 4, 8]);
  });

  it("of multinomial are PyTorch's, with and without replacement", () => {
    const weights = tensor([1, 2, 3, 4]);
    manualSeed(1);
    assert.deepEqual(list(multinomial(weights, 10, { replacement: true })), [0, 1, 1, 1, 2, 1, 2, 3, 2, 2]);
    manualSeed(1);
    assert.deepEqual(list(weights.multinomial(3)), [3, 0, 2]);
    manualSeed(1);
    const rows = tensor([
      [1, 2, 3, 4],
      [4, 3, 2, 1],
    ]);
    assert.deepEqual(rows.multinomial(1).tolist(), [[3], [1]]);
  });

  it("of normal around tensors are PyTorch's", () => {
    manualSeed(3);
    const steps = tensor([1, 2, 3]);
    assertNear(normal(steps, steps), [1.8032760620117188, 2.3496668338775635, 3.266934394836426], 1e-7);
    manualSeed(3);
    assertNear(normal(2, 3, [3]), [4.409828186035156, 2.5245001316070557, 2.266934394836426], 1e-7);
  });

  it("are drawn in the order in which elements lie in memory, one by one where rows do not lie behind each other", () => {
    manualSeed(0);
    const drawn = zeros(2, 3).t().uniform_();
    manualSeed(0);
    assert.deepEqual(drawn.tolist(), rand(2, 3).t().tolist());
    manualSeed(0);
    assertNear(zeros(4, 5).t().normal_().select(0, 0), [1.5409961, -1.3985955, -0.5966353, 0.1227012], 1e-6);
    manualSeed(0);
    assertNear(zeros(6, 7).narrow(1, 1, 3).normal_().select(0, 0), [1.5409961, -0.2934289, -2.1787894], 1e-6);
    manualSeed(0);
    const like = [randLike(zeros(2, 3).t()), randnLike(zeros(4, 5).t())] as const;
    manualSeed(0);
    assert.deepEqual(like[0].tolist(), rand(2, 3).t().tolist());
    assert.deepEqual(like[1].tolist(), zeros(4, 5).t().normal_().tolist());
    manualSeed(0);
    const kept = F.dropout(ones(3, 4).t(), 0.5);
    manualSeed(0);
    assert.deepEqual(kept.tolist(), F.dropout(ones(3, 4), 0.5).t().tolist());
  });
});

describe("generators", () => {
  it("repeat their numbers after the same seed and say which it was", () => {
    manualSeed(5);
    const first = list(randn(40));
    assert.equal(initialSeed(), 5);
    manualSeed(5);
    assert.deepEqual(list(randn(40)), first);
  });

  it("go back to a saved state, the kept half of a normal pair included", () => {
    manualSeed(5);
    randn(3);
    const state = getRngState();
    const after = list(randn(3));
    rand(700);
    setRngState(state);
    assert.deepEqual(list(randn(3)), after);
  });

  it("of one's own leave the default one alone", () => {
    manualSeed(8);
    const expected = list(rand(3));
    manualSeed(8);
    const own = new Generator(1);
    const ownNumbers = list(rand([3], { generator: own }));
    assert.notDeepEqual(ownNumbers, expected);
    assert.deepEqual(list(rand(3)), expected);
    assert.deepEqual(list(zeros(3).uniform_(0, 1, { generator: own.manualSeed(1) })), ownNumbers);
  });

  it("start differently in each program unless seeded", () => {
    assert.notEqual(new Generator().initialSeed(), new Generator().initialSeed());
  });
});

describe("random tensors", () => {
  it("take shapes as an array or as numbers, and options", () => {
    assert.deepEqual(randn(2, 3).shape, [2, 3]);
    const x = rand([2, 1], { dtype: "float64", requiresGrad: true });
    assert.deepEqual([x.shape, x.dtype, x.requiresGrad, x.isLeaf], [[2, 1], "float64", true, true]);
    assert.deepEqual(randint(10, [0]).shape, [0]);
  });

  it("like another one have its shape and dtype", () => {
    const x = zeros([2, 3], { dtype: "float64" });
    for (const like of [randLike(x), randnLike(x), randintLike(x, 2, 5)]) {
      assert.deepEqual([like.shape, like.dtype], [[2, 3], "float64"]);
    }
    assert.equal(randnLike(x, { dtype: "float32" }).dtype, "float32");
  });

  it("overwrite only their own window of a storage, and count as a write", () => {
    const base = zeros(4, 4);
    const version = base._version;
    base.asStrided([4, 2], [4, 1], 1).uniform_(1, 2);
    const kept = base.tolist() as number[][];
    for (const row of kept)
      assert.deepEqual(
        row.map((v) => v >= 1),
        [false, true, true, false],
      );
    assert.equal(base._version, version + 1);
  });

  it("cut the gradient of what they overwrite", () => {
    const x = ones([3], { requiresGrad: true });
    const y = x.mul(2);
    y.normal_();
    y.sum().backward();
    assert.deepEqual(x.grad?.tolist(), [0, 0, 0]);
    const p = tensor([0.2, 0.8], { requiresGrad: true });
    p.bernoulli().sum().backward();
    assert.deepEqual(p.grad?.tolist(), [0, 0]);
  });

  it("refuse arguments out of range before anything is drawn", () => {
    manualSeed(2);
    const next = list(rand(1));
    manualSeed(2);
    const x = zeros(3);
    assert.throws(() => x.uniform_(2, 1), /expects to return a \[from, to\) range/);
    assert.throws(() => x.normal_(0, -1), /expects std >= 0\.0/);
    assert.throws(() => x.bernoulli_(1.5), /expects p to be in \[0, 1\]/);
    assert.throws(() => tensor([0.5, 2]).bernoulli(), /expects p to be in \[0, 1\]/);
    assert.throws(() => randint(5, 5, [2]), /'from' to be less than 'to'/);
    assert.throws(() => rand([2], { dtype: "int64" }), /floating point/);
    assert.throws(() => tensor([1, -1]).multinomial(1), /element < 0/);
    assert.throws(() => tensor([1, 1]).multinomial(3), /without replacement/);
    assert.throws(() => randn([2], { seed: 1 } as object), /unknown option 'seed'/);
    assert.throws(() => ones([3], { requiresGrad: true }).uniform_(), /leaf Variable that requires grad/);
    assert.deepEqual(list(rand(1)), next);
    assert.deepEqual(list(x), [0, 0, 0]);
  });

  it("spread as they should", () => {
    manualSeed(4);
    const n = 100_000;
    const values = list(randn(n));
    const mean = values.reduce((sum, v) => sum + v, 0) / n;
    const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / n;
    assert.ok(Math.abs(mean) < 0.01 && Math.abs(variance - 1) < 0.02, `mean ${mean}, variance ${variance}`);
    assert.equal(new Set(list(randperm(1000))).size, 1000);
  });
});
