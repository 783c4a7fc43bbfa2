import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  ArgumentError,
  arange,
  asTensor,
  autograd,
  empty,
  emptyLike,
  exp,
  F,
  fullLike,
  isFloatingPoint,
  isGradEnabled,
  isTensor,
  logspace,
  manualSeed,
  meshgrid,
  nn,
  noGrad,
  numel,
  ones,
  randint,
  setGradEnabled,
  type Tensor,
  tensor,
  zeros,
} from "../../engine/index.ts";

const as = <T>(value: unknown): T => value as T;

describe("calls as people write them", () => {
  describe("backward", () => {
    it("takes its options as the first argument", () => {
      const x = tensor(3, { requiresGrad: true });
      const y = x.mul(x);
      y.backward({ retainGraph: true });
      y.backward({ createGraph: true });
      assert.equal(x.grad?.item(), 12);
      assert.equal(x.grad?.requiresGrad, true);
    });

    it("takes the gradient by name", () => {
      const x = tensor([1, 2], { requiresGrad: true });
      x.mul(2).backward({ gradient: tensor([1, 10]) });
      autograd.backward([x.mul(3)], { gradTensors: [tensor([1, 1])] });
      assert.deepEqual(x.grad?.tolist(), [5, 23]);
    });

    it("takes options after the outputs", () => {
      const x = tensor(3, { requiresGrad: true });
      const y = x.mul(2);
      autograd.backward(y, { retainGraph: true });
      autograd.backward(y, null);
      assert.equal(x.grad?.item(), 4);
    });

    it("refuses an unknown option wherever it stands", () => {
      const y = tensor(3, { requiresGrad: true }).mul(2);
      assert.throws(() => y.backward(as({ retainGrap: true })), /Did you mean 'retainGraph'/);
      assert.throws(() => y.backward(null, as({ retain: true })), /unknown option 'retain'/);
    });

    it("refuses to accumulate into a tensor that does not require grad", () => {
      const w = tensor(3, { requiresGrad: true });
      const x = tensor(2);
      assert.throws(() => w.mul(x).backward(null, { inputs: [x] }), /does not require grad/);
    });
  });

  describe("modes", () => {
    it("run a function and end with it when given one by setGradEnabled", async () => {
      assert.equal(setGradEnabled(false, isGradEnabled), false);
      assert.equal(isGradEnabled(), true);
      assert.equal(
        noGrad(() => setGradEnabled(true, isGradEnabled)),
        true,
      );
      const later = await setGradEnabled(false, async () => {
        await Promise.resolve();
        return isGradEnabled();
      });
      assert.equal(later, false);
    });

    it("leave lazy thenables alone", () => {
      let started = 0;
      const query = {
        // biome-ignore lint/suspicious/noThenProperty: a lazy thenable is the point
        then(): void {
          started++;
        },
      };
      assert.equal(
        noGrad(() => query),
        query,
      );
      assert.equal(
        autograd.detectAnomaly(() => query),
        query,
      );
      assert.equal(started, 0);
    });

    for (const mode of ["noGrad", "enableGrad", "inferenceMode", "autograd.detectAnomaly"]) {
      it(`report a rejection inside ${mode} that nobody awaits`, () => {
        const engine = new URL("../../engine/index.ts", import.meta.url).href;
        const program = `import * as g from ${JSON.stringify(engine)};
          process.on("unhandledRejection", (error) => { console.log("unhandled " + error.message); });
          g.${mode}(async () => { throw new Error("lost"); });`;
        const out = execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
        assert.equal(out, "unhandled lost\n");
      });
    }
  });

  describe("modules", () => {
    it("refuse a plain tensor in place of a parameter at the next use", () => {
      const words = /cannot assign 'Tensor' as parameter 'weight' \(Parameter or null expected\)/;
      const broken = (): nn.Linear => {
        const layer = new nn.Linear(2, 1);
        layer.weight = as(ones(1, 2));
        return layer;
      };
      assert.throws(() => broken().forward(ones(2)), words);
      assert.throws(() => new nn.Sequential(broken()).forward(ones(2)), words);
      assert.throws(() => broken().parameters(), words);
      assert.throws(() => broken().namedParameters(), words);
      assert.throws(() => broken().stateDict(), words);
      const replaced = new nn.Linear(2, 1);
      replaced.weight = new nn.Parameter(ones(1, 2));
      assert.equal(replaced.parameters().length, 2);
    });
  });

  describe("tensors in JavaScript's own syntax", () => {
    it("are iterable over dimension 0, inside the graph", () => {
      const x = tensor(
        [
          [1, 2],
          [3, 4],
        ],
        { requiresGrad: true },
      );
      const [a, b] = x;
      assert.deepEqual(
        [a?.tolist(), b?.tolist()],
        [
          [1, 2],
          [3, 4],
        ],
      );
      let sum: Tensor = tensor(0);
      for (const row of x) sum = sum.add(row.sum());
      sum.backward();
      assert.deepEqual(x.grad?.tolist(), [
        [1, 1],
        [1, 1],
      ]);
      assert.deepEqual([...ones(0, 3)], []);
      assert.throws(() => [...tensor(1)], /iteration over a 0-d tensor/);
    });

    it("are still one tensor where a list may stand", () => {
      const x = tensor([1, 2], { requiresGrad: true });
      const [grad] = autograd.grad(x.mul(x), x, { gradOutputs: ones(2) });
      assert.deepEqual(grad?.tolist(), [2, 4]);
      new nn.Sequential(new nn.Linear(2, 1)).forward(x).backward();
      autograd.backward(x.mul(1), ones(2));
      assert.deepEqual(tensor(x.detach()).tolist(), [1, 2]);
    });

    it("refuse operators with what to write instead", () => {
      const t = as<number>(ones(2));
      assert.throws(() => t + t, /x\.add\(y\)/);
      assert.throws(() => t * 2, /x\.mul\(y\)/);
      assert.throws(() => t > 1, /x\.gt\(y\)/);
      assert.throws(() => -t, /x\.neg\(\)/);
      assert.equal(`${ones(2)}`, ones(2).toString());
      assert.equal(String(ones(2)), ones(2).toString());
    });

    it("are nested lists in JSON", () => {
      assert.equal(JSON.stringify({ x: tensor([[1, 2]]) }), '{"x":[[1,2]]}');
    });
  });

  describe("required arguments by name", () => {
    const x = ones(2, 3);
    const calls: readonly [name: string, byName: () => Tensor, byPosition: () => Tensor][] = [
      ["flip", () => arange(6).flip({ dims: [0] }), () => arange(6).flip([0])],
      ["permute", () => x.permute({ dims: [1, 0] }), () => x.permute(1, 0)],
      ["to a dtype", () => x.to({ dtype: "float64" }), () => x.to("float64")],
      ["to the dtype of a tensor", () => x.to(tensor([1], { dtype: "int64" })), () => x.to("int64")],
      ["unsqueeze", () => x.unsqueeze({ dim: 1 }), () => x.unsqueeze(1)],
      ["quantile", () => arange(5).float().quantile({ q: 0.3 }), () => arange(5).float().quantile(0.3)],
      ["quantile along", () => x.quantile({ q: 0.3, dim: 1 }), () => x.quantile(0.3, 1)],
      [
        "meshgrid",
        () => meshgrid(arange(2), arange(3))[1] as Tensor,
        () => meshgrid([arange(2), arange(3)])[1] as Tensor,
      ],
      [
        "meshgrid with options",
        () => meshgrid(arange(2), arange(3), { indexing: "xy" })[1] as Tensor,
        () => meshgrid([arange(2), arange(3)], { indexing: "xy" })[1] as Tensor,
      ],
      [
        "maxPool2d",
        () => F.maxPool2d(arange(16).float().reshape(1, 4, 4), { kernelSize: 2 }),
        () => F.maxPool2d(arange(16).float().reshape(1, 4, 4), 2),
      ],
      [
        "scatterReduce",
        () => x.scatterReduce(1, zeros(2, 3, { dtype: "int64" }), x, { reduce: "sum", includeSelf: false }),
        () => x.scatterReduce(1, zeros(2, 3, { dtype: "int64" }), x, "sum", { includeSelf: false }),
      ],
    ];
    for (const [name, byName, byPosition] of calls) {
      it(`${name} takes them as by position`, () => {
        assert.equal(byName().toString(), byPosition().toString());
        assert.equal(byName().dtype, byPosition().dtype);
      });
    }

    it("random fills take them as by position", () => {
      const seeded = (fill: () => Tensor): string => {
        manualSeed(1);
        return fill().toString();
      };
      const pairs: readonly [() => Tensor, () => Tensor][] = [
        [() => nn.init.truncNormal_(zeros(5), { std: 0.1 }), () => nn.init.truncNormal_(zeros(5), 0, 0.1)],
        [() => nn.init.uniform_(zeros(5), { a: 2, b: 3 }), () => nn.init.uniform_(zeros(5), 2, 3)],
        [() => nn.init.normal_(zeros(5), { std: 3 }), () => nn.init.normal_(zeros(5), 0, 3)],
        [() => zeros(5).uniform_({ from: 2, to: 3 }), () => zeros(5).uniform_(2, 3)],
        [() => zeros(5).normal_({ mean: 2 }), () => zeros(5).normal_(2)],
        [() => randint(0, 5, { size: [4] }), () => randint(0, 5, [4])],
        [() => randint(5, { size: [4], dtype: "int32" }), () => randint(5, [4], { dtype: "int32" })],
      ];
      for (const [byName, byPosition] of pairs) assert.equal(seeded(byName), seeded(byPosition));
    });

    it("layers take their sizes by name, and refuse to be made without", () => {
      const linear = new nn.Linear({ inFeatures: 2, outFeatures: 3, bias: false });
      assert.deepEqual([linear.weight.shape, linear.bias], [[3, 2], null]);
      const conv = new nn.Conv2d({ inChannels: 1, outChannels: 2, kernelSize: 3, padding: 1 });
      assert.deepEqual(
        [conv.weight.shape, conv.padding],
        [
          [2, 1, 3, 3],
          [1, 1],
        ],
      );
      assert.deepEqual(new nn.Embedding({ numEmbeddings: 3, embeddingDim: 2 }).weight.shape, [3, 2]);
      assert.deepEqual(new nn.MaxPool2d({ kernelSize: 2 }).forward(ones(1, 4, 4)).shape, [1, 2, 2]);
      assert.throws(() => new nn.Linear(as({ inFeatures: 2 })), /'outFeatures' is missing/);
      for (const make of [
        () => new nn.Linear(as(undefined), 2),
        () => new nn.Conv1d(as(undefined), 2, 1),
        () => new nn.Conv1d(1, 2, as(undefined)),
        () => new nn.LSTM(as({ inputSize: 2 })),
        () => new nn.GRUCell(as({ hiddenSize: 3 })),
        () => new nn.BatchNorm1d(as({ momentum: 0.1 })),
        () => new nn.LayerNorm(as({ eps: 0.1 })),
        () => new nn.AvgPool1d(as(undefined)),
      ]) {
        assert.throws(make, ArgumentError, make.toString());
      }
    });
  });

  describe("wrong arguments", () => {
    it("are refused by name of the op", () => {
      assert.throws(() => exp(as("a")), /exp\(\): argument 'input' must be a Tensor, but got string "a"/);
      assert.throws(() => exp(as(2)), /exp\(\).*must be a Tensor, but got number 2/);
      assert.throws(() => exp(as(undefined)), /exp\(\).*must be a Tensor, but got undefined/);
      assert.throws(
        () => ones(2).sum(as<number>("0")),
        /sum\(\): dim must be a whole number or a list of them, but got "0"/,
      );
      assert.throws(() => as<{ exp(x: number): void }>(ones(2)).exp(3), /exp\(\): takes no arguments, but got 1/);
    });

    it("do not include big integers", () => {
      const x = tensor([1n, 2n]);
      assert.deepEqual([x.dtype, x.tolist()], ["int64", [1, 2]]);
    });
  });

  describe("names from PyTorch", () => {
    const half = tensor([[0.5]], { dtype: "float64" });

    it("make tensors like another one", () => {
      assert.deepEqual([empty(2, 3).shape, empty([2]).dtype], [[2, 3], "float32"]);
      assert.deepEqual([emptyLike(half).shape, emptyLike(half).dtype], [[1, 1], "float64"]);
      assert.deepEqual(fullLike(half, 7).tolist(), [[7]]);
      for (const x of [half.newZeros(2), half.newOnes([2]), half.newFull([2], 3), half.newTensor([1, 2])]) {
        assert.deepEqual([x.shape, x.dtype], [[2], "float64"]);
      }
      assert.deepEqual(half.newOnes(2, { dtype: "int64" }).toString(), ones(2, { dtype: "int64" }).toString());
      assert.throws(() => half.newFull([2], 3, as({ dtyp: 1 })), /Did you mean 'dtype'/);
    });

    it("toArray gives a copy whose buffer is its own, to be sent or written as a whole", () => {
      for (const n of [1, 20, 200, 2000]) {
        const { buffer, byteLength } = arange(n).to("float32").toArray();
        assert.equal(buffer.byteLength, byteLength, `${n} elements`);
      }
    });

    it("read and ask tensors", () => {
      assert.equal(asTensor(half), half);
      assert.equal(asTensor(half, { dtype: "float32" }).dtype, "float32");
      assert.deepEqual(asTensor([1, 2]).tolist(), [1, 2]);
      assert.deepEqual(logspace(0, 2, 3).tolist(), [1, 10, 100]);
      assert.deepEqual(logspace(0, 2, 3, 2).tolist(), [1, 2, 4]);
      assert.deepEqual([isTensor(half), isTensor([1])], [true, false]);
      assert.deepEqual([isFloatingPoint(half), isFloatingPoint(arange(2))], [true, false]);
      assert.deepEqual([numel(ones(2, 3)), ones(2, 3).nelement(), half.cpu() === half], [6, 6, true]);
    });
  });
});
