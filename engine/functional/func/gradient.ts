import type { Tensor } from "../../autograd/tensor.ts";
import { checkOptions } from "../../base/errors.ts";
import { type Argnums, type Of, placesOf } from "./argnums.ts";
import { Recorded } from "./recorded.ts";
import { scalarOf, split } from "./results.ts";

/** Options of `func.grad` and `func.gradAndValue`. */
export interface GradientOptions<N extends Argnums = Argnums> {
  /** Which arguments to differentiate for: a number, or a list of them. Default 0. */
  readonly argnums?: N;
  /** `fn` gives a pair: what to differentiate, and something to hand on. Default false. */
  readonly hasAux?: boolean;
}

/**
 * The function that gives the gradient of `fn`, a function that gives a scalar tensor, for its arguments `argnums`: tensors, or
 * lists and plain objects of them. With `hasAux` it gives a pair, [gradient, aux]. What comes out requires grad only where
 * something outside of `fn` does, so that transforms nest: `grad(grad(f))`.
 */
export function grad<A extends unknown[], X, const N extends Argnums = 0>(
  fn: (...args: A) => readonly [output: Tensor, aux: X],
  options: GradientOptions<N> & { readonly hasAux: true },
): (...args: A) => [gradient: Of<A, N>, aux: X];
export function grad<A extends unknown[], const N extends Argnums = 0>(
  fn: (...args: A) => Tensor,
  options?: GradientOptions<N>,
): (...args: A) => Of<A, N>;
export function grad(fn: (...args: never[]) => unknown, options: GradientOptions = {}): (...args: never[]) => unknown {
  checkOptions("grad", options, OPTIONS);
  return (...args) => {
    const { gradient, aux } = differentiated("grad", fn, options, args);
    return options.hasAux === true ? [gradient, aux] : gradient;
  };
}

/** The same for the gradient and what `fn` gave: [gradient, value], with `hasAux` [gradient, [value, aux]]. */
export function gradAndValue<A extends unknown[], X, const N extends Argnums = 0>(
  fn: (...args: A) => readonly [output: Tensor, aux: X],
  options: GradientOptions<N> & { readonly hasAux: true },
): (...args: A) => [gradient: Of<A, N>, result: [value: Tensor, aux: X]];
export function gradAndValue<A extends unknown[], const N extends Argnums = 0>(
  fn: (...args: A) => Tensor,
  options?: GradientOptions<N>,
): (...args: A) => [gradient: Of<A, N>, value: Tensor];
export function gradAndValue(
  fn: (...args: never[]) => unknown,
  options: GradientOptions = {},
): (...args: never[]) => unknown {
  checkOptions("gradAndValue", options, OPTIONS);
  return (...args) => {
    const { gradient, value, aux } = differentiated("gradAndValue", fn, options, args);
    return [gradient, options.hasAux === true ? [value, aux] : value];
  };
}

const OPTIONS = ["argnums", "hasAux"];

function differentiated(
  name: string,
  fn: (...args: never[]) => unknown,
  { argnums = 0, hasAux = false }: GradientOptions,
  args: readonly unknown[],
): { gradient: unknown; value: Tensor; aux: unknown } {
  const recorded = new Recorded(name, fn, args, placesOf(name, argnums, args.length));
  const [output, aux] = split("gradAndValue(f)(...args)", recorded.result, hasAux);
  const scalar = scalarOf(output);
  const parts = recorded.pulled([scalar], [scalar.detach().onesLike()]);
  const gradient = typeof argnums === "number" ? parts[0] : parts;
  return { gradient, value: recorded.settled(scalar), aux: recorded.settled(aux) };
}
