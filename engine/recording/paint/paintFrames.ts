import { fontSize } from "../layout/boxes.ts";
import type { DrawingFrame } from "../layout/drawing.ts";
import { spacing } from "../layout/layered/types.ts";
import { over } from "./color.ts";
import { paintChevron } from "./glyphs.ts";
import type { Ink } from "./ink.ts";
import { detailLevel, type Look } from "./look.ts";
import type { Scene } from "./scene.ts";

/** The tinted area of an open module; deeper ones stand out from those around them. */
export function paintFrame(ink: Ink, frame: DrawingFrame, look: Look): void {
  const { palette } = look;
  const tint = frameTint(frame, look);
  ink.box(frame, 6, tint, { color: palette.frameBorder, width: Math.max(1, 1 / look.scale) });
}

/** The frame's colour behind its title and its boxes. */
export function frameTint(frame: DrawingFrame, { palette }: Look): string {
  if (palette.isHighContrast) return palette.background;
  return over(palette.frame, palette.foreground, 0.016 * Math.min(frame.depth, 5));
}

/** Name and type in the band at the top; when that is too small to read, the name beside the frames. */
export function paintFrameTitles(ink: Ink, scene: Scene, look: Look, frames: readonly number[]): void {
  const shown = frames.map((f) => scene.drawing.frames[f]);
  if (look.detail > detailLevel.noShapes) titlesBeside(ink, scene, look, shown);
  else for (const frame of shown) titleInBand(ink, scene, frame, look);
}

function titleInBand(ink: Ink, scene: Scene, frame: DrawingFrame, look: Look): void {
  const { palette } = look;
  const { title, type, repeats } = scene.tree.scopes[frame.scope];
  const y = frame.y + spacing.frameTitle / 2;
  const titleWidth = ink.textWidth(title, "name");
  const kind = repeats > 1 ? `${type} × ${repeats}` : type;
  const kindWidth = kind === "" ? 0 : ink.textWidth(kind, "detail") + 8;
  // An edge that enters the frame right here passes behind its title.
  const band = { x: frame.x + 2, y: frame.y + 3, width: titleWidth + kindWidth + 28, height: spacing.frameTitle - 6 };
  ink.box(band, 3, frameTint(frame, look), null);
  paintChevron(ink, frame.x + 13, y, true, palette.dim);
  ink.text(title, { x: frame.x + 22, y, font: "name", color: palette.foreground });
  if (kind !== "") {
    ink.text(kind, { x: frame.x + 30 + titleWidth, y, font: "detail", color: palette.dim });
  }
}

/** Screen pixels of a title beside its frame. */
const besideSize = 12;

/**
 * Titles of constant size to the left of the outermost frame, each at its own frame's height: the outer frames first, then as many
 * inner ones as fit between.
 */
function titlesBeside(ink: Ink, scene: Scene, look: Look, frames: readonly DrawingFrame[]): void {
  const enlarged = besideSize / fontSize.name / look.scale;
  const height = (besideSize * 1.35) / look.scale;
  const taken: { x: number; width: number; top: number }[] = [];
  const outerFirst = [...frames].sort((a, b) => a.depth - b.depth);
  for (const frame of outerFirst) {
    if (frame.height < height) continue;
    const { title, repeats } = scene.tree.scopes[frame.scope];
    const text = repeats > 1 ? `${title} × ${repeats}` : title;
    const outermost = outermostFrame(scene, frame);
    const width = ink.textWidth(text, "name") * enlarged;
    const x = outermost.x - 8 / look.scale;
    const top = holdsFrames(scene, frame) ? frame.y : frame.y + frame.height / 2 - height / 2;
    const covers = (other: { x: number; width: number; top: number }): boolean =>
      Math.abs(other.top - top) < height && other.x - other.width < x && x - width < other.x;
    const isHidden = scene.drawing.frames.some(
      (other) =>
        other.depth === 0 &&
        other !== outermost &&
        other.x < x &&
        x - width < other.x + other.width &&
        other.y < top + height &&
        top < other.y + other.height,
    );
    if (isHidden || taken.some(covers)) continue;
    taken.push({ x, width, top });
    const color = frame.depth === 0 ? look.palette.foreground : look.palette.dim;
    ink.text(text, { x, y: top + height / 2, font: "name", color, align: "end", enlarged });
  }
}

function holdsFrames(scene: Scene, frame: DrawingFrame): boolean {
  return scene.drawing.frames.some((other) => scene.tree.scopes[other.scope].parent === frame.scope);
}

function outermostFrame(scene: Scene, frame: DrawingFrame): DrawingFrame {
  let scope = frame.scope;
  while (scene.tree.scopes[scope].parent >= 0) scope = scene.tree.scopes[scope].parent;
  return scene.drawing.frames.find((other) => other.scope === scope) ?? frame;
}
