import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { autograd, isGradEnabled, noGrad, setGradEnabled, tensor } from "../../engine/index.ts";

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
});
