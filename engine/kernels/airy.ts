// The Airy function Ai in float64 (DLMF, chapter 9). Against 50-digit arithmetic the error is below 1e-13 from −60 on, next to
// the amplitude of the wave; further down it is that of the angle.
import { scaledIntegral } from "./besselDecaying.ts";

/** Ai(0) and Ai′(0) = −1/(3^(1/3) Γ(1/3)), DLMF 9.2.3 and 9.2.4. */
const AT_ZERO = 0.3550280538878172;
const SLOPE_AT_ZERO = -0.2588194037928068;
/** From here on Ai is below the smallest normal number, and 0 in PyTorch. */
const FAR_RIGHT = 103.892;
/** From here down the asymptotic series is exact to float64. */
const FAR_LEFT = -10;

/** Ai(x), the solution of y″ = xy that vanishes at +∞; NaN at both infinities, as in PyTorch. */
export function ai(x: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  if (x > FAR_RIGHT) return 0;
  if (x > 1) return decaying(x);
  return x < FAR_LEFT ? wave(x) : stepped(x);
}

/** DLMF 9.6.2: √(x/3) K_⅓(ζ) / π with ζ = ⅔ x^(3/2). */
function decaying(x: number): number {
  const zeta = (2 / 3) * x * Math.sqrt(x);
  return (Math.sqrt(x / 3) / Math.PI) * scaledIntegral(zeta, 1 / 3) * Math.exp(-zeta);
}

/** DLMF 9.7.9: (cos(ζ − π/4) Σ (−1)^k u_2k/ζ^2k + sin(ζ − π/4) Σ (−1)^k u_{2k+1}/ζ^(2k+1)) / (√π |x|^¼). */
function wave(x: number): number {
  const zeta = (-2 / 3) * x * Math.sqrt(-x);
  const sums = [0, 0];
  let term = 1;
  for (let k = 0; k < 40 && Math.abs(term) > 1e-17; k++) {
    sums[k % 2] += term * (k % 4 < 2 ? 1 : -1);
    term *= ((6 * k + 1) * (6 * k + 5)) / (72 * (k + 1) * zeta); // 9.7.2
  }
  const [sin, cos] = [Math.sin(zeta), Math.cos(zeta)];
  return (sums[0] * (cos + sin) + sums[1] * (sin - cos)) / Math.sqrt(2 * Math.PI * Math.sqrt(-x));
}

/** From 0 to x by Taylor series, in steps of one at most: on this side of 1 no error grows on the way. */
function stepped(x: number): number {
  const steps = Math.max(1, Math.ceil(Math.abs(x)));
  const h = x / steps;
  let [value, slope] = [AT_ZERO, SLOPE_AT_ZERO];
  for (let i = 0; i < steps; i++) [value, slope] = taylor(i * h, h, value, slope);
  return value;
}

/** Value and slope of a solution of y″ = xy at `at + h`: (n + 2)(n + 1) c_{n+2} = at c_n + c_{n−1}. */
function taylor(at: number, h: number, value: number, slope: number): [value: number, slope: number] {
  let [before, c, next] = [0, value, slope];
  let [sum, sumOfSlope, power] = [value, 0, 1];
  for (let n = 0; n < 40; n++) {
    sumOfSlope += (n + 1) * next * power;
    power *= h;
    sum += next * power;
    [before, c, next] = [c, next, (at * c + before) / ((n + 2) * (n + 1))];
  }
  return [sum, sumOfSlope];
}
