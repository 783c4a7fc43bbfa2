import type { Drawing } from "../layout/drawing.ts";
import type { ScopeTree } from "../layout/scopes.ts";
import type { Graph } from "../queries/graphTypes.ts";

/** A drawing together with what it is a drawing of. */
export interface Scene {
  readonly graph: Graph;
  readonly tree: ScopeTree;
  readonly drawing: Drawing;
}

/** The part of a drawing that is in sight, as indices, in drawing order. */
export interface InSight {
  readonly boxes: readonly number[];
  readonly edges: readonly number[];
  readonly frames: readonly number[];
}

/** All of a drawing. */
export function everything({ boxes, edges, frames }: Drawing): InSight {
  return {
    boxes: boxes.map((_, i) => i),
    edges: edges.map((_, i) => i),
    frames: frames.map((_, i) => i),
  };
}
