import type { GradListing, TensorLineInfo } from "../../engine/recording/queries/overview.ts";
import { arrayOf, type Guard, isBoolean, isNumber, isString, shapeOf } from "../protocol/guards.ts";

/** Which tensors are listed, in which order, and what is folded away. */
export interface OverviewLook {
  readonly filter: TensorFilter;
  /** Part of a name. */
  readonly query: string;
  /** Index in the table's columns; −1 for the order of the file. */
  readonly column: number;
  readonly isDown: boolean;
  /** Sections that are folded. */
  readonly folded: readonly string[];
}

/** A choice of tensors by the state of their gradient. */
export type TensorFilter = "all" | "wrong" | GradListing | "frozen";

export const firstLook: OverviewLook = { filter: "all", query: "", column: -1, isDown: false, folded: [] };

/** The filters in the order of their buttons, with what they say. */
export const filters: readonly { readonly filter: TensorFilter; readonly words: string }[] = [
  { filter: "all", words: "All" },
  { filter: "wrong", words: "Needs a look" },
  { filter: "present", words: "Gradient" },
  { filter: "none", words: "∅ None" },
  { filter: "zero", words: "Zero" },
  { filter: "nonfinite", words: "NaN or Inf" },
  { filter: "not-retained", words: "Not kept" },
  { filter: "not-required", words: "Not asked for" },
  { filter: "frozen", words: "Frozen" },
];

/** Whether a filter lets a tensor through. */
export function passes(tensor: TensorLineInfo, filter: TensorFilter): boolean {
  if (filter === "all") return true;
  if (filter === "frozen") return tensor.role === "frozen";
  if (filter === "wrong") return isWrong(tensor);
  return filter === "none" ? tensor.listing === "none" && tensor.requiresGrad : tensor.listing === filter;
}

/** A gradient that was asked for and is missing, zero or not finite. */
export function isWrong({ listing, requiresGrad }: TensorLineInfo): boolean {
  return (listing === "none" && requiresGrad) || listing === "zero" || listing === "nonfinite";
}

/** What a column sorts by. */
export type SortKey = (tensor: TensorLineInfo) => number | string;

/** The tensors that are listed, in order; equal ones stay in the order of the file. */
export function listed(tensors: readonly TensorLineInfo[], look: OverviewLook, key: SortKey | null): TensorLineInfo[] {
  const query = look.query.trim().toLowerCase();
  const kept = tensors.filter(
    (tensor) => passes(tensor, look.filter) && (query === "" || tensor.name.toLowerCase().includes(query)),
  );
  if (key === null) return kept;
  const keyed = kept.map((tensor) => ({ tensor, by: key(tensor) }));
  const sign = look.isDown ? -1 : 1;
  keyed.sort((a, b) => (a.by < b.by ? -sign : a.by > b.by ? sign : 0));
  return keyed.map(({ tensor }) => tensor);
}

/** How many tensors each filter lets through; those that let none through are left out, but for the first. */
export function filterCounts(
  tensors: readonly TensorLineInfo[],
): { readonly filter: TensorFilter; readonly words: string; readonly count: number }[] {
  return filters
    .map((one) => ({ ...one, count: tensors.filter((tensor) => passes(tensor, one.filter)).length }))
    .filter(({ filter, count }) => filter === "all" || count > 0);
}

/** What VS Code keeps of the panel. */
export const isKeptOverview: Guard<OverviewLook> = (value): value is OverviewLook =>
  hasFields(value) && filters.some(({ filter }) => filter === value.filter);

const hasFields = shapeOf<Omit<OverviewLook, "filter"> & { readonly filter: string }>({
  filter: isString,
  query: isString,
  column: isNumber,
  isDown: isBoolean,
  folded: arrayOf(isString),
});
