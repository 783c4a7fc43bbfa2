import { Tensor } from "../../autograd/tensor.ts";
import { AutogradError, checkOptions } from "../../base/errors.ts";
import { Recorded } from "./recorded.ts";
import { split, tensorsOf } from "./results.ts";
import { leavesOf, sameTree, withLeaves } from "./trees.ts";

/** Options of `func.vjp` and `func.jvp`. */
export interface ProductOptions {
  /** `fn` gives a pair: what to differentiate, and something to hand on. Default false. */
  readonly hasAux?: boolean;
}

/** Vectors for the outputs of a function, in; their products with the Jacobian, one for each argument, out. */
export type Pullback<A extends readonly unknown[], R> = (cotangents: R) => { -readonly [K in keyof A]: A[K] };

/**
 * [output, vjpFn] of a function at its arguments, tensors or lists and plain objects of them. `vjpFn` takes vectors in the
 * shape of the output and gives their products with the Jacobian, a list with one for each argument; it can be called many
 * times, also by `vmap`. With `{ hasAux: true }` as the last argument [output, vjpFn, aux].
 */
export function vjp<A extends unknown[], R, X>(
  fn: (...primals: A) => readonly [output: R, aux: X],
  ...args: [...primals: A, options: { readonly hasAux: true }]
): [output: R, vjpFn: Pullback<A, R>, aux: X];
export function vjp<A extends unknown[], R>(
  fn: (...primals: A) => R,
  ...primals: A
): [output: R, vjpFn: Pullback<A, R>];
export function vjp(fn: (...primals: never[]) => unknown, ...args: unknown[]): unknown[] {
  const options = args.at(-1);
  const primals = isFlag(options) ? args.slice(0, -1) : args;
  const hasAux = isFlag(options) && options.hasAux;
  const recorded = new Recorded("vjp", fn, primals);
  const [output, aux] = split("vjp(f, ...primals)", recorded.result, hasAux);
  const outputs = tensorsOf("vjp(f, ...primals)", output);
  const vjpFn = (cotangents: unknown): unknown[] => {
    if (sameTree(cotangents, output)) return recorded.pulled(outputs, vectorsOf("vjp", leavesOf(cotangents)));
    throw new AutogradError(
      "vjp(): Expected pytree structure of cotangents to be the same as pytree structure of outputs to the function.",
      "vjp",
    );
  };
  const result = [recorded.settled(output), vjpFn];
  return hasAux ? [...result, recorded.settled(aux)] : result;
}

/** `{ hasAux }`, which cannot be an argument of a function of tensors. */
const isFlag = (x: unknown): x is { readonly hasAux: boolean } =>
  typeof x === "object" && x !== null && "hasAux" in x && typeof x.hasAux === "boolean";

/**
 * [output, tangent]: the product of the Jacobian of `fn` with `tangents`, which have the structure of `primals`, a list of its
 * arguments. There are no dual numbers here: it is the derivative of vᵀJ for v. With `hasAux` [output, tangent, aux].
 */
export function jvp<A extends readonly unknown[], R, X>(
  fn: (...primals: [...A]) => readonly [output: R, aux: X],
  primals: readonly [...A],
  tangents: readonly [...A],
  options: { readonly hasAux: true },
): [output: R, tangent: R, aux: X];
export function jvp<A extends readonly unknown[], R>(
  fn: (...primals: [...A]) => R,
  primals: readonly [...A],
  tangents: readonly [...A],
  options?: ProductOptions,
): [output: R, tangent: R];
export function jvp(
  fn: (...primals: never[]) => unknown,
  primals: readonly unknown[],
  tangents: readonly unknown[],
  options: ProductOptions = {},
): unknown[] {
  const call = "jvp(f, primals, tangents)";
  checkOptions("jvp", options, ["hasAux"]);
  if (!Array.isArray(primals)) throw new AutogradError(`${call}: Expected primals to be a list`);
  if (!sameTree(primals, tangents))
    throw new AutogradError(`${call}: Expected primals and tangents to have the same structure`);
  const { hasAux = false } = options;
  const recorded = new Recorded("jvp", fn, primals);
  const [output, aux] = split(call, recorded.result, hasAux);
  const outputs = tensorsOf(call, output);
  const products = recorded.pushed(outputs, vectorsOf("jvp", leavesOf(tangents)));
  const result = [recorded.settled(output), withLeaves(output, products)];
  return hasAux ? [...result, recorded.settled(aux)] : result;
}

function vectorsOf(name: string, leaves: readonly unknown[]): Tensor[] {
  return leaves.map((leaf) => {
    if (leaf instanceof Tensor) return leaf;
    throw new AutogradError(`${name}(): a vector must be a Tensor, got ${typeof leaf}`, name);
  });
}
