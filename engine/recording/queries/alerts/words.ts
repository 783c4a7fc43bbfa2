import type { History } from "./history.ts";

/** `w1`, or a phrase where the tensor has no name. */
export function nameOf(history: History, tensor: number, otherwise = "a tensor"): string {
  const label = tensor === 0 ? null : history.rows.label(tensor);
  return label === null ? otherwise : `\`${shortened(label)}\``;
}

/** Longer names are told by their beginnings. */
const MAX_NAME = 80;

const shortened = (name: string): string => (name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name);

/** `a`, `a and b`, `a, b and c`, `a, b and 3 more`. */
export function listed(items: readonly string[], limit = 3): string {
  if (items.length <= 1) return items[0] ?? "";
  if (items.length > limit + 1) return `${items.slice(0, limit).join(", ")} and ${items.length - limit} more`;
  return `${items.slice(0, -1).join(", ")} and ${items[items.length - 1]}`;
}

/** The op's public name: `add` for `add_`. */
export const plainName = (name: string): string => (name.endsWith("_") ? name.slice(0, -1) : name);

/** The shape as people write it: `[64, 10]`. */
export const shapeText = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

/** The indices of a row-major number. */
export function indicesOf(element: number, shape: readonly number[]): number[] {
  const indices = shape.map(() => 0);
  let rest = element;
  for (let d = shape.length - 1; d >= 0; d--) {
    indices[d] = rest % shape[d];
    rest = (rest - indices[d]) / shape[d];
  }
  return indices;
}
