import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  corrcoef,
  cov,
  diagonalScatter,
  F,
  linalg,
  manualSeed,
  msort,
  nn,
  noGrad,
  sliceScatter,
  special,
  type Tensor,
  tensor,
} from "../../engine/index.ts";

const { packPaddedSequence, padPackedSequence, padSequence, packSequence, unpackSequence } = nn.utils.rnn;

/** What PyTorch answered: outputs, and gradients of the sum of outputs times 0.1, 0.2, … (plus 1 for the second output and so on). */
interface Case {
  readonly name: string;
  readonly inputs: readonly number[][];
  readonly outputs: readonly number[][];
  readonly grads: readonly (number[] | null)[];
}

const file = new URL("../fixtures/pytorch/additions.json", import.meta.url);
const cases = JSON.parse(readFileSync(file, "utf8")) as Case[];

const int = (data: number[] | number[][]): Tensor => tensor(data, { dtype: "int64" });
const indices = int([0, 2, 4, 2, 5, 1, 1]);
const offsets = int([0, 3, 3, 5]);

type Call = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

const bag =
  (mode: "sum" | "mean" | "max", paddingIdx: number | null): Call =>
  (w) =>
    F.embeddingBag(indices, w as Tensor, { offsets, mode, paddingIdx });

/** A recurrent layer whose weights are those of the recorded one. */
function packed(kind: string, options: { [name: string]: number | boolean }): Call {
  const settings = {
    dtype: "float64" as const,
    numLayers: Number(options["num_layers"] ?? 1),
    bidirectional: options["bidirectional"] === true,
  };
  const projSize = Number(options["proj_size"] ?? 0);
  const layer =
    kind === "RNN"
      ? new nn.RNN(2, 3, settings)
      : kind === "GRU"
        ? new nn.GRU(2, 3, settings)
        : new nn.LSTM(2, 3, { ...settings, projSize });
  layer.parameters().forEach((parameter, i) => {
    const values = Array.from({ length: parameter.numel() }, (_, at) => Math.sin(at + i) * 0.5);
    noGrad(() => parameter.copy_(tensor(values, { dtype: "float64" }).reshape(parameter.shape)));
  });
  return (x, ...state) => {
    const input = packPaddedSequence(x as Tensor, [1, 4, 2], { enforceSorted: false });
    const [output, last] =
      layer instanceof nn.LSTM
        ? layer.forward(input, state.length === 0 ? undefined : [state[0] as Tensor, state[1] as Tensor])
        : layer.forward(input, state[0]);
    return [padPackedSequence(output)[0], ...("storage" in last ? [last] : last)];
  };
}

function callOf(name: string): Call {
  const [what = "", ...rest] = name.split(" ");
  const one =
    (f: (x: Tensor) => Tensor | readonly Tensor[]): Call =>
    (x) =>
      f(x as Tensor);
  switch (what) {
    case "embeddingBag":
      if (rest[0] === "2d")
        return one((w) =>
          F.embeddingBag(
            int([
              [0, 1],
              [5, 5],
            ]),
            w,
          ),
        );
      if (rest[0] === "weights")
        return (w, p) => F.embeddingBag(indices, w as Tensor, { offsets, mode: "sum", perSampleWeights: p ?? null });
      if (rest[0] === "last")
        return one((w) =>
          F.embeddingBag(indices, w, { offsets: int([0, 3, 7]), mode: "sum", includeLastOffset: true }),
        );
      return bag(rest[0] as "sum" | "mean" | "max", rest[1] === "padding" ? 2 : null);
    case "i0":
    case "i0e":
    case "i1":
    case "i1e":
    case "logNdtr":
      return one(special[what]);
    case "multigammaln":
      return one((x) => special.multigammaln(x, 3));
    case "lu":
      return one((x) => linalg.lu(rest[0] === "unpivoted" ? x.unsqueeze(0) : x));
    case "luFactor":
      return one((x) => linalg.luFactor(x));
    case "luSolve":
      return (a, b) => linalg.luSolve(...(linalg.luFactor(a as Tensor) as unknown as [Tensor, Tensor]), b as Tensor);
    case "tensorinv":
      return one((x) => linalg.tensorinv(x));
    case "tensorsolve":
      return (a, b) => linalg.tensorsolve(a as Tensor, b as Tensor);
    case "vander":
      return one((x) => linalg.vander(x, { N: 4 }));
    case "linalg":
      return one((x) => linalg.diagonal(x, { offset: 1 }));
    case "cov": {
      const aweights = tensor([0.1, 0.2, 0.3, 0.4, 0.5], { dtype: "float64" });
      const options = rest[0] === "weights" ? { correction: 0, fweights: int([1, 2, 1, 3, 1]), aweights } : {};
      return one((x) => cov(x, options));
    }
    case "corrcoef":
      return one(corrcoef);
    case "sliceScatter":
      return (a, b) => sliceScatter(a as Tensor, b as Tensor, { dim: 1, start: 1, end: 5, step: 2 });
    case "diagonalScatter":
      return (a, b) => diagonalScatter(a as Tensor, b as Tensor, { offset: 1 });
    case "msort":
      return one(msort);
    case "pack": {
      const enforceSorted = rest[0] === "True";
      return one((x) => {
        const sequence = packPaddedSequence(x, enforceSorted ? [4, 2, 1] : [1, 4, 2], { enforceSorted });
        const [padded, lengths] = padPackedSequence(sequence, { paddingValue: -1, totalLength: 5 });
        return [sequence.data, sequence.batchSizes, padded, lengths];
      });
    }
    case "packed": {
      const [kind = "", ...options] = rest[0] === "with" ? rest.slice(2) : rest;
      return packed(kind, JSON.parse(options.join(" ")));
    }
    case "rrelu":
      if (rest[0] !== "training") return one((x) => F.rrelu(x));
      return one((x) => {
        manualSeed(7);
        return F.rrelu(x, 0.1, 0.4, true);
      });
    case "padSequence":
      return (...sequences) => padSequence(sequences, { paddingValue: 9 });
  }
  throw new Error(`no call for ${name}`);
}

function assertClose(found: unknown, expected: unknown, where: string): void {
  const a = [found].flat(9) as number[];
  const b = [expected].flat(9) as number[];
  assert.equal(a.length, b.length, where);
  a.forEach((x, i) => {
    const y = b[i] as number;
    assert.ok(
      x === y || Math.abs(x - y) <= 1e-9 * Math.max(1, Math.abs(y)),
      `${where}[${i}]: ${x}, but PyTorch has ${y}`,
    );
  });
}

describe("PyTorch's numbers for", () => {
  for (const { name, inputs, outputs, grads } of cases) {
    it(name, () => {
      const given = inputs.map((data) => tensor(data, { dtype: "float64", requiresGrad: true }));
      const found = callOf(name)(...given);
      const list = "storage" in found ? [found] : [...found];
      let loss = tensor(0, { dtype: "float64" });
      list.forEach((out, k) => {
        assertClose(out.tolist(), outputs[k], `output ${k}`);
        if (!out.requiresGrad) return;
        const factors = Array.from({ length: out.numel() }, (_, i) => (i + 1) * 0.1 + k);
        loss = loss.add(out.mul(tensor(factors, { dtype: "float64" }).reshape(out.shape)).sum());
      });
      loss.backward();
      given.forEach((x, i) => {
        assertClose(x.grad?.tolist() ?? null, grads[i], `gradient ${i}`);
      });
    });
  }
});

describe("sequences of different lengths", () => {
  it("come back as they were packed", () => {
    const sequences = [tensor([1]), tensor([2, 3, 4]), tensor([5, 6])];
    const back = unpackSequence(packSequence(sequences, { enforceSorted: false }));
    assert.deepEqual(
      back.map((x) => x.tolist()),
      [[1], [2, 3, 4], [5, 6]],
    );
  });

  it("refuse lengths that do not fit", () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    assert.throws(() => packPaddedSequence(x, [1, 2]), /enforceSorted: false/);
    assert.throws(() => packPaddedSequence(x, [2]), /one length for each of the 2 sequences/);
    assert.throws(() => packPaddedSequence(x, [2, 0]), /from 1 to the 2 time steps, but got 0/);
    assert.throws(() => packPaddedSequence(x, [3, 1]), /but got 3/);
    assert.throws(() => padSequence([]), /non-empty/);
  });
});

describe("nn.EmbeddingBag", () => {
  it("starts as PyTorch's, with its padding row at 0", () => {
    manualSeed(1);
    const layer = new nn.EmbeddingBag(4, 2, { mode: "sum", paddingIdx: -1 });
    assert.deepEqual(layer.weight.tolist()[3 as never], [0, 0]);
    const out = layer.forward(
      int([
        [0, 3],
        [3, 3],
      ]),
    );
    assert.deepEqual(out.tolist()[1 as never], [0, 0]);
    assert.equal(String(layer), "EmbeddingBag(4, 2, paddingIdx=3, mode='sum')");
  });

  it("refuses bags that cannot be", () => {
    const w = tensor([[1], [2]]);
    assert.throws(() => F.embeddingBag(int([0, 1]), w), /offsets has to be a 1D Tensor for a 1D input/);
    assert.throws(
      () => F.embeddingBag(int([[0], [1]]), w, { offsets: int([0]) }),
      /if input is 2D, then offsets has to be null/,
    );
    assert.throws(() => F.embeddingBag(int([0, 1]), w, { offsets: int([1]) }), /offsets\[0\] has to be 0/);
    assert.throws(() => F.embeddingBag(int([0, 1]), w, { offsets: int([0, 5]) }), /must not decrease nor exceed/);
    assert.throws(() => F.embeddingBag(int([0, 2]), w, { offsets: int([0]) }), /index out of range/);
    assert.throws(
      () => F.embeddingBag(int([[0]]), w, { perSampleWeights: tensor([[1]]) }),
      /only supported for mode 'sum'/,
    );
    assert.throws(() => F.embeddingBag(int([[0]]), w, { mode: "median" as never }), /mode is/);
  });
});
