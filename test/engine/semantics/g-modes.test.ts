import assert from "node:assert/strict";
import {
  autograd,
  enableGrad,
  inferenceMode,
  isGradEnabled,
  isInferenceModeEnabled,
  noGrad,
  setGradEnabled,
  type Tensor,
  tensor,
} from "../../../engine/index.ts";

const leaf = (...values: number[]) => tensor(values, { requiresGrad: true });

describe("modes", () => {
  it("[46] noGrad: made tensors may require grad, results do not; enableGrad nests; exceptions restore; backward works inside", () => {
    noGrad(() => {
      const w = leaf(1);
      assert.equal(w.requiresGrad, true);
      assert.equal(w.mul(2).requiresGrad, false);
      assert.equal(w.mul(2).isLeaf, true);
      enableGrad(() => assert.equal(w.mul(2).requiresGrad, true));
      assert.equal(isGradEnabled(), false);
    });
    assert.throws(() =>
      noGrad(() => {
        throw new Error("x");
      }),
    );
    assert.equal(isGradEnabled(), true);
    const x = leaf(2);
    const y = x.mul(x);
    noGrad(() => y.backward());
    assert.equal(x.grad?.item(), 4);
    setGradEnabled(false);
    assert.equal(x.mul(2).requiresGrad, false);
    setGradEnabled(true);
    noGrad(() => setGradEnabled(true));
    assert.equal(isGradEnabled(), true);
  });

  it("[46] a mode follows its async function across await and leaks nowhere", async () => {
    const seen: boolean[] = [];
    const pause = () => new Promise((resolve) => setTimeout(resolve, 1));
    const inside = noGrad(async () => {
      seen.push(isGradEnabled());
      await pause();
      seen.push(isGradEnabled());
      await enableGrad(async () => {
        await pause();
        seen.push(isGradEnabled());
      });
      seen.push(isGradEnabled());
    });
    assert.equal(isGradEnabled(), true);
    const outside = (async () => {
      await pause();
      return isGradEnabled();
    })();
    assert.equal(await outside, true);
    await inside;
    assert.deepEqual(seen, [false, false, true, false]);
    assert.equal(isGradEnabled(), true);
  });

  it("[47] inferenceMode makes inference tensors; enableGrad inside does not record; views and in-place ops on normal tensors work", () => {
    const w = leaf(1, 2);
    inferenceMode(() => {
      assert.equal(w.mul(2).isInference, true);
      enableGrad(() => assert.equal(w.mul(2).requiresGrad, false));
      w.mul_(2);
    });
    assert.equal(w._version, 1);
  });

  it("[47] what custom Functions and backward make in inferenceMode is of that mode", () => {
    class Twice extends autograd.Function {
      static forward(_ctx: autograd.FunctionCtx, x: Tensor): Tensor {
        assert.equal(isInferenceModeEnabled(), true);
        return x.mul(2);
      }
    }
    const x = leaf(2);
    const y = x.mul(x);
    inferenceMode(() => {
      assert.equal(Twice.apply(x).isInference, true);
      assert.equal(autograd.grad(y, x)[0].isInference, true);
    });
  });

  it("[47] a view of a normal tensor made in inferenceMode is normal and keeps requiresGrad", () => {
    const w = leaf(1, 2);
    const view = inferenceMode(() => w.view(2, 1));
    assert.equal(view.isInference, false);
    assert.equal(view.requiresGrad, true);
  });

  it("[48] inference tensors can't be saved for backward, but take part where nothing is saved", () => {
    const w = leaf(1, 2);
    const constant = inferenceMode(() => tensor([1, 2]));
    assert.throws(() => w.mul(constant), /Inference tensors cannot be saved for backward/);
    w.add(constant).sum().backward();
    w.mul(constant.clone()).sum().backward();
    assert.deepEqual(w.grad?.tolist(), [2, 3]);
  });

  it("[49] inside, a leaf that gets another shape stays a leaf", () => {
    const x = leaf(1, 2);
    inferenceMode(() => x.unsqueeze_(0));
    assert.deepEqual([x.shape, x.isLeaf], [[1, 2], true]);
    x.sum().backward();
    assert.deepEqual(x.grad?.tolist(), [[1, 1]]);
  });

  it("[49] inside, a leaf may be written to, also with enableGrad; .data is of the mode that made the tensor", () => {
    const x = leaf(-2);
    inferenceMode(() => enableGrad(() => x.abs_()));
    assert.deepEqual([x.item(), x._version], [2, 1]);
    assert.equal(inferenceMode(() => x.data).isInference, false);
    assert.equal(inferenceMode(() => tensor([1])).data.isInference, true);
  });

  it("[49] outside, inference tensors refuse in-place ops and requiresGrad", () => {
    const t = inferenceMode(() => tensor([1]));
    for (const run of [() => t.add_(1), () => t.unsqueeze_(0)])
      assert.throws(run, /Inplace update to inference tensor outside InferenceMode is not allowed/);
    assert.throws(
      () => t.requiresGrad_(),
      /Setting requiresGrad=true on inference tensor outside InferenceMode is not allowed/,
    );
  });
});
