import type { Measure } from "../layout/boxes.ts";
import type { Rect } from "../layout/drawing.ts";
import { spacing } from "../layout/layered/types.ts";
import { pointAlong } from "../layout/paths.ts";
import { displayName } from "../layout/text.ts";
import type { Scene } from "./scene.ts";

/** A small label that sits on an edge. */
export interface PlacedChip extends Rect {
  readonly edge: number;
  readonly text: string;
  /** The last one set: drawn with more weight. */
  readonly isNew: boolean;
}

const chipHeight = 18;

/** Where along an edge a chip is tried, the best place first. */
const shares = [0.5, 0.62, 0.38, 0.75, 0.25, 0.88, 0.12];

/** Puts each chip on its edge where it covers neither a box, a title nor an earlier chip, as far as there is such a place. */
export function placeChips(
  scene: Scene,
  texts: ReadonlyMap<number, string>,
  newest: ReadonlySet<number>,
  measure: Measure,
): PlacedChip[] {
  const { drawing } = scene;
  const covered = [...drawing.boxes, ...titleBands(scene, measure)];
  const placed: PlacedChip[] = [];
  for (const [edge, fullText] of texts) {
    const line = drawing.edges[edge];
    if (!line) continue;
    const text = displayName(fullText, 20);
    const width = measure(text, "detail") + 12;
    const spots = shares.map((share) => {
      const { x, y } = pointAlong(line.points, share);
      return { x: x - width / 2, y: y - chipHeight / 2, width, height: chipHeight };
    });
    const isFree = (spot: Rect): boolean =>
      !placed.some((chip) => touch(chip, spot)) && !covered.some((rect) => touch(rect, spot));
    const spot = spots.find(isFree) ?? spots[0];
    placed.push({ ...spot, edge, text, isNew: newest.has(edge) });
  }
  return placed;
}

/** The part of each open frame's upper edge that its title takes. */
function titleBands({ drawing, tree }: Scene, measure: Measure): Rect[] {
  return drawing.frames.map(({ x, y, scope }) => {
    const { title, type } = tree.scopes[scope];
    return { x, y, width: measure(title, "name") + measure(type, "detail") + 48, height: spacing.frameTitle };
  });
}

function touch(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
