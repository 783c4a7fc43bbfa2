import type { TensorInfo } from "./tensors.ts";

/** The groups of the tree, in the order they are shown. */
export const tensorGroupKinds = ["parameters", "leaves", "nonLeaves", "constants"] as const;

export type TensorGroupKind = (typeof tensorGroupKinds)[number];

/** Tensors that are shown together; a group of many parameters is divided by the module that owns them. */
export interface TensorGroup {
  readonly kind: TensorGroupKind;
  readonly tensors: readonly TensorInfo[];
  readonly modules: readonly ModuleGroup[];
}

/** The parameters of one module. */
export interface ModuleGroup {
  /** `net.0` */
  readonly path: string;
  readonly tensors: readonly TensorInfo[];
}

/** More parameters than this are hard to read in one list. */
const longList = 12;

/** Tensors by what they are to autograd; groups that would be empty are left out. */
export function tensorTree(tensors: readonly TensorInfo[]): TensorGroup[] {
  const groups = Map.groupBy(tensors, kindOf);
  return tensorGroupKinds.flatMap((kind) => {
    const members = groups.get(kind);
    return members === undefined ? [] : [{ kind, tensors: members, modules: modulesOf(kind, members) }];
  });
}

/** What a tensor's group says in one look. */
export function gradientRange(
  tensors: readonly TensorInfo[],
): { readonly least: number; readonly most: number } | null {
  const norms = tensors.flatMap(({ grad }) => (grad === null ? [] : [grad.norm]));
  if (norms.length === 0) return null;
  const bad = norms.find((norm) => !Number.isFinite(norm));
  return bad === undefined ? { least: Math.min(...norms), most: Math.max(...norms) } : { least: bad, most: bad };
}

function kindOf(tensor: TensorInfo): TensorGroupKind {
  if (tensor.isParameter) return "parameters";
  if (!tensor.requiresGrad) return "constants";
  return tensor.isLeaf ? "leaves" : "nonLeaves";
}

function modulesOf(kind: TensorGroupKind, tensors: readonly TensorInfo[]): ModuleGroup[] {
  if (kind !== "parameters" || tensors.length <= longList) return [];
  const modules = Map.groupBy(tensors, ({ module }) => module?.split(".").slice(0, -1).join(".") ?? "");
  if (modules.size < 2) return [];
  return [...modules].map(([path, members]) => ({ path, tensors: members }));
}
