import type { Ink, Stroke } from "./ink.ts";

/** Scissors lying across a vertical line, their middle at x, y. */
export function paintScissors(ink: Ink, x: number, y: number, color: string, background: string): void {
  const stroke: Stroke = { color, width: 1.5 };
  ink.box({ x: x - 10, y: y - 9, width: 21, height: 18 }, 9, background, null);
  ink.polyline([x - 3, y - 2.2, x + 8, y + 4.5], null, stroke);
  ink.polyline([x - 3, y + 2.2, x + 8, y - 4.5], null, stroke);
  for (const side of [-1, 1]) {
    ink.box({ x: x - 8, y: y + side * 4 - 2.6, width: 5.2, height: 5.2 }, 2.6, null, stroke);
  }
}

/** A closed lock, its middle at x, y: a frozen parameter. */
export function paintLock(ink: Ink, x: number, y: number, color: string): void {
  const shackle = [x - 3, y - 1, x - 3, y - 3.5, x - 1.8, y - 5.4, x + 1.8, y - 5.4, x + 3, y - 3.5, x + 3, y - 1];
  ink.polyline(shackle, null, { color, width: 1.4 });
  ink.box({ x: x - 4.5, y: y - 1, width: 9, height: 7 }, 1.2, color, null);
}

/** A triangle whose tip touches x, y; it points down when `down`. */
export function paintArrow(ink: Ink, x: number, y: number, down: boolean, color: string): void {
  const base = down ? y - 7 : y + 7;
  ink.polyline([x, y, x - 3.6, base, x + 3.6, base], color, null);
}

/** The sign of something folded: a small triangle that points right. */
export function paintChevron(ink: Ink, x: number, y: number, open: boolean, color: string): void {
  const points = open ? [x - 3.5, y - 2, x, y + 2, x + 3.5, y - 2] : [x - 2, y - 3.5, x + 2, y, x - 2, y + 3.5];
  ink.polyline(points, null, { color, width: 1.4 });
}
