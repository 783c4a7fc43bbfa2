import type { Tensor } from "../../autograd/tensor.ts";
import { wholeNumber } from "../../base/arguments.ts";
import { checkOptions } from "../../base/errors.ts";
import { type Argnums, placesOf } from "./argnums.ts";
import { Recorded } from "./recorded.ts";
import { split, tensorsOf } from "./results.ts";
import { withLeaves } from "./trees.ts";

/** Options of `func.jacrev` and `func.jacfwd`. */
export interface JacrevOptions {
  /** Which arguments to differentiate for: a number, or a list of them. Default 0. */
  readonly argnums?: Argnums;
  /** `fn` gives a pair: what to differentiate, and something to hand on; the result is a pair then, too. Default false. */
  readonly hasAux?: boolean;
  /** How many rows (`jacfwd`: columns) to compute at once at most; null, the default, lets the engine choose. */
  readonly chunkSize?: number | null;
}

/**
 * The function that gives the Jacobian of `fn` for its arguments `argnums`, by backward: a tensor [...output, ...input], in the
 * structure of the outputs, and inside of each in that of the arguments, where there are several.
 */
export function jacrev<A extends unknown[], J = Tensor>(
  fn: (...args: A) => unknown,
  options: JacrevOptions = {},
): (...args: A) => J {
  return (...args) =>
    jacobian("jacrev", fn, options, args, (recorded, outputs, chunk) =>
      outputs.map((output) => recorded.rows(output, chunk)),
    ) as J;
}

/** The same by columns: for more outputs than inputs. There are no dual numbers here: a column is a derivative of v ↦ vᵀJ. */
export function jacfwd<A extends unknown[], J = Tensor>(
  fn: (...args: A) => unknown,
  options: JacrevOptions = {},
): (...args: A) => J {
  return (...args) =>
    jacobian("jacfwd", fn, options, args, (recorded, outputs, chunk) => recorded.columns(outputs, chunk)) as J;
}

/** The function that gives the Hessian of `fn`: the Jacobian of its Jacobian. */
export function hessian<A extends unknown[], J = Tensor>(
  fn: (...args: A) => unknown,
  options: { readonly argnums?: Argnums } = {},
): (...args: A) => J {
  checkOptions("hessian", options, ["argnums"]);
  return jacrev<A, J>(jacrev<A, unknown>(fn, options), options);
}

/** For each output the blocks for each argument. */
type Blocks = (recorded: Recorded, outputs: readonly Tensor[], chunk: number) => unknown[][];

function jacobian(
  name: string,
  fn: (...args: never[]) => unknown,
  options: JacrevOptions,
  args: readonly unknown[],
  blocksOf: Blocks,
): unknown {
  checkOptions(name, options, ["argnums", "hasAux", "chunkSize"]);
  const { argnums = 0, hasAux = false, chunkSize = null } = options;
  const chunk = chunkSize === null ? Number.POSITIVE_INFINITY : wholeNumber(name, "chunkSize", chunkSize, 1);
  const call = `${name}(f, ...)`;
  const recorded = new Recorded(name, fn, args, placesOf(name, argnums, args.length));
  const [output, aux] = split(call, recorded.result, hasAux);
  const blocks = blocksOf(recorded, tensorsOf(call, output), chunk);
  const result = withLeaves(
    output,
    blocks.map((parts) => (typeof argnums === "number" ? parts[0] : parts)),
  );
  return hasAux ? [result, recorded.settled(aux)] : result;
}
