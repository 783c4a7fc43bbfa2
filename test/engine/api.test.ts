import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { autograd, isGradEnabled, nn, noGrad, ones, setGradEnabled, type Tensor, tensor } from "../../engine/index.ts";

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
});
