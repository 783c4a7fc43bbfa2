import type { PackedTimeline, SourcePlace } from "../protocol/timeline.ts";

/** What is selected, in every view at once. */
export interface Selection {
  /** Of the timeline; -1 when no single span is meant. */
  readonly span: number;
  readonly name: string | null;
  readonly place: SourcePlace | null;
}

export const nothingSelected: Selection = { span: -1, name: null, place: null };

/** Whether a place is in the line that is selected. */
export function isSelectedLine(
  { place }: Selection,
  other: { readonly file: string; readonly line: number } | null,
): boolean {
  return place !== null && other !== null && place.line === other.line && place.file === other.file;
}

/** Which spans belong to what is selected, for a chart in which they are to stand out; null when none is meant more than others. */
export function spansOf(selection: Selection, timeline: PackedTimeline): ((span: number) => boolean) | null {
  const { place, name } = selection;
  if (place !== null) {
    const isWanted = timeline.places.map((one) => isSelectedLine(selection, one));
    return isWanted.includes(true) ? (span) => isWanted[timeline.place[span] ?? -1] === true : null;
  }
  const wanted = name === null ? -1 : timeline.names.indexOf(name);
  return wanted < 0 ? null : (span) => timeline.name[span] === wanted;
}

/** Which spans a search finds, by their names: all words, in any case; null for an empty one. */
export function spansFound(query: string, timeline: PackedTimeline): ((span: number) => boolean) | null {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return null;
  const isFound = timeline.names.map((name) => {
    const text = name.slice(0, 1000).toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return (span) => isFound[timeline.name[span] ?? -1] === true;
}
