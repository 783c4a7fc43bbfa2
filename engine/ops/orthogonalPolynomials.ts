import type { Tensor } from "../autograd/tensor.ts";
import * as kernels from "../kernels/orthogonalPolynomials.ts";
import { binary } from "./define.ts";
import { applyPair } from "./pair.ts";
import type { Operand } from "./promotion.ts";
import { arranged, normal } from "./samples.ts";

// Not differentiable, as in PyTorch. `n` is a number or a tensor of orders, whose fractions are cut off.

type Polynomial = (self: Operand, n: Operand) => Tensor;

function polynomial(name: string, summary: string, forward: typeof kernels.chebyshevT): Polynomial {
  const op = binary()({
    name,
    summary: `${summary}, of the order that the second input says.`,
    dtype: "float",
    forward,
    backward: null,
    accepts: [arranged(normal([[2, 3]]), "of order 3", ([x]) => [x, 3])],
    rejects: [
      normal([
        [2, 3],
        [2, 4],
      ]),
    ],
  });
  return (self, n) => applyPair(op, self, n, undefined);
}

/** T_n(x), with T_n(cos θ) = cos nθ. */
export const chebyshevPolynomialT: Polynomial = polynomial(
  "chebyshevPolynomialT",
  "Chebyshev polynomial of the first kind",
  kernels.chebyshevT,
);
/** U_n(x), with U_n(cos θ) = sin (n + 1)θ / sin θ. */
export const chebyshevPolynomialU: Polynomial = polynomial(
  "chebyshevPolynomialU",
  "Chebyshev polynomial of the second kind",
  kernels.chebyshevU,
);
/** V_n(x), with V_n(cos θ) = cos (n + ½)θ / cos ½θ. */
export const chebyshevPolynomialV: Polynomial = polynomial(
  "chebyshevPolynomialV",
  "Chebyshev polynomial of the third kind",
  kernels.chebyshevV,
);
/** W_n(x), with W_n(cos θ) = sin (n + ½)θ / sin ½θ. */
export const chebyshevPolynomialW: Polynomial = polynomial(
  "chebyshevPolynomialW",
  "Chebyshev polynomial of the fourth kind",
  kernels.chebyshevW,
);
/** T_n(2x − 1) */
export const shiftedChebyshevPolynomialT: Polynomial = polynomial(
  "shiftedChebyshevPolynomialT",
  "Chebyshev polynomial of the first kind at 2x − 1",
  kernels.shiftedT,
);
/** U_n(2x − 1) */
export const shiftedChebyshevPolynomialU: Polynomial = polynomial(
  "shiftedChebyshevPolynomialU",
  "Chebyshev polynomial of the second kind at 2x − 1",
  kernels.shiftedU,
);
/** V_n(2x − 1) */
export const shiftedChebyshevPolynomialV: Polynomial = polynomial(
  "shiftedChebyshevPolynomialV",
  "Chebyshev polynomial of the third kind at 2x − 1",
  kernels.shiftedV,
);
/** W_n(2x − 1) */
export const shiftedChebyshevPolynomialW: Polynomial = polynomial(
  "shiftedChebyshevPolynomialW",
  "Chebyshev polynomial of the fourth kind at 2x − 1",
  kernels.shiftedW,
);
/** H_n(x), orthogonal with weight e^(−x²). */
export const hermitePolynomialH: Polynomial = polynomial(
  "hermitePolynomialH",
  "Hermite polynomial of the physicists",
  kernels.hermiteH,
);
/** He_n(x), orthogonal with weight e^(−x²/2). */
export const hermitePolynomialHe: Polynomial = polynomial(
  "hermitePolynomialHe",
  "Hermite polynomial of the statisticians",
  kernels.hermiteHe,
);
/** L_n(x), orthogonal with weight e^(−x) for positive x. */
export const laguerrePolynomialL: Polynomial = polynomial(
  "laguerrePolynomialL",
  "Laguerre polynomial",
  kernels.laguerreL,
);
/** P_n(x), orthogonal between −1 and 1. */
export const legendrePolynomialP: Polynomial = polynomial(
  "legendrePolynomialP",
  "Legendre polynomial",
  kernels.legendreP,
);
