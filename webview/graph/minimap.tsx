import type { ComponentChild } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { centerOn, shownRect } from "../draw/viewport.ts";
import { useAtom } from "../ui/atom.ts";
import type { Drawn } from "./drawn.ts";
import type { GraphPanel } from "./graphPanel.ts";

/** The map is at most this large; a drawing much longer than wide is stretched to stay visible. */
const most = { width: 90, height: 150 };
const least = { width: 28, height: 20 };

/** The whole graph in a corner, as long as it does not fit on the screen; a click goes there. */
export function Minimap({ panel }: { readonly panel: GraphPanel }): ComponentChild {
  const drawn = useAtom(panel.drawn);
  const camera = useAtom(panel.camera.view);
  const theme = useAtom(panel.theme);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { screen } = panel.camera;
  const size = mapSize(drawn);
  const isNeeded = drawn !== null && screen.width > 420 && !fits(drawn, camera, screen);

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!drawn || !context || !canvas.current) return;
    const ratio = window.devicePixelRatio;
    canvas.current.width = Math.ceil(size.width * ratio);
    canvas.current.height = Math.ceil(size.height * ratio);
    context.setTransform(size.scaleX * ratio, 0, 0, size.scaleY * ratio, 0, 0);
    context.fillStyle = theme.palette.frameBorder;
    for (const { x, y, width, height } of drawn.drawing.frames) context.fillRect(x, y, width, height);
    for (const box of drawn.drawing.boxes) {
      context.fillStyle = box.kind === "op" ? theme.palette.edge : theme.palette.foreground;
      context.fillRect(box.x, box.y, Math.max(1.5 / size.scaleX, box.width), Math.max(1.5 / size.scaleY, box.height));
    }
  }, [drawn, theme, size.width, size.height, isNeeded]);

  if (!drawn || !isNeeded) return null;
  const shown = shownRect(camera, screen);
  const go = (event: PointerEvent): void => {
    if (event.type === "pointermove" && event.buttons === 0) return;
    const point = { x: event.offsetX / size.scaleX, y: event.offsetY / size.scaleY };
    panel.camera.jumpTo(centerOn(camera, point, screen));
  };
  const left = clamp(shown.x * size.scaleX, 0, size.width);
  const top = clamp(shown.y * size.scaleY, 0, size.height);
  return (
    <div class="minimap" aria-hidden="true">
      <canvas
        ref={canvas}
        style={{ width: `${size.width}px`, height: `${size.height}px` }}
        onPointerDown={go}
        onPointerMove={go}
      />
      <div
        class="minimap-window"
        style={{
          left: `${left}px`,
          top: `${top}px`,
          width: `${clamp((shown.x + shown.width) * size.scaleX, 0, size.width) - left}px`,
          height: `${clamp((shown.y + shown.height) * size.scaleY, 0, size.height) - top}px`,
        }}
      />
    </div>
  );
}

function mapSize(drawn: Drawn | null) {
  const { width: w = 1, height: h = 1 } = drawn?.drawing ?? {};
  const scale = Math.min(most.width / w, most.height / h);
  const width = Math.max(least.width, w * scale);
  const height = Math.max(least.height, h * scale);
  return { width, height, scaleX: width / w, scaleY: height / h };
}

function fits(
  { drawing }: Drawn,
  camera: { x: number; y: number; scale: number },
  screen: { width: number; height: number },
): boolean {
  const shown = shownRect(camera, screen);
  const right = shown.x + shown.width;
  const bottom = shown.y + shown.height;
  return shown.x <= 0 && shown.y <= 0 && right >= drawing.width && bottom >= drawing.height;
}

function clamp(value: number, least: number, largest: number): number {
  return Math.max(least, Math.min(largest, value));
}
