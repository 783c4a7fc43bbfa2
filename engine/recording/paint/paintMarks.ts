import type { DrawingBox } from "../layout/drawing.ts";
import { over } from "./color.ts";
import type { Ink } from "./ink.ts";
import { detailLevel, type Look } from "./look.ts";
import type { Scene } from "./scene.ts";

/** Rings around a box, each at its own distance so that they can be told apart: found, at the cursor, at work, hovered, selected. */
export function paintBoxMarks(ink: Ink, box: DrawingBox, look: Look): void {
  const { palette, scale } = look;
  const unit = Math.max(1, 1 / scale);
  if (look.found.has(box.index)) {
    const isCurrent = look.currentMatch === box.index;
    const fill = isCurrent ? over(palette.found, palette.accent, 0.25) : palette.found;
    ring(ink, box, 7, { color: isCurrent ? palette.accent : palette.found, width: 1.5 * unit }, fill);
  }
  if (look.atCursor.has(box.index)) {
    const fill = palette.isHighContrast ? null : over(palette.background, palette.accent, 0.2);
    ring(ink, box, 6, { color: palette.accent, width: unit, dash: [3 * unit, 3 * unit] }, fill);
  }
  if (look.atWork === box.index) {
    ring(ink, box, 8, { color: palette.accent, width: 3 * unit }, over(palette.background, palette.accent, 0.35));
  }
  if (look.badBoxes.includes(box.index)) ring(ink, box, 4, { color: palette.error, width: 2.5 * unit }, null);
  if (look.hovered === box.index) ring(ink, box, 3, { color: palette.dim, width: unit }, null);
  if (look.selected === box.index) ring(ink, box, 4, { color: palette.accent, width: 2 * unit }, null);
}

function ring(
  ink: Ink,
  box: DrawingBox,
  distance: number,
  stroke: { color: string; width: number; dash?: readonly number[] },
  fill: string | null,
): void {
  const rect = {
    x: box.x - distance,
    y: box.y - distance,
    width: box.width + 2 * distance,
    height: box.height + 2 * distance,
  };
  const radius = box.kind === "op" ? rect.height / 2 : distance + 2;
  ink.box(rect, radius, fill, stroke);
}

/** The gradients that crossed their edges. */
export function paintChips(ink: Ink, look: Look): void {
  if (look.detail > detailLevel.noShapes) return;
  const { palette } = look;
  for (const chip of look.chips) {
    const color = chip.isNew ? palette.accent : palette.dim;
    const fill = chip.isNew ? over(palette.background, palette.accent, 0.25) : palette.background;
    ink.box(chip, chip.height / 2, fill, { color, width: chip.isNew ? 1.5 : 1 });
    const place = { x: chip.x + chip.width / 2, y: chip.y + chip.height / 2, align: "middle" } as const;
    ink.text(chip.text, { ...place, font: "detail", color: palette.foreground });
  }
}

/** The flag at the box where an alert's fault was born. */
export function paintOrigin(ink: Ink, scene: Scene, look: Look): void {
  const box = scene.drawing.boxes[look.badBoxes[0] ?? -1];
  if (!box || look.badOrigin === null || look.detail > detailLevel.noShapes) return;
  const { palette } = look;
  const width = ink.textWidth(look.badOrigin, "detail") + 16;
  const y = box.y + box.height / 2;
  const tip = box.x + box.width + 7;
  ink.polyline([tip, y, tip + 7, y - 6, tip + 7, y + 6], palette.error, null);
  ink.box({ x: tip + 6, y: y - 10, width, height: 20 }, 4, palette.error, null);
  const place = { x: tip + 6 + width / 2, y, align: "middle" } as const;
  ink.text(look.badOrigin, { ...place, font: "detail", color: palette.background });
}
