// Bessel functions of the first and second kind, of order 0 and 1, in float64. Equation numbers are those of the NIST
// Digital Library of Mathematical Functions (DLMF, https://dlmf.nist.gov). Against 50-digit arithmetic the error is below
// 1e-15, next to the amplitude of the wave: relative error is larger close to a zero.

const EULER_GAMMA = 0.5772156649015329;
/** From here on the asymptotic series is exact to float64: its smallest term is e^(−2x). */
const LARGE = 25;
/** Below, the first term of a power series is exact. */
const SMALL = 2e-8;

/** J₀ and J₁, and the sums of Neumann's series for Y₀ and Y₁. */
interface Series {
  readonly j0: number;
  readonly j1: number;
  /** Σ (−1)^k J_2k(x) / k, for k from 1 on. */
  readonly sum0: number;
  /** Σ (−1)^k J_2k′(x) / k, for k from 1 on. */
  readonly sum1: number;
}

/**
 * Miller's algorithm (DLMF 3.6(iii)): J_{n−1} = 2n/x J_n − J_{n+1} downward from an order where J is as good as 0 and of
 * unknown size, which J₀ + 2 Σ J_2k = 1 (10.12.4) tells at the end.
 */
function series(x: number): Series {
  let above = 0;
  let at = 1e-300;
  let [whole, sum0, sum1] = [0, 0, 0];
  for (let n = 2 * Math.ceil(0.6 * x + 20); n > 0; n--) {
    const below = ((2 * n) / x) * at - above;
    if (n % 2 === 0) {
      const sign = n % 4 === 0 ? 2 / n : -2 / n;
      whole += 2 * at;
      sum0 += sign * at;
      sum1 += (sign * (below - above)) / 2; // J_n′ = (J_{n−1} − J_{n+1})/2, 10.6.1
    }
    above = at;
    at = below;
  }
  whole += at;
  return { j0: at / whole, j1: above / whole, sum0: sum0 / whole, sum1: sum1 / whole };
}

/** The two factors of the asymptotic series, for x large (DLMF 10.17.3): Σ (−1)^k a_2k/x^2k and Σ (−1)^k a_{2k+1}/x^(2k+1). */
function envelopes(x: number, order: 0 | 1): { readonly even: number; readonly odd: number } {
  const sums = [0, 0];
  let term = 1;
  for (let k = 0; k < 50 && Math.abs(term) > 1e-17; k++) {
    sums[k % 2] += term * (k % 4 < 2 ? 1 : -1);
    term *= (4 * order * order - (2 * k + 1) ** 2) / (8 * (k + 1) * x);
  }
  return { even: sums[0], odd: sums[1] };
}

/**
 * The wave at x: √(2/πx) (even cos ω − odd sin ω), with ω = x − π/4 for J₀. The cosine of a difference is written out, because
 * x − π/4 rounded would cost x more units in the last place. `turn` is by how many quarters of a circle ω lags behind.
 */
function wave(x: number, order: 0 | 1, turn: 0 | 1 | 2): number {
  const { even, odd } = envelopes(x, order);
  const [sum, difference] = [Math.cos(x) + Math.sin(x), Math.sin(x) - Math.cos(x)];
  const parts = [even * sum - odd * difference, even * difference + odd * sum, odd * difference - even * sum];
  return parts[turn] / Math.sqrt(Math.PI * x);
}

/** J₀(x) */
export function j0(x: number): number {
  const size = Math.abs(x);
  if (size < SMALL) return 1;
  return size < LARGE ? series(size).j0 : wave(size, 0, 0);
}

/** J₁(x) */
export function j1(x: number): number {
  const size = Math.abs(x);
  if (size < SMALL) return x / 2;
  const value = size < LARGE ? series(size).j1 : wave(size, 1, 1);
  return x < 0 ? -value : value;
}

/** Y₀(x): −∞ at 0, NaN below. */
export function y0(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (!(x > 0)) return Number.NaN;
  if (x >= LARGE) return wave(x, 0, 1);
  const logarithm = Math.log(x / 2) + EULER_GAMMA;
  if (x < SMALL) return (2 / Math.PI) * logarithm;
  const { j0, sum0 } = series(x);
  return (2 / Math.PI) * (logarithm * j0 - 2 * sum0); // DLMF 10.23.16
}

/** Y₁(x): −∞ at 0, NaN below. */
export function y1(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (!(x > 0)) return Number.NaN;
  if (x >= LARGE) return wave(x, 1, 2);
  if (x < SMALL) return -2 / Math.PI / x;
  const { j0, j1, sum1 } = series(x);
  // −Y₀′, 10.6.3
  return (2 / Math.PI) * ((Math.log(x / 2) + EULER_GAMMA) * j1 - j0 / x + 2 * sum1);
}

/** sin(x)/x, the spherical Bessel function of order 0; 1 at 0 and 0 at infinity. */
export function sphericalJ0(x: number): number {
  if (Math.abs(x) === Number.POSITIVE_INFINITY) return 0;
  return x === 0 ? 1 : Math.sin(x) / x;
}
