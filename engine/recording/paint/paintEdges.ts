import { pathLength, pointAlong } from "../layout/paths.ts";
import { paintArrow, paintScissors } from "./glyphs.ts";
import { heatColor, nodeHeat } from "./heat.ts";
import type { Ink, Stroke } from "./ink.ts";
import { detailLevel, type Look } from "./look.ts";
import type { Scene } from "./scene.ts";

/** All edges in sight: those without a gradient first, so that the others lie on top. */
export function paintEdges(ink: Ink, scene: Scene, look: Look, edges: readonly number[]): void {
  const byStroke = new Map<string, { stroke: Stroke; paths: Float64Array[]; members: number[] }>();
  for (const e of edges) {
    const { gradient, points } = scene.drawing.edges[e];
    if (gradient === "cut") continue;
    const stroke = edgeStroke(scene, look, e);
    const key = `${gradient === "flows" ? 1 : 0} ${stroke.color} ${stroke.width}`;
    const bucket = byStroke.get(key) ?? { stroke, paths: [], members: [] };
    bucket.paths.push(points);
    bucket.members.push(e);
    byStroke.set(key, bucket);
  }
  const inOrder = [...byStroke].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, bucket]) => bucket);
  for (const { paths, stroke } of inOrder) ink.edges(paths, stroke);
  if (look.detail < detailLevel.dots) {
    for (const { members, stroke } of inOrder) {
      for (const e of members.filter((member) => !look.badEdges.includes(member)))
        paintEdgeArrow(ink, scene, look, e, stroke.color);
    }
  }
  for (const e of edges) {
    if (scene.drawing.edges[e].gradient === "cut") paintCutEdge(ink, scene, look, e);
  }
}

/** The chain rule's edges, an alert's path and the edge pointed at, over everything else. */
export function paintEmphasizedEdges(ink: Ink, scene: Scene, look: Look): void {
  const { palette } = look;
  const thick = Math.max(2.5, 2 / look.scale);
  paintOver(ink, scene, look, look.chain, { color: palette.accent, width: thick });
  if (look.pointedEdge >= 0)
    paintOver(ink, scene, look, [look.pointedEdge], { color: palette.accent, width: thick * 2 });
  const bad = { color: palette.error, width: Math.max(3.5, 3 / look.scale) };
  paintOver(ink, scene, { ...look, direction: look.badDirection }, look.badEdges, bad);
}

function paintOver(ink: Ink, scene: Scene, look: Look, edges: readonly number[], stroke: Stroke): void {
  const present = edges.filter((e) => scene.drawing.edges[e]);
  if (present.length === 0) return;
  ink.edges(
    present.map((e) => scene.drawing.edges[e].points),
    stroke,
  );
  for (const e of present) paintEdgeArrow(ink, scene, look, e, stroke.color);
}

function edgeStroke(scene: Scene, look: Look, e: number): Stroke {
  const { palette, scale } = look;
  const { gradient, from } = scene.drawing.edges[e];
  if (gradient !== "flows") return { color: palette.quietEdge, width: Math.max(1, 0.8 / scale) };
  const width = Math.max(1.4, 0.8 / scale);
  if (look.direction === "forward") return { color: palette.edge, width };
  const heat = nodeHeat(look.heat, scene.graph.nodes[scene.drawing.boxes[from].node]);
  return { color: Number.isNaN(heat) ? palette.edge : heatColor(palette, heat), width: width + 0.4 };
}

/** Forward, values arrive below; backward, gradients arrive above. */
function paintEdgeArrow(ink: Ink, scene: Scene, look: Look, e: number, color: string): void {
  const { points, gradient } = scene.drawing.edges[e];
  const last = points.length - 2;
  if (look.direction === "forward") paintArrow(ink, points[last], points[last + 1], true, color);
  else if (gradient === "flows") paintArrow(ink, points[0], points[1], false, color);
}

/** Whole above the cut and dashed below it, with scissors in between. */
function paintCutEdge(ink: Ink, scene: Scene, look: Look, e: number): void {
  const { palette, scale } = look;
  const { points } = scene.drawing.edges[e];
  const width = Math.max(1.4, 1 / scale);
  const middle = Math.min(0.5, 26 / Math.max(1, pathLength(points)) + 0.2);
  const before = sampled(points, 0, middle);
  ink.polyline(before, null, { color: palette.edge, width });
  ink.polyline(sampled(points, middle, 1), null, { color: palette.warning, width, dash: [5, 4] });
  if (look.detail >= detailLevel.dots) return;
  if (look.direction === "forward") paintEdgeArrow(ink, scene, look, e, palette.warning);
  const { x, y } = pointAlong(points, middle);
  paintScissors(ink, x, y, palette.warning, palette.background);
}

function sampled(points: Float64Array, from: number, to: number): number[] {
  const steps = 24;
  return Array.from({ length: steps + 1 }, (_, i) => pointAlong(points, from + ((to - from) * i) / steps)).flatMap(
    ({ x, y }) => [x, y],
  );
}
