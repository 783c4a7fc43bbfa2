import assert from "node:assert/strict";
import path from "node:path";
import { type Observer, observe } from "../../engine/autograd/observer.ts";
import {
  autograd,
  cat,
  enableGrad,
  eye,
  F,
  manualSeed,
  noGrad,
  ones,
  stack,
  type Tensor,
  tensor,
  zeros,
} from "../../engine/index.ts";
import { type Op, ops } from "../../engine/ops/op.ts";
import type { Sample } from "../../engine/ops/samples.ts";
import { expectSameGradient } from "../golden/compare.ts";
import { readCategories, type TapeCase } from "../golden/format.ts";
import { makeInputs, runProgram, variable } from "../golden/program.ts";
import { callOp, sampleInputs } from "../support/opSamples.ts";
import { warningsOf } from "../support/warnings.ts";

const { jacobian, hessian } = autograd.functional;
const wide = (values: unknown): Tensor => tensor(values as number[], { dtype: "float64" });
const { savedTensorsHooks } = autograd.graph;
type TensorFunction = (...xs: Tensor[]) => Tensor | Tensor[];

/** Their formulas read numbers, or call ops that have no batching rule: their nodes run for each row. */
const ONE_BY_ONE = new Set(
  "cross maskedScatter put nllLoss embedding layerNorm groupNorm batchNorm instanceNorm".split(" "),
);

describe("many vectors at once", () => {
  for (const op of ops.values()) {
    for (const sample of op.accepts) {
      if (!op.differentiable) continue;
      it(`${op.name} has the Jacobian that it has row by row, and its derivatives, on ${sample.label}`, () => {
        const at = asFunction(op, sample);
        if (at === null) return;
        const { fn, inputs } = at;
        if (inputs.every((x) => x.ndim > 0))
          assert.ok(ONE_BY_ONE.has(op.name) || readsOnce(fn, inputs), "its node does not read once for all rows");
        const total: TensorFunction = (...xs) => sumOf(fn(...xs));
        same(
          () => flat(jacobian(fn, inputs)),
          () => flat(hessian(total as (...xs: Tensor[]) => Tensor, inputs)),
          () => {
            const xs = inputs.map((x) => x.detach().requiresGrad_());
            const squares = sumOf(flat(jacobian(fn, xs, { createGraph: true })).map((part) => part.square()));
            if (!squares.requiresGrad) return [];
            return autograd.grad(squares, xs, { allowUnused: true });
          },
        );
      });
    }
  }
});

describe("PyTorch's gradients of many vectors at once", () => {
  for (const { name, cases } of readCategories(path.join(import.meta.dirname, "../golden/data"))) {
    const withGradients = cases.filter((one) => one.kind === undefined && one.grad_outputs !== undefined);
    if (withGradients.length === 0) continue;
    it(name, () => {
      for (const test of withGradients as readonly TapeCase[]) checkAtOnce(test);
    });
  }
});

/** Asks for the gradients of a case three times at once, and compares the second. */
function checkAtOnce(test: TapeCase): void {
  const inputs = makeInputs(test.inputs);
  const variables = new Map(inputs);
  runProgram(test.program, variables);
  const roots = Object.entries(test.grad_outputs ?? {}).map(([name, values]) => {
    const out = variable(name, variables);
    return { out, vector: tensor(values, { dtype: out.dtype }).reshape(out.shape) };
  });
  const leaves = [...inputs].filter(([, x]) => x.requiresGrad);
  const found = autograd.grad(
    roots.map(({ out }) => out),
    leaves.map(([, x]) => x),
    {
      gradOutputs: roots.map(({ vector }) => stack([vector.neg(), vector, vector.mul(2)])),
      isGradsBatched: true,
      allowUnused: true,
    },
  );
  leaves.forEach(([name], i) => {
    const want = test.grads?.[name];
    if (want !== undefined)
      expectSameGradient(`${test.name}: d/d${name}`, found[i]?.select(0, 1) ?? null, want, test.tol);
  });
}

describe("a Jacobian", () => {
  const x = wide([0.3, -0.7, 1.1]);
  const curve = (a: Tensor): Tensor => a.sin().mul(a);
  const diagonal = (j: unknown): number[] => (j as Tensor).diagonal().tolist() as number[];
  const slopes = [0.3, -0.7, 1.1].map((v) => Math.sin(v) + v * Math.cos(v));
  const closeTo = (got: readonly number[], want: readonly number[]): void => {
    assert.equal(got.length, want.length);
    got.forEach((value, i) => {
      assert.ok(Math.abs(value - (want[i] as number)) < 1e-12, `${value} is not ${want[i]}`);
    });
  };

  it("runs one backward for each row where somebody watches, or a hook is to hear of each", () => {
    assert.equal(watched(() => jacobian(curve, x)).backwards, 3);
    let heard = 0;
    const hooked = jacobian((a) => {
      const y = a.sin();
      y.registerHook((grad) => {
        assert.deepEqual(grad.shape, [3]);
        heard++;
      });
      return y.mul(a);
    }, x);
    assert.equal(heard, 3);
    closeTo(diagonal(hooked), slopes);
  });

  it("finds the op that makes a NaN in anomaly mode", () => {
    const zero = wide([0, 1]);
    const find = () => autograd.detectAnomaly(() => jacobian((a) => a.sqrt().mul(a.mul(0).sum()), zero));
    const [, warning] = warningsOf(() => assert.throws(find, /returned nan values/));
    assert.match(warning ?? "", /Error detected in SqrtBackward0/);
  });

  it("calls a custom backward once for each row, with numbers", () => {
    const seen: number[][] = [];
    class Doubled extends autograd.Function {
      static forward(_ctx: unknown, a: Tensor): Tensor {
        return a.mul(2);
      }
      static backward(_ctx: unknown, grad: Tensor): Tensor {
        seen.push(grad.tolist() as number[]);
        return grad.mul_(2);
      }
    }
    const j = jacobian((a) => {
      const twice = Doubled.apply(a.mul(1)) as Tensor;
      return twice.add(twice.sin());
    }, x);
    closeTo(
      diagonal(j),
      [0.3, -0.7, 1.1].map((v) => 2 + 2 * Math.cos(2 * v)),
    );
    assert.equal(seen.length, 3);
    assert.ok(seen.every((row, i) => row.every((value, k) => (value !== 0) === (i === k))));
  });

  it("is the same where a custom backward writes to a gradient that others share", () => {
    class Writing extends autograd.Function {
      static forward(_ctx: unknown, a: Tensor): Tensor {
        return a.mul(2);
      }
      static backward(_ctx: unknown, grad: Tensor): Tensor {
        return grad.mul_(2);
      }
    }
    // PyTorch, too, gives 5 for the first and 8 for the second: what is written arrives at mul.
    const sums = [
      (a: Tensor) => (Writing.apply(a.mul(1)) as Tensor).add(a.mul(3)),
      (a: Tensor) => a.mul(3).add(Writing.apply(a.mul(1)) as Tensor),
    ];
    same(...sums.map((sum) => () => [jacobian(sum, x) as Tensor]));
    assert.deepEqual(
      sums.map((sum) => diagonal(jacobian(sum, x))),
      [
        [5, 5, 5],
        [8, 8, 8],
      ],
    );
  });

  it("takes parts of it where all rows at once would not fit the caches", () => {
    const wideInput = ones(700, { dtype: "float64" });
    const j = jacobian((a) => a.square().mul(wide([2])), wideInput) as Tensor;
    assert.deepEqual(j.shape, [700, 700]);
    assert.ok(j.equal(ones(700, { dtype: "float64" }).mul(4).diag()));
  });

  it("belongs to the caller alone: dense, at version 0, and without a graph unless that was asked for", () => {
    const constant = jacobian((a) => a.sum().mul(ones(2, { dtype: "float64" })), x) as Tensor;
    assert.deepEqual([constant.isContiguous(), constant._version, constant.requiresGrad], [true, 0, false]);
    (jacobian((a) => a, x) as Tensor).zero_();
    assert.deepEqual(x.tolist(), [0.3, -0.7, 1.1]);
    const followed = jacobian(curve, x.clone().requiresGrad_(), { createGraph: true }) as Tensor;
    assert.equal(followed.requiresGrad, true);
  });

  it("of several inputs shares no memory between them", () => {
    const [left, right] = jacobian((a, b) => a.add(b), [x, x]) as [Tensor, Tensor];
    left.zero_();
    assert.deepEqual([diagonal(right), right._version], [[1, 1, 1], 0]);
  });

  it("by columns is row-major, too", () => {
    const tall = jacobian(
      (a) =>
        a
          .unsqueeze(0)
          .mul(ones([10, 1]))
          .reshape(-1)
          .square(),
      wide([2, 3]),
    ) as Tensor;
    assert.deepEqual(
      [tall.shape, tall.stride()],
      [
        [20, 2],
        [2, 1],
      ],
    );
  });

  it("of a window that reaches beyond its tensor is right", () => {
    same(() => [
      jacobian((a) => a.mul(1).narrow(0, 0, 3).asStrided([3], [1], 2).square(), wide([1, 2, 3, 4, 5, 6])) as Tensor,
    ]);
  });

  it("lets the hooks of a leaf, which is an output itself, hear of each row", () => {
    const rows: unknown[] = [];
    jacobian(
      (a) => {
        a.registerHook((grad) => {
          rows.push(grad.tolist());
        });
        return [a, a.sin()];
      },
      wide([1, 2]),
    );
    assert.deepEqual(rows.slice(0, 2), [
      [1, 0],
      [0, 1],
    ]);
  });

  it("takes a custom Function with outputs that are no tensors, or no gradient", () => {
    for (const materialize of [true, false]) {
      class Two extends autograd.Function {
        static forward(ctx: autograd.FunctionCtx, a: Tensor): [null, Tensor] {
          ctx.setMaterializeGrads(materialize);
          return [null, a.mul(2)];
        }
        static backward(_ctx: unknown, _none: null, grad: Tensor): Tensor {
          return grad.mul(2);
        }
      }
      closeTo(diagonal(jacobian((a) => (Two.apply(a) as unknown as [null, Tensor])[1], x)), [2, 2, 2]);
    }
  });

  it("leaves to a custom backward that some rows have no gradient, and others one that broadcasts", () => {
    class Moody extends autograd.Function {
      static forward(_ctx: unknown, a: Tensor): Tensor {
        return a.mul(2);
      }
      static backward(_ctx: unknown, grad: Tensor): Tensor | null {
        if (grad.select(0, 0).item() !== 0) return null;
        return grad.select(0, 1).item() !== 0 ? grad.unsqueeze(0).expand(2, 3) : grad;
      }
    }
    same(() => [jacobian((a) => Moody.apply(a.log()) as Tensor, wide([0, 1, 2])) as Tensor]);
    assert.throws(
      () => jacobian((a) => Moody.apply(a.log()) as Tensor, wide([0, 1, 2]), { strict: true }),
      /independent of input/,
    );
  });

  it("lets unpack hooks work on tensors of their own", () => {
    class Cube extends autograd.Function {
      static forward(ctx: autograd.FunctionCtx, a: Tensor): Tensor {
        ctx.saveForBackward(a);
        return a.pow(3);
      }
      static backward(ctx: autograd.FunctionCtx, grad: Tensor): Tensor {
        return (ctx.savedTensors[0] as Tensor).square().mul(3).mul(grad);
      }
    }
    const seen: unknown[] = [];
    const unpack = (kept: unknown): Tensor => {
      const copy = (kept as Tensor).detach().requiresGrad_();
      const [grad] = enableGrad(() => autograd.grad((Cube.apply(copy) as Tensor).sum(), copy));
      seen.push(grad.tolist());
      return kept as Tensor;
    };
    jacobian(
      (a) =>
        savedTensorsHooks(
          (kept) => kept.detach(),
          unpack,
          () => a.sin(),
        ),
      wide([1, 2]),
    );
    assert.deepEqual(seen, [[3, 12]]);
  });

  it("goes row by row where a hook comes up on the way", () => {
    const heard: number[] = [];
    let early: Tensor | null = null;
    class Registering extends autograd.Function {
      static forward(_ctx: unknown, a: Tensor): Tensor {
        return a.mul(1);
      }
      static backward(_ctx: unknown, grad: Tensor): Tensor {
        early?.registerHook((q) => {
          heard.push(q.sum().item());
        });
        early = null;
        return grad;
      }
    }
    const j = jacobian(
      (a) => {
        early = a.mul(2);
        return Registering.apply(early) as Tensor;
      },
      wide([1, 2]),
    );
    closeTo(diagonal(j), [2, 2]);
    assert.ok(heard.length > 0 && heard.every((sum) => sum === 1));
  });

  it("with strict refuses what does not depend on an input, as row by row", () => {
    assert.throws(() => jacobian((a, b) => [a.mul(2), b.mul(2)], [x, x], { strict: true }), /independent of input/);
  });
});

describe("a Jacobian of a Jacobian", () => {
  const x = wide([0.3, -0.7, 1.1]);
  const inner =
    (f: (a: Tensor) => Tensor) =>
    (a: Tensor): Tensor =>
      jacobian(f, a, { createGraph: true }) as Tensor;
  const cases: readonly (readonly [string, (a: Tensor) => Tensor])[] = [
    ["parts put together", (a) => stack([a.select(0, 0), a.select(0, 1)]).square()],
    ["joined tensors", (a) => cat([a, a.sin()]).square()],
    ["rows picked by an index", (a) => a.indexSelect(0, tensor([0, 2, 2], { dtype: "int64" })).pow(3)],
    ["running products", (a) => a.relu().cumprod(0)],
    ["products of matrices", (a) => a.outer(a).mm(a.unsqueeze(1)).flatten()],
    ["shares", (a) => a.softmax(0).mul(a)],
    [
      "broadcasting",
      (a) =>
        a
          .unsqueeze(0)
          .expand(2, 3)
          .mul(a.unsqueeze(1).narrow(0, 0, 2))
          .exp(),
    ],
    ["writing to views", (a) => withWrite(a.mul(1)).square()],
  ];
  for (const [what, f] of cases) {
    it(`of ${what} is the one that comes row by row`, () => {
      const total = (a: Tensor): Tensor => inner(f)(a).square().sum();
      same(
        () => [jacobian(inner(f), x) as Tensor],
        () => [hessian(total, x) as Tensor],
        () => flat(jacobian(inner(inner(f)), x)),
      );
    });
  }

  it("as of vectors that come twice at once", () => {
    const a = wide([1, 2, 3]).requiresGrad_();
    const y = cat([a, a.sum(0, true)]).square();
    const batched = (n: number) => ({ gradOutputs: eye(n, { dtype: "float64" }), isGradsBatched: true });
    const [first] = autograd.grad(y, a, { ...batched(4), createGraph: true });
    assert.deepEqual(autograd.grad(first.sum(0), a, batched(3))[0].tolist(), [
      [4, 2, 2],
      [2, 4, 2],
      [2, 2, 4],
    ]);
  });
});

function withWrite(a: Tensor): Tensor {
  a.narrow(0, 1, 2).mul_(a.select(0, 0).clone());
  return a;
}

describe("isGradsBatched", () => {
  const x = wide([1, 2, 3]).requiresGrad_();

  it("gives the gradients of all vectors along the first dimension", () => {
    const [rows] = autograd.grad(x.square(), x, { gradOutputs: eye(3, { dtype: "float64" }), isGradsBatched: true });
    assert.deepEqual(rows.tolist(), [
      [2, 0, 0],
      [0, 4, 0],
      [0, 0, 6],
    ]);
    const [ofSum] = autograd.grad(x.square().sum(), x, { gradOutputs: wide([1, 10]), isGradsBatched: true });
    assert.deepEqual(ofSum.tolist(), [
      [2, 4, 6],
      [20, 40, 60],
    ]);
    const other = wide([1]).requiresGrad_();
    const both = autograd.grad([x.square(), x.sum()], [x, other], {
      gradOutputs: [ones([2, 3], { dtype: "float64" }), wide([1, 2])],
      isGradsBatched: true,
      allowUnused: true,
    });
    assert.deepEqual(
      both.map((part) => part?.tolist()),
      [
        [
          [3, 5, 7],
          [4, 6, 8],
        ],
        undefined,
      ],
    );
  });

  it("frees the graph afterwards unless it is to be kept, and can be differentiated again", () => {
    const y = x.pow(3);
    const vectors = { gradOutputs: ones([2, 3], { dtype: "float64" }), isGradsBatched: true };
    autograd.grad(y, x, { ...vectors, retainGraph: true });
    const [first] = autograd.grad(y, x, { ...vectors, createGraph: true });
    assert.deepEqual(autograd.grad(first.sum(), x)[0].tolist(), [12, 24, 36]);
    const z = x.pow(3);
    autograd.grad(z, x, vectors);
    assert.throws(() => autograd.grad(z, x, vectors), /backward through the graph a second time/);
  });

  it("runs hooks for each vector, and frees the graph after the last", () => {
    const y = x.pow(3);
    const seen: unknown[] = [];
    y.registerHook((grad) => {
      seen.push(grad.tolist());
    });
    const z = y.mul(2);
    const gradOutputs = wide([
      [1, 1, 1],
      [1, 0, 0],
    ]);
    const [rows] = autograd.grad(z, x, { gradOutputs, isGradsBatched: true });
    assert.deepEqual(rows.tolist(), [
      [6, 24, 54],
      [6, 0, 0],
    ]);
    assert.deepEqual(seen, [
      [2, 2, 2],
      [2, 0, 0],
    ]);
    assert.throws(() => autograd.grad(z, x, { gradOutputs, isGradsBatched: true }), /a second time/);
  });

  it("has zeros for vectors that have no gradient where others have one", () => {
    class Some extends autograd.Function {
      static forward(_ctx: unknown, a: Tensor): Tensor {
        return a.mul(2);
      }
      static backward(_ctx: unknown, grad: Tensor): Tensor | null {
        return grad.sum().item() > 1 ? grad : null;
      }
    }
    for (const hooked of [true, false]) {
      const y = Some.apply(x) as Tensor;
      if (hooked) y.registerHook(() => {});
      const gradOutputs = wide([
        [1, 0, 0],
        [1, 1, 1],
        [0, 0, 0],
      ]);
      const [rows] = autograd.grad(y, x, { gradOutputs, isGradsBatched: true, allowUnused: true });
      assert.deepEqual(rows?.tolist(), [
        [0, 0, 0],
        [1, 1, 1],
        [0, 0, 0],
      ]);
    }
  });

  it("has a graph of the result where that is asked for, inside noGrad, too", () => {
    const square = wide([
      [1, 2],
      [3, 4],
    ]).requiresGrad_();
    const y = square.t().pow(3);
    const options = { gradOutputs: ones([2, 2, 2], { dtype: "float64" }), isGradsBatched: true, createGraph: true };
    assert.equal(noGrad(() => autograd.grad(y, square, options))[0].requiresGrad, true);
  });

  it("takes norms of empty tensors", () => {
    const empty = zeros([2, 0], { requiresGrad: true });
    const gradOutputs = ones([3, 2, 0]);
    const [grad] = autograd.grad(F.layerNorm(empty, [0], zeros(0)), empty, { gradOutputs, isGradsBatched: true });
    assert.deepEqual(grad.shape, [3, 2, 0]);
  });

  it("says what the shapes must be", () => {
    const ask = (gradOutputs: Tensor | Tensor[] | undefined, outputs: Tensor | Tensor[] = x.square()): unknown =>
      autograd.grad(outputs, x, { gradOutputs, isGradsBatched: true });
    assert.throws(
      () => ask(ones(2, 4)),
      /interpret the first dimension of each gradOutput as the batch dimension.*\[batch, 3\], as/,
    );
    assert.throws(() => ask(ones(3)), /\[batch, 3\]/);
    assert.throws(() => ask(tensor(1), x.sum()), /\[batch\]/);
    assert.throws(() => ask(undefined, x.sum()), /isGradsBatched: true needs gradOutputs/);
    assert.throws(() => ask(ones(0, 3)), /must not be empty/);
    assert.throws(() => ask([ones(2, 3), ones(3, 3)], [x.square(), x.sin()]), /same size in their first dimension/);
    for (const wrong of [[1], 1, "a", {}])
      assert.throws(() => ask(wrong as never), /gradients can be either Tensors or null, but got/);
    assert.throws(() => autograd.grad(x.sum(), x, { isGradBatched: true } as object), /isGradsBatched/);
  });
});

/** An op on a sample as a function of those of its inputs that it can be differentiated for; null when there are none. */
function asFunction(op: Op, sample: Sample): { fn: TensorFunction; inputs: Tensor[] } | null {
  const all = sampleInputs(op, sample);
  const places = all.flatMap((x, i) => (x.requiresGrad ? [i] : []));
  if (places.length === 0) return null;
  const fn: TensorFunction = (...xs) => {
    manualSeed(1);
    const inputs = all.map((x, i) => xs[places.indexOf(i)] ?? x);
    const outputs = callOp(op, sample, inputs).filter((out) => out.requiresGrad);
    // So that second derivatives are not all zero.
    return outputs.map((out) => out.mul(out.sin()));
  };
  return { fn, inputs: places.map((i) => all[i] as Tensor) };
}

/** Whether a Jacobian reads each saved tensor once, however many rows it has. */
function readsOnce(fn: TensorFunction, inputs: readonly Tensor[]): boolean {
  const reads = new Map<Tensor, number>();
  const read = (x: unknown): Tensor => {
    reads.set(x as Tensor, (reads.get(x as Tensor) ?? 0) + 1);
    return x as Tensor;
  };
  const kept = (x: Tensor): Tensor => x.detach();
  savedTensorsHooks(kept, read, () => jacobian((...xs) => sumOf(fn(...xs)).mul(ones(2)), inputs));
  return [...reads.values()].every((times) => times === 1);
}

const flat = (x: Tensor | Tensor[] | Tensor[][]): Tensor[] => [x].flat(2) as Tensor[];
const sumOf = (x: Tensor | Tensor[]): Tensor => flat(x).reduce((sum, part) => sum.add(part.sum()), tensor(0));

/** Compares what is computed at once with what is computed row by row, as it is when somebody watches. */
function same(...computed: (() => readonly (Tensor | null)[])[]): void {
  for (const compute of computed) {
    const atOnce = compute();
    const { result: oneByOne } = watched(compute);
    assert.equal(atOnce.length, oneByOne.length);
    atOnce.forEach((x, i) => {
      const wanted = oneByOne[i];
      assert.deepEqual([x?.shape, x?.dtype], [wanted?.shape, wanted?.dtype]);
      if (x === null || wanted === null || wanted === undefined) return;
      const values = wanted.toArray();
      x.toArray().forEach((value, k) => {
        const want = values[k] as number;
        const close = Object.is(value, want) || Math.abs(value - want) <= 1e-11 * Math.max(1, Math.abs(want));
        assert.ok(close, `element ${k} of result ${i} is ${value}, not ${want}`);
      });
    });
  }
}

/** Counts backward passes. */
function watched<R>(compute: () => R): { result: R; backwards: number } {
  let backwards = 0;
  const counter = { backwardEnd: () => backwards++ };
  const get = (target: typeof counter, name: string): unknown => target[name as "backwardEnd"] ?? (() => {});
  const before = observe(new Proxy(counter, { get }) as unknown as Observer);
  try {
    const result = compute();
    return { result, backwards };
  } finally {
    observe(before);
  }
}
