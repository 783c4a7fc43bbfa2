import type { Drawing, DrawingBox } from "../../engine/recording/layout/drawing.ts";

export type Direction = "up" | "down" | "left" | "right";

/** The box an arrow key leads to: along an edge up or down, to the neighbour in the same row left or right; -1 when there is none. */
export function walk(drawing: Drawing, from: number, direction: Direction): number {
  const start = drawing.boxes[from];
  if (!start) return -1;
  if (direction === "down") return nearest(start, consumersOf(drawing, from));
  if (direction === "up") return nearest(start, producersOf(drawing, from));
  return inRow(drawing, start, direction === "right" ? 1 : -1);
}

/** All boxes as a reader goes through them: rows from the top, each from the left. */
export function readingOrder(drawing: Drawing): number[] {
  return [...drawing.boxes]
    .sort((a, b) => middleY(a) - middleY(b) || a.x - b.x || a.index - b.index)
    .map((box) => box.index);
}

/** The box before or after another in reading order; -1 at the ends. */
export function step(order: readonly number[], from: number, by: 1 | -1): number {
  return order[order.indexOf(from) + by] ?? -1;
}

function consumersOf(drawing: Drawing, box: number): DrawingBox[] {
  return drawing.edges.flatMap((edge) => (edge.from === box ? (drawing.boxes[edge.to] ?? []) : []));
}

function producersOf(drawing: Drawing, box: number): DrawingBox[] {
  return drawing.edges.flatMap((edge) => (edge.to === box ? (drawing.boxes[edge.from] ?? []) : []));
}

function nearest(start: DrawingBox, boxes: readonly DrawingBox[]): number {
  const bySideways = [...boxes].sort(
    (a, b) => Math.abs(middleX(a) - middleX(start)) - Math.abs(middleX(b) - middleX(start)) || a.index - b.index,
  );
  return bySideways[0]?.index ?? -1;
}

/** The nearest box that overlaps this one's height on that side. */
function inRow(drawing: Drawing, start: DrawingBox, side: 1 | -1): number {
  let found = -1;
  let shortest = Number.POSITIVE_INFINITY;
  for (const box of drawing.boxes) {
    const distance = (middleX(box) - middleX(start)) * side;
    const overlaps = box.y < start.y + start.height && start.y < box.y + box.height;
    if (distance <= 0 || distance >= shortest || !overlaps) continue;
    found = box.index;
    shortest = distance;
  }
  return found;
}

function middleX(box: DrawingBox): number {
  return box.x + box.width / 2;
}

function middleY(box: DrawingBox): number {
  return box.y + box.height / 2;
}
