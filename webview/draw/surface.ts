import type { Size } from "./viewport.ts";

/** A canvas that is as sharp as the screen and fills its element; painting waits for the next frame. */
export class Surface {
  readonly canvas: HTMLCanvasElement;
  readonly #paint: (context: CanvasRenderingContext2D, size: Size) => void;
  readonly #onResize: (size: Size) => void;
  readonly #observer: ResizeObserver;
  #size: Size = { width: 0, height: 0 };
  #frame = 0;

  constructor(
    canvas: HTMLCanvasElement,
    paint: (context: CanvasRenderingContext2D, size: Size) => void,
    onResize: (size: Size) => void,
  ) {
    this.canvas = canvas;
    this.#paint = paint;
    this.#onResize = onResize;
    this.#observer = new ResizeObserver(() => this.#resize());
    this.#observer.observe(canvas);
    this.#resize();
  }

  /** The canvas in CSS pixels. */
  get size(): Size {
    return this.#size;
  }

  /** Paints once in the next frame, however often it is asked. */
  requestPaint(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#paintNow();
    });
  }

  dispose(): void {
    this.#observer.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  #resize(): void {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (width === 0 || height === 0) return;
    const ratio = window.devicePixelRatio;
    const isSame =
      width === this.#size.width && height === this.#size.height && this.canvas.width === Math.round(width * ratio);
    if (isSame) return;
    this.#size = { width, height };
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.#onResize(this.#size);
    // A resized canvas is empty until it is painted; waiting for a frame would flicker.
    this.#paintNow();
  }

  #paintNow(): void {
    const context = this.canvas.getContext("2d", { alpha: false });
    if (!context || this.#size.width === 0) return;
    const ratio = window.devicePixelRatio;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#paint(context, this.#size);
  }
}
