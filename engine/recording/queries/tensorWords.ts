import { readOneIn, type Statistics } from "../statistics.ts";
import { formatNumber, formatShort } from "./numbers.ts";
import type { TensorInfo } from "./tensors.ts";

/** What a tensor is to autograd, in one word. */
export type TensorRole = "param" | "frozen" | "leaf" | "non-leaf" | "no grad";

/** `frozen` is a parameter that asks for no gradient, `no grad` a result that was cut off from those it came from. */
export function roleOf(tensor: TensorInfo): TensorRole {
  if (tensor.isParameter) return tensor.requiresGrad ? "param" : "frozen";
  if (tensor.isCut) return "no grad";
  return tensor.isLeaf ? "leaf" : "non-leaf";
}

/** The norm, `≈ 7.000` where it is that of a sample. */
export const normText = ({ norm, numel }: Statistics): string => `${about(numel)}${formatNumber(norm)}`;

const about = (numel: number): string => (readOneIn(numel) > 1 ? "≈ " : "");

/** `‖∇‖ 7.000`, `∅` where a gradient was asked for and none came, and nothing where none is to be expected. */
export function gradientText(tensor: TensorInfo): string {
  const { grad, gradStatus, requiresGrad } = tensor;
  if (grad !== null) return `‖∇‖ ${normText(grad)}`;
  return gradStatus === "none" && requiresGrad ? "∅" : "";
}

/** `= 44.00` for a single number, `3 NaN` where some of many are not finite, else nothing. */
export function valueText(tensor: TensorInfo): string {
  const { value, dtype } = tensor;
  if (value === null) return "";
  const [only] = value.sample;
  if (value.numel === 1 && only !== undefined) {
    return `= ${dtype.startsWith("float") ? formatNumber(only) : formatShort(only)}`;
  }
  const parts = [value.nan > 0 ? `${value.nan} NaN` : "", value.inf > 0 ? `${value.inf} Inf` : ""];
  const text = parts.filter((part) => part !== "").join(", ");
  return text === "" ? "" : `${about(value.numel)}${text}`;
}
