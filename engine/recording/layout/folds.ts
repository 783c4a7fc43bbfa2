import type { Graph } from "../queries/graphTypes.ts";
import type { Scope, ScopeTree } from "./scopes.ts";
import { countVisible, type Folds } from "./visibleGraph.ts";

/** More boxes than this at once are more than a person can read. */
const readable = 160;

/** What is folded when a graph opens: runs of equal blocks and their members, then the deepest modules until the rest can be read. */
export function firstFolds(graph: Graph, tree: ScopeTree): Folds {
  const folds = new Set(tree.scopes.filter((scope) => isRunOrMember(tree, scope)).map((scope) => scope.key));
  const deepest = tree.scopes.reduce((most, scope) => Math.max(most, scope.depth), -1);
  for (let depth = deepest; depth >= 0 && countVisible(graph, tree, folds) > readable; depth--) {
    for (const scope of tree.scopes) {
      if (scope.depth === depth) folds.add(scope.key);
    }
  }
  return folds;
}

function isRunOrMember(tree: ScopeTree, scope: Scope): boolean {
  return scope.repeats > 1 || (scope.parent >= 0 && tree.scopes[scope.parent].repeats > 1);
}

/** Every frame folded. */
export function allFolded(tree: ScopeTree): Folds {
  return new Set(tree.scopes.map((scope) => scope.key));
}

/** The folds with everything around a node opened, so that it can be seen. */
export function unfoldedAround(tree: ScopeTree, folds: Folds, node: number): Folds {
  const open = new Set(folds);
  for (let scope = tree.ofNode[node]; scope >= 0; scope = tree.scopes[scope].parent)
    open.delete(tree.scopes[scope].key);
  return open;
}
