import assert from "node:assert/strict";
import { type Observer, observe } from "../../engine/autograd/observer.ts";
import {
  autograd,
  cat,
  eye,
  F,
  func,
  getRngState,
  inferenceMode,
  manualSeed,
  nn,
  noGrad,
  ones,
  rand,
  randn,
  stack,
  type Tensor,
  tensor,
  zeros,
} from "../../engine/index.ts";

const { functionalCall, grad, gradAndValue, hessian, jacfwd, jacrev, jvp, stackModuleState, vjp, vmap } = func;
const wide = (values: unknown): Tensor => tensor(values as number[], { dtype: "float64" });
const flat = (x: Tensor): number[] => [...x.toArray()];
const close = (got: Tensor, want: unknown): void => {
  const wanted = wide(want);
  assert.deepEqual(got.shape, wanted.shape);
  near(flat(got), flat(wanted));
};

// Numbers in this file that stand without their origin are PyTorch's for the same program.
const x = wide([0.3, -0.7, 1.1]);
const rowsOfX = wide([
  [1, 2, 3],
  [0.5, -1, 0.25],
  [-2, 0, 1],
  [0.3, 0.7, -0.4],
]);
const running = (a: Tensor): Tensor => a.sin().mul(a).cumsum(0);
const scalar = (a: Tensor): Tensor => a.sin().mul(a.prod()).sum();
const HESSIAN = [
  [-1.4029530255146638, 0.3230934246359863, -0.9296465918536305],
  [0.32309342463598634, 0.3559815578558558, 0.15182282458622315],
  [-0.9296465918536305, 0.15182282458622315, 0.015358529175449137],
];

function near(got: readonly number[] | number, want: readonly number[] | number, tolerance = 1e-12): void {
  const [a, b] = [[got].flat(), [want].flat()];
  assert.equal(a.length, b.length);
  a.forEach((value, i) => {
    const wanted = b[i] as number;
    const isNear = Object.is(value, wanted) || Math.abs(value - wanted) <= tolerance * Math.max(1, Math.abs(wanted));
    assert.ok(isNear, `element ${i} is ${value}, not ${wanted}`);
  });
}

/** Runs `run` while somebody watches. */
function watched<R>(run: () => R): R {
  const before = observe(new Proxy({}, { get: () => () => {} }) as Observer);
  try {
    return run();
  } finally {
    observe(before);
  }
}

describe("func.grad", () => {
  it("gives PyTorch's gradients, also of itself", () => {
    const f = (a: Tensor): Tensor => a.sin().mul(a.pow(3));
    close(grad(grad(f))(wide(0.7)), 4.73338365029217);
    const [gradient, value] = gradAndValue(scalar)(x);
    near(flat(gradient), [-0.6384, 0.0023, -0.2187], 1e-4);
    near(value.item(), -0.1253, 1e-4);
    assert.equal(gradient.requiresGrad || value.requiresGrad, false);
  });

  it("lets derivatives flow to what the function closes over, and to arguments, that require grad", () => {
    const w = wide(2).requiresGrad_();
    const result = grad((a: Tensor) => w.mul(a.pow(3)))(wide(3));
    assert.equal(result.item(), 54);
    assert.equal(autograd.grad(result, w)[0].item(), 27);
    const a = wide(3).requiresGrad_();
    const [slope, value] = gradAndValue((b: Tensor) => b.square())(a);
    assert.equal(autograd.grad(slope.add(value), a)[0].item(), 8);
    assert.equal(a.grad, null);
  });

  it("has no graph inside noGrad, nor where only its own argument requires grad", () => {
    const w = wide(2).requiresGrad_();
    assert.equal(noGrad(() => grad((a: Tensor) => w.mul(a))(wide(3))).requiresGrad, false);
    const [ga, gb] = grad((a: Tensor, b: Tensor) => a.mul(w).add(b.square()), { argnums: [0, 1] })(wide(1), wide(5));
    assert.deepEqual([ga.requiresGrad, gb.requiresGrad, gb.item()], [true, false, 10]);
  });

  it("differentiates in inference mode, too", () => {
    inferenceMode(() => {
      for (const a of [x, x.mul(1)]) {
        close(hessian(scalar)(a), HESSIAN);
        near(jvp(scalar, [a], [a])[1].item(), grad(scalar)(a).mul(a).sum().item());
      }
    });
  });

  it("takes arguments by number, from the end too, and hands on what the function adds", () => {
    const f = (a: Tensor, b: Tensor): [Tensor, { twice: Tensor; text: string }] => [
      a.mul(b),
      { twice: b.mul(2), text: "as it is" },
    ];
    const [gradient, aux] = grad(f, { argnums: -1, hasAux: true })(wide(3), wide(4));
    assert.deepEqual([gradient.item(), aux.twice.item(), aux.twice.requiresGrad, aux.text], [3, 8, false, "as it is"]);
    const [, [value]] = gradAndValue(f, { hasAux: true })(wide(3), wide(4));
    assert.equal(value.item(), 12);
  });

  it("gives zeros where nothing depends on an argument", () => {
    assert.deepEqual(grad((_: Tensor) => wide(1))(x).tolist(), [0, 0, 0]);
  });

  it("refuses a function that writes to its argument, also where that has a history", () => {
    const f = (y: Tensor): Tensor => {
      y.mul_(2);
      return y.square().sum();
    };
    assert.throws(() => grad(f)(x), /a leaf Variable that requires grad is being used in an in-place operation/);
    const p = x.clone().requiresGrad_();
    for (const call of [() => grad(f)(p.mul(1)), () => grad((a: Tensor) => grad(f)(a.mul(1)).sum())(x)])
      assert.throws(call, /in-place operation: the function writes to its argument\. Clone it first/);
  });

  it("says what it needs", () => {
    assert.throws(
      () => grad((a: Tensor) => a)(x),
      /Expected f\(\.\.\.args\) to return a scalar Tensor, got tensor with 1 dims/,
    );
    assert.throws(() => grad((_: Tensor) => 1 as unknown as Tensor)(x), /to return a Tensor, got number/);
    assert.throws(() => grad(scalar, { argnums: 1 as 0 })(x), /Got argnum=1, but only 1 positional inputs/);
    assert.throws(() => grad(scalar, { argnums: [] as never })(x), /argnums must be non-empty/);
    assert.throws(() => grad(scalar, { argnums: [0, 0] })(x), /unique/);
    assert.throws(() => grad(scalar as never, { hasAux: true })(x as never), /should be a tuple/);
    assert.throws(() => grad((_: number) => x)(1), /must be Tensor, got number/);
    assert.throws(() => grad(scalar, { argNums: 1 } as never), /Did you mean 'argnums'/);
  });
});

describe("func.vjp and func.jvp", () => {
  it("give PyTorch's products", () => {
    const [, pull] = vjp(running, x);
    near(flat(pull(wide([1, 2, -1]))[0]), [1.164242306798043, -1.179607218336833, -1.3901630936295706]);
    near(flat(pull(wide([2, 4, -2]))[0]), [2.328484613596086, -2.359214436673666, -2.7803261872591412]);
    const [value, tangent] = jvp(running, [x], [wide([1, 2, -1])]);
    close(value, [0.08865606199840186, 0.5396084430647855, 1.5199365391323645]);
    close(tangent, [0.5821211533990214, -1.7770932832746444, -3.167256376904215]);
    assert.equal(value.requiresGrad || tangent.requiresGrad, false);
  });

  it("take lists and plain objects, in and out", () => {
    const f = ({ a }: { a: Tensor }, [b]: [Tensor]): { product: Tensor; rest: [Tensor] } => ({
      product: a.mul(b),
      rest: [b.square()],
    });
    const [output, pull, aux] = vjp(
      (p: { a: Tensor }, q: [Tensor]) => [f(p, q), "aux"] as const,
      { a: wide(2) },
      [wide(3)],
      {
        hasAux: true,
      },
    );
    assert.deepEqual([output.product.item(), aux], [6, "aux"]);
    const [ga, [gb]] = pull({ product: wide(1), rest: [wide(10)] });
    assert.deepEqual([ga.a.item(), gb.item()], [3, 62]);
    const [, tangent] = jvp(f, [{ a: wide(2) }, [wide(3)]], [{ a: wide(1) }, [wide(10)]]);
    assert.deepEqual([tangent.product.item(), tangent.rest[0].item()], [23, 60]);
    assert.throws(() => pull({ product: wide(1) } as never), /same as pytree structure of outputs/);
    assert.throws(() => jvp(running, [x], [] as never), /same structure/);
    assert.throws(() => vjp((a: Tensor) => a.gt(0), x), /must be floating-point Tensors/);
  });

  it("can be differentiated", () => {
    const v = wide([1, 2, -1]).requiresGrad_();
    const [, pull] = vjp(running, x);
    const [product] = pull(v);
    const [back] = autograd.grad(product.sum(), v);
    near(flat(back), flat(jvp(running, [x], [ones(3, { dtype: "float64" })])[1]));
    const speed = (a: Tensor): Tensor => jvp(running, [a], [a])[1].sum();
    near(flat(grad(speed)(x)), flat(grad((a: Tensor) => (jacrev(running)(a) as Tensor).mv(a).sum())(x)));
  });
});

describe("func.jacrev, func.jacfwd and func.hessian", () => {
  it("give PyTorch's Jacobians and Hessians", () => {
    const wanted = [
      [0.5821211533990214, 0, 0],
      [0.5821211533990214, -1.179607218336833, 0],
      [0.5821211533990214, -1.179607218336833, 1.3901630936295706],
    ];
    for (const jacobian of [jacrev, jacfwd]) {
      for (const chunkSize of [null, 1, 2]) close(jacobian(running, { chunkSize })(x), wanted);
      close(jacobian(grad(scalar))(x), HESSIAN);
    }
    close(hessian(scalar)(x), HESSIAN);
    assert.throws(() => jacrev(running, { chunkSize: 0 })(x), /chunkSize must be a whole number greater than 0/);
  });

  it("have the structure of outputs, and in it that of the arguments", () => {
    const f = (p: { a: Tensor }, b: Tensor): [Tensor, { s: Tensor }] => [p.a.outer(b), { s: b.sum() }];
    for (const jacobian of [jacrev, jacfwd]) {
      const j = jacobian<[{ a: Tensor }, Tensor], [[{ a: Tensor }, Tensor], { s: [{ a: Tensor }, Tensor] }]>(f, {
        argnums: [0, 1],
      })({ a: wide([1, 2]) }, x);
      assert.deepEqual(
        [j[0][0].a.shape, j[0][1].shape],
        [
          [2, 3, 2],
          [2, 3, 3],
        ],
      );
      assert.deepEqual(
        [j[1].s[0].a.tolist(), j[1].s[1].tolist()],
        [
          [0, 0],
          [1, 1, 1],
        ],
      );
      close(j[0][1].select(0, 1), [
        [2, 0, 0],
        [0, 2, 0],
        [0, 0, 2],
      ]);
    }
    const [j, aux] = jacrev<[Tensor], [Tensor, Tensor]>((a) => [running(a), a.mul(2)], { hasAux: true })(x);
    assert.deepEqual([j.shape, aux.requiresGrad], [[3, 3], false]);
  });

  it("let derivatives flow to what the function closes over", () => {
    const w = wide(2).requiresGrad_();
    for (const jacobian of [jacrev, jacfwd]) {
      const j = jacobian((a: Tensor) => a.square().mul(w))(x);
      near(autograd.grad(j.sum(), w)[0].item(), 2 * x.sum().item());
    }
  });
});

describe("func.vmap", () => {
  it("calls a function once for each element, watched or not", () => {
    const programs: (() => Tensor)[] = [
      () => vmap((a: Tensor, b: Tensor) => a.mul(b).cumsum(0).softmax(0), { inDims: [0, null] })(rowsOfX, x),
      () => {
        let calls = 0;
        return vmap((a: Tensor) => a.mul(++calls))(ones(3));
      },
      () => {
        const total = zeros(1);
        return vmap((a: Tensor) => total.add_(a))(wide([1, 2, 3]).float());
      },
    ];
    for (const program of programs) assert.deepEqual(program().tolist(), watched(program).tolist());
    assert.deepEqual(programs[1]?.().tolist(), [1, 2, 3]);
    assert.deepEqual(programs[2]?.().tolist(), [[1], [3], [6]]);
  });

  it("leaves training statistics as a loop does", () => {
    const data = randn(4, 5, 3);
    const norms = [0, 1].map(() => new nn.BatchNorm1d(3, { momentum: null })) as [nn.BatchNorm1d, nn.BatchNorm1d];
    vmap((a: Tensor) => norms[0].forward(a))(data);
    for (const a of data) norms[1].forward(a);
    assert.equal(norms[0].numBatchesTracked?.item(), 4);
    assert.deepEqual(norms[0].runningMean?.tolist(), norms[1].runningMean?.tolist());
  });

  it("gives each element of an expanded batch memory of its own, and each result", () => {
    assert.deepEqual(vmap((a: Tensor) => a.add_(1))(wide([3]).expand(4, 1)).tolist(), [[4], [4], [4], [4]]);
    const [a, b] = vmap((e: Tensor): [Tensor, Tensor] => [e, e])(wide([1, 2]));
    a.add_(1);
    assert.deepEqual(b.tolist(), [1, 2]);
  });

  it("maps over the dimensions it is told, and puts the new one where it is told", () => {
    const f = (p: { a: Tensor }, b: Tensor): [Tensor, { b: Tensor }] => [p.a.mul(b), { b: b.sum() }];
    const a = rowsOfX.t();
    const options = { inDims: [{ a: -1 }, null], outDims: [1, 0] } as const;
    for (const chunkSize of [null, 1, 3]) {
      for (const run of [watched, (each: () => [Tensor, { b: Tensor }]) => each()]) {
        const [product, { b }] = run(() => vmap(f, { ...options, chunkSize })({ a }, x));
        close(product, rowsOfX.mul(x).t().tolist());
        close(b, new Array(4).fill(x.sum().item()));
      }
    }
  });

  it("nests", () => {
    const table = vmap(
      vmap((a: Tensor, b: Tensor) => a.sub(b).square(), { inDims: [null, 0] }),
      { inDims: [0, null] },
    );
    close(table(wide([1, 2]), wide([10, 20, 30])), [
      [81, 361, 841],
      [64, 324, 784],
    ]);
    const inner = vmap((a: Tensor) => a.mul(a.sum().item()));
    near(flat(vmap(inner)(rowsOfX)), flat(rowsOfX.square()));
  });

  it("lets a function read numbers, write in place, and use autograd", () => {
    class Doubled extends autograd.Function {
      static forward(_ctx: unknown, a: Tensor): Tensor {
        return a.mul(2);
      }
      static backward(_ctx: unknown, g: Tensor): Tensor {
        return g.mul(20);
      }
    }
    const w = wide(3);
    const programs: ((a: Tensor) => Tensor)[] = [
      (a) => (a.sum().item() > 0 ? a.sin() : a.cos()),
      (a) => tensor(a.tolist() as number[], { dtype: "float64" }).mul(2),
      (a) => a.clone().mul_(2).add_(a),
      (a) => {
        const sum = zeros(3, { dtype: "float64" });
        for (const factor of [1, 2]) sum.add_(a.mul(factor));
        return sum;
      },
      (a) => {
        const out = zeros(3, { dtype: "float64" });
        out.narrow(0, 0, 1).copy_(a.narrow(0, 1, 1));
        return out;
      },
      (a) => {
        const b = a.detach().requiresGrad_();
        b.square().sum().backward();
        return b.grad as Tensor;
      },
      (a) => autograd.functional.jacobian((b) => b.mul(a), x) as Tensor,
      (a) => autograd.functional.vjp((b) => b.mul(a), x, x)[1] as Tensor,
      (a) => {
        const v = w.detach().requiresGrad_();
        return autograd.grad(v.mul(a).sum(), v)[0];
      },
      (a) => Doubled.apply(a) as Tensor,
      (a) =>
        autograd.graph.savedTensorsHooks(
          (k) => k,
          (k) => k as Tensor,
          () => a.sin(),
        ),
      (a) => a.clone().detach_(),
      (a) => {
        const b = a.mul(2);
        b.data = x;
        return b.mul(a);
      },
      (a) => F.layerNorm(a, [3]),
      (a) => a.sort().values,
      (a) => stack([a, a.sin()]).flatten(),
      (a) => cat([a, x]),
    ];
    for (const program of programs) {
      const wanted = stack([...rowsOfX].map((row) => program(row)));
      near(flat(vmap(program)(rowsOfX)), flat(wanted), 1e-12);
    }
    const rows = rowsOfX.clone().requiresGrad_();
    const [back] = autograd.grad(vmap((a: Tensor) => Doubled.apply(a) as Tensor)(rows).sum(), rows);
    assert.ok(flat(back).every((slope) => slope === 20));
    const asked = vmap((a: Tensor) => a.mul(a.requiresGrad ? 2 : 3))(rows);
    near(flat(asked), flat(rows.mul(2)));
    const hooked = vmap(
      grad((a: Tensor) => {
        const b = a.mul(2);
        b.registerHook((g) => g.mul(3));
        return b.sum();
      }),
    );
    assert.ok(flat(hooked(rowsOfX)).every((slope) => slope === 6));
    const cut = vmap((a: Tensor) => a.mul(1).detach_())(rows);
    assert.equal(cut.requiresGrad, false);
  });

  it("calls hooks once for each element", () => {
    const v = x.clone().requiresGrad_();
    const y = v.square();
    const heard: unknown[] = [];
    y.registerHook((g) => {
      heard.push(g.shape);
    });
    const rows = vmap((u: Tensor) => autograd.grad(y, v, { gradOutputs: u, retainGraph: true })[0])(rowsOfX);
    near(flat(rows), flat(rowsOfX.mul(x).mul(2)));
    assert.deepEqual(heard, [[3], [3], [3], [3]]);
  });

  it("runs a backward of before for each vector", () => {
    const [, pull] = vjp(running, x);
    const j = vmap((v: Tensor) => pull(v)[0])(eye(3, { dtype: "float64" }));
    near(flat(j), flat(jacrev(running)(x)));
  });

  it("lets gradients flow through it, and to what the function closes over", () => {
    const w = x.clone().requiresGrad_();
    const rows = rowsOfX.clone().requiresGrad_();
    for (const read of [false, true]) {
      const out = vmap((a: Tensor) => (read && a.sum().item() > 99 ? a : a.mul(w).sin()))(rows);
      const got = autograd.grad(out.sum(), [w, rows]);
      const want = autograd.grad(rows.mul(w).sin().sum(), [w, rows]);
      got.forEach((g, i) => {
        near(flat(g), flat(want[i] as Tensor));
      });
    }
  });

  it("refuses random numbers unless told which, and leaves the generator as it was", () => {
    manualSeed(3);
    randn(1);
    const before = getRngState();
    for (const random of [(a: Tensor) => a.add(rand(3)), (a: Tensor) => F.dropout(a), (a: Tensor) => a.add(randn(1))])
      assert.throws(() => vmap(random)(rowsOfX), /vmap: called random operation while in randomness error mode/);
    assert.deepEqual(getRngState(), before);
    const noise = (randomness: "same" | "different") => vmap((_: Tensor) => rand(2), { randomness })(rowsOfX);
    const [first, second] = noise("same") as unknown as [Tensor, Tensor];
    assert.deepEqual(first.tolist(), second.tolist());
    manualSeed(4);
    const rows = noise("different");
    manualSeed(4);
    assert.deepEqual(
      rows.tolist(),
      Array.from({ length: 4 }, () => rand(2).tolist()),
    );
    assert.throws(() => vmap((a: Tensor) => a, { randomness: "none" as "same" }), /Only allowed values for randomness/);
  });

  it("says what does not fit", () => {
    const f = (a: Tensor, b: Tensor): Tensor => a.add(b);
    assert.throws(() => vmap(f)(ones(2, 3), ones(3)), /same size in the mapped dimension, got sizes \[2, 3\]/);
    assert.throws(() => vmap(f, { inDims: [0] })(x, x), /inDims is not compatible/);
    assert.throws(() => vmap(f, { inDims: null })(x, x), /Expected at least one Tensor to vmap over/);
    assert.throws(() => vmap(f, { inDims: 1 })(x, x), /dimensionality 1 so expected inDim to satisfy -1 <= inDim < 1/);
    assert.throws(() => vmap(f as never)(x as never, 1 as never), /cannot vmap over non-Tensor arguments/);
    assert.throws(() => vmap(() => x)(), /got no inputs/);
    assert.throws(() => vmap((a: Tensor) => a.item())(x), /must only return Tensors, got type number/);
    assert.throws(() => vmap((a: Tensor) => a, { outDims: [0, 0] })(x), /outDims is not compatible/);
    assert.throws(() => vmap((a: Tensor) => a.add(ones(2)))(rowsOfX), /must match the size|broadcast/);
    const mixed = (a: Tensor): Tensor | Tensor[] => (a.item() > 1 ? [a, a] : [a]);
    assert.throws(() => vmap(mixed)(wide([1, 2])), /same structure, shape and dtype for each element/);
    assert.throws(
      () => vmap((a: Tensor) => (a.item() > 1 ? a.float() : a))(wide([1, 2])),
      /same structure, shape and dtype/,
    );
    assert.throws(() => vmap(async (a: Tensor) => a)(wide([1, 2])), /must only return Tensors, got type object/);
  });

  it("gives nothing for no elements, in the shape that it would have", () => {
    for (const randomness of ["error", "different"] as const) {
      const empty = vmap((a: Tensor) => a.sum(0), { randomness })(zeros(0, 3, { dtype: "float64" }));
      assert.deepEqual([empty.shape, empty.dtype], [[0], "float64"]);
    }
    assert.deepEqual(watched(() => vmap((a: Tensor) => a.clone().add_(a))(zeros(0, 3))).shape, [0, 3]);
  });
});

describe("transforms of modules", () => {
  const parameters = {
    w: wide([
      [0.5, -0.3],
      [0.2, 0.8],
      [-0.6, 0.1],
    ]),
    b: wide([0.1, -0.2]),
  };
  const targets = wide([
    [1, 0],
    [0, 1],
    [0.5, 0.5],
    [-1, 2],
  ]);
  const loss = (p: { w: Tensor; b: Tensor }, a: Tensor, y: Tensor): Tensor =>
    a.matmul(p.w).add(p.b).tanh().sub(y).square().sum();

  it("give PyTorch's gradients of each sample", () => {
    const perSample = vmap(grad(loss), { inDims: [null, 0, 0] });
    const plain = perSample(parameters, rowsOfX, targets);
    for (const { w, b } of [plain, watched(() => perSample(parameters, rowsOfX, targets))]) {
      close(b, [
        [-1.8605767114294278, 0.3827418717224627],
        [0, -1.2485327295466797],
        [-0.5078392362111966, -0.05958575158234017],
        [2.145680099135708, -3.366683073123395],
      ]);
      near(
        flat(w.select(0, 3)),
        [
          0.6437040297407124, -1.0100049219370184, 1.5019760693949955, -2.3566781511863764, -0.8582720396542833,
          1.346673229249,
        ],
      );
    }
    for (const transform of [hessian<[Tensor], Tensor>, <T>(f: (a: Tensor) => Tensor) => jacfwd(grad(f)) as T]) {
      const each = vmap(transform(scalar) as (a: Tensor) => Tensor)(rowsOfX);
      near(
        flat(each.select(0, 1)),
        [
          -0.378863088619661, -0.05403812796803098, -0.566377899423677, -0.05403812796803098, 0.029891703366047878,
          -0.20635784369482457, -0.566377899423677, -0.20635784369482457, -0.9379869268038294,
        ],
      );
    }
    close(
      vmap((a: Tensor) => jvp(running, [a], [x])[1])(rowsOfX).select(0, 2),
      flat(jvp(running, [rowsOfX.select(0, 2)], [x])[1]),
    );
    const total = (p: { w: Tensor; b: Tensor }): Tensor => perSample(p, rowsOfX, targets).w.square().sum();
    const total1 = (p: { w: Tensor; b: Tensor }): Tensor =>
      stack(Array.from({ length: 4 }, (_, i) => grad(loss)(p, rowsOfX.select(0, i), targets.select(0, i)).w))
        .square()
        .sum();
    near(flat(grad(total)(parameters).w), flat(grad(total1)(parameters).w), 1e-10);
  });

  it("differentiate functionalCall for an object of parameters", () => {
    manualSeed(1);
    const net = new nn.Sequential(new nn.Linear(3, 4), new nn.Tanh(), new nn.Linear(4, 2));
    const params = Object.fromEntries(net.namedParameters().map(([path, p]) => [path, p.detach()]));
    const data = randn(5, 3);
    const of = (p: { [path: string]: Tensor }, a: Tensor): Tensor => functionalCall(net, p, a).square().sum();
    const got = grad(of)(params, data);
    of(Object.fromEntries(net.namedParameters()), data).backward();
    for (const [path, p] of net.namedParameters()) near(flat(got[path] as Tensor), flat(p.grad as Tensor), 1e-5);
    const each = vmap(grad(of), { inDims: [null, 0] })(params, data);
    for (const [path, g] of Object.entries(got)) near(flat((each[path] as Tensor).sum(0)), flat(g), 1e-5);
  });

  it("run several modules as one", () => {
    manualSeed(2);
    const nets = Array.from(
      { length: 3 },
      () => new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU(), new nn.Linear(4, 1)),
    );
    const [params, buffers] = stackModuleState(nets);
    const data = randn(5, 3);
    const first = nets[0] as nn.Sequential;
    const fn = (p: typeof params, b: typeof buffers, a: Tensor) => functionalCall(first, [p, b], a) as Tensor;
    const out = vmap(fn, { inDims: [0, 0, null] })(params, buffers, data);
    near(flat(out), flat(stack(nets.map((net) => net.forward(data)))), 1e-6);
    out.sum().backward();
    const weight = params["0.weight"] as Tensor;
    assert.deepEqual([weight.grad?.shape, weight.isLeaf, first.parameters()[0]?.grad], [[3, 4, 3], true, null]);
    assert.throws(() => stackModuleState([]), /Expected at least one model, got 0/);
    assert.throws(() => stackModuleState([first, new nn.Linear(1, 1)]), /of the same class/);
    assert.throws(
      () => stackModuleState([new nn.Linear(1, 1), new nn.Linear(1, 1).eval()]),
      /same training\/eval mode/,
    );
    const frozen = new nn.Linear(1, 1);
    frozen.weight.requiresGrad_(false);
    assert.throws(() => stackModuleState([frozen, new nn.Linear(1, 1)]), /weight from each model to have the same/);
  });
});
