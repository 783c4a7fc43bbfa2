import { boxSize } from "../layout/boxes.ts";
import type { DrawingBox } from "../layout/drawing.ts";
import { over } from "./color.ts";
import { paintChevron } from "./glyphs.ts";
import type { Ink } from "./ink.ts";
import { detailLevel, type Look } from "./look.ts";
import { paintStem } from "./paintBox.ts";
import type { Scene } from "./scene.ts";

/** A folded module: a tinted box with its name; a run of equal blocks is a pile of sheets. */
export function paintGroup(ink: Ink, scene: Scene, box: DrawingBox, look: Look): void {
  const { palette, detail } = look;
  const { repeats } = scene.tree.scopes[box.scope];
  const fill = palette.isHighContrast ? palette.background : over(palette.frame, palette.accent, 0.1);
  const stroke = { color: palette.boxBorder, width: Math.max(1.2, 0.8 / look.scale) };
  for (let sheet = repeats > 1 ? 2 : 0; sheet >= 0; sheet--) {
    const shift = sheet * boxSize.sheet;
    ink.box({ ...box, x: box.x + shift, y: box.y - shift }, 6, fill, stroke);
  }
  if (detail === detailLevel.all) paintStem(ink, box, look);
  if (detail <= detailLevel.noShapes) paintGroupText(ink, box, look);
}

function paintGroupText(ink: Ink, box: DrawingBox, look: Look): void {
  const { palette } = look;
  const showsDetail = look.detail === detailLevel.all;
  const y = showsDetail ? box.y + 17 : box.y + box.height / 2;
  paintChevron(ink, box.x + 12, y, false, palette.dim);
  ink.text(box.title, { x: box.x + 22, y, font: "name", color: palette.foreground });
  if (showsDetail) ink.text(box.detail, { x: box.x + 22, y: box.y + 33, font: "detail", color: palette.dim });
}
