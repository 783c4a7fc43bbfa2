import { runUnseen } from "../../autograd/nodesBehind.ts";
import { Tensor } from "../../autograd/tensor.ts";
import { wholeNumber } from "../../base/arguments.ts";
import { ArgumentError } from "../../base/errors.ts";
import { withDefaults } from "../../base/options.ts";
import { defaultGenerator, refusingRandom } from "../../base/random.ts";
import { cat } from "../../ops/joining.ts";
import { mapped, vmapped } from "../vmap.ts";
import { leavesOf, spread, type Tree, withLeaves } from "./trees.ts";

/** Options of `func.vmap`. */
export interface VmapOptions {
  /**
   * The dimension of each argument to map over, or null for one that is the same for every call: a number for all, or a list
   * with one for each argument, itself a list or plain object where the argument is. Default 0.
   */
  readonly inDims?: Tree<number | null>;
  /** Where that dimension is in the results: a number for all, or in their structure. Default 0. */
  readonly outDims?: Tree<number>;
  /** How many to map at once at most; null, the default, for all. */
  readonly chunkSize?: number | null;
  /** "error" refuses random numbers, "different" draws some for each call, and "same" the same ones. Default "error". */
  readonly randomness?: "error" | "different" | "same";
}

/**
 * The function that calls `fn` for each element along a dimension of its arguments and stacks what it gives. It runs once for
 * all where that can be; where it cannot (numbers are read, or written in place) and where somebody watches, for each. So `fn`
 * may be begun and run again: it must have no effects but its result.
 *
 * @throws ArgumentError when dimensions and arguments do not fit, or what `fn` gives is no tensor.
 */
export function vmap<A extends unknown[], R>(fn: (...args: A) => R, options: VmapOptions = {}): (...args: A) => R {
  const { inDims, outDims, chunkSize, randomness } = withDefaults<Required<VmapOptions>>("vmap", options, DEFAULTS);
  if (!RANDOMNESS.has(randomness))
    throw new ArgumentError(
      "vmap",
      `Only allowed values for randomness are "error", "different", or "same". Got ${randomness}`,
    );
  const most = chunkSize === null ? Number.POSITIVE_INFINITY : wholeNumber("vmap", "chunkSize", chunkSize, 1);
  return (...args) => {
    const inputs = inputsOf(args, inDims);
    const call = new Call(fn as (...args: unknown[]) => unknown, args, inputs, randomness);
    const parts = chunksOf(inputs, most).map((chunk) => call.run(chunk));
    return withLeaves(call.structure, joined(parts, outDimsOf(outDims, call.structure))) as R;
  };
}

const DEFAULTS: Required<VmapOptions> = { inDims: 0, outDims: 0, chunkSize: null, randomness: "error" };
const RANDOMNESS = new Set<unknown>(["error", "different", "same"]);
const REFUSAL =
  'vmap: called random operation while in randomness error mode. Please either use the "same" or "different" randomness flags on vmap or perform the randomness operation out of vmap.';

/** A leaf of the arguments: what is mapped has its dimension in front. */
interface Input {
  readonly leaf: unknown;
  readonly batch: Tensor | null;
}

/** Calls of one function for many elements. */
class Call {
  /** What it gave, for its structure. */
  structure: unknown = null;
  private readonly fn: (...args: unknown[]) => unknown;
  private readonly args: readonly unknown[];
  private readonly inputs: readonly Input[];
  private readonly randomness: VmapOptions["randomness"];

  constructor(
    fn: (...args: unknown[]) => unknown,
    args: readonly unknown[],
    inputs: readonly Input[],
    randomness: VmapOptions["randomness"],
  ) {
    this.fn = fn;
    this.args = args;
    this.inputs = inputs;
    this.randomness = randomness;
  }

  /** The results for the elements of these batches, which lie along their first dimension. */
  run(batches: readonly (Tensor | null)[]): Tensor[] {
    const isStrict = this.randomness === "error";
    const results = refusingRandom(
      isStrict ? REFUSAL : null,
      () => (isStrict ? this.atOnce(batches) : null) ?? this.oneByOne(batches),
    );
    return results.map((x) => x.contiguous());
  }

  private atOnce(batches: readonly (Tensor | null)[]): Tensor[] | null {
    if (!runUnseen([])) return null;
    try {
      return vmapped(batches, (elements) => this.once(elements))?.grads ?? null;
    } catch (error) {
      // One element by itself tells what is wrong, if anything is; of none there is nothing more to learn.
      if (batches.some((batch) => batch?.shape[0] === 0)) throw error;
      return null;
    }
  }

  private oneByOne(batches: readonly (Tensor | null)[]): Tensor[] {
    const state = this.randomness === "same" ? defaultGenerator.getState() : null;
    return mapped(batches, (elements) => {
      if (state !== null) defaultGenerator.setState(state);
      return this.once(elements);
    });
  }

  private once(elements: readonly (Tensor | null)[]): Tensor[] {
    const leaves = this.inputs.map(({ leaf }, i) => elements[i] ?? leaf);
    const result = this.fn(...(withLeaves(this.args, leaves) as unknown[]));
    this.structure = result;
    return leavesOf(result).map((leaf) => {
      if (leaf instanceof Tensor) return leaf;
      throw new ArgumentError("vmap", `fn must only return Tensors, got type ${typeof leaf}`);
    });
  }
}

function inputsOf(args: readonly unknown[], inDims: unknown): Input[] {
  if (args.length === 0) {
    throw new ArgumentError(
      "vmap",
      "got no inputs. Maybe you forgot to add inputs, or you are trying to vmap over a function with no inputs.",
    );
  }
  const dims = spread(inDims, args);
  if (dims === null) throw new ArgumentError("vmap", "inDims is not compatible with the structure of the inputs.");
  const inputs = leavesOf(args).map((leaf, i) => ({ leaf, batch: dims[i] === null ? null : inFront(leaf, dims[i]) }));
  const sizes = inputs.flatMap(({ batch }) => (batch === null ? [] : [batch.shape[0]]));
  if (sizes.length === 0) throw new ArgumentError("vmap", "Expected at least one Tensor to vmap over");
  if (sizes.some((size) => size !== sizes[0])) {
    throw new ArgumentError(
      "vmap",
      `Expected all tensors to have the same size in the mapped dimension, got sizes [${sizes.join(", ")}] for the mapped dimension`,
    );
  }
  return inputs;
}

function inFront(leaf: unknown, dim: unknown): Tensor {
  const got = `Got inDim=${dim} for`;
  if (typeof dim !== "number" || !Number.isInteger(dim))
    throw new ArgumentError("vmap", `${got} an input but inDim must be either a whole number or null.`);
  if (!(leaf instanceof Tensor)) {
    throw new ArgumentError(
      "vmap",
      `${got} an input but the input is of type ${typeof leaf}. We cannot vmap over non-Tensor arguments, please use null as the respective inDim`,
    );
  }
  const { ndim } = leaf;
  if (dim < -ndim || dim >= ndim) {
    throw new ArgumentError(
      "vmap",
      `${got} some input, but that input is a Tensor of dimensionality ${ndim} so expected inDim to satisfy -${ndim} <= inDim < ${ndim}.`,
    );
  }
  return dim === 0 ? leaf : leaf.movedim(dim, 0);
}

/** The batches in parts of at most so many elements. */
function chunksOf(inputs: readonly Input[], most: number): (Tensor | null)[][] {
  const size = inputs.find(({ batch }) => batch !== null)?.batch?.shape[0] ?? 0;
  if (size <= most) return [inputs.map(({ batch }) => batch)];
  return Array.from({ length: Math.ceil(size / most) }, (_, k) =>
    inputs.map(({ batch }) => batch?.narrow(0, k * most, Math.min(most, size - k * most)) ?? null),
  );
}

function outDimsOf(outDims: unknown, structure: unknown): number[] {
  const dims = spread(outDims, structure);
  if (dims === null) throw new ArgumentError("vmap", "outDims is not compatible with the structure of the outputs.");
  return dims.map((dim) => {
    if (typeof dim === "number" && Number.isInteger(dim)) return dim;
    throw new ArgumentError("vmap", `outDims must be whole numbers, but got ${dim}`);
  });
}

function joined(parts: readonly (readonly Tensor[])[], dims: readonly number[]): Tensor[] {
  return dims.map((dim, i) => {
    const whole = parts.length === 1 ? parts[0][i] : cat(parts.map((part) => part[i]));
    return dim === 0 ? whole : whole.movedim(0, dim);
  });
}
