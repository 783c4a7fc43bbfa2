import assert from "node:assert/strict";
import { setWarningHandler } from "../../../engine/autograd/warnings.ts";
import { autograd, type Tensor, tensor } from "../../../engine/index.ts";

const leaf = (...values: number[]) => tensor(values, { requiresGrad: true });

describe("anomaly mode", () => {
  let before: ReturnType<typeof setWarningHandler>;
  const warnings: string[] = [];
  beforeEach(() => {
    warnings.length = 0;
    before = setWarningHandler((text) => warnings.push(text));
  });
  afterEach(() => void setWarningHandler(before));

  it("[65] names the function that returned NaN", () => {
    assert.throws(
      () => autograd.detectAnomaly(() => leaf(0).mul(0).sqrt().sum().backward()),
      /Function 'MulBackward0' returned nan values in its 0th output|Function 'SqrtBackward0' returned nan values in its 0th output/,
    );
    assert.match(warnings[0] ?? "", /Anomaly Detection has been enabled/);
  });

  it("[65] the warning shows the forward call, or says that it was made outside", () => {
    const root = (x: ReturnType<typeof leaf>) => x.mul(0).sqrt().mul(0);
    assert.throws(() => autograd.detectAnomaly(() => root(leaf(1)).sum().backward()), /returned nan values/);
    assert.match(
      warnings[1] ?? "",
      /^Error detected in SqrtBackward0\. Traceback of forward call that caused the error:\n {4}at root .*j-anomaly\.test/,
    );
    warnings.length = 0;
    const outside = root(leaf(1)).sum();
    assert.throws(() => autograd.detectAnomaly(() => outside.backward()), /returned nan values/);
    assert.match(warnings[1] ?? "", /^Error detected in SqrtBackward0\. No forward pass information available/);
  });

  it("[65] an error in a gradient of a gradient names the calculation that made it", () => {
    assert.throws(
      () =>
        autograd.detectAnomaly(() => {
          const x = leaf(0);
          const [g] = autograd.grad(x.pow(1.5).sum(), x, { createGraph: true });
          (g as Tensor).mul(0).sum().backward();
        }),
      /returned nan values/,
    );
    assert.match(
      warnings[1] ?? "",
      /^Error detected in PowBackward0\. Traceback[\s\S]*\n\nPrevious calculation was induced by PowBackward0\. Traceback of forward call that induced the previous calculation:\n/,
    );
  });

  it("[65] deep calls are shown to their beginning, and the host's limit is as it was", () => {
    const limit = Error.stackTraceLimit;
    const deep = (x: Tensor, n: number): Tensor => (n === 0 ? x.mul(0).sqrt() : deep(x, n - 1));
    const outermost = (): Tensor => deep(leaf(1), 20).mul(0).sum();
    assert.throws(() => autograd.detectAnomaly(() => outermost().backward()), /returned nan values/);
    assert.match(warnings[1] ?? "", /at outermost/);
    assert.equal(Error.stackTraceLimit, limit);
  });

  it("[65] each calculation that led to the one that failed is told with its calls, and none after it", () => {
    const third = (): void => {
      const x = leaf(0);
      let y: Tensor = x.pow(2.5).sum();
      for (let i = 0; i < 2; i++) [y] = autograd.grad(y, x, { createGraph: true }) as [Tensor];
      y.mul(0).sum().backward();
    };
    assert.throws(() => autograd.detectAnomaly(third), /returned nan values/);
    const induced =
      /\n\nPrevious calculation was induced by \w+\. Traceback of forward call that induced the previous calculation:\n {4}at third/g;
    assert.equal(warnings[1]?.match(induced)?.length, 2);
    const first = (): void => leaf(1).mul(0).sqrt().mul(0).sum().backward();
    warnings.length = 0;
    autograd.detectAnomaly(() => {
      leaf(1).exp().sum().backward();
      assert.throws(first, /returned nan values/);
    });
    assert.doesNotMatch(warnings[1] ?? "", /induced/);
  });

  it("[66] what lies behind a gradient in its storage is none of it", () => {
    class Window extends autograd.Function {
      static forward(_ctx: autograd.FunctionCtx, x: Tensor): Tensor {
        return x.clone();
      }
      static backward(): Tensor {
        return tensor([1, Number.NaN]).narrow(0, 0, 1);
      }
    }
    const x = leaf(1);
    autograd.detectAnomaly(() => Window.apply(x).backward());
    assert.equal(x.grad?.item(), 1);
  });

  it("[66] any error of backward gets the trace, and the mode ends with its function, async or not", async () => {
    class Fails extends autograd.Function {
      static forward(_ctx: autograd.FunctionCtx, x: Tensor): Tensor {
        return x.clone();
      }
      static backward(): never {
        throw new TypeError("mine");
      }
    }
    assert.throws(() => autograd.detectAnomaly(() => Fails.apply(leaf(1)).backward()), TypeError);
    assert.match(warnings[1] ?? "", /^Error detected in FailsBackward\./);
    const nan = () => leaf(0).mul(0).sqrt().mul(0).sum();
    await autograd.detectAnomaly(async () => {
      await Promise.resolve();
      assert.throws(() => nan().backward(), /returned nan values/);
    });
    nan().backward();
    autograd.setDetectAnomaly(true);
    assert.throws(() => nan().backward(), /returned nan values/);
    autograd.setDetectAnomaly(false);
    nan().backward();
  });

  it("[66] an error of any hook gets the trace of its node, once", () => {
    const fail = (): never => {
      throw new TypeError("mine");
    };
    const hooked: readonly [string, (a: Tensor, b: Tensor) => void][] = [
      ["MulBackward0", (_, b) => void b.registerHook(fail)],
      ["MulBackward0", (_, b) => void b.gradFn?.registerPrehook(fail)],
      ["MulBackward0", (_, b) => void b.gradFn?.registerHook(fail)],
      ["AccumulateGrad", (a) => void a.registerHook(fail)],
      ["AccumulateGrad", (a) => void a.registerPostAccumulateGradHook(fail)],
    ];
    for (const [name, hook] of hooked) {
      warnings.length = 0;
      const run = (): void => {
        const a = leaf(1);
        const b = a.mul(2);
        hook(a, b);
        b.sum().backward();
      };
      assert.throws(() => autograd.detectAnomaly(run), /^TypeError: mine$/);
      assert.deepEqual(
        warnings.slice(1).map((text) => text.slice(0, text.indexOf("."))),
        [`Error detected in ${name}`],
      );
    }
  });

  it("[66] what counts is what a node's hooks leave of its gradients", () => {
    const hooked = (value: number): void =>
      autograd.detectAnomaly(() => {
        const a = leaf(value);
        const b = a.sqrt();
        // The gradient of the root of 0 times 0 is NaN, that of the root of 1 is none.
        b.gradFn?.registerHook(([grad]) => [
          (grad as Tensor).isnan().any().item() === 1 ? tensor([3]) : tensor([Number.NaN]),
        ]);
        b.mul(0).sum().backward();
        assert.deepEqual(a.grad?.tolist(), [3]);
      });
    hooked(0);
    assert.throws(() => hooked(1), /Function 'SqrtBackward0' returned nan values in its 0th output/);
  });

  it("[67] the error keeps its own words; the trace is in the warning before it", () => {
    assert.throws(() => autograd.detectAnomaly(() => leaf(0).mul(0).sqrt().mul(0).sum().backward()), {
      name: "AutogradError",
      message: "Function 'SqrtBackward0' returned nan values in its 0th output.",
    });
  });

  it("[66] looks at NaN only, and only in gradients", () => {
    autograd.detectAnomaly(() => leaf(0).sqrt().sum().backward()); // Inf passes
    autograd.detectAnomaly(() => {
      const x = leaf(-1);
      x.log().sum().backward(); // the loss is NaN, the gradient −1
      assert.equal(x.grad?.item(), -1);
    });
    autograd.detectAnomaly(() => leaf(0).mul(0).sqrt().sum().backward(), { checkNan: false });
  });
});
