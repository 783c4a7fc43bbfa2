import type { Tensor } from "../../autograd/tensor.ts";

/** Something with named parameters: a module. Known by shape, so that recording does not depend on nn. */
export interface Modular {
  namedParameters(options?: { readonly recurse?: boolean }): Iterable<readonly [string, Tensor]>;
  namedChildren?(): Iterable<readonly [string, object]>;
}

type Named = readonly [name: string, module: Modular];

/** Whether something looks like a module. */
export function isModular(value: unknown): value is Modular {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as { namedParameters?: unknown }).namedParameters === "function"
  );
}

/**
 * Every module under the named ones, each once, by its shortest path: a model whose parts point back at it is still
 * `net`, and not `net.head.owner`. A named module inside another named one goes by its place there.
 */
export function modulePaths(named: readonly Named[]): [path: string, module: Modular][] {
  const sources = outermost(named);
  const paths = new Map<Modular, string>();
  let level: [string, Modular][] = [...sources].map(([module, name]) => [name, module]);
  while (level.length > 0) {
    const next: typeof level = [];
    for (const [path, module] of level) {
      if (paths.has(module)) continue;
      paths.set(module, path);
      for (const [name, child] of childrenOf(module)) next.push([`${path}.${name}`, child]);
    }
    level = next;
  }
  const inOrder = new Set<Modular>();
  for (const source of sources.keys()) walk(source, inOrder);
  return [...inOrder].map((module) => [paths.get(module) as string, module]);
}

/** The parameters that a module holds itself. */
export function ownParametersOf(module: Modular): Iterable<readonly [string, Tensor]> {
  return module.namedChildren === undefined ? module.namedParameters() : module.namedParameters({ recurse: false });
}

/** The modules that are inside of no other, or of one that they hold as well; with the last name of each. */
function outermost(named: readonly Named[]): Map<Modular, string> {
  const names = new Map<Modular, string>();
  for (const [name, module] of named) names.set(module, name);
  if (names.size < 2) return names;
  const below = new Map([...names.keys()].map((module) => [module, walk(module, new Set())]));
  const isInside = (module: Modular): boolean =>
    [...below].some(([other, seen]) => other !== module && seen.has(module) && !below.get(module)?.has(other));
  return new Map([...names].filter(([module]) => !isInside(module)));
}

/** A module and all below it, in the order of their properties. */
function walk(root: Modular, seen: Set<Modular>): Set<Modular> {
  const waiting = [root];
  for (let module = waiting.pop(); module !== undefined; module = waiting.pop()) {
    if (seen.has(module)) continue;
    seen.add(module);
    for (const [, child] of childrenOf(module).reverse()) waiting.push(child);
  }
  return seen;
}

/** A user's object can look like a module without being one; that must not cost the recording. */
function childrenOf(module: Modular): [string, Modular][] {
  try {
    return [...(module.namedChildren?.() ?? [])].filter((entry): entry is [string, Modular] => isModular(entry[1]));
  } catch {
    return [];
  }
}
