import type { Place } from "../queries/rows.ts";
import type { Recording } from "../recording.ts";

/** Where events are in the program, as text that terminals and editors link: `model.ts:12`. */
export class PlaceTexts {
  private readonly recording: Recording;
  private readonly relative: (file: string) => string;
  private readonly bySite = new Map<number, string>();

  constructor(recording: Recording, relative: (file: string) => string = (file) => file) {
    this.recording = recording;
    this.relative = relative;
  }

  place(event: number): Place | null {
    return this.recording.sites.get(this.recording.tables.events.column.site[event]) ?? null;
  }

  file(file: string): string {
    return this.relative(file);
  }

  /** Empty when it is not known. */
  text(event: number): string {
    if (event === 0) return "";
    const site = this.recording.tables.events.column.site[event];
    let text = this.bySite.get(site);
    if (text === undefined) {
      const place = this.place(event);
      text = place === null ? "" : `${this.relative(place.file)}:${place.line}`;
      this.bySite.set(site, text);
    }
    return text;
  }
}
