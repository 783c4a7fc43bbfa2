import { Tensor } from "../../autograd/tensor.ts";
import { wholeNumber } from "../../base/arguments.ts";
import { ArgumentError } from "../../base/errors.ts";
import { withDefaults } from "../../base/options.ts";
import { defaultGenerator, refusingRandom } from "../../base/random.ts";
import { sameShape } from "../../base/shape.ts";
import { zeros } from "../../ops/creation.ts";
import { stack } from "../../ops/joining.ts";
import { leavesOf, sameTree, spread, type Tree, withLeaves } from "./trees.ts";

/** Options of `func.vmap`. */
export interface VmapOptions {
  /**
   * The dimension of each argument to map over, or null for one that is the same for every call: a number for all, or a list
   * with one for each argument, itself a list or plain object where the argument is. Default 0.
   */
  readonly inDims?: Tree<number | null>;
  /** Where that dimension is in the results: a number for all, or in their structure. Default 0. */
  readonly outDims?: Tree<number>;
  /** PyTorch's way to use less memory. Elements are mapped one after the other here, so it changes nothing. */
  readonly chunkSize?: number | null;
  /** "error" refuses random numbers, "different" draws some for each call, and "same" the same ones. Default "error". */
  readonly randomness?: "error" | "different" | "same";
}

/**
 * The function that calls `fn` for each element along a dimension of its arguments and stacks what it gives. Unlike PyTorch's
 * it does so one element after the other, so that `fn` may read numbers, branch on them and have effects.
 *
 * @throws ArgumentError when dimensions and arguments do not fit, or what `fn` gives is no tensor or differs in kind.
 */
export function vmap<A extends unknown[], R>(fn: (...args: A) => R, options: VmapOptions = {}): (...args: A) => R {
  const { inDims, outDims, chunkSize, randomness } = withDefaults<Required<VmapOptions>>("vmap", options, DEFAULTS);
  if (!RANDOMNESS.has(randomness))
    throw new ArgumentError(
      "vmap",
      `Only allowed values for randomness are "error", "different", or "same". Got ${randomness}`,
    );
  if (chunkSize !== null) wholeNumber("vmap", "chunkSize", chunkSize, 1);
  return (...args) => {
    const inputs = inputsOf(args, inDims);
    const call = (elements: readonly (Tensor | null)[]): Result =>
      resultOf(
        fn(
          ...(withLeaves(
            args,
            inputs.map(({ leaf }, i) => elements[i] ?? leaf),
          ) as A),
        ),
      );
    const { structure, leaves } = refusingRandom(randomness === "error" ? REFUSAL : null, () =>
      mapped(
        inputs.map(({ batch }) => batch),
        randomness === "same" ? repeatingRandom(call) : call,
      ),
    );
    const dims = outDimsOf(outDims, structure);
    return withLeaves(
      structure,
      leaves.map((x, i) => (dims[i] === 0 ? x : x.movedim(0, dims[i]))),
    ) as R;
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

/** What a function gave: its tensors, and how they stand in it. */
interface Result {
  readonly structure: unknown;
  readonly leaves: readonly Tensor[];
}

type Call = (elements: readonly (Tensor | null)[]) => Result;

/** Calls for each element of the batches, stacked. */
function mapped(batches: readonly (Tensor | null)[], call: Call): Result {
  const size = batches.find((batch) => batch !== null)?.shape[0] ?? 0;
  if (size === 0) return ofNothing(batches, call);
  const results = Array.from({ length: size }, (_, k) => {
    const { structure, leaves } = call(batches.map((batch) => batch && elementOf(batch, k)));
    // A later call may write to what this one gave.
    return { structure, leaves: leaves.map((x) => x.clone()) };
  });
  const [first] = results;
  for (const result of results) checkAlike(first, result);
  return {
    structure: first.structure,
    leaves: first.leaves.map((_, i) => stack(results.map(({ leaves }) => leaves[i]))),
  };
}

/** Elements of an expanded batch are the same memory, to which each call would write. */
const elementOf = (batch: Tensor, k: number): Tensor =>
  batch.strides[0] === 0 ? batch.select(0, k).clone() : batch.select(0, k);

/** Without elements the result has none either; what it looks like, zeros tell. */
function ofNothing(batches: readonly (Tensor | null)[], call: Call): Result {
  const { structure, leaves } = call(
    batches.map((batch) => batch && zeros(batch.shape.slice(1), { dtype: batch.dtype })),
  );
  return { structure, leaves: leaves.map((x) => zeros([0, ...x.shape], { dtype: x.dtype })) };
}

function checkAlike(a: Result, b: Result): void {
  const isAlike =
    sameTree(a.structure, b.structure) &&
    a.leaves.every((x, i) => x.dtype === b.leaves[i].dtype && sameShape(x.shape, b.leaves[i].shape));
  if (!isAlike) {
    throw new ArgumentError(
      "vmap",
      "fn must give tensors of the same structure, shape and dtype for each element, but what it gave for two of them differs",
    );
  }
}

function resultOf(structure: unknown): Result {
  const leaves = leavesOf(structure).map((leaf) => {
    if (leaf instanceof Tensor) return leaf;
    throw new ArgumentError("vmap", `fn must only return Tensors, got type ${typeof leaf}`);
  });
  return { structure, leaves };
}

/** A call whose random numbers are the same each time. */
function repeatingRandom(call: Call): Call {
  const state = defaultGenerator.getState();
  return (elements) => {
    defaultGenerator.setState(state);
    return call(elements);
  };
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

function outDimsOf(outDims: unknown, structure: unknown): number[] {
  const dims = spread(outDims, structure);
  if (dims === null) throw new ArgumentError("vmap", "outDims is not compatible with the structure of the outputs.");
  return dims.map((dim) => {
    if (typeof dim === "number" && Number.isInteger(dim)) return dim;
    throw new ArgumentError("vmap", `outDims must be whole numbers, but got ${dim}`);
  });
}
