import { barsWidth, boxSize, meterWidth } from "../layout/boxes.ts";
import type { DrawingBox } from "../layout/drawing.ts";
import type { GraphNode } from "../queries/graphTypes.ts";
import { over } from "./color.ts";
import { paintLock } from "./glyphs.ts";
import { heatColor, nodeHeat } from "./heat.ts";
import type { Ink, Stroke, TextPlace } from "./ink.ts";
import { detailLevel, type Look } from "./look.ts";
import { paintGroup } from "./paintGroup.ts";
import type { Palette } from "./palette.ts";
import type { Scene } from "./scene.ts";

/** A tensor's box, an op's pill, or a folded module. */
export function paintBox(ink: Ink, scene: Scene, box: DrawingBox, given: Look): void {
  const node = scene.graph.nodes[box.node];
  const look = given.toCome.has(box.index) ? waiting(given) : given;
  ink.startGroup(box.title);
  if (!node) paintGroup(ink, scene, box, look);
  else if (look.detail === detailLevel.framesAlone) paintSpeck(ink, box, look);
  else if (box.kind === "op") paintOp(ink, box, node, look);
  else paintTensor(ink, box, node, look);
  ink.endGroup();
}

/** What has not happened yet is drawn in outline: nothing filled, no heat, texts and borders quiet. */
function waiting(look: Look): Look {
  const { background, dim, quietEdge } = look.palette;
  const quiet = { foreground: dim, box: background, pill: background, boxBorder: quietEdge, leaf: quietEdge };
  return { ...look, palette: { ...look.palette, ...quiet, parameter: quietEdge }, heat: null };
}

/** Whether a border is dashed: no gradient was asked for. */
function border(node: GraphNode, look: Look): Stroke {
  const width = Math.max(1.2, 0.8 / look.scale);
  const color = look.palette.boxBorder;
  return node.requiresGrad ? { color, width } : { color, width, dash: [4, 3] };
}

function paintTensor(ink: Ink, box: DrawingBox, node: GraphNode, look: Look): void {
  const { palette, detail } = look;
  const isLeaf = node.role !== "non-leaf";
  const radius = isLeaf ? 0 : 9;
  ink.box(box, radius, heatedFill(node, palette.box, look), border(node, look));
  if (node.isRoot) paintInnerBorder(ink, box, Math.max(0, radius - 3), look);
  if (isLeaf) paintBars(ink, box, node, look);
  if (detail <= detailLevel.noShapes) paintTensorText(ink, box, node, look);
  paintHeatMeter(ink, box, node, look);
  if (detail <= detailLevel.noShapes) paintBadge(ink, box, node, look);
}

function paintInnerBorder(ink: Ink, box: DrawingBox, radius: number, look: Look): void {
  const inner = { x: box.x + 3, y: box.y + 3, width: box.width - 6, height: box.height - 6 };
  ink.box(inner, radius, null, { color: look.palette.boxBorder, width: Math.max(1.2, 0.8 / look.scale) });
}

/** One bar for a leaf, two for a parameter: told apart without colour. */
function paintBars(ink: Ink, box: DrawingBox, node: GraphNode, { palette }: Look): void {
  const isParameter = node.role === "parameter" || node.role === "frozen";
  const color = !node.requiresGrad ? palette.dim : isParameter ? palette.parameter : palette.leaf;
  for (let bar = 0; bar < (isParameter ? 2 : 1); bar++) {
    const x = box.x + bar * (boxSize.bar + 2);
    ink.box({ x, y: box.y, width: boxSize.bar, height: box.height }, 0, color, null);
  }
}

function paintTensorText(ink: Ink, box: DrawingBox, node: GraphNode, look: Look): void {
  const { palette } = look;
  const left = box.x + barsWidth(node.role);
  const lock = node.role === "frozen" ? boxSize.lock : 0;
  const x = (left + box.x + box.width - lock - meterWidth(node)) / 2;
  const showsDetail = look.detail === detailLevel.all && box.detail !== "";
  const middle = box.y + box.height / 2;
  const title = { x, y: showsDetail ? box.y + 15 : middle, font: "name", align: "middle" } as const;
  ink.text(box.title, { ...title, ...(node.label === "" ? unnamed(palette) : { color: palette.foreground }) });
  if (showsDetail) {
    ink.text(box.detail, { x, y: box.y + 30, font: "detail", color: palette.dim, align: "middle" });
  }
  if (lock > 0) paintLock(ink, box.x + box.width - lock / 2 - 4, middle, palette.dim);
}

/** A shape in place of a name is written as shapes are. */
function unnamed({ dim }: Palette): Pick<TextPlace, "font" | "color"> {
  return { font: "detail", color: dim };
}

function paintOp(ink: Ink, box: DrawingBox, node: GraphNode, look: Look): void {
  const { palette, detail } = look;
  if (detail >= detailLevel.dots) {
    paintDot(ink, box, node, look);
    return;
  }
  ink.box(box, box.height / 2, heatedFill(node, palette.pill, look), border(node, look));
  if (node.isRoot) paintInnerBorder(ink, box, box.height / 2 - 3, look);
  if (detail <= detailLevel.noShapes) {
    const place = { x: box.x + box.width / 2, y: box.y + box.height / 2, align: "middle" } as const;
    ink.text(box.title, { ...place, font: "symbol", color: palette.foreground });
  }
  if (detail === detailLevel.all) paintStem(ink, box, look);
  if (detail <= detailLevel.noShapes) paintBadge(ink, box, node, look);
}

/** The shape of what leaves the box, beside the line it leaves on. */
export function paintStem(ink: Ink, box: DrawingBox, { palette }: Look): void {
  if (box.stem === null) return;
  const place = { x: box.x + box.width / 2 + 6, y: box.y + box.height + boxSize.stem / 2 };
  ink.text(box.stem, { ...place, font: "detail", color: palette.dim });
}

function paintDot(ink: Ink, box: DrawingBox, node: GraphNode, look: Look): void {
  const radius = Math.max(6, 2 / look.scale);
  const x = box.x + box.width / 2 - radius;
  const y = box.y + box.height / 2 - radius;
  const heat = nodeHeat(look.heat, node);
  const fill = Number.isNaN(heat) ? look.palette.edge : heatColor(look.palette, heat);
  ink.box({ x, y, width: 2 * radius, height: 2 * radius }, radius, fill, null);
}

/** Top-level boxes when only frames are left: a mark that something is there. */
function paintSpeck(ink: Ink, box: DrawingBox, look: Look): void {
  const height = Math.max(box.height, 2 / look.scale);
  ink.box({ ...box, height }, 0, look.palette.quietEdge, null);
}

/** Backward, the whole box takes a tint of its gradient's size. */
function heatedFill(node: GraphNode, fill: string, look: Look): string {
  const heat = nodeHeat(look.heat, node);
  if (Number.isNaN(heat) || look.direction === "forward" || look.palette.isHighContrast) return fill;
  return over(fill, heatColor(look.palette, heat), 0.12 + 0.3 * Math.abs(heat));
}

/** A bar inside the right border: up from its middle for a gradient above the run's median, down for one below. */
function paintHeatMeter(ink: Ink, box: DrawingBox, node: GraphNode, look: Look): void {
  const heat = nodeHeat(look.heat, node);
  if (Number.isNaN(heat)) return;
  const { palette } = look;
  const inset = 6;
  const half = box.height / 2 - inset;
  const track = {
    x: box.x + box.width - inset - boxSize.meter,
    y: box.y + inset,
    width: boxSize.meter,
    height: 2 * half,
  };
  ink.box(track, boxSize.meter / 2, over(palette.box, palette.foreground, 0.14), null);
  const length = Math.max(3, Math.abs(heat) * half);
  const y = heat < 0 ? track.y + half : track.y + half - length;
  ink.box({ ...track, y, height: length }, boxSize.meter / 2, heatColor(palette, heat), null);
}

/** What a number cannot show: no gradient although one was asked for, a gradient of zeros, NaN or infinities. */
function paintBadge(ink: Ink, box: DrawingBox, node: GraphNode, look: Look): void {
  const text = badgeText(node);
  if (text === null) return;
  const { palette } = look;
  const color = text === "∅" || text === "0" ? palette.warning : palette.error;
  const width = 10 + 7 * text.length;
  // On the corner, and further out on a pill, whose symbol fills it.
  const x = box.x + box.width - (box.kind === "op" ? 12 : width - 8);
  const rect = { x, y: box.y - (box.kind === "op" ? 12 : 9), width, height: 17 };
  ink.box(rect, 8, palette.background, { color, width: 1.2 });
  ink.text(text, { x: rect.x + width / 2, y: rect.y + 8.5, font: "detail", color, align: "middle" });
}

function badgeText(node: GraphNode): string | null {
  const worst = node.gradStatus === "nonfinite" ? node.grad : hasNonfinite(node.value) ? node.value : null;
  if (node.gradStatus === "nonfinite" || worst) return worst && worst.nan === 0 ? "Inf" : "NaN";
  const isLeafWithGradient = node.requiresGrad && (node.role === "leaf" || node.role === "parameter");
  if (isLeafWithGradient && node.gradStatus === "none") return "∅";
  return isLeafWithGradient && node.gradStatus === "zero" ? "0" : null;
}

function hasNonfinite(stats: GraphNode["value"]): boolean {
  return stats !== null && stats.nan + stats.inf > 0;
}
