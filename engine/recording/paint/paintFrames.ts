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
  return over(palette.frame, palette.foreground, 0.028 * Math.min(frame.depth, 4));
}

/** Name and type in the band at the top; when that is too small to read, the name alone in the middle of the frame. */
export function paintFrameTitle(ink: Ink, scene: Scene, frame: DrawingFrame, look: Look): void {
  if (look.detail <= detailLevel.noShapes) titleInBand(ink, scene, frame, look);
  else if (look.detail === detailLevel.framesAlone) titleInMiddle(ink, scene, frame, look);
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

function titleInMiddle(ink: Ink, scene: Scene, frame: DrawingFrame, look: Look): void {
  const { title } = scene.tree.scopes[frame.scope];
  const onScreen = 12 / fontSize.name / look.scale;
  const height = fontSize.name * onScreen;
  const fits = ink.textWidth(title, "name") * onScreen < frame.width && 1.5 * height < frame.height;
  const hasInner = scene.drawing.frames.some((other) => scene.tree.scopes[other.scope].parent === frame.scope);
  if (!fits || hasInner) return;
  const place = { x: frame.x + frame.width / 2, y: frame.y + frame.height / 2, align: "middle" as const };
  ink.text(title, { ...place, font: "name", color: look.palette.foreground, enlarged: onScreen });
}
