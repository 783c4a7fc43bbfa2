import * as kernels from "../kernels/hurwitzZeta.ts";
import { binary } from "./define.ts";
import { notImplemented } from "./notImplemented.ts";
import { applyPair, type Pair } from "./pair.ts";
import { above1, arranged, misfits } from "./samples.ts";

const zetaOp = binary()({
  name: "zeta",
  node: "SpecialZetaBackward0",
  summary: "Hurwitz zeta function Σ 1/(q + k)^s, of s and q.",
  dtype: "float",
  saves: ["a", "b"],
  forward: kernels.zeta,
  backward: {
    a: notImplemented("zeta"),
    b: ({ grad, a, b }) =>
      grad.mul(zeta(typeof a === "number" ? a + 1 : a.add(1), b)).mul(typeof a === "number" ? -a : a.neg()),
  },
  accepts: [arranged(above1([[2, 3]]), "of order 2", ([q]) => [2, q])],
  rejects: misfits,
});

/** ζ(s, q) = Σ 1/(q + k)^s with s = self and q = other; Riemann's zeta function for q = 1. By s there is no derivative. */
export const zeta: Pair = (self, other) => applyPair(zetaOp, self, other, undefined);
