import type { Recording } from "../recording.ts";
import { TensorFlag } from "../schema.ts";
import type { Statistics } from "../statistics.ts";
import { historyOf } from "./alerts/history.ts";
import { type GradReason, whyNoGradient, whyUnused, whyZero } from "./gradReason.ts";
import type { Place, Rows } from "./rows.ts";

/** present: there is a gradient; none: nothing arrived; not-retained: a non-leaf that backward does not fill; zero, nonfinite: what is in it. */
export type GradStatus = "present" | "none" | "not-retained" | "zero" | "nonfinite";

/** A tensor that the user can point at. */
export interface TensorInfo {
  /** Row in the recording. */
  readonly id: number;
  readonly name: string | null;
  /** Path of a parameter: `net.0.weight`. */
  readonly module: string | null;
  readonly place: Place | null;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly isLeaf: boolean;
  readonly requiresGrad: boolean;
  readonly gradFn: string | null;
  readonly isParameter: boolean;
  readonly isRoot: boolean;
  /** Requires no grad although something it was computed from did. */
  readonly isCut: boolean;
  readonly inOptimizer: boolean;
  readonly value: Statistics | null;
  readonly grad: Statistics | null;
  readonly gradStatus: GradStatus;
  readonly gradReason: GradReason | null;
  /** Values of a small tensor when first seen. */
  readonly values: readonly number[] | null;
  /** How many tensors got this name at this place; this is the last. */
  readonly count: number;
}

/** What the user can name: variables, parameters, roots of backward. With `all`, every tensor of the recording. */
export function namedTensors(recording: Recording, options: { readonly all?: boolean } = {}): TensorInfo[] {
  const { rows, backwards } = historyOf(recording);
  const { bindings, tensors } = recording.tables;
  const { name, tensor: named } = bindings.column;
  const uses = new Map<number, { last: number; count: number }>();
  for (let i = 0; i < bindings.rows; i++) {
    const use = uses.get(name[i]);
    if (use === undefined) uses.set(name[i], { last: named[i], count: 1 });
    else {
      use.last = named[i];
      use.count++;
    }
  }
  const roots = new Set<number>();
  const latest = backwards.findLast(({ depth }) => depth === 0)?.start ?? 0;
  for (const { start } of backwards)
    for (const root of rows.inputs(start)) if (start === latest || rows.firstName(root) !== undefined) roots.add(root);
  const wanted = new Set<number>();
  if (options.all === true) for (let i = 1; i < tensors.rows; i++) wanted.add(i);
  for (const tensor of rows.path.keys()) wanted.add(tensor);
  for (const { last } of uses.values()) wanted.add(last);
  if (latest !== 0) for (const root of rows.inputs(latest)) if (root !== 0) wanted.add(root);
  const infos = [...wanted].map((id) =>
    describe(rows, id, roots.has(id), uses.get(rows.firstName(id)?.id ?? -1)?.count ?? 1),
  );
  return infos.sort(inFileOrder);
}

function inFileOrder(a: TensorInfo, b: TensorInfo): number {
  const file = (a.place?.file ?? "￿").localeCompare(b.place?.file ?? "￿");
  return (
    file ||
    (a.place?.line ?? 0) - (b.place?.line ?? 0) ||
    (a.place?.column ?? 0) - (b.place?.column ?? 0) ||
    a.id - b.id
  );
}

function describe(rows: Rows, id: number, isRoot: boolean, count: number): TensorInfo {
  const flags = rows.flags(id);
  const grad = rows.grad(id);
  const isLeaf = (flags & TensorFlag.leaf) !== 0;
  const requiresGrad = (flags & TensorFlag.requiresGrad) !== 0;
  const status = gradStatus(grad, isLeaf, requiresGrad);
  return {
    id,
    name: rows.firstName(id)?.name ?? null,
    module: rows.path.get(id) ?? null,
    place: rows.place(id),
    shape: rows.shape(id),
    dtype: rows.dtype(id),
    isLeaf,
    requiresGrad,
    gradFn: rows.gradFn(id),
    isParameter: (flags & TensorFlag.parameter) !== 0 || rows.path.has(id),
    isRoot,
    isCut: !requiresGrad && (flags & TensorFlag.cut) !== 0,
    inOptimizer: rows.inOptimizer.has(id),
    value: rows.value(id),
    grad,
    gradStatus: status,
    gradReason: reasonFor(rows, id, status),
    values: rows.smallValues(id),
    count,
  };
}

/** Why a gradient is missing, zero, or of no use; null when all is well. */
function reasonFor(rows: Rows, id: number, status: GradStatus): GradReason | null {
  if (status === "none" || status === "not-retained") return whyNoGradient(rows, id);
  return (status === "zero" ? whyZero(rows, id) : null) ?? whyUnused(rows, id);
}

/** What there is of a gradient. */
export function gradStatus(grad: Statistics | null, isLeaf: boolean, requiresGrad: boolean): GradStatus {
  if (grad === null) return !isLeaf && requiresGrad ? "not-retained" : "none";
  if (grad.nan > 0 || grad.inf > 0) return "nonfinite";
  return grad.numel > 0 && grad.zeros === grad.numel ? "zero" : "present";
}
