import { spacing } from "../../engine/recording/layout/layered/types.ts";
import { type Point, toDrawing } from "../draw/viewport.ts";
import { type Hit, hit } from "./drawn.ts";
import type { GraphPanel } from "./graphPanel.ts";

/** A press that moves less than this many pixels is a click. */
const clickSlack = 4;

/** What the mouse and other pointers do on the graph: drag pans, wheel zooms, a click selects and shows the source. */
export class StagePointer {
  readonly #panel: GraphPanel;
  readonly #canvas: HTMLCanvasElement;
  readonly #onHover: (box: number, x: number, y: number) => void;
  readonly #listening = new AbortController();
  #press: { readonly start: Point; last: Point; hasMoved: boolean } | null = null;

  constructor(panel: GraphPanel, canvas: HTMLCanvasElement, onHover: (box: number, x: number, y: number) => void) {
    this.#panel = panel;
    this.#canvas = canvas;
    this.#onHover = onHover;
    const { signal } = this.#listening;
    canvas.addEventListener("pointerdown", (event) => this.#down(event), { signal });
    canvas.addEventListener("pointermove", (event) => this.#move(event), { signal });
    canvas.addEventListener("pointerup", (event) => this.#up(event), { signal });
    canvas.addEventListener("pointercancel", () => this.#cancel(), { signal });
    canvas.addEventListener("pointerleave", () => onHover(-1, 0, 0), { signal });
    canvas.addEventListener("dblclick", (event) => this.#doubleClick(event), { signal });
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { signal, passive: false });
  }

  dispose(): void {
    this.#listening.abort();
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0 && event.button !== 1) return;
    const start = { x: event.offsetX, y: event.offsetY };
    this.#press = { start, last: start, hasMoved: false };
    this.#canvas.setPointerCapture(event.pointerId);
  }

  #move(event: PointerEvent): void {
    const at = { x: event.offsetX, y: event.offsetY };
    if (!this.#press) {
      this.#hover(at);
      return;
    }
    const { start, last } = this.#press;
    this.#press.hasMoved ||= Math.hypot(at.x - start.x, at.y - start.y) > clickSlack;
    if (!this.#press.hasMoved) return;
    this.#onHover(-1, 0, 0);
    this.#canvas.classList.add("dragging");
    this.#panel.camera.pan(at.x - last.x, at.y - last.y);
    this.#press.last = at;
  }

  #up(event: PointerEvent): void {
    const press = this.#press;
    this.#cancel();
    if (press && !press.hasMoved && event.button === 0) this.#click({ x: event.offsetX, y: event.offsetY });
  }

  #cancel(): void {
    this.#press = null;
    this.#canvas.classList.remove("dragging");
  }

  #click(at: Point): void {
    const found = this.#hit(at);
    if (found.kind === "nothing") this.#panel.clearSelection();
    if (found.kind === "title") this.#panel.toggleFold(found.key);
    if (found.kind !== "box") return;
    this.#panel.select(found.box);
    const { selected } = this.#panel.view.get() ?? {};
    if (selected?.kind === "node") this.#panel.revealSource(selected.node);
    if (selected?.kind === "scope" && this.#isOnChevron(at, found.box)) this.#panel.toggleFold(selected.key);
  }

  #doubleClick(event: MouseEvent): void {
    const found = this.#hit({ x: event.offsetX, y: event.offsetY });
    const { selected } = this.#panel.view.get() ?? {};
    if (found.kind === "box" && selected?.kind === "scope") this.#panel.toggleFold(selected.key);
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    // Lines and pages as some mice count them, in pixels.
    const unit = event.deltaMode === 0 ? 1 : event.deltaMode === 1 ? 16 : 240;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      this.#panel.camera.pan(-(event.deltaX || event.deltaY) * unit, 0);
      return;
    }
    const strength = event.ctrlKey ? 0.01 : 0.0016;
    const factor = Math.exp(-event.deltaY * unit * strength);
    this.#panel.camera.zoom(factor, { x: event.offsetX, y: event.offsetY });
  }

  #hover(at: Point): void {
    const found = this.#hit(at);
    this.#canvas.classList.toggle("pointing", found.kind !== "nothing");
    this.#onHover(found.kind === "box" ? found.box : -1, at.x, at.y);
  }

  #hit(at: Point): Hit {
    const drawn = this.#panel.drawn.get();
    if (!drawn) return { kind: "nothing" };
    return hit(drawn, toDrawing(this.#panel.camera.view.get(), at), spacing.frameTitle);
  }

  /** The left end of a folded module, where its triangle is. */
  #isOnChevron(at: Point, box: number): boolean {
    const rect = this.#panel.drawn.get()?.drawing.boxes[box];
    return rect !== undefined && toDrawing(this.#panel.camera.view.get(), at).x < rect.x + 22;
  }
}
