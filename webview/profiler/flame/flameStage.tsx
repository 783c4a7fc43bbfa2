import type { ComponentChild } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Atom, useAtom } from "../../ui/atom.ts";
import { IconButton } from "../../ui/kit.ts";
import type { Theme } from "../../ui/theme.ts";
import { describeSpan } from "../spanWords.ts";
import type { FlameChart } from "./flameChart.ts";
import { handleFlameKey } from "./flameKeys.ts";
import { FlamePainter } from "./flamePainter.ts";
import { FlamePointer } from "./flamePointer.ts";
import { Overview } from "./overview.tsx";

interface FlameStageProps {
  readonly chart: FlameChart;
  readonly theme: Atom<Theme>;
  /** What it is called, for those who do not see it. */
  readonly label: string;
  readonly hasOverview: boolean;
  readonly onReveal: () => void;
}

/** A flame chart on its canvas, with what floats over it. */
export function FlameStage({ chart, theme, label, hasOverview, onReveal }: FlameStageProps): ComponentChild {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [hovered, setHovered] = useState<Hovered | null>(null);

  useEffect(() => {
    if (!canvas.current) return;
    const painter = new FlamePainter(chart, theme, canvas.current);
    const pointer = new FlamePointer(chart, canvas.current, (span, x, y) => {
      setHovered(span < 0 ? null : { span, x, y });
    });
    const forget = chart.model.subscribe(() => setHovered(null));
    return () => {
      forget();
      pointer.dispose();
      painter.dispose();
    };
  }, [chart, theme]);

  return (
    <div class="stage">
      {hasOverview && <Overview chart={chart} theme={theme} />}
      <div class="picture">
        {/* A canvas has no parts to focus: the chart takes the keyboard as a whole, and says what is selected through the live region. */}
        <div
          class="flame"
          role="application"
          aria-roledescription="flame chart"
          aria-label={`${label}. Space selects, arrow keys walk from span to span, + and − zoom, L follows the link between backward and forward, Enter shows the source. The table shows the same.`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes the keyboard; that is what the role is for.
          tabIndex={0}
          onKeyDown={(event) => handleFlameKey(chart, { reveal: onReveal }, event)}
        >
          <canvas ref={canvas} />
        </div>
        <div class="zoom">
          <IconButton icon="zoom-in" label="Zoom in (+)" onClick={() => chart.zoom(1.4)} />
          <IconButton icon="zoom-out" label="Zoom out (−)" onClick={() => chart.zoom(1 / 1.4)} />
          <IconButton icon="screen-full" label="Show all (F)" onClick={() => chart.fit()} />
        </div>
        {hovered && <Tip chart={chart} hovered={hovered} />}
      </div>
    </div>
  );
}

interface Hovered {
  readonly span: number;
  readonly x: number;
  readonly y: number;
}

/** What the pointer is on, in words. */
function Tip({ chart, hovered }: { readonly chart: FlameChart; readonly hovered: Hovered }): ComponentChild {
  const model = useAtom(chart.model);
  if (!model) return null;
  const [title = "", ...lines] = describeSpan(model, hovered.span, chart.view.get(), chart.size.width);
  const { width, height } = chart.size;
  const isRight = hovered.x > width - 300;
  const isLow = hovered.y > height - 130;
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
