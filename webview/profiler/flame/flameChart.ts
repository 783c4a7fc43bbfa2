import { bandSizes, type FlameBands, flameBands } from "../../../engine/recording/layout/flame/flameBands.ts";
import {
  countSums,
  type FlameRows,
  flameRows,
  neighbourAcross,
  neighbourInRow,
  rowOfSpan,
} from "../../../engine/recording/layout/flame/flameRows.ts";
import {
  panTime,
  revealTime,
  showTime,
  type TimeView,
  wholeView,
  zoomTime,
} from "../../../engine/recording/layout/flame/timeView.ts";
import type { Found } from "../../../engine/recording/paint/flameRaster.ts";
import type { Size } from "../../draw/viewport.ts";
import type { PackedTimeline } from "../../protocol/timeline.ts";
import { Atom } from "../../ui/atom.ts";

/** Height of the time axis above the rows, in pixels. */
export const axisHeight = 22;

/** What a chart draws, with everything that is looked up in it; made once for each timeline. */
export interface FlameModel {
  readonly timeline: PackedTimeline;
  readonly rows: FlameRows;
  readonly bands: FlameBands;
}

export function buildFlame(timeline: PackedTimeline): FlameModel {
  const rows = flameRows(timeline);
  return { timeline, rows, bands: flameBands(rows) };
}

/** One flame chart: what it shows and how it is moved. The views read the atoms. */
export class FlameChart {
  readonly model: Atom<FlameModel | null> = new Atom<FlameModel | null>(null);
  readonly view = new Atom<TimeView>({ begin: 0, end: 1, top: 0 });
  /** Spans by number, -1 for none. */
  readonly selected = new Atom(-1);
  readonly hovered = new Atom(-1);
  /** What is searched for, or belongs to what is selected elsewhere. */
  readonly found = new Atom<Found | null>(null);
  readonly #onSelect: (span: number) => void;
  #size: Size = { width: 0, height: 0 };

  /** `onSelect` is told what the user selects in this chart. */
  constructor(onSelect: (span: number) => void) {
    this.#onSelect = onSelect;
  }

  get size(): Size {
    return this.#size;
  }

  /** Shows another timeline; `view` is where an earlier page was. */
  show(model: FlameModel, view: TimeView | null = null): void {
    this.hovered.set(-1);
    this.selected.set(-1);
    this.found.set(null);
    this.model.set(model);
    this.view.set(wholeView(model.timeline));
    if (view !== null) this.#move(view);
  }

  resize(size: Size): void {
    this.#size = size;
    this.scroll(0);
  }

  zoom(factor: number, share = 0.5): void {
    const { timeline } = this.model.get() ?? {};
    if (timeline) this.view.set(zoomTime(this.view.get(), timeline, factor, share));
  }

  /** Moves by pixels, as the hand does. */
  pan(dx: number, dy: number): void {
    const { timeline } = this.model.get() ?? {};
    if (!timeline) return;
    if (dx !== 0) this.view.set(panTime(this.view.get(), timeline, -dx / Math.max(1, this.#size.width)));
    if (dy !== 0) this.scroll(-dy);
  }

  scroll(by: number): void {
    const model = this.model.get();
    if (!model) return;
    const view = this.view.get();
    const most = Math.max(0, model.bands.height + axisHeight - this.#size.height);
    const top = Math.max(0, Math.min(most, view.top + by));
    if (top !== view.top) this.view.set({ ...view, top });
  }

  fit(): void {
    const { timeline } = this.model.get() ?? {};
    if (timeline) this.view.set({ ...wholeView(timeline), top: this.view.get().top });
  }

  /** Puts the middle of the view at a time. */
  centerOn(time: number): void {
    const { timeline } = this.model.get() ?? {};
    const { begin, end } = this.view.get();
    if (timeline) this.view.set(panTime(this.view.get(), timeline, (time - (begin + end) / 2) / (end - begin)));
  }

  zoomTo(span: number): void {
    const { timeline } = this.model.get() ?? {};
    if (!timeline || span < 0) return;
    this.view.set(showTime(this.view.get(), timeline, timeline.start[span] ?? 0, timeline.end[span] ?? 0));
    this.#scrollTo(span);
  }

  /** Selects on behalf of the user: everything else that shows a selection follows. */
  choose(span: number): void {
    this.selected.set(span);
    this.#onSelect(span);
  }

  /** Selects a span, and moves as little as needed to show it. */
  reveal(span: number): void {
    const { timeline } = this.model.get() ?? {};
    this.selected.set(span);
    if (!timeline || span < 0) return;
    this.view.set(revealTime(this.view.get(), timeline, timeline.start[span] ?? 0, timeline.end[span] ?? 0));
    this.#scrollTo(span);
  }

  /** The span that an arrow key leads to from the selected one; -1 where there is none. */
  neighbour(direction: "left" | "right" | "up" | "down"): number {
    const { rows } = this.model.get() ?? {};
    const from = this.selected.get();
    if (!rows || from < 0) return -1;
    if (direction === "left") return neighbourInRow(rows, from, -1);
    if (direction === "right") return neighbourInRow(rows, from, 1);
    return neighbourAcross(rows, from, direction === "up" ? -1 : 1);
  }

  /** Lets only those spans stand out that a test accepts; null for all alike. Gives how many they are. */
  emphasize(accepts: ((span: number) => boolean) | null): number {
    const { rows, timeline } = this.model.get() ?? {};
    if (!rows || !timeline || accepts === null) {
      this.found.set(null);
      return 0;
    }
    const isFound = new Uint8Array(timeline.count);
    for (let span = 0; span < timeline.count; span++) isFound[span] = accepts(span) ? 1 : 0;
    const sums = countSums(rows, (span) => isFound[span] === 1);
    const count = sums.at(-1) ?? 0;
    this.found.set(count === 0 ? null : { isFound, sums });
    return count;
  }

  /** The next emphasized span after the selected one, in the order of lanes and time; goes round. */
  nextFound(by: 1 | -1): number {
    const { isFound } = this.found.get() ?? {};
    if (!isFound) return -1;
    const count = isFound.length;
    const selected = this.selected.get();
    const from = selected < 0 ? (by > 0 ? count - 1 : 0) : selected;
    for (let steps = 1; steps <= count; steps++) {
      const span = (from + by * steps + count * 2) % count;
      if (isFound[span] === 1) return span;
    }
    return -1;
  }

  #scrollTo(span: number): void {
    const model = this.model.get();
    if (!model) return;
    const top = model.bands.rowTop[rowOfSpan(model.rows, span)] ?? 0;
    const view = this.view.get();
    const room = this.#size.height - axisHeight - bandSizes.row;
    if (top < view.top) this.scroll(top - bandSizes.title - view.top);
    else if (top > view.top + room) this.scroll(top - room + bandSizes.row - view.top);
  }

  #move(view: TimeView): void {
    const { timeline } = this.model.get() ?? {};
    if (!timeline || !(view.end > view.begin)) return;
    const isOutside = view.end <= timeline.begin || view.begin >= timeline.finish;
    if (!isOutside) this.view.set(zoomTime(view, timeline, 1, 0.5));
    this.scroll(0);
  }
}
