import type { ComponentChild } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useAtom } from "../ui/atom.ts";
import { IconButton } from "../ui/kit.ts";
import { CanvasPainter } from "./canvasPainter.ts";
import type { GraphPanel } from "./graphPanel.ts";
import { Legend } from "./legend.tsx";
import { Minimap } from "./minimap.tsx";
import { handleKey } from "./stageKeys.ts";
import { StagePointer } from "./stagePointer.ts";
import { describeBox } from "./words.ts";

/** The graph on its canvas, with what floats over it. */
export function Stage({ panel }: { readonly panel: GraphPanel }): ComponentChild {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [hovered, setHovered] = useState<Hovered | null>(null);

  useEffect(() => {
    if (!canvas.current) return;
    const painter = new CanvasPainter(panel, canvas.current);
    const pointer = new StagePointer(panel, canvas.current, (box, x, y) => {
      painter.hover(box);
      setHovered(box < 0 ? null : { box, x, y });
    });
    // What the pointer was on may be somewhere else now.
    const forget = panel.drawn.subscribe(() => {
      painter.hover(-1);
      setHovered(null);
    });
    return () => {
      forget();
      pointer.dispose();
      painter.dispose();
    };
  }, [panel]);

  return (
    <div class="stage">
      <div class="picture">
        {/* A canvas has no parts to focus: the graph takes the keyboard as a whole, and says what is selected through the live region. */}
        <div
          class="graph"
          role="application"
          aria-roledescription="graph"
          aria-label="Autograd graph. Space selects the first box; then Tab and arrow keys walk, Enter shows the source, Space folds, Escape selects nothing, so that Tab leaves the graph. The table shows the same."
          // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes the keyboard; that is what the role is for.
          tabIndex={0}
          onKeyDown={(event) => handleKey(panel, event)}
        >
          <canvas ref={canvas} />
        </div>
        <ZoomButtons panel={panel} />
        <Minimap panel={panel} />
        {hovered && <Tip panel={panel} hovered={hovered} />}
      </div>
      <Legend panel={panel} />
    </div>
  );
}

interface Hovered {
  readonly box: number;
  readonly x: number;
  readonly y: number;
}

function ZoomButtons({ panel }: { readonly panel: GraphPanel }): ComponentChild {
  return (
    <div class="zoom">
      <IconButton icon="zoom-in" label="Zoom in (+)" onClick={() => panel.camera.zoomSmoothly(1.4)} />
      <IconButton icon="zoom-out" label="Zoom out (−)" onClick={() => panel.camera.zoomSmoothly(1 / 1.4)} />
      <IconButton icon="screen-full" label="Fit (F)" onClick={() => panel.fit()} />
    </div>
  );
}

/** What the pointer is on, in words: names in full, where the box has no room. */
function Tip({ panel, hovered }: { readonly panel: GraphPanel; readonly hovered: Hovered }): ComponentChild {
  const drawn = useAtom(panel.drawn);
  const box = drawn?.drawing.boxes[hovered.box];
  if (!drawn || !box) return null;
  const [title = "", ...lines] = describeBox(drawn.model, box).split("; ");
  const { width, height } = panel.camera.screen;
  const isRight = hovered.x > width - 300;
  const isLow = hovered.y > height - 160;
  return (
    <div
      class="tip"
      aria-hidden="true"
      style={{
        left: isRight ? "auto" : `${hovered.x + 16}px`,
        right: isRight ? `${width - hovered.x + 12}px` : "auto",
        top: isLow ? "auto" : `${hovered.y + 16}px`,
        bottom: isLow ? `${height - hovered.y + 12}px` : "auto",
      }}
    >
      <strong>{title}</strong>
      {lines.map((line) => (
        <span key={line}>{line}</span>
      ))}
    </div>
  );
}
