import { detailAt } from "../../engine/recording/paint/look.ts";
import { paintDrawing } from "../../engine/recording/paint/paintDrawing.ts";
import { CanvasInk } from "../draw/canvasInk.ts";
import { Surface } from "../draw/surface.ts";
import { type Size, shownRect, toScreen } from "../draw/viewport.ts";
import { type Drawn, inSight } from "./drawn.ts";
import type { GraphPanel } from "./graphPanel.ts";
import { type Emphasis, emphasize, lookAt } from "./lookOf.ts";
import type { GraphView } from "./model.ts";

/** What a box on the canvas is and where; a canvas shows no elements, so tests and tools ask it. */
export interface ShownBox {
  readonly kind: string;
  readonly title: string;
  readonly node: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The graph's canvas, with a way to ask what it shows. */
export interface GraphCanvas extends HTMLCanvasElement {
  /** All boxes of the drawing in CSS pixels of the canvas, those out of sight too. */
  shownBoxes?: () => ShownBox[];
}

/** Keeps the canvas painted: once a frame at most, and only when something it shows has changed. */
export class CanvasPainter {
  readonly #panel: GraphPanel;
  readonly #canvas: GraphCanvas;
  readonly #surface: Surface;
  readonly #stop: (() => void)[];
  #hovered = -1;
  #emphasis: { readonly drawn: Drawn; readonly view: GraphView; readonly value: Emphasis } | null = null;
  #described: Drawn | null = null;

  constructor(panel: GraphPanel, canvas: GraphCanvas) {
    this.#panel = panel;
    this.#canvas = canvas;
    canvas.shownBoxes = () => this.#shownBoxes();
    this.#surface = new Surface(
      canvas,
      (context, size) => this.#paint(context, size),
      (size) => panel.camera.resize(size),
    );
    const atoms = [panel.drawn, panel.view, panel.camera.view, panel.theme];
    this.#stop = atoms.map((atom) => atom.subscribe(() => this.#surface.requestPaint()));
  }

  hover(box: number): void {
    if (box === this.#hovered) return;
    this.#hovered = box;
    this.#surface.requestPaint();
  }

  dispose(): void {
    for (const stop of this.#stop) stop();
    this.#surface.dispose();
  }

  #paint(context: CanvasRenderingContext2D, size: Size): void {
    const { palette } = this.#panel.theme.get();
    const { x, y, scale } = this.#panel.camera.view.get();
    context.fillStyle = palette.background;
    context.fillRect(0, 0, size.width, size.height);
    const drawn = this.#panel.drawn.get();
    const view = this.#panel.view.get();
    if (!drawn || !view) return;

    context.save();
    context.scale(scale, scale);
    context.translate(-x, -y);
    const area = shownRect({ x, y, scale }, size);
    const sight = inSight(drawn, area);
    const look = lookAt(this.#emphasize(drawn, view), palette, scale, this.#hovered, drawn.drawing.frames.length > 0);
    paintDrawing(new CanvasInk(context, this.#panel.measure, scale, area), drawn.scene, look, sight);
    context.restore();
    this.#describe(drawn, scale);
  }

  #emphasize(drawn: Drawn, view: GraphView): Emphasis {
    if (this.#emphasis?.drawn !== drawn || this.#emphasis.view !== view) {
      this.#emphasis = { drawn, view, value: emphasize(drawn, view, this.#panel.measureText) };
    }
    return this.#emphasis.value;
  }

  /** Leaves on the element what a test or a tool may want to know of the picture, and when a drawing was first painted. */
  #describe(drawn: Drawn, scale: number): void {
    const { drawing, model } = drawn;
    const data = this.#canvas.dataset;
    if (this.#described !== drawn) data["drawnAt"] = String(performance.now());
    this.#described = drawn;
    data["nodes"] = String(model.graph.nodes.length);
    data["boxes"] = String(drawing.boxes.length);
    data["edges"] = String(drawing.edges.length);
    data["frames"] = String(drawing.frames.length);
    data["detail"] = String(detailAt(scale, drawing.frames.length > 0));
    data["scale"] = scale.toFixed(4);
  }

  #shownBoxes(): ShownBox[] {
    const view = this.#panel.camera.view.get();
    const boxes = this.#panel.drawn.get()?.drawing.boxes ?? [];
    return boxes.map((box) => {
      const { x, y } = toScreen(view, box);
      const { kind, title, node } = box;
      return { kind, title, node, x, y, width: box.width * view.scale, height: box.height * view.scale };
    });
  }
}
