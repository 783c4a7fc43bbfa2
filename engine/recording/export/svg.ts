import { type FontRole, fontSize, type Measure } from "../layout/boxes.ts";
import { drawGraph, type Rect } from "../layout/drawing.ts";
import { firstFolds } from "../layout/folds.ts";
import { buildScopes } from "../layout/scopes.ts";
import { heatScale } from "../paint/heat.ts";
import type { Ink, Stroke, TextPlace } from "../paint/ink.ts";
import { type Look, plainLook } from "../paint/look.ts";
import { paintDrawing } from "../paint/paintDrawing.ts";
import { lightPalette, type Palette } from "../paint/palette.ts";
import { everything, type Scene } from "../paint/scene.ts";
import type { Graph } from "../queries/graphTypes.ts";

/** Room around the drawing. */
const margin = 24;

/** Draws a graph as an SVG document, equal blocks folded as in the panel. */
export function graphToSvg(graph: Graph, palette: Palette = lightPalette): string {
  const tree = buildScopes(graph);
  const drawing = drawGraph(graph, tree, firstFolds(graph, tree), estimateWidth);
  return sceneToSvg({ graph, tree, drawing }, plainLook(palette, heatScale(graph)));
}

/** Writes a scene as it looks in the panel as an SVG document. */
export function sceneToSvg(scene: Scene, look: Look): string {
  const ink = new SvgInk();
  paintDrawing(ink, scene, look, everything(scene.drawing));
  const width = Math.ceil(scene.drawing.width + 2 * margin);
  const height = Math.ceil(scene.drawing.height + 2 * margin);
  const style = [
    `text{font-family:system-ui,"Segoe UI",Ubuntu,"DejaVu Sans",sans-serif;dominant-baseline:central}`,
    `.name{font-size:${fontSize.name}px;font-weight:600}`,
    `.symbol{font-size:${fontSize.symbol}px}`,
    `.detail{font-size:${fontSize.detail}px;font-variant-numeric:tabular-nums}`,
  ].join("");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${-margin} ${-margin} ${width} ${height}">`,
    `<style>${style}</style>`,
    `<rect x="${-margin}" y="${-margin}" width="${width}" height="${height}" fill="${look.palette.background}"/>`,
    ink.toString(),
    "</svg>\n",
  ].join("\n");
}

/** Text widths without a font at hand: a little too wide rather than too narrow. */
export const estimateWidth: Measure = (text, font) => {
  const average = font === "name" ? 0.68 : 0.6;
  return [...text].length * fontSize[font] * average;
};

class SvgInk implements Ink {
  readonly #lines: string[] = [];

  box({ x, y, width, height }: Rect, radius: number, fill: string | null, stroke: Stroke | null): void {
    const size = `x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}"`;
    const corner = radius > 0 ? ` rx="${short(radius)}"` : "";
    this.#lines.push(`<rect ${size}${corner}${paint(fill, stroke)}/>`);
  }

  edges(paths: readonly Float64Array[], stroke: Stroke): void {
    for (const points of paths) this.#lines.push(`<path d="${pathData(points)}"${paint(null, stroke)}/>`);
  }

  polyline(points: readonly number[], fill: string | null, stroke: Stroke | null): void {
    const corners: string[] = [];
    for (let i = 0; i < points.length; i += 2) corners.push(`${short(points[i])} ${short(points[i + 1])}`);
    this.#lines.push(`<path d="M${corners.join("L")}${fill === null ? "" : "Z"}"${paint(fill, stroke)}/>`);
  }

  text(text: string, { x, y, font, color, align = "start", enlarged = 1 }: TextPlace): void {
    const anchor = align === "start" ? "" : ` text-anchor="${align}"`;
    const size = enlarged === 1 ? "" : ` font-size="${short(fontSize[font] * enlarged)}"`;
    this.#lines.push(
      `<text class="${font satisfies FontRole}" x="${short(x)}" y="${short(y)}"${anchor}${size} fill="${color}">${escapeXml(text)}</text>`,
    );
  }

  textWidth(text: string, font: FontRole): number {
    return estimateWidth(text, font);
  }

  startGroup(title: string): void {
    this.#lines.push(`<g><title>${escapeXml(title)}</title>`);
  }

  endGroup(): void {
    this.#lines.push("</g>");
  }

  toString(): string {
    return this.#lines.join("\n");
  }
}

function pathData(points: Float64Array): string {
  let data = `M${short(points[0])} ${short(points[1])}`;
  for (let i = 2; i < points.length; i += 2) {
    const [x0, y0, x1, y1] = [points[i - 2], points[i - 1], points[i], points[i + 1]];
    const middle = short((y0 + y1) / 2);
    data += x0 === x1 ? `V${short(y1)}` : `C${short(x0)} ${middle} ${short(x1)} ${middle} ${short(x1)} ${short(y1)}`;
  }
  return data;
}

function paint(fill: string | null, stroke: Stroke | null): string {
  const line = stroke ? ` stroke="${stroke.color}" stroke-width="${short(stroke.width)}"` : "";
  const dash = stroke?.dash ? ` stroke-dasharray="${stroke.dash.map(short).join(" ")}"` : "";
  return ` fill="${fill ?? "none"}"${line}${dash}`;
}

function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** Names come from the user's program: they may be anything. */
export function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
