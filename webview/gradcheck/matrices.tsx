import type { ComponentChild } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { formatNumber } from "../../engine/recording/queries/numbers.ts";
import { Surface } from "../draw/surface.ts";
import { useAtom } from "../ui/atom.ts";
import type { Theme } from "../ui/theme.ts";
import type { Chosen, GradcheckPanel } from "./gradcheckPanel.ts";
import { type CellSize, cellSize, colorOf, entryAtPoint, paintHeatMap } from "./heatMap.ts";
import type { Entry, MatrixKind, PairModel } from "./model.ts";

const kinds: readonly MatrixKind[] = ["analytical", "numerical", "difference"];
const titles: Readonly<Record<MatrixKind, string>> = {
  analytical: "Analytical (backward)",
  numerical: "Numerical (finite differences)",
  difference: "Difference",
};

interface MatricesProps {
  readonly panel: GradcheckPanel;
  readonly chosen: Chosen;
  readonly model: PairModel;
}

/** Both Jacobians and their difference side by side, one selection in all of them. Arrow keys move it, w goes to the next wrong entry. */
export function Matrices({ panel, chosen, model }: MatricesProps): ComponentChild {
  const theme = useAtom(panel.theme);
  const whole = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState(0);
  useEffect(() => {
    const element = whole.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setRoom(element.clientWidth));
    observer.observe(element);
    setRoom(element.clientWidth);
    return () => observer.disconnect();
  }, []);
  const perMatrix = room >= 720 ? Math.floor((room - 48) / 3) : Math.max(120, room - 16);
  const { rows, cols, shownRows, shownCols } = model.pair;
  const cell = cellSize(shownRows, shownCols, Math.min(perMatrix, 420));

  const onKeyDown = (event: KeyboardEvent): void => {
    const move = keys[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || move === undefined) return;
    move(panel, model);
    event.preventDefault();
  };
  return (
    <>
      <div
        class="matrices"
        ref={whole}
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes the keyboard; that is what the role is for.
        tabIndex={0}
        aria-label={`Jacobians, ${rows} rows by ${cols} columns. Arrow keys move the selection, W goes to the next wrong entry.`}
        onKeyDown={onKeyDown}
      >
        {kinds.map((kind) => (
          <figure key={kind}>
            <figcaption>{titles[kind]}</figcaption>
            <MatrixCanvas
              kind={kind}
              model={model}
              selected={chosen.entry}
              theme={theme}
              cell={cell}
              onSelect={(entry) => panel.select(entry)}
            />
            <Scale theme={theme} end={kind === "difference" ? model.differenceScale : model.scale} />
          </figure>
        ))}
      </div>
      {(shownRows < rows || shownCols < cols) && (
        <p class="quiet">
          Rows {model.pair.firstRow} to {model.pair.firstRow + shownRows - 1} of {rows}, columns {model.pair.firstCol}{" "}
          to {model.pair.firstCol + shownCols - 1} of {cols}: the part around the worst entry.
        </p>
      )}
    </>
  );
}

const keys: Readonly<Record<string, (panel: GradcheckPanel, model: PairModel) => void>> = {
  ArrowUp: (panel) => panel.move(-1, 0),
  ArrowDown: (panel) => panel.move(1, 0),
  ArrowLeft: (panel) => panel.move(0, -1),
  ArrowRight: (panel) => panel.move(0, 1),
  Home: (panel, { pair }) => panel.move(0, -pair.cols),
  End: (panel, { pair }) => panel.move(0, pair.cols),
  PageUp: (panel, { pair }) => panel.move(-pair.rows, 0),
  PageDown: (panel, { pair }) => panel.move(pair.rows, 0),
  w: (panel) => panel.nextWrong(1),
  W: (panel) => panel.nextWrong(-1),
};

interface CanvasProps {
  readonly kind: MatrixKind;
  readonly model: PairModel;
  readonly selected: Entry;
  readonly theme: Theme;
  readonly cell: CellSize;
  readonly onSelect: (entry: Entry) => void;
}

function MatrixCanvas({ kind, model, selected, theme, cell, onSelect }: CanvasProps): ComponentChild {
  const canvas = useRef<HTMLCanvasElement>(null);
  const surface = useRef<Surface | null>(null);
  const drawn = useRef({ model, kind, selected, theme });
  drawn.current = { model, kind, selected, theme };

  useEffect(() => {
    if (!canvas.current) return undefined;
    const made = new Surface(
      canvas.current,
      (context, size) => paintHeatMap(context, size, drawn.current, drawn.current.theme),
      () => {},
    );
    surface.current = made;
    return () => made.dispose();
  }, []);
  useEffect(() => surface.current?.requestPaint());

  const { shownRows, shownCols } = model.pair;
  const onClick = (event: MouseEvent): void => {
    const entry = entryAtPoint(model, cell, event.offsetX, event.offsetY);
    if (entry) onSelect(entry);
  };
  const label = `${titles[kind]}: ${shownRows} by ${shownCols}${kind === "difference" ? `, ${model.wrong.size} entries beyond the tolerance` : ""}`;
  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label={label}
      style={{ width: `${shownCols * cell.width}px`, height: `${shownRows * cell.height}px` }}
      onClick={onClick}
    />
  );
}

/** What the colours mean: the same number to both sides of zero. */
function Scale({ theme, end }: { readonly theme: Theme; readonly end: number }): ComponentChild {
  const shares = [-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1];
  const text = end === 0 ? "all 0" : `from ${formatNumber(-end)} over 0 to ${formatNumber(end)}`;
  return (
    <div class="scale" role="img" aria-label={`Colours ${text}`}>
      <span>{formatNumber(-end)}</span>
      <span class="scale-bar">
        {shares.map((share) => (
          <i key={share} style={{ background: colorOf(share, 1, theme.palette) }} />
        ))}
      </span>
      <span>{formatNumber(end)}</span>
    </div>
  );
}
