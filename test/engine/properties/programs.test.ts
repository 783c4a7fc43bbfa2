import assert from "node:assert/strict";
import fc from "fast-check";
import { autograd, nn, optim, type Tensor, tensor } from "../../../engine/index.ts";
import { options, randomTensor, seeds } from "./arbitraries.ts";
import { assertAllClose, assertClose } from "./assertClose.ts";

/** Steps that take one or two [3, 3] matrices to another and are smooth everywhere. */
const steps: readonly ((a: Tensor, b: Tensor) => Tensor)[] = [
  (a, b) => a.mul(b),
  (a, b) => a.sub(b),
  (a, b) => a.mm(b).mul(0.3),
  (a) => a.tanh(),
  (a) => a.sin(),
  (a) => a.t(),
  (a) => a.softmax(1),
  (a) => a.square().add(1).log(),
  (a, b) => a.div(b.square().add(1)),
  (a) => a.sum(0, true).expand(3, 3),
  (a, b) => a.narrow(0, 0, 2).mm(b).sigmoid().sum(0).add(a),
  (a, b) => {
    const base = a.clone();
    base.select(0, 1).mul_(b.select(0, 0));
    return base;
  },
  (a) => a.flip(0).cumsum(1).mul(0.5),
];

/** Which step, and which two earlier values it takes. */
const program = fc.array(fc.tuple(fc.nat(steps.length - 1), fc.nat(), fc.nat()), { minLength: 1, maxLength: 12 });
type Program = readonly (readonly [number, number, number])[];

const leaves = (seed: number): Tensor[] => [0, 1].map((i) => randomTensor([3, 3], seed + i).requiresGrad_());

function run(lines: Program, inputs: readonly Tensor[]): Tensor[] {
  const values = [...inputs];
  for (const [step, i, j] of lines) {
    values.push(
      (steps[step] as (a: Tensor, b: Tensor) => Tensor)(
        values[i % values.length] as Tensor,
        values[j % values.length] as Tensor,
      ),
    );
  }
  return values.slice(inputs.length);
}

const loss = (values: readonly Tensor[], seed: number): Tensor =>
  values.map((x, i) => x.mul(randomTensor([3, 3], seed + i)).sum()).reduce((a, b) => a.add(b));

const gradientsOf = (y: Tensor, xs: readonly Tensor[], createGraph = false): Tensor[] =>
  autograd.grad(y, xs, { materializeGrads: true, retainGraph: true, createGraph }) as Tensor[];

describe("random programs", () => {
  it("the gradient of a sum of parts is the sum of the parts' gradients, however it is asked for", () => {
    const property = fc.property(program, seeds, (lines, seed) => {
      const xs = leaves(seed);
      const values = run(lines, xs);
      const parts = values.map((x, i) => x.mul(randomTensor([3, 3], seed + i)).sum());
      const together = gradientsOf(
        parts.reduce((a, b) => a.add(b)),
        xs,
      );
      const sums = parts.map((part) => gradientsOf(part, xs)).reduce((a, b) => a.map((g, i) => g.add(b[i] as Tensor)));
      assertAllClose(together, sums, "sum of gradients");
      assertAllClose(
        autograd.grad(parts, xs, { materializeGrads: true, retainGraph: true }) as Tensor[],
        together,
        "several roots",
      );
      for (const part of parts) part.backward(null, { retainGraph: true });
      assertAllClose(
        xs.map((x) => x.grad ?? x.detach().zerosLike()),
        together,
        "accumulated",
      );
    });
    fc.assert(property, options(60));
  });

  it("gradients agree with finite differences, and gradients of gradients too", () => {
    const property = fc.property(program, seeds, (lines, seed) => {
      const fn = (...xs: Tensor[]): Tensor => loss(run(lines, xs), seed);
      assert.equal(autograd.gradcheck(fn, leaves(seed), { fastMode: true, atol: 1e-5, rtol: 1e-3 }), true);
      if (fn(...leaves(seed)).requiresGrad)
        assert.equal(autograd.gradgradcheck(fn, leaves(seed), null, { fastMode: true, atol: 1e-4, rtol: 1e-3 }), true);
    });
    fc.assert(property, options(25));
  });

  it("second derivatives are symmetric", () => {
    const property = fc.property(program, seeds, (lines, seed) => {
      const xs = leaves(seed);
      const first = gradientsOf(loss(run(lines, xs), seed), xs, true);
      const [u, v] = [0, 10].map((shift) => xs.map((_, i) => randomTensor([3, 3], seed + 50 + shift + i))) as [
        Tensor[],
        Tensor[],
      ];
      const along = (w: readonly Tensor[]): Tensor[] => {
        const slope = first.map((g, i) => g.mul(w[i] as Tensor).sum()).reduce((a, b) => a.add(b));
        return slope.requiresGrad ? gradientsOf(slope, xs) : xs.map((x) => x.detach().zerosLike());
      };
      const dot = (a: readonly Tensor[], b: readonly Tensor[]): number =>
        a.reduce(
          (sum, x, i) =>
            sum +
            x
              .mul(b[i] as Tensor)
              .sum()
              .item(),
          0,
        );
      const [left, right] = [dot(u, along(v)), dot(v, along(u))];
      assert.ok(Math.abs(left - right) <= 1e-7 * (1 + Math.abs(right)), `uᵀHv is ${left}, vᵀHu is ${right}`);
    });
    fc.assert(property, options(60));
  });

  it("a graph that is kept gives the same gradients again, and one that is built anew too", () => {
    const property = fc.property(program, seeds, (lines, seed) => {
      const xs = leaves(seed);
      const y = loss(run(lines, xs), seed);
      const first = gradientsOf(y, xs);
      assertAllClose(gradientsOf(y, xs), first, "again", 0);
      assertAllClose(gradientsOf(y, xs, true), first, "with a graph", 0);
      assertAllClose(gradientsOf(loss(run(lines, xs), seed), xs), first, "anew", 0);
    });
    fc.assert(property, options(30));
  });

  it("gradients of micro-batches add up to that of the batch, and one step takes both to the same weights", () => {
    const property = fc.property(
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
      seeds,
      (sizes, seed) => {
        const total = sizes.reduce((a, b) => a + b, 0);
        const [x, y] = [randomTensor([total, 3], seed), randomTensor([total, 1], seed + 1)];
        const train = (chunks: readonly number[]): Tensor[] => {
          const net = new nn.Sequential(new nn.Linear(3, 4), new nn.Tanh(), new nn.Linear(4, 1)).double();
          net.parameters().forEach((p, i) => void p.data.copy_(randomTensor(p.shape, seed + 10 + i)));
          const optimizer = new optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9 });
          const [xs, ys] = [x.split([...chunks]), y.split([...chunks])];
          xs.forEach((part, i) => {
            const error = (net.forward(part) as Tensor).sub(ys[i] as Tensor);
            error.square().sum().div(total).backward();
          });
          optimizer.step();
          return net.parameters();
        };
        const [whole, parts] = [train([total]), train(sizes)];
        whole.forEach((p, i) => {
          assertClose(parts[i]?.grad as Tensor, p.grad as Tensor, "gradient", 1e-10);
          assertClose((parts[i] as Tensor).detach(), p.detach(), "weight", 1e-10);
        });
      },
    );
    fc.assert(property, options(15));
  });

  it("dtypes: a float32 program has the gradients of the float64 one, rounded", () => {
    const property = fc.property(program, seeds, (lines, seed) => {
      const wide = leaves(seed);
      const narrow = wide.map((x) =>
        tensor(x.toArray() as Float64Array, { dtype: "float32" })
          .reshape(3, 3)
          .detach()
          .requiresGrad_(),
      );
      const weights = (dtype: "float32" | "float64") => (x: Tensor, i: number) =>
        x.mul(randomTensor([3, 3], seed + i).to(dtype)).sum();
      const sum = (list: readonly Tensor[]): Tensor => list.reduce((a, b) => a.add(b));
      const want = gradientsOf(sum(run(lines, wide).map(weights("float64"))), wide);
      const got = gradientsOf(sum(run(lines, narrow).map(weights("float32"))), narrow);
      const scale = Math.max(1, ...want.map((g) => g.abs().max().item()));
      got.forEach((g, i) => {
        assert.equal(g.dtype, "float32");
        assertClose(g.to("float64").div(scale), (want[i] as Tensor).div(scale), "float32", 1e-3);
      });
    });
    fc.assert(property, options(25));
  });
});
