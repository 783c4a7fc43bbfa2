import { lightness, mixEvenly } from "../../engine/recording/paint/color.ts";
import type { Palette } from "../../engine/recording/paint/palette.ts";
import { formatShort } from "../../engine/recording/queries/numbers.ts";
import type { Size } from "../draw/viewport.ts";
import type { Theme } from "../ui/theme.ts";
import { type Entry, entryAt, indexOf, type MatrixKind, type PairModel } from "./model.ts";

/** A matrix as it is painted. */
export interface HeatMap {
  readonly model: PairModel;
  readonly kind: MatrixKind;
  readonly selected: Entry;
}

/** Size of a cell in CSS pixels, the same for all three matrices. */
export interface CellSize {
  readonly width: number;
  readonly height: number;
}

/** As large as fits, within bounds at which numbers can be read and matrices are still matrices. */
export function cellSize(rows: number, cols: number, room: number): CellSize {
  const width = Math.max(3, Math.min(64, Math.floor(room / Math.max(1, cols))));
  const height = Math.max(3, Math.min(28, Math.floor(360 / Math.max(1, rows)), width));
  return { width, height: width >= 44 ? Math.max(height, 22) : height };
}

/** The entry below a point; null beside the matrix. */
export function entryAtPoint({ pair }: PairModel, cell: CellSize, x: number, y: number): Entry | null {
  const col = Math.floor(x / cell.width);
  const row = Math.floor(y / cell.height);
  if (row < 0 || col < 0 || row >= pair.shownRows || col >= pair.shownCols) return null;
  return entryAt(pair, row * pair.shownCols + col);
}

/** Paints a matrix: blue below zero, red above it, the background at zero; entries that are wrong have a corner cut off. */
export function paintHeatMap(context: CanvasRenderingContext2D, size: Size, map: HeatMap, theme: Theme): void {
  const { model, kind, selected } = map;
  const { palette } = theme;
  const { pair, matrices, wrong } = model;
  const scale = kind === "difference" ? model.differenceScale : model.scale;
  const width = size.width / pair.shownCols;
  const height = size.height / pair.shownRows;
  context.fillStyle = palette.background;
  context.fillRect(0, 0, size.width, size.height);
  context.font = `11px ${theme.codeFontFamily}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  matrices[kind].forEach((value, k) => {
    const x = (k % pair.shownCols) * width;
    const y = Math.floor(k / pair.shownCols) * height;
    const color = colorOf(value, scale, palette);
    context.fillStyle = color;
    context.fillRect(x, y, width, height);
    context.strokeStyle = palette.frameBorder;
    context.lineWidth = 1;
    if (width >= 8) context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
    if (width >= 40 && height >= 16) {
      context.fillStyle = inkOn(color, palette);
      context.fillText(shortText(value), x + width / 2, y + height / 2, width - 4);
    } else if (!Number.isFinite(value)) {
      context.fillStyle = inkOn(color, palette);
      context.fillText("×", x + width / 2, y + height / 2, width);
    }
    if (kind === "difference" && wrong.has(k)) markWrong(context, x, y, width, height, inkOn(color, palette));
  });
  const at = indexOf(pair, selected);
  if (at !== null)
    outline(context, (at % pair.shownCols) * width, Math.floor(at / pair.shownCols) * height, width, height, palette);
}

/** The colour of a number on a symmetric scale; of a number that is none, the colour of faults. */
export function colorOf(value: number, scale: number, palette: Palette): string {
  if (!Number.isFinite(value)) return palette.error;
  const share = scale === 0 ? 0 : Math.min(1, Math.abs(value) / scale);
  // Rounding is no colour.
  if (share < 1e-4) return palette.background;
  return mixEvenly(palette.background, value < 0 ? palette.vanishing : palette.exploding, 0.12 + 0.88 * share);
}

function inkOn(color: string, palette: Palette): string {
  const distance = (ink: string): number => Math.abs(lightness(ink) - lightness(color));
  return distance(palette.background) > distance(palette.foreground) ? palette.background : palette.foreground;
}

function markWrong(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  ink: string,
): void {
  const corner = Math.min(8, width / 2, height / 2);
  context.fillStyle = ink;
  context.beginPath();
  context.moveTo(x + width - corner, y);
  context.lineTo(x + width, y);
  context.lineTo(x + width, y + corner);
  context.fill();
}

function outline(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  palette: Palette,
): void {
  context.lineWidth = 2;
  context.strokeStyle = palette.background;
  context.strokeRect(x + 3, y + 3, Math.max(1, width - 6), Math.max(1, height - 6));
  context.strokeStyle = palette.foreground;
  context.strokeRect(x + 1, y + 1, Math.max(1, width - 2), Math.max(1, height - 2));
}

/** Up to three digits: a cell is narrow. */
function shortText(value: number): string {
  if (!Number.isFinite(value)) return formatShort(value);
  const size = Math.abs(value);
  if (size !== 0 && size < 5e-6) return "0";
  return formatShort(
    size >= 1e4 || (size < 1e-3 && size > 0) ? Number(value.toExponential(1)) : Number(value.toPrecision(3)),
  );
}
