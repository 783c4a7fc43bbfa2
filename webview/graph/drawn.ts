import type { Drawing, DrawingBox, Rect } from "../../engine/recording/layout/drawing.ts";
import type { InSight, Scene } from "../../engine/recording/paint/scene.ts";
import { boundsOfPath, RectGrid, touch } from "../draw/rectGrid.ts";
import type { Point } from "../draw/viewport.ts";
import type { GraphModel } from "./graphModel.ts";
import type { Selection } from "./model.ts";

/** A drawing with what the panel needs to find things in it; made once for each drawing. */
export interface Drawn {
  readonly model: GraphModel;
  readonly drawing: Drawing;
  readonly scene: Scene;
  readonly boxes: RectGrid;
  readonly frames: RectGrid;
  readonly edgeBounds: readonly Rect[];
  /** The drawn edge that stands for each edge of the graph; -1 for edges inside a folded module. */
  readonly edgeOf: Int32Array;
  readonly boxOfScope: ReadonlyMap<string, number>;
}

export function indexDrawing(model: GraphModel, drawing: Drawing): Drawn {
  const edgeOf = new Int32Array(model.graph.edges.length).fill(-1);
  drawing.edges.forEach(({ edges }, i) => {
    for (const edge of edges) edgeOf[edge] = i;
  });
  const scopes = drawing.boxes.flatMap(({ scope, index }) => {
    const key = model.tree.scopes[scope]?.key;
    return key === undefined ? [] : [[key, index] as const];
  });
  return {
    model,
    drawing,
    scene: { graph: model.graph, tree: model.tree, drawing },
    boxes: new RectGrid(drawing.boxes),
    frames: new RectGrid(drawing.frames),
    edgeBounds: drawing.edges.map((edge) => boundsOfPath(edge.points)),
    edgeOf,
    boxOfScope: new Map(scopes),
  };
}

/** The box that shows what is selected, or -1. */
export function boxOfSelection({ drawing, boxOfScope }: Drawn, selected: Selection | null): number {
  if (!selected) return -1;
  return (selected.kind === "node" ? drawing.boxOfNode[selected.node] : boxOfScope.get(selected.key)) ?? -1;
}

/** What selecting a box means: its node, or the module it stands for. */
export function selectionOfBox({ model, drawing }: Drawn, box: number): Selection | null {
  const { node = -1, scope = -1 } = drawing.boxes[box] ?? {};
  const key = model.tree.scopes[scope]?.key;
  if (node >= 0) return { kind: "node", node };
  return key === undefined ? null : { kind: "scope", key };
}

/** The part of the drawing that lies in a rectangle. */
export function inSight({ boxes, frames, edgeBounds }: Drawn, area: Rect): InSight {
  // Marks and labels stick out of the boxes they belong to.
  const room = 48;
  const wide = { x: area.x - room, y: area.y - room, width: area.width + 2 * room, height: area.height + 2 * room };
  const edges: number[] = [];
  for (let e = 0; e < edgeBounds.length; e++) {
    const bounds = edgeBounds[e];
    if (bounds && touch(bounds, wide)) edges.push(e);
  }
  return { boxes: boxes.within(wide), frames: frames.within(wide), edges };
}

/** The box whose middle is nearest to a point. */
export function nearestBox({ drawing }: Drawn, point: Point): DrawingBox | null {
  let nearest: DrawingBox | null = null;
  let shortest = Number.POSITIVE_INFINITY;
  for (const box of drawing.boxes) {
    const distance = Math.hypot(box.x + box.width / 2 - point.x, box.y + box.height / 2 - point.y);
    if (distance >= shortest) continue;
    nearest = box;
    shortest = distance;
  }
  return nearest;
}

/** What lies under a point: a box, else the title of the innermost open frame there. */
export function hit({ boxes, frames, drawing, model }: Drawn, point: Point, titleHeight: number): Hit {
  const box = boxes.at(point).at(-1);
  if (box !== undefined) return { kind: "box", box };
  for (const f of frames.at(point).reverse()) {
    const frame = drawing.frames[f];
    const key = model.tree.scopes[frame?.scope ?? -1]?.key;
    if (frame && key !== undefined && point.y <= frame.y + titleHeight) return { kind: "title", key };
  }
  return { kind: "nothing" };
}

export type Hit =
  | { readonly kind: "box"; readonly box: number }
  | { readonly kind: "title"; readonly key: string }
  | { readonly kind: "nothing" };
