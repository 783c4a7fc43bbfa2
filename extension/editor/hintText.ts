import { displayName, shapeText } from "../../engine/recording/layout/text.ts";
import { formatNumber } from "../../engine/recording/queries/numbers.ts";
import type { TensorInfo } from "../../engine/recording/queries/tensors.ts";
import { gradientRange } from "../../engine/recording/queries/tensorTree.ts";
import { gradientText, roleOf, valueText } from "../../engine/recording/queries/tensorWords.ts";

/** One piece of a line's hint, and the tensor it speaks of; null for one that speaks of several. */
export interface HintPiece {
  readonly text: string;
  readonly tensor: TensorInfo | null;
}

/** More tensors than this on one line are told in sum. */
const fewTensors = 2;

/** What is written behind a line: `leaf [3] ‖∇‖ 7.000`. */
export function hintPieces(tensors: readonly TensorInfo[]): HintPiece[] {
  if (tensors.length > fewTensors) return [{ text: sumText(tensors), tensor: null }];
  const isAlone = tensors.length === 1;
  return tensors.map((tensor, i) => {
    const name = isAlone ? "" : `${shortName(tensor)} `;
    return { text: `${i === 0 ? "" : " · "}${name}${hintText(tensor)}`, tensor };
  });
}

/** `leaf [3] ‖∇‖ 7.000`, `non-leaf [] = 44.00`, `leaf [3] ∅` */
export function hintText(tensor: TensorInfo): string {
  const role = roleOf(tensor);
  // The value of a leaf stands in the program already.
  const showsValue = role === "non-leaf" || role === "no grad" || isBad(tensor);
  const parts = [role, shapeText(tensor.shape), showsValue ? valueText(tensor) : "", gradientText(tensor)];
  return parts.filter((part) => part !== "").join(" ");
}

/** The last part of a parameter's path, or the variable's name. */
export function shortName(tensor: TensorInfo): string {
  const name = tensor.module?.split(".").at(-1) ?? tensor.name ?? "tensor";
  return displayName(name, 24);
}

/** `24 params ‖∇‖ 0.01200–3.200` */
function sumText(tensors: readonly TensorInfo[]): string {
  const areParameters = tensors.every(({ isParameter }) => isParameter);
  const range = gradientRange(tensors);
  const noun = areParameters ? "params" : "tensors";
  return `${tensors.length} ${noun}${range === null ? "" : ` ‖∇‖ ${rangeText(range)}`}`;
}

/** `0.01200–3.200`, or one number where both ends read the same. */
export function rangeText({ least, most }: { readonly least: number; readonly most: number }): string {
  const [from, to] = [formatNumber(least), formatNumber(most)];
  return from === to ? from : `${from}–${to}`;
}

function isBad({ value }: TensorInfo): boolean {
  return value !== null && value.nan + value.inf > 0;
}
