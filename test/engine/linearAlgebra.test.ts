import assert from "node:assert/strict";
import { gradcheck, gradgradcheck } from "../../engine/gradcheck/gradcheck.ts";
import { det, eye, linalg, randn, slogdet, stack, type Tensor, tensor, zeros } from "../../engine/index.ts";
import { near } from "../support/near.ts";

const random = (...shape: number[]): Tensor => randn(shape, { dtype: "float64" });
const apart = (a: Tensor, b: Tensor): number => (a.elements === 0 ? 0 : a.sub(b).abs().max().item());
const turned = (x: Tensor): Tensor => x.transpose(-2, -1);

describe("decompositions", () => {
  for (const [m, n] of [
    [1, 1],
    [5, 5],
    [6, 3],
    [3, 6],
    [12, 12],
  ] as const) {
    it(`multiply back to a ${m} by ${n} matrix, with orthonormal factors`, () => {
      const a = random(m, n);
      const k = Math.min(m, n);
      const { Q, R } = linalg.qr(a);
      assert.ok(apart(Q.mm(R), a) < 1e-12);
      assert.ok(apart(turned(Q).mm(Q), eye(k, { dtype: "float64" })) < 1e-12);
      assert.ok(apart(R, R.triu()) === 0);

      const { U, S, Vh } = linalg.svd(a, { fullMatrices: false });
      assert.ok(apart(U.mul(S).mm(Vh), a) < 1e-12);
      const full = linalg.svd(a);
      assert.deepEqual(
        [full.U.shape, full.Vh.shape],
        [
          [m, m],
          [n, n],
        ],
      );
      assert.ok(apart(turned(full.U).mm(full.U), eye(m, { dtype: "float64" })) < 1e-12);
      assert.ok(apart(full.Vh.mm(turned(full.Vh)), eye(n, { dtype: "float64" })) < 1e-12);
    });
  }

  it("are reflections as LAPACK keeps them, whose product is Q", () => {
    for (const a of [random(5, 3), random(3, 3), random(2, 4, 2)]) {
      const { Q, R } = linalg.qr(a);
      const { a: packed, tau } = a.geqrf();
      assert.ok(apart(packed.narrow(-2, 0, R.shape.at(-2) as number).triu(), R) < 1e-12);
      assert.ok(apart(linalg.householderProduct(packed, tau), Q) < 1e-12);
      const { Q: whole } = linalg.qr(a, "complete");
      const right = random(...a.shape.slice(0, -1), 2);
      assert.ok(apart(packed.ormqr(tau, right), whole.matmul(right)) < 1e-12);
      assert.ok(apart(packed.ormqr(tau, right, { transpose: true }), turned(whole).matmul(right)) < 1e-12);
      assert.ok(apart(packed.ormqr(tau, turned(right), false), turned(right).matmul(whole)) < 1e-12);
    }
    const wide = random(2, 4);
    const { a, tau } = wide.geqrf();
    assert.ok(apart(a.triu(), linalg.qr(wide).R) < 1e-12);
    assert.deepEqual([tau.shape, tau.select(0, 1).item()], [[2], 0]);
  });

  it("of reflections have PyTorch's gradients, and refuse shapes that do not fit", () => {
    const a = tensor([0, 1, 2, 3, 4, 5], { dtype: "float64" }).cos().reshape(3, 2).requiresGrad_();
    const tau = tensor([0.3, 0.7], { dtype: "float64", requiresGrad: true });
    const factors = tensor([1, 2, 3, 4, 5, 6], { dtype: "float64" }).reshape(3, 2);
    linalg.householderProduct(a, tau).mul(factors).sum().backward();
    near(a.grad, [0, 0, -0.58315446568759, 0, -1.7225437686001746, -3.707705410314917], 1e-7);
    near(tau.grad, [3.534396210066795, -5.054732919639852], 1e-7);
    assert.equal(
      gradcheck(linalg.householderProduct, [a.detach().requiresGrad_(), tau.detach().requiresGrad_()]),
      true,
    );
    assert.throws(
      () => linalg.householderProduct(random(2, 3), random(2)),
      /greater than or equal to input.shape\[-1\]/,
    );
    assert.throws(() => linalg.householderProduct(random(3, 2), random(3)), /greater than or equal to tau.shape\[-1\]/);
    assert.throws(() => linalg.householderProduct(random(3, 2), random(1, 2)), /one dimension less/);
    assert.throws(() => a.geqrf().tau.sum().backward(), /the derivative for 'geqrf' is not implemented/);
  });

  it("find a basis where the matrix has lost rank", () => {
    const a = random(5, 1).mm(random(1, 4));
    const { U, S, Vh } = linalg.svd(a);
    assert.ok(apart(turned(U).mm(U), eye(5, { dtype: "float64" })) < 1e-12);
    assert.ok((S.tolist() as number[]).slice(1).every((s) => s < 1e-12));
    assert.ok(apart(U.narrow(1, 0, 4).mul(S).mm(Vh), a) < 1e-12);
    assert.equal(linalg.matrixRank(a).item(), 1);
  });

  it("order eigenvalues upwards, and read one triangle alone", () => {
    const a = random(6, 6);
    const symmetric = a.tril().add(turned(a.tril(-1)));
    const { eigenvalues, eigenvectors } = linalg.eigh(a);
    assert.ok(apart(eigenvectors.mul(eigenvalues).mm(turned(eigenvectors)), symmetric) < 1e-12);
    const values = eigenvalues.tolist() as number[];
    assert.deepEqual(
      values,
      values.toSorted((x, y) => x - y),
    );
    const upper = a.triu().add(turned(a.triu(1)));
    assert.ok(apart(linalg.eigvalsh(a, { UPLO: "U" }), linalg.eigvalsh(upper)) < 1e-12);
  });

  it("keep small singular values exact to the last digits", () => {
    const values = linalg
      .svdvals(
        tensor(
          [
            [1, 1],
            [0, 1e-9],
          ],
          { dtype: "float64" },
        ),
      )
      .tolist() as number[];
    assert.ok(Math.abs((values[1] ?? 0) - 1e-9 / Math.SQRT2) < 1e-22);
  });

  it("compute in float64 for float32 input, and give float32", () => {
    const { Q } = linalg.qr(randn(4, 4));
    assert.equal(Q.dtype, "float32");
    assert.ok(apart(turned(Q).mm(Q), eye(4)) < 1e-6);
  });

  it("take batches of no matrices and matrices of no rows", () => {
    assert.deepEqual(linalg.svd(zeros([0, 2, 2])).S.shape, [0, 2]);
    assert.deepEqual(linalg.inv(zeros([2, 0, 0])).shape, [2, 0, 0]);
    assert.equal(det(zeros([0, 0])).item(), 1);
  });

  it("have names and places for their results", () => {
    const [q, r] = linalg.qr(random(2, 2));
    assert.deepEqual(
      [q.shape, r.shape],
      [
        [2, 2],
        [2, 2],
      ],
    );
    const { sign, logabsdet } = slogdet(
      tensor(
        [
          [0, 2],
          [3, 0],
        ],
        { dtype: "float64" },
      ),
    );
    assert.deepEqual([sign.item(), Math.round(Math.exp(logabsdet.item()))], [-1, 6]);
  });
});

describe("what can't be solved", () => {
  const singular = tensor(
    [
      [1, 2],
      [2, 4],
    ],
    { dtype: "float64" },
  );
  const refusals: readonly [what: string, call: () => unknown, message: RegExp][] = [
    ["the inverse of a singular matrix", () => linalg.inv(singular), /inv\(\): .*input matrix is singular/],
    [
      "a system with a singular matrix",
      () => linalg.solve(singular, random(2)),
      /solve\(\): .*input matrix is singular/,
    ],
    [
      "the inverse of a rectangle",
      () => linalg.inv(random(2, 3)),
      /must be batches of square matrices, but they are 2 by 3/,
    ],
    [
      "Cholesky of what is not positive",
      () => linalg.cholesky(singular.neg()),
      /not positive-definite \(the leading minor of order 1/,
    ],
    [
      "integers",
      () => linalg.inv(tensor([[1]], { dtype: "int64" })),
      /Expected a floating point tensor as input. Got int64/,
    ],
    ["a wrong right side", () => linalg.solve(random(2, 2), random(3, 1)), /Incompatible shapes of A and B/],
  ];
  for (const [what, call, message] of refusals)
    it(`refuses ${what} and says why`, () => assert.throws(call, { message }));

  it("names the matrix of a batch", () => {
    const batch = eye(2, { dtype: "float64" }).expand(3, 2, 2).clone();
    batch.select(0, 1).zero_();
    assert.throws(() => linalg.inv(batch), { message: /\(Batch element 1\)/ });
  });

  it("is told of by invEx, beside the inverses of the others", () => {
    const good = random(2, 2).requiresGrad_();
    const { inverse, info } = linalg.invEx(stack([good, zeros(2, 2, { dtype: "float64" })]));
    assert.deepEqual([info.tolist(), info.dtype], [[0, 1], "int32"]);
    assert.ok(apart(inverse.select(0, 0), linalg.inv(good)) === 0);
    assert.equal(inverse.select(0, 1).isnan().sum().item(), 4);
    gradcheck((x: Tensor) => linalg.invEx(x).inverse, good);
    assert.deepEqual(linalg.invEx(good)[1].tolist(), 0);
    assert.deepEqual(
      linalg
        .invEx(
          tensor([
            [1, 2],
            [2, 4],
          ]),
        )
        .info.item(),
      2,
    );
    assert.throws(() => linalg.invEx(zeros(2, 2), { checkErrors: true }), /singular/);
  });

  it("is approximated by pinv and lstsq", () => {
    assert.ok(apart(singular.mm(linalg.pinv(singular)).mm(singular), singular) < 1e-12);
    const [tall, right] = [random(5, 2), random(5, 3)];
    const extras = (driver?: "gels" | "gelsy" | "gelsd" | "gelss"): unknown[] => {
      const { solution, residuals, rank, singularValues } = linalg.lstsq(tall, right, null, driver ? { driver } : {});
      assert.ok(apart(solution, linalg.pinv(tall).mm(right)) < 1e-12);
      return [residuals.shape, rank.tolist(), singularValues.shape];
    };
    assert.deepEqual(extras(), [[0], 2, [0]]);
    assert.deepEqual(extras("gelsy"), extras());
    assert.deepEqual(extras("gelsd"), [[3], 2, [2]]);
    assert.deepEqual(extras("gelss"), extras("gelsd"));
    assert.deepEqual(extras("gels"), [[3], [], [0]]);
    assert.throws(
      () => extras("lapack" as "gels"),
      /parameter 'driver' should be one of \(gels, gelsy, gelsd, gelss\)/,
    );
  });
});

describe("det", () => {
  it("has the cofactors as its gradient where the matrix is singular", () => {
    const a = tensor(
      [
        [1, 2, 3],
        [2, 4, 6],
        [1, 0, 1],
      ],
      { dtype: "float64" },
    ).requiresGrad_();
    assert.equal(Math.abs(det(a).item()), 0);
    gradcheck((x: Tensor) => det(x), a);
  });

  it("of a singular matrix has a second derivative too", () => {
    const a = tensor(
      [
        [1, 2],
        [2, 4],
      ],
      { dtype: "float64" },
    ).requiresGrad_();
    gradgradcheck((x: Tensor) => det(x), a);
  });
});

describe("matrixExp", () => {
  it("squares often enough for large matrices", () => {
    const a = tensor(
      [
        [0, -30],
        [30, 0],
      ],
      { dtype: "float64" },
    );
    const expected = tensor(
      [
        [Math.cos(30), -Math.sin(30)],
        [Math.sin(30), Math.cos(30)],
      ],
      { dtype: "float64" },
    );
    assert.ok(apart(a.matrixExp(), expected) < 1e-10);
  });
});
