import type { Module } from "./module.ts";
import { type Named, ownModules } from "./own.ts";

/** How to walk a tree of modules. */
export interface WalkOptions {
  /** What paths begin with. Default none. */
  readonly prefix?: string | undefined;
  /** Go into children. Default true. */
  readonly recurse?: boolean | undefined;
  /** Name things that are there twice only once. Default true. */
  readonly removeDuplicate?: boolean | undefined;
}

/** A module and all below it, with their paths; that of the first is the prefix. */
export function walk(
  root: Module,
  { prefix = "", recurse = true, removeDuplicate = true }: WalkOptions,
): Named<Module>[] {
  if (!recurse) return [[prefix, root]];
  const seen = new Set<Module>();
  const found: Named<Module>[] = [];
  const visit = (module: Module, path: string): void => {
    if (removeDuplicate && seen.has(module)) return;
    seen.add(module);
    found.push([path, module]);
    for (const [name, child] of ownModules(module)) visit(child, join(path, name));
  };
  visit(root, prefix);
  return found;
}

/** What `members` finds in a module and, if `recurse`, below it, by dotted path; the same thing counts once. */
export function collect<T>(root: Module, members: (module: Module) => Named<T>[], options: WalkOptions): Named<T>[] {
  const unique = options.removeDuplicate ?? true;
  const seen = new Set<T>();
  const found: Named<T>[] = [];
  for (const [path, module] of walk(root, options)) {
    for (const [name, value] of members(module)) {
      if (unique && seen.has(value)) continue;
      seen.add(value);
      found.push([join(path, name), value]);
    }
  }
  return found;
}

/** `a.b`, or `b` alone. */
export const join = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);
