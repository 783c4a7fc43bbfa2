import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import * as gradlens from "../../../engine/index.ts";
import { limits, useKernels } from "../../../engine/kernels/switch.ts";
import { team } from "../../../engine/kernels/threads/team.ts";
import { inProject } from "../../../scripts/project.ts";
import { Numbers } from "./twins.ts";

const { getNumThreads, gradcheck, setNumThreads, tensor } = gradlens;

/** Waits until the helpers of so many threads are there. */
async function start(threads: number): Promise<void> {
  setNumThreads(threads);
  const patience = performance.now() + 30_000;
  for (team(); threads > 1 && team() === null; await sleep(5)) {
    assert.ok(performance.now() < patience, "the helpers did not start");
  }
}

/** What `compute` gives with 1, 2 and 3 threads that share even small work. */
async function withThreads<R>(compute: () => R): Promise<R[]> {
  const before = { ...limits };
  const found: R[] = [];
  try {
    for (const threads of [1, 2, 3]) {
      await start(threads);
      useKernels("wasm");
      found.push(compute());
    }
  } finally {
    Object.assign(limits, before);
    setNumThreads(1);
  }
  return found;
}

async function assertSame(compute: () => ArrayLike<number>): Promise<void> {
  const [one, ...more] = await withThreads(compute);
  for (const [i, several] of more.entries()) assert.deepEqual(several, one, `${i + 2} threads`);
}

const sizes: readonly (readonly [m: number, k: number, n: number])[] = [
  [64, 784, 256],
  [784, 64, 256],
  [97, 31, 133],
  [50, 2500, 51],
  [200, 9, 4],
  [4, 300, 200],
  [26, 40, 25],
];

describe("several threads", () => {
  for (const dtype of ["float32", "float64"] as const) {
    for (const [m, k, n] of sizes) {
      it(`give a product of ${m}×${k} and ${k}×${n} ${dtype} the bits of one thread, however the operands lie`, async () => {
        const numbers = new Numbers(m + n);
        const a = tensor(numbers.doubles(m * k), { dtype }).reshape(m, k);
        const b = tensor(numbers.doubles(k * n), { dtype }).reshape(k, n);
        const turnedA = a.t().contiguous().t();
        const turnedB = b.t().contiguous().t();
        await assertSame(() => a.mm(b).toArray());
        await assertSame(() => turnedA.mm(b).toArray());
        await assertSame(() => a.mm(turnedB).toArray());
        await assertSame(() => turnedA.mm(turnedB).toArray());
      });
    }
  }

  it("give the bits of one thread when an element is summed in several goes", async () => {
    const numbers = new Numbers(3);
    const image = tensor(numbers.singles(3 * 8 * 40 * 40)).reshape(3, 8, 40, 40);
    const grad = tensor(numbers.singles(3 * 30 * 40 * 40)).reshape(3, 30, 40, 40);
    const weight = tensor(numbers.singles(30 * 8))
      .reshape(30, 8, 1, 1)
      .requiresGrad_();
    await assertSame(() => {
      weight.grad = null;
      gradlens.F.conv2d(image, weight).backward(grad);
      return weight.grad === null ? [] : (weight.grad as gradlens.Tensor).toArray();
    });
  });

  for (const [batch, channels, features, groups, side] of [
    [1, 2, 3, 1, 9],
    [2, 3, 5, 1, 8],
    [5, 4, 6, 2, 10],
    [16, 3, 8, 1, 12],
  ] as const) {
    it(`give a convolution of ${batch} images in ${groups} groups, and its gradients, the bits of one thread`, async () => {
      const numbers = new Numbers(batch);
      const image = tensor(numbers.singles(batch * channels * side * side))
        .reshape(batch, channels, side, side)
        .requiresGrad_();
      const weight = tensor(numbers.singles((features * channels * 9) / groups))
        .reshape(features, channels / groups, 3, 3)
        .requiresGrad_();
      const grad = tensor(numbers.singles(batch * features * side * side)).reshape(batch, features, side, side);
      await assertSame(() => {
        image.grad = null;
        weight.grad = null;
        const out = gradlens.F.conv2d(image, weight, null, { padding: 1, groups });
        out.backward(grad);
        const gradients = [image, weight].map(({ grad: found }) => [
          ...((found as gradlens.Tensor | null)?.toArray() ?? []),
        ]);
        return [...out.toArray(), ...gradients.flat()];
      });
    });
  }

  it("give curves the bits of one thread", async () => {
    const x = tensor(new Numbers(4).singles(30_001, 8));
    for (const curve of ["exp", "tanh", "sigmoid"] as const) await assertSame(() => x[curve]().toArray());
    await assertSame(() => gradlens.F.gelu(x, { approximate: "tanh" }).toArray());
    await assertSame(() => gradlens.F.softplus(x, { beta: 2 }).toArray());
  });

  it("pass gradcheck", async () => {
    const numbers = new Numbers(5);
    const a = tensor(numbers.doubles(4 * 26), { dtype: "float64" })
      .reshape(4, 26)
      .requiresGrad_();
    const b = tensor(numbers.doubles(26 * 50), { dtype: "float64" }).reshape(26, 50);
    const passed = await withThreads(() => gradcheck((x: gradlens.Tensor) => x.mm(b).tanh().mm(b.t()), [a]));
    assert.deepEqual(passed, [true, true, true]);
  });
});

describe("setNumThreads", () => {
  it("is 1 unless it is said, and refuses what is no number of threads", () => {
    assert.equal(getNumThreads(), 1);
    for (const wrong of [0, -1, 1.5, 17, Number.NaN]) {
      assert.throws(() => setNumThreads(wrong), /expected a whole number from 1 to 16/);
    }
    assert.equal(getNumThreads(), 1);
  });
});

const engine = JSON.stringify(inProject("engine", "index.ts"));
const teamFile = JSON.stringify(inProject("engine", "kernels", "threads", "team.ts"));

/** A program with two threads; `sum` multiplies large matrices and prints the sum of the result, `ready` waits for the helper. */
function run(before: string, text: string): { readonly stdout: string; readonly stderr: string } {
  const program = `
    ${before}
    const { ones, setNumThreads } = await import(${engine});
    const { team } = await import(${teamFile});
    setNumThreads(2);
    const x = ones(256, 256);
    const sum = () => console.log(x.mm(x).mm(x).sum().item());
    const ready = async () => { while (team() === null) await new Promise((later) => setTimeout(later, 5)); };
    ${text}`;
  const nodeArguments = ["--disable-warning=ExperimentalWarning", "--input-type=module-typescript", "--eval", program];
  const { stdout, stderr, status } = spawnSync(process.execPath, nodeArguments, { encoding: "utf8", timeout: 60_000 });
  assert.equal(status, 0, stderr);
  return { stdout, stderr };
}

const once = String(256 ** 4);
/** Keeps the helper at hand as `helper`. */
const catchHelper = `
  import workers from "node:worker_threads";
  import { syncBuiltinESMExports } from "node:module";
  let helper;
  const { Worker } = workers;
  workers.Worker = class extends Worker { constructor(...all) { super(...all); helper = this; } };
  syncBuiltinESMExports();`;

const inWorker = `(async () => {
  const { ones, setNumThreads } = await import(${engine});
  const { team } = await import(${teamFile});
  setNumThreads(2);
  const x = ones(256, 256);
  while (team() === null) await new Promise((later) => setTimeout(later, 5));
  console.log(x.mm(x).mm(x).sum().item());
})();`;

describe("a program that wants two threads", () => {
  it("computes with a helper, says nothing, and ends by itself", () => {
    const { stdout, stderr } = run(catchHelper, "sum(); await ready(); sum(); console.log(helper.threadId > 0);");
    assert.deepEqual([stdout.trim().split("\n"), stderr], [[once, once, "true"], ""]);
  });

  it("may be a worker itself", () => {
    const { stdout, stderr } = run(
      catchHelper,
      `await ready(); sum();
       const code = ${JSON.stringify(inWorker)};
       await new Promise((ended) => new Worker(code, { eval: true }).on("exit", ended));`,
    );
    assert.deepEqual([stdout.trim().split("\n"), stderr], [[once, once], ""]);
  });

  const withNothing: readonly [what: string, how: string, reason: string][] = [
    ["no shared memory", "delete globalThis.SharedArrayBuffer;", "this runtime has no shared memory"],
    [
      "no threads",
      "const { getBuiltinModule } = process; process.getBuiltinModule = (name) => name === 'node:worker_threads' ? undefined : getBuiltinModule(name);",
      "this runtime has no threads",
    ],
    [
      "no room for shared memory",
      "globalThis.SharedArrayBuffer = class { constructor() { throw new RangeError('Array buffer allocation failed'); } };",
      "Array buffer allocation failed",
    ],
  ];
  for (const [what, how, reason] of withNothing) {
    it(`computes the same with ${what}, and says so once`, () => {
      const { stdout, stderr } = run(how, "sum(); sum();");
      assert.deepEqual(stdout.trim().split("\n"), [once, once]);
      assert.equal(stderr.trim(), `Gradlens computes in one thread: ${reason}.`);
    });
  }

  it("computes the same when the helper dies, and says so once", () => {
    const { stdout, stderr } = run(catchHelper, "await ready(); sum(); await helper.terminate(); sum(); sum();");
    assert.deepEqual(stdout.trim().split("\n"), [once, once, once]);
    assert.equal(stderr.trim(), "Gradlens computes in one thread: a helper thread has ended.");
  });

  const works: readonly [what: string, definition: string, expected: string][] = [
    ["product", "const work = sum;", once],
    [
      "convolution",
      `const { F } = await import(${engine});
       const image = ones(16, 8, 24, 24);
       const weight = ones(32, 8, 1, 3, { requiresGrad: true });
       const work = () => {
         weight.grad = null;
         F.conv2d(image, weight).sum().backward();
         console.log(weight.grad.sum().item());
       };`,
      String(32 * 8 * 3 * 16 * 24 * 22),
    ],
  ];
  for (const [what, definition, expected] of works)
    it(`computes the same ${what} when the helper fails in the middle of it, and says so once`, () => {
      const { stdout, stderr } = run(
        catchHelper,
        `await ready();
       const helpers = team();
       const { run } = helpers;
       let asked = 0;
       helpers.run = (tasks, own) => run.call(helpers, tasks.map(() => { asked++; return [-1]; }), own);
       ${definition}
       work(); work(); console.log(asked > 0);`,
      );
      assert.deepEqual(stdout.trim().split("\n"), [expected, expected, "true"]);
      assert.match(stderr.trim(), /^Gradlens computes in one thread: a helper thread (does not answer|has ended)\.$/);
    });
});
