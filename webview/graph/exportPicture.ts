import { graphToDot } from "../../engine/recording/export/dot.ts";
import { sceneToSvg } from "../../engine/recording/export/svg.ts";
import { detailLevel, type Look } from "../../engine/recording/paint/look.ts";
import { paintDrawing } from "../../engine/recording/paint/paintDrawing.ts";
import { everything } from "../../engine/recording/paint/scene.ts";
import { CanvasInk } from "../draw/canvasInk.ts";
import type { TextMeasure } from "../draw/textMeasure.ts";
import type { FileKind } from "../protocol/graph.ts";
import type { Drawn } from "./drawn.ts";

const margin = 24;
/** What browsers agree to make: longest side and area of a canvas. */
const longestSide = 16_000;
const largestArea = 64_000_000;

/** The graph as a file's content: text for SVG and DOT, base64 for PNG. */
export function exportPicture(kind: FileKind, drawn: Drawn, look: Look, measure: TextMeasure): string {
  if (kind === "dot") return graphToDot(drawn.model.graph);
  const still: Look = { ...look, detail: detailLevel.all, scale: 1, hovered: -1, selected: -1, atCursor: new Set() };
  return kind === "svg" ? sceneToSvg(drawn.scene, still) : toPng(drawn, still, measure);
}

function toPng(drawn: Drawn, look: Look, measure: TextMeasure): string {
  const width = drawn.drawing.width + 2 * margin;
  const height = drawn.drawing.height + 2 * margin;
  const scale = Math.min(2, longestSide / Math.max(width, height), Math.sqrt(largestArea / (width * height)));
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(width * scale);
  canvas.height = Math.ceil(height * scale);
  const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
  if (!context) throw new Error("This graph is too large for a picture; save it as SVG.");
  context.fillStyle = look.palette.background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.setTransform(scale, 0, 0, scale, margin * scale, margin * scale);
  paintDrawing(new CanvasInk(context, measure, scale), drawn.scene, look, everything(drawn.drawing));
  // Unlike toBlob, which waits until the page is idle, this answers at once.
  const [, base64 = ""] = canvas.toDataURL("image/png").split(",");
  if (base64 === "") throw new Error("This graph is too large for a picture; save it as SVG.");
  return base64;
}
