import { EventKind } from "../../../engine/recording/schema.ts";
import type { Timeline } from "./timeline.ts";

/** How far a limit was looked for, whether the backward at that place has crossed it, and where each did so first. */
interface Looked {
  upTo: number;
  hasCrossed: boolean;
  readonly first: Set<number>;
}

/** Where the norm of a gradient crosses a limit for the first time in a backward. Each event is looked at once per limit. */
export class Crossings {
  readonly #timeline: Timeline;
  readonly #above = new Map<number, Looked>();
  readonly #below = new Map<number, Looked>();

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  /** Whether an event is the first of its backward to bring a gradient whose norm is above (or below) a limit. */
  isFirst(event: number, side: "above" | "below", limit: number): boolean {
    const all = side === "above" ? this.#above : this.#below;
    let looked = all.get(limit);
    if (looked === undefined) {
      looked = { upTo: 0, hasCrossed: false, first: new Set() };
      all.set(limit, looked);
    }
    while (looked.upTo < event) this.#look(looked, side, limit);
    return looked.first.has(event);
  }

  #look(looked: Looked, side: "above" | "below", limit: number): void {
    const event = ++looked.upTo;
    const kind = this.#timeline.kind(event);
    if (kind === EventKind.backwardStart) looked.hasCrossed = false;
    if (looked.hasCrossed || (kind !== EventKind.node && kind !== EventKind.accumulate)) return;
    const norm = this.#timeline.value(event);
    if (side === "above" ? norm > limit : norm < limit) {
      looked.hasCrossed = true;
      looked.first.add(event);
    }
  }
}
