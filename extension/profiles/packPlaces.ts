import type { Timeline } from "../../engine/recording/queries/profile/timeline.ts";
import type { Recording } from "../../engine/recording/recording.ts";
import type { PackedTimeline, SourcePlace } from "../../webview/protocol/timeline.ts";

/** The place of each span; a backward node stands where the forward op is written that made it. */
export function packedPlaces(
  { count, event, link }: Timeline,
  recording: Recording | null,
): Pick<PackedTimeline, "place" | "places"> {
  const place = new Int32Array(count).fill(-1);
  const places: SourcePlace[] = [];
  if (recording === null) return { place, places };
  const { site } = recording.tables.events.column;
  const known = new Map<number, number>();
  for (let span = 0; span < count; span++) {
    const forward = link[span] ?? -1;
    const id = site[event[forward < 0 ? span : forward] ?? 0] ?? 0;
    if (id !== 0) place[span] = placeOf(id, recording, known, places);
  }
  return { place, places };
}

function placeOf(id: number, { sites }: Recording, known: Map<number, number>, places: SourcePlace[]): number {
  const found = known.get(id);
  if (found !== undefined) return found;
  const site = sites.get(id);
  const index = site === undefined ? -1 : places.push({ file: site.file, line: site.line, column: site.column }) - 1;
  known.set(id, index);
  return index;
}
