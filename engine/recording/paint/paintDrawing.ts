import type { Ink } from "./ink.ts";
import { detailLevel, type Look } from "./look.ts";
import { paintBox } from "./paintBox.ts";
import { paintEdges, paintEmphasizedEdges } from "./paintEdges.ts";
import { paintFrame, paintFrameTitles } from "./paintFrames.ts";
import { paintBoxMarks, paintChips, paintOrigin } from "./paintMarks.ts";
import type { InSight, Scene } from "./scene.ts";

/** Paints a graph from back to front: frames, edges, boxes, and what must not be covered last. */
export function paintDrawing(ink: Ink, scene: Scene, look: Look, inSight: InSight): void {
  const { drawing } = scene;
  for (const f of inSight.frames) paintFrame(ink, drawing.frames[f], look);
  if (look.detail !== detailLevel.framesAlone) paintEdges(ink, scene, look, inSight.edges);
  paintEmphasizedEdges(ink, scene, look);
  paintFrameTitles(ink, scene, look, inSight.frames);
  for (const b of inSight.boxes) {
    paintBoxMarks(ink, drawing.boxes[b], look);
    paintBox(ink, scene, drawing.boxes[b], look);
  }
  paintChips(ink, look);
  paintOrigin(ink, scene, look);
}
