// Lists and plain objects of tensors, nested: what PyTorch calls pytrees. Whatever else stands in one is a leaf.

/** Lists and plain objects, nested, of leaves. */
export type Tree<T> = T | readonly Tree<T>[] | { readonly [key: string]: Tree<T> };

const isPlain = (x: unknown): x is { readonly [key: string]: unknown } => {
  if (typeof x !== "object" || x === null) return false;
  const prototype: unknown = Object.getPrototypeOf(x);
  return prototype === Object.prototype || prototype === null;
};

const isList = (x: unknown): x is readonly unknown[] => Array.isArray(x);

/** The same tree with other leaves. */
export function mapTree(tree: unknown, change: (leaf: unknown) => unknown): unknown {
  if (isList(tree)) return Array.from(tree, (part) => mapTree(part, change));
  if (!isPlain(tree)) return change(tree);
  return Object.fromEntries(Object.entries(tree).map(([key, part]) => [key, mapTree(part, change)]));
}

/** The leaves in their order. */
export function leavesOf(tree: unknown): unknown[] {
  const leaves: unknown[] = [];
  mapTree(tree, (leaf) => leaves.push(leaf));
  return leaves;
}

/** The same tree with the leaves of a list. */
export function withLeaves(tree: unknown, leaves: readonly unknown[]): unknown {
  let at = 0;
  return mapTree(tree, () => leaves[at++]);
}

/** A leaf of `prefix` for each leaf of `tree`: one stands for all that lies below it. Null where they do not fit. */
export function spread(prefix: unknown, tree: unknown): unknown[] | null {
  if (isList(prefix)) {
    if (!isList(tree) || tree.length !== prefix.length) return null;
    return joined(prefix.map((part, i) => spread(part, tree[i])));
  }
  if (isPlain(prefix)) {
    if (!isPlain(tree)) return null;
    const keys = Object.keys(tree);
    if (keys.length !== Object.keys(prefix).length || !keys.every((key) => Object.hasOwn(prefix, key))) return null;
    return joined(keys.map((key) => spread(prefix[key], tree[key])));
  }
  return leavesOf(tree).map(() => prefix);
}

function joined(parts: readonly (unknown[] | null)[]): unknown[] | null {
  return parts.includes(null) ? null : parts.flat(1);
}

/** Whether two trees differ in nothing but their leaves. */
export const sameTree = (a: unknown, b: unknown): boolean =>
  JSON.stringify(mapTree(a, () => 0)) === JSON.stringify(mapTree(b, () => 0));
