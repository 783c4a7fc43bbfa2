import { rowAt } from "../../../engine/recording/layout/flame/flameBands.ts";
import { spanAt } from "../../../engine/recording/layout/flame/flameRows.ts";
import { axisHeight, type FlameChart } from "./flameChart.ts";

/** A press that moves less than this many pixels is a click. */
const clickSlack = 4;
/** A span narrower than this is still hit, in pixels. */
const hitSlack = 2;

/** What the mouse and other pointers do on a flame chart: drag pans, wheel zooms, a click selects, a double click zooms to a span. */
export class FlamePointer {
  readonly #chart: FlameChart;
  readonly #canvas: HTMLCanvasElement;
  readonly #onHover: (span: number, x: number, y: number) => void;
  readonly #listening = new AbortController();
  #press: { readonly x: number; readonly y: number; hasMoved: boolean } | null = null;
  #lastX = 0;
  #lastY = 0;

  constructor(chart: FlameChart, canvas: HTMLCanvasElement, onHover: (span: number, x: number, y: number) => void) {
    this.#chart = chart;
    this.#canvas = canvas;
    this.#onHover = onHover;
    const { signal } = this.#listening;
    canvas.addEventListener("pointerdown", (event) => this.#down(event), { signal });
    canvas.addEventListener("pointermove", (event) => this.#move(event), { signal });
    canvas.addEventListener("pointerup", (event) => this.#up(event), { signal });
    canvas.addEventListener("pointercancel", () => this.#cancel(), { signal });
    canvas.addEventListener("pointerleave", () => this.#hover(-1, 0, 0), { signal });
    canvas.addEventListener("dblclick", (event) => chart.zoomTo(this.#hit(event.offsetX, event.offsetY)), { signal });
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { signal, passive: false });
  }

  dispose(): void {
    this.#listening.abort();
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0 && event.button !== 1) return;
    this.#press = { x: event.offsetX, y: event.offsetY, hasMoved: false };
    this.#lastX = event.offsetX;
    this.#lastY = event.offsetY;
    this.#canvas.setPointerCapture(event.pointerId);
  }

  #move(event: PointerEvent): void {
    const { offsetX: x, offsetY: y } = event;
    const press = this.#press;
    if (!press) {
      this.#hover(this.#hit(x, y), x, y);
      return;
    }
    press.hasMoved ||= Math.hypot(x - press.x, y - press.y) > clickSlack;
    if (!press.hasMoved) return;
    this.#hover(-1, 0, 0);
    this.#canvas.classList.add("dragging");
    this.#chart.pan(x - this.#lastX, y - this.#lastY);
    this.#lastX = x;
    this.#lastY = y;
  }

  #up(event: PointerEvent): void {
    const press = this.#press;
    this.#cancel();
    if (press && !press.hasMoved && event.button === 0) this.#chart.choose(this.#hit(event.offsetX, event.offsetY));
  }

  #cancel(): void {
    this.#press = null;
    this.#canvas.classList.remove("dragging");
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    // Lines and pages as some mice count them, in pixels.
    const unit = event.deltaMode === 0 ? 1 : event.deltaMode === 1 ? 16 : 240;
    if (event.altKey) this.#chart.scroll(event.deltaY * unit);
    else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))
      this.#chart.pan(-(event.deltaX || event.deltaY) * unit, 0);
    else {
      const strength = event.ctrlKey ? 0.01 : 0.0016;
      this.#chart.zoom(
        Math.exp(-event.deltaY * unit * strength),
        event.offsetX / Math.max(1, this.#canvas.clientWidth),
      );
    }
  }

  #hover(span: number, x: number, y: number): void {
    this.#canvas.classList.toggle("pointing", span >= 0);
    this.#chart.hovered.set(span);
    this.#onHover(span, x, y);
  }

  #hit(x: number, y: number): number {
    const model = this.#chart.model.get();
    if (!model || y < axisHeight) return -1;
    const { begin, end, top } = this.#chart.view.get();
    const row = rowAt(model.bands, y - axisHeight + top);
    if (row < 0) return -1;
    const msPerPixel = (end - begin) / Math.max(1, this.#canvas.clientWidth);
    return spanAt(model.rows, row, begin + x * msPerPixel, hitSlack * msPerPixel);
  }
}
