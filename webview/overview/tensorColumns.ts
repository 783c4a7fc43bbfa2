import type { SortKey } from "./model.ts";

/** A column of the table of tensors. */
export interface TensorColumn {
  readonly name: string;
  readonly title: string;
  readonly className: string;
  /** What it sorts by; null for one that does not. */
  readonly order: SortKey | null;
  /** Whether the largest stand on top when it is first chosen. */
  readonly isDownFirst: boolean;
}

const statusOrder = ["nonfinite", "none", "zero", "present", "not-retained", "not-required"];

/** In the order they stand. */
export const columns: readonly TensorColumn[] = [
  column("name", "name", (t) => t.name.toLowerCase()),
  column("line", "line", (t) => t.place?.line ?? Number.MAX_VALUE, "number"),
  column("shape", "shape", (t) => t.shape.reduce((product, size) => product * size, 1)),
  column("kind", "kind", (t) => `${t.isLeaf ? 0 : 1} ${t.role}`),
  column("requires", "req. grad", (t) => (t.requiresGrad ? 0 : 1)),
  column("status", "gradient", (t) => (t.requiresGrad ? statusOrder.indexOf(t.listing) : statusOrder.length)),
  column("norm", "‖∇‖", normOrder, "number", true),
  { name: "outline", title: "histogram", className: "col-outline", order: null, isDownFirst: false },
];

function column(name: string, title: string, order: SortKey, more = "", isDownFirst = false): TensorColumn {
  return { name, title, className: `col-${name} ${more}`.trim(), order, isDownFirst };
}

/** NaN above all that is finite, nothing below. */
function normOrder({ norm }: Parameters<SortKey>[0]): number {
  if (norm === null) return -1;
  return Number.isNaN(norm) ? Number.POSITIVE_INFINITY : norm;
}
