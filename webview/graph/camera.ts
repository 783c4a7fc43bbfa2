import type { Rect } from "../../engine/recording/layout/drawing.ts";
import {
  between,
  contains,
  firstView,
  fitAround,
  fitRect,
  type Point,
  pan,
  reveal,
  type Size,
  shownRect,
  type Viewport,
  zoomAt,
} from "../draw/viewport.ts";
import { Atom } from "../ui/atom.ts";
import { prefersLessMotion } from "../ui/theme.ts";

/** Milliseconds a move of the camera takes: long enough to be followed, short enough not to be waited for. */
const moveTime = 180;

/** Below this scale the shapes are not written any more: a graph opens at least this large. */
const readableScale = 0.6;

/** The room that the map of a large graph takes on the right. */
function mapRoom(screen: Size): number {
  return screen.width < 420 ? 0 : 110;
}

/** What part of the drawing is shown, and how it gets there. */
export class Camera {
  readonly view = new Atom<Viewport>({ x: 0, y: 0, scale: 1 });
  #screen: Size = { width: 0, height: 0 };
  #frame = 0;
  /** The whole drawing. */
  whole: Rect | null = null;
  /** What to show as soon as the screen has a size, one after the other: a debugger is followed from where the graph was opened. */
  #pending: (() => void)[] = [];

  get screen(): Size {
    return this.#screen;
  }

  /**
   * What was in the middle from left to right stays there: a part that opens at the side does not push the graph out of sight. A drawing
   * that was in sight whole stays so where it can be read.
   */
  resize(screen: Size): void {
    const { whole } = this;
    const isWhole = (): boolean => whole !== null && contains(shownRect(this.view.get(), this.#screen), whole);
    const wasWhole = isWhole();
    const wider = screen.width - this.#screen.width;
    if (this.#screen.width > 0 && wider !== 0) this.pan(wider / 2, 0);
    this.#screen = screen;
    for (const show of this.#pending.splice(0)) show();
    if (!whole || !wasWhole || isWhole() || !this.showsReadably(whole)) return;
    this.jumpTo(reveal(this.view.get(), whole, screen));
    if (!isWhole()) this.jumpTo(fitRect(whole, screen));
  }

  jumpTo(view: Viewport): void {
    cancelAnimationFrame(this.#frame);
    this.view.set(view);
  }

  pan(dx: number, dy: number): void {
    this.jumpTo(pan(this.view.get(), dx, dy));
  }

  zoom(factor: number, at: Point = this.#middle()): void {
    this.jumpTo(zoomAt(this.view.get(), factor, at));
  }

  zoomSmoothly(factor: number): void {
    this.moveTo(zoomAt(this.view.get(), factor, this.#middle()));
  }

  /** Whether a drawing that is shown whole can still be read. */
  showsReadably(rect: Rect): boolean {
    return fitRect(rect, this.#screen).scale >= readableScale;
  }

  /** Shows the whole drawing, or as much of a very long one as can be told apart. */
  fit(rect: Rect): void {
    this.#whenSized(() => this.moveTo(fitAround(this.view.get(), rect, this.#screen)));
  }

  /** Shows a drawing for the first time. */
  open(rect: Rect): void {
    this.#whenSized(() => this.jumpTo(firstView(rect, this.#screen, readableScale, mapRoom(this.#screen))));
  }

  /** Moves as little as needed to show a rectangle, and zooms in when it could not be read. */
  reveal(rect: Rect): void {
    this.#whenSized(() => {
      const view = this.view.get();
      const middle = { x: this.#screen.width / 2, y: this.#screen.height / 2 };
      const legible = view.scale < readableScale ? zoomAt(view, 0.8 / view.scale, middle) : view;
      this.moveTo(reveal(legible, rect, this.#screen));
    });
  }

  /**
   * Shows what a debugger stands at, with the whole drawing when that can be read: moves only when what it stands at is out of sight, or
   * any of a drawing that is new.
   */
  follow(rect: Rect, whole: Rect, isNew: boolean): void {
    this.#whenSized(() => {
      if (!this.showsReadably(whole)) this.reveal(rect);
      else if (!contains(shownRect(this.view.get(), this.#screen), isNew ? whole : rect)) this.fit(whole);
    });
  }

  moveTo(target: Viewport): void {
    cancelAnimationFrame(this.#frame);
    if (prefersLessMotion()) {
      this.view.set(target);
      return;
    }
    const from = this.view.get();
    const start = performance.now();
    const next = (now: number): void => {
      const share = Math.min(1, (now - start) / moveTime);
      this.view.set(share === 1 ? target : between(from, target, 1 - (1 - share) ** 3));
      if (share < 1) this.#frame = requestAnimationFrame(next);
    };
    this.#frame = requestAnimationFrame(next);
  }

  #whenSized(show: () => void): void {
    if (this.#screen.width > 0) show();
    else this.#pending.push(show);
  }

  #middle(): Point {
    return { x: this.#screen.width / 2, y: this.#screen.height / 2 };
  }
}
