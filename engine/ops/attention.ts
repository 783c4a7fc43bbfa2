import type { Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { expandsTo, showShape } from "../base/shape.ts";
import { ones } from "./creation.ts";
import { dropout } from "./dropout.ts";

/** Options of `scaledDotProductAttention`. */
export interface AttentionOptions {
  /** Booleans: true takes part; numbers: added to the scores. Broadcasts to [..., queries, keys]. */
  readonly attnMask?: Tensor | null;
  /** Probability to drop a weight; there is no training flag. Default 0. */
  readonly dropoutP?: number;
  /** Each query sees only keys up to its own place. Default false. */
  readonly isCausal?: boolean;
  /** Default 1 / √features. */
  readonly scale?: number | null;
  /** Let several query heads (dimension -3) share a key head. Default false. */
  readonly enableGqa?: boolean;
}

type AttentionArgs =
  | [options?: AttentionOptions]
  | [attnMask: Tensor | null, options?: AttentionOptions]
  | [attnMask: Tensor | null, dropoutP: number, isCausal?: boolean, scale?: number | null];

/** softmax(query keyᵀ · scale + mask) value, over the last two dimensions; the others broadcast. */
export const scaledDotProductAttention: (query: Tensor, key: Tensor, value: Tensor, ...args: AttentionArgs) => Tensor =
  (query, key, value, ...args) => {
    const names = ["attnMask", "dropoutP", "isCausal", "scale", "enableGqa"] as const;
    const options = readArguments<AttentionOptions>("scaledDotProductAttention", args, names);
    const { attnMask = null, dropoutP = 0, isCausal = false, scale = null, enableGqa = false } = options;
    checkAttention(query, key, value, attnMask, isCausal);
    const heads = enableGqa ? query.shape[query.ndim - 3] / key.shape[key.ndim - 3] : 1;
    const keys = heads === 1 ? key : key.repeatInterleave(heads, -3);
    const values = heads === 1 ? value : value.repeatInterleave(heads, -3);
    const factor = scale ?? 1 / Math.sqrt(query.shape[query.ndim - 1]);
    // Scaling before the product is the smaller multiplication.
    const scores = query.mul(factor).matmul(keys.transpose(-2, -1));
    checkMask(scores, attnMask);
    const weights = masked(scores, isCausal ? causalMask(scores) : attnMask).softmax(-1);
    return dropout(weights, dropoutP).matmul(values);
  };

function checkAttention(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | null, isCausal: boolean): void {
  const fits =
    query.ndim >= 2 &&
    key.ndim >= 2 &&
    value.ndim >= 2 &&
    query.shape[query.ndim - 1] === key.shape[key.ndim - 1] &&
    key.shape[key.ndim - 2] === value.shape[value.ndim - 2];
  if (!fits) {
    throw new ShapeError(
      "scaledDotProductAttention",
      `query [..., L, E], key [..., S, E] and value [..., S, V] don't fit: ${showShape(query.shape)}, ${showShape(key.shape)}, ${showShape(value.shape)}`,
    );
  }
  if (mask !== null && isCausal) {
    throw new ArgumentError("scaledDotProductAttention", "Explicit attnMask should not be set when isCausal=true");
  }
}

function checkMask(scores: Tensor, mask: Tensor | null): void {
  if (mask === null || expandsTo(mask.shape, scores.shape)) return;
  throw new ShapeError(
    "scaledDotProductAttention",
    `output with shape ${showShape(scores.shape)} doesn't match the broadcast shape: the mask, ${showShape(mask.shape)}, must broadcast to the scores [..., L, S]`,
  );
}

/** True where a query may see a key. */
const causalMask = (scores: Tensor): Tensor => ones(scores.shape.slice(-2), { dtype: "bool" }).tril();

function masked(scores: Tensor, mask: Tensor | null): Tensor {
  if (mask === null) return scores;
  return mask.dtype === "bool" ? scores.maskedFill(mask.logicalNot(), Number.NEGATIVE_INFINITY) : scores.add(mask);
}
