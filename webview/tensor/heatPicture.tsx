import type { ComponentChild } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { shortNumber } from "../../engine/recording/layout/text.ts";
import type { SliceReply } from "../protocol/tensor.ts";
import { useAtom } from "../ui/atom.ts";
import { SignedColors } from "./colors.ts";
import { cellIndices, type TensorLook } from "./model.ts";
import type { TensorPanel } from "./tensorPanel.ts";

interface HeatPictureProps {
  readonly panel: TensorPanel;
  readonly look: TensorLook;
  readonly slice: SliceReply;
}

/** A slice as a picture: zero is the background, the colours go to the same distance on both sides. The pointer or the arrow keys read a cell. */
export function HeatPicture({ panel, look, slice }: HeatPictureProps): ComponentChild {
  const { palette } = useAtom(panel.theme);
  const colors = useMemo(() => new SignedColors(palette, 1), [palette]);
  const holder = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [room, setRoom] = useState({ width: 400, height: 300 });
  const [at, setAt] = useState({ row: 0, column: 0 });
  // A vector lies down: it would be a thin line otherwise.
  const isLying = slice.columns === 1;
  const { heat } = slice;
  const across = isLying ? heat.rows : heat.columns;
  const down = isLying ? heat.columns : heat.rows;
  const size = Math.max(1, Math.min(48, Math.floor(Math.min(room.width / across, room.height / down))));
  const height = isLying ? Math.max(size, Math.min(32, room.height)) : size * down;

  useEffect(() => {
    const place = holder.current;
    if (place === null) return;
    const measure = (): void => setRoom({ width: place.clientWidth - 24, height: place.clientHeight - 24 });
    measure();
    const resized = new ResizeObserver(measure);
    resized.observe(place);
    return () => resized.disconnect();
  }, []);

  useEffect(() => {
    const sheet = canvas.current;
    const ink = sheet?.getContext("2d");
    if (!sheet || !ink) return;
    const dots = devicePixelRatio;
    sheet.width = Math.round(size * across * dots);
    sheet.height = Math.round(height * dots);
    ink.scale(dots, dots);
    const cellHeight = height / down;
    const gap = size >= 8 ? 1 : 0;
    for (let r = 0; r < down; r++) {
      for (let c = 0; c < across; c++) {
        const x = heat.cells[r * across + c] ?? Number.NaN;
        ink.fillStyle = colors.of(x, heat.scale);
        ink.fillRect(c * size, r * cellHeight, size - gap, cellHeight - gap);
        if (x - x !== 0) markBad(ink, palette.background, c * size, r * cellHeight, size - gap, cellHeight - gap);
      }
    }
  }, [heat, colors, size, height, across, down, palette]);

  const row = Math.min(at.row, down - 1);
  const column = Math.min(at.column, across - 1);
  const x = heat.cells[row * across + column] ?? Number.NaN;
  const [r, c] = isLying ? [column, row] : [row, column];
  const place = cellIndices(look.at, r * heat.rowBlock * slice.rowStep, c * heat.columnBlock * slice.columnStep);
  const isBlock = heat.rowBlock * heat.columnBlock > 1;
  const reading = `${isBlock ? "around " : ""}[${place.join(", ")}] = ${shortNumber(x)}`;

  const onKeyDown = (event: KeyboardEvent): void => {
    const by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const [dr = 0, dc = 0] = by;
    setAt({ row: Math.max(0, Math.min(down - 1, row + dr)), column: Math.max(0, Math.min(across - 1, column + dc)) });
  };
  const onPointerMove = (event: PointerEvent): void => {
    if (!(event.currentTarget instanceof HTMLElement)) return;
    const box = event.currentTarget.getBoundingClientRect();
    setAt({
      row: Math.max(0, Math.min(down - 1, Math.floor(((event.clientY - box.top) / box.height) * down))),
      column: Math.max(0, Math.min(across - 1, Math.floor(((event.clientX - box.left) / box.width) * across))),
    });
  };

  return (
    <div class="picture-part">
      <div class="picture-holder" ref={holder}>
        <div
          class="picture-frame"
          role="application"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it is read cell by cell with the arrow keys
          tabIndex={0}
          aria-label={`Heat map, ${down} by ${across} cells; arrow keys read them`}
          aria-describedby="picture-reading"
          style={{ width: `${size * across}px`, height: `${height}px` }}
          onKeyDown={onKeyDown}
          onPointerMove={onPointerMove}
        >
          <canvas ref={canvas} />
          <span
            class="picture-cursor"
            style={{
              left: `${column * size}px`,
              top: `${(row * height) / down}px`,
              width: `${size}px`,
              height: `${height / down}px`,
            }}
          />
        </div>
      </div>
      <div class="grid-reading picture-legend">
        <span id="picture-reading" role="status">
          {reading}
        </span>
        {isBlock && (
          <span class="quiet">
            a cell is {heat.rowBlock} × {heat.columnBlock} elements, the one farthest from zero
          </span>
        )}
        <span class="space" />
        <Scale colors={colors} scale={heat.scale} />
      </div>
    </div>
  );
}

/** What is not finite is crossed out: a colour alone would not do. */
function markBad(
  ink: CanvasRenderingContext2D,
  color: string,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  if (width < 5 || height < 5) return;
  ink.strokeStyle = color;
  ink.lineWidth = 1.5;
  ink.beginPath();
  ink.moveTo(x + 2, y + 2);
  ink.lineTo(x + width - 2, y + height - 2);
  ink.moveTo(x + width - 2, y + 2);
  ink.lineTo(x + 2, y + height - 2);
  ink.stroke();
}

function Scale({ colors, scale }: { readonly colors: SignedColors; readonly scale: number }): ComponentChild {
  return (
    <span class="heat" role="img" aria-label={`Colours from −${shortNumber(scale)} over zero to ${shortNumber(scale)}`}>
      <span>{shortNumber(-scale)}</span>
      <span class="heat-bar signed-bar" style={{ background: `linear-gradient(to right, ${colors.all.join(", ")})` }} />
      <span>{shortNumber(scale)}</span>
    </span>
  );
}
